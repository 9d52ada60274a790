package results

import (
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
)

// Case returns the case of that ID, or nil.
func (r *Run) Case(id string) *Case {
	for i := range r.Cases {
		if r.Cases[i].ID == id {
			return &r.Cases[i]
		}
	}
	return nil
}

// Last is the attempt whose verdict is the case's, or nil while there is none.
func (c *Case) Last() *Attempt {
	if len(c.Attempts) == 0 {
		return nil
	}
	return &c.Attempts[len(c.Attempts)-1]
}

// Took is how long the attempt ran.
func (a *Attempt) Took() time.Duration { return a.Finished.Sub(a.Started) }

// Sentence is the title with the branch and the round that the step stood in.
func (s *Step) Sentence() string { return s.Branch.Within(s.Round, s.Title) }

// Took is how long the step ran.
func (s *Step) Took() time.Duration { return s.Finished.Sub(s.Started) }

// Took is how long the run lasted, 0 while it has not finished.
func (r *Run) Took() time.Duration {
	if r.Finished.IsZero() {
		return 0
	}
	return r.Finished.Sub(r.Started)
}

// Counts is how many cases came to which end. Flaky ones are passes too.
type Counts struct {
	Cases  int `json:"cases"`
	Pass   int `json:"pass"`
	Fail   int `json:"fail"`
	Error  int `json:"error"`
	Skip   int `json:"skip"`
	NotRun int `json:"notRun"`
	Flaky  int `json:"flaky"`
}

func (n *Counts) add(c *Case) {
	n.Cases++
	n.Count(c.Verdict(), c.Flaky())
}

// Count counts a verdict of one of the Cases; one without a verdict has not run.
func (n *Counts) Count(v check.Verdict, flaky bool) {
	switch v {
	case check.Pass:
		n.Pass++
	case check.Fail:
		n.Fail++
	case check.Error:
		n.Error++
	case check.Skip:
		n.Skip++
	default:
		n.NotRun++
	}
	if flaky {
		n.Flaky++
	}
}

// Verdict is what the cases together say. A failed case is a fact about the
// device whatever happened elsewhere, so fail prevails here over error: each
// error is another case that must be repeated. A case that has not run is an
// error, for nobody knows.
func (n Counts) Verdict() check.Verdict {
	switch {
	case n.Fail > 0:
		return check.Fail
	case n.Error > 0 || n.NotRun > 0:
		return check.Error
	case n.Pass > 0:
		return check.Pass
	}
	return check.Skip
}

// Coverage is how far one requirement has been proven.
type Coverage struct {
	Requirement
	Counts
	CaseIDs []string `json:"caseIds,omitempty"`
}

// A Summary is a run in numbers.
type Summary struct {
	Counts
	// Verdict is the run's: the cases', or error if the run has a problem that
	// is no failure.
	Verdict  check.Verdict `json:"verdict"`
	Coverage []Coverage    `json:"coverage,omitempty"` // in the plan's order; a requirement without a case has none
	// Unassigned are cases that prove no requirement of the plan.
	Unassigned []string `json:"unassigned,omitempty"`
}

// Summary counts the run's verdicts, in all and by requirement.
func (r *Run) Summary() Summary {
	s := Summary{Coverage: make([]Coverage, len(r.Requirements))}
	index := make(map[string]int, len(r.Requirements))
	for i, req := range r.Requirements {
		s.Coverage[i].Requirement = req
		index[req.ID] = i
	}
	for i := range r.Cases {
		c := &r.Cases[i]
		s.add(c)
		if at, ok := index[c.Requirement]; ok {
			s.Coverage[at].add(c)
			s.Coverage[at].CaseIDs = append(s.Coverage[at].CaseIDs, c.ID)
		} else {
			s.Unassigned = append(s.Unassigned, c.ID)
		}
	}
	s.Verdict = s.Counts.Verdict()
	if s.Verdict != check.Fail && r.Problem != "" {
		s.Verdict = check.Error
	}
	return s
}
