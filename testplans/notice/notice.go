// Package notice is what people are told. A Notice is a headline and a text;
// its Card and AdaptiveCard are a webhook's body.
//
// A Night is what came of a nightly run, and whether anybody has to hear of
// it: Judge compares it with its baseline, Notice puts it into words. An Event
// is something that happened in an engagement.
//
// A night is quiet only if it was compared with a baseline and every case is
// as it was there. One that could not run, or had nothing to be compared with,
// is never quiet.
package notice

import (
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// Outcome is what came of a night, in a word.
type Outcome string

// The outcomes of a night.
const (
	CouldNotRun   Outcome = "could not run"       // some or all cases were not judged, or the lab is still up
	Changed       Outcome = "changed"             // at least one case is not as in the baseline
	Unchanged     Outcome = "unchanged"           // every case is
	NoBaseline    Outcome = "no baseline"         // nothing to compare with
	FirstBaseline Outcome = "became the baseline" // later nights are compared with this one
)

// A Night is what came of one nightly run.
type Night struct {
	Nightly string  `json:"nightly"` // nightly-ring-rollout
	Run     string  `json:"run"`
	Plan    string  `json:"plan"` // its name, or its file's if it could not be read
	Outcome Outcome `json:"outcome"`
	// Tell says that somebody has to hear of it.
	Tell bool `json:"tell"`
	// Failed says that this night does not show that all is as it was or
	// better: a case fails that passed, or nobody knows.
	Failed   bool           `json:"failed,omitempty"`
	Problem  string         `json:"problem,omitempty"`  // why it could not run, or why it cannot be the baseline
	Baseline string         `json:"baseline,omitempty"` // the run it was compared with
	Verdict  check.Verdict  `json:"verdict,omitempty"`
	Counts   results.Counts `json:"counts"`
	// Changes are the cases that are not as in the baseline, those that matter
	// most first.
	Changes []results.CaseChange `json:"changes,omitempty"`
	Caveats []string             `json:"caveats,omitempty"` // why the two runs may not be like each other
	Report  string               `json:"report,omitempty"`  // path of the HTML report on the lab's host
}

// Unknown is a night of which nothing is known but that it could not run.
func Unknown(nightly, run, plan, problem string) *Night {
	return &Night{
		Nightly: nightly, Run: run, Plan: plan, Problem: problem,
		Outcome: CouldNotRun, Tell: true, Failed: true, Verdict: check.Error,
	}
}

// Judge says what came of a run. A baseline of nil is none; if the run itself
// is the baseline, it has just become so. A problem is why the run ended
// without judging all its cases, or left its lab up.
func Judge(nightly string, run, baseline *results.Run, problem string) *Night {
	s := run.Summary()
	n := &Night{
		Nightly: nightly, Run: run.ID, Plan: run.Plan, Problem: problem,
		Verdict: s.Verdict, Counts: s.Counts, Outcome: Unchanged,
	}
	regressed := false
	switch {
	case baseline == nil:
		n.Outcome, n.Failed = NoBaseline, true
	case baseline.ID == run.ID:
		n.Outcome, n.Baseline = FirstBaseline, run.ID
	default:
		c := results.Compare(baseline, run)
		n.Baseline, n.Caveats = baseline.ID, c.Caveats
		n.Changes = noteworthy(c, problem != "")
		regressed = c.Regressed()
	}
	if len(n.Changes) > 0 {
		n.Outcome = Changed
		n.Failed = regressed || has(n.Changes, results.NotComparable)
	}
	if problem != "" {
		n.Outcome, n.Failed = CouldNotRun, true
	}
	n.Tell = n.Outcome != Unchanged
	return n
}

// Fit says why a run cannot be a baseline, "" if it can. A case that erred or
// did not run could not be compared with on any later night.
func Fit(run *results.Run, problem string) string {
	n := run.Summary().Counts
	switch {
	case problem != "":
		return problem
	case n.Cases == 0:
		return "it has no case"
	case n.Error+n.NotRun > 0:
		return plural(n.Error+n.NotRun, "case") + " of " + plural(n.Cases, "case") + " could not be judged"
	}
	return ""
}

// noteworthy lists the cases that are not as they were. In a run with a
// problem, cases that did not run are the problem's and not listed again.
func noteworthy(c *results.Comparison, problem bool) []results.CaseChange {
	var list []results.CaseChange
	for _, change := range results.Changes {
		for _, cc := range c.Cases {
			if cc.Change == change && moved(cc) && !(problem && cc.New == "") {
				list = append(list, cc)
			}
		}
	}
	return list
}

// moved says that a case is not as it was. One that is skipped every night is;
// one that errs every night is not, for nobody knows.
func moved(cc results.CaseChange) bool {
	switch cc.Change {
	case results.StillPass, results.StillFail:
		return false
	case results.NotComparable:
		return cc.Old != check.Skip || cc.New != check.Skip
	}
	return true
}

func has(list []results.CaseChange, change results.Change) bool {
	for _, cc := range list {
		if cc.Change == change {
			return true
		}
	}
	return false
}
