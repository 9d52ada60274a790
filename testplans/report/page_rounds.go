package report

import (
	"fmt"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// A worstStep is a step that measured, or the worst of its rounds.
type worstStep struct {
	stepView
	Note string // "round 3, the worst of 5", "" outside of repeat
}

// worstConvergence are the converge steps of an attempt. Of one that is repeated
// there is the round that did worst: a row for each of a hundred rounds would
// hide the other rows, and each is in its case's chapter.
func worstConvergence(a attemptView) []worstStep {
	var worst []worstStep
	rounds := map[string]int{} // by place: how many there are
	at := map[string]int{}
	for _, s := range a.Steps {
		if s.Convergence == nil {
			continue
		}
		if s.Round == nil {
			worst = append(worst, worstStep{stepView: s})
			continue
		}
		place := fmt.Sprint(s.Round.Repeat, s.Where, s.Convergence.Stream)
		rounds[place]++
		i, known := at[place]
		switch {
		case !known:
			at[place] = len(worst)
			worst = append(worst, worstStep{stepView: s})
		case worse(s.Step, worst[i].Step):
			worst[i].stepView = s
		}
	}
	for place, i := range at {
		if n := rounds[place]; n > 1 {
			worst[i].Note = fmt.Sprintf("round %d, the worst of %d", worst[i].Round.Number, n)
		}
	}
	return worst
}

// worse compares two rounds of a converge step by their verdicts, then by their
// outages.
func worse(a, b *results.Step) bool {
	if a.Verdict != b.Verdict {
		return check.Worst(a.Verdict, b.Verdict) == a.Verdict
	}
	return a.Convergence.Outage > b.Convergence.Outage
}
