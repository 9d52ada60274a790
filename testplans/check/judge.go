package check

import (
	"fmt"
	"slices"
)

// Judge compares what was seen with what the check asks for. It is pure and
// total: the same evidence gives the same outcome, and there is an outcome for
// any evidence. Without evidence it never passes.
func Judge(s *Spec, evidence []Evidence) Outcome {
	c := &court{evidence: evidence}
	if e := s.expectation(); e != nil {
		e.judge(c)
	}
	return conclude(s.Sentence(), c.findings)
}

// A court hears evidence and collects findings.
type court struct {
	evidence []Evidence
	findings []Finding
}

// find adds a finding about one query's evidence.
func (c *court) find(q Query, holds bool, subject, expected, seen string) {
	verdict := Fail
	if holds {
		verdict = Pass
	}
	c.add(q, verdict, subject, expected, seen)
}

func (c *court) add(q Query, verdict Verdict, subject, expected, seen string) {
	c.findings = append(c.findings, Finding{
		Verdict: verdict, Node: q.Node, Subject: subject, Expected: expected, Seen: seen, Evidence: q.ID})
}

// answer is the usable reply to a query; without one it finds an error.
func (c *court) answer(q Query, subject, expected string) (string, bool) {
	i := slices.IndexFunc(c.evidence, func(e Evidence) bool { return e.ID == q.ID && e.Node == q.Node })
	switch {
	case i < 0:
		c.add(q, Error, subject, expected, "no evidence: it was not looked up")
	case c.evidence[i].Problem != "":
		c.add(q, Error, subject, expected, "no answer: "+c.evidence[i].Problem)
	default:
		return c.evidence[i].Reply, true
	}
	return "", false
}

// conclude makes an outcome of findings. held is the sentence for a pass.
func conclude(held string, findings []Finding) Outcome {
	if len(findings) == 0 {
		return Outcome{Verdict: Error, Reason: "nothing was examined"}
	}
	verdicts := make([]Verdict, len(findings))
	for i, f := range findings {
		verdicts[i] = f.Verdict
	}
	o := Outcome{Verdict: Worst(verdicts...), Findings: findings}
	if o.Verdict == Pass {
		o.Reason = held
		return o
	}
	var deciding []Finding
	for _, f := range findings {
		if f.Verdict == o.Verdict {
			deciding = append(deciding, f)
		}
	}
	o.Reason = deciding[0].String()
	if n := len(deciding) - 1; n > 0 {
		o.Reason += fmt.Sprintf(" (and %d more)", n)
	}
	return o
}

// String is the finding in a sentence: "BGP neighbor 10.0.41.1 on r1: expected
// Established, saw Active".
func (f Finding) String() string {
	s := f.Subject
	if f.Node != "" {
		s += " on " + f.Node
	}
	return fmt.Sprintf("%s: expected %s, saw %s", s, f.Expected, f.Seen)
}
