package check

import (
	"fmt"
	"strings"
)

// rule judges one test of a selection's rows.
func (s *selection) rule(t *RowTest) ruling {
	switch t.Op {
	case "and", "or", "not":
		return s.junction(t)
	}
	op, ok := jsnapyOperator(t.Op)
	r := ruling{subject: s.source(), expected: op.words(t)}
	if t.Path != "" {
		r.subject = t.Path + " of " + r.subject
	}
	switch {
	case !ok || len(t.Args) < op.least():
		r.expected = "a test that can be applied"
		return r.is(Error, fmt.Sprintf("the operator %q with %d arguments", t.Op, len(t.Args)))
	case !op.Since:
		return s.ruleRows(t, op, r)
	case s.hearing.test.Snapshot == "":
		return r.is(Error, "no snapshot to compare with")
	}
	return s.ruleSince(t, op, r)
}

// is completes a ruling.
func (r ruling) is(v Verdict, seen string) ruling {
	r.verdict, r.seen = v, seen
	return r
}

// nothing is the ruling where nothing was there to be judged.
func (r ruling) nothing(t *RowTest, said, seen string) ruling {
	switch {
	case t.IgnoreNull:
		return r.is(Skip, seen+", which ignore-null allows")
	case said != "":
		return r.is(Fail, said)
	}
	return r.is(Error, seen)
}

// junction joins the rulings of tests. What was left out does not count.
func (s *selection) junction(t *RowTest) ruling {
	var verdicts []Verdict
	var expected, seen []string
	for i := range t.Tests {
		r := s.rule(&t.Tests[i])
		verdicts = append(verdicts, r.verdict)
		name := t.Tests[i].Path
		if name != "" {
			name += " "
		}
		expected = append(expected, name+r.expected)
		seen = append(seen, name+r.seen)
	}
	r := ruling{subject: s.source(), seen: strings.Join(seen, "; "), verdict: Worst(verdicts...)}
	switch t.Op {
	case "and":
		r.expected = strings.Join(expected, ", and ")
	case "or":
		r.expected = strings.Join(expected, ", or ")
		for _, v := range verdicts {
			if v == Pass {
				r.verdict = Pass
			}
		}
	case "not":
		r.expected = "not: " + strings.Join(expected, ", and ")
		r.verdict = opposite(r.verdict)
	}
	return r
}

func opposite(v Verdict) Verdict {
	switch v {
	case Pass:
		return Fail
	case Fail:
		return Pass
	}
	return v
}
