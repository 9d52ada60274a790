package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// A stepItem is one line of an attempt: a step, or a whole repeat.
type stepItem struct {
	Number int // of the step in the attempt, from 1; of a repeat, of its first one
	stepView
	Repeat *repeatView // nil for a step
}

// A repeatView is a repeat, folded to a line and its rounds.
type repeatView struct {
	Heading string
	Verdict check.Verdict // the worst of its rounds
	Outcome string        // "all 5 rounds passed"
	Took    time.Duration
	Rounds  []roundView // those that were begun
}

// Open says that the repeat is unfolded: something in it did not pass.
func (r *repeatView) Open() bool { return r.Verdict != check.Pass }

type roundView struct {
	Name    string
	Verdict check.Verdict
	Took    time.Duration
	Items   []stepItem
}

// Open says that the round is unfolded.
func (r roundView) Open() bool { return r.Verdict != check.Pass }

// Items are the attempt's steps in their order, those of a repeat together.
func (a attemptView) Items() []stepItem {
	var items []stepItem
	for i := 0; i < len(a.Steps); {
		s := a.Steps[i]
		if s.Round == nil {
			items = append(items, stepItem{Number: i + 1, stepView: s})
			i++
			continue
		}
		end := i + 1
		for end < len(a.Steps) && a.Steps[end].Round.Together(s.Round) {
			end++
		}
		items = append(items, stepItem{Number: i + 1, stepView: s, Repeat: newRepeatView(a.Steps[i:end], i+1)})
		i = end
	}
	return items
}

// newRepeatView folds the steps of one repeat, of which the first has a number.
func newRepeatView(steps []stepView, number int) *repeatView {
	first, last := steps[0].Round, &steps[len(steps)-1]
	v := &repeatView{Heading: first.Heading(), Took: last.Finished.Sub(steps[0].Started)}
	var verdicts []check.Verdict
	for from := 0; from < len(steps); {
		to := from + 1
		for to < len(steps) && steps[to].Round.Number == steps[from].Round.Number {
			to++
		}
		round := newRoundView(steps[from:to], number+from)
		verdicts = append(verdicts, round.Verdict)
		if !notRun(steps[from:to]) {
			v.Rounds = append(v.Rounds, round)
		}
		from = to
	}
	v.Verdict = check.Worst(verdicts...)
	v.Outcome = roundsOutcome(verdicts, len(v.Rounds))
	return v
}

func newRoundView(steps []stepView, number int) roundView {
	round := steps[0].Round.String()
	v := roundView{Name: "R" + round[1:], Took: steps[len(steps)-1].Finished.Sub(steps[0].Started)}
	var verdicts []check.Verdict
	for i, s := range steps {
		v.Items = append(v.Items, stepItem{Number: number + i, stepView: s})
		verdicts = append(verdicts, s.Verdict)
	}
	v.Verdict = check.Worst(verdicts...)
	return v
}

// notRun reports whether a round was not begun: the one before did not pass.
func notRun(steps []stepView) bool {
	for _, s := range steps {
		if s.Verdict != check.Skip || s.Finished.After(s.Started) {
			return false
		}
	}
	return true
}

// roundsOutcome sums up the verdicts of rounds, of which some were begun.
func roundsOutcome(verdicts []check.Verdict, begun int) string {
	count := map[check.Verdict]int{}
	for _, v := range verdicts {
		count[v]++
	}
	if passed := count[check.Pass]; passed == len(verdicts) {
		return fmt.Sprintf("%s passed", plural(passed, "the round", fmt.Sprintf("all %d rounds", passed)))
	}
	parts := []string{fmt.Sprintf("%d of %d rounds passed", count[check.Pass], len(verdicts))}
	for i, v := range verdicts[:begun] {
		if v != check.Pass {
			parts = append(parts, fmt.Sprintf("round %d: %s", i+1, v))
		}
	}
	if left := len(verdicts) - begun; left > 0 {
		parts = append(parts, fmt.Sprintf("%d not run", left))
	}
	return strings.Join(parts, ", ")
}

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
