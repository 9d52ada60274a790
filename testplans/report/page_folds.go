package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
)

// A stepItem is one line of an attempt: a step, or a whole repeat or parallel.
type stepItem struct {
	Number int // of the step in the attempt, from 1; of a fold, of its first one
	stepView
	Fold *foldView // nil for a step
}

// A foldView is a repeat or a parallel, folded to a line and its parts.
type foldView struct {
	Heading string
	Verdict check.Verdict // the worst of its parts
	Outcome string        // "all 5 rounds passed"
	Took    time.Duration
	Parts   []partView // those that were begun
}

// Open says that it is unfolded: something in it did not pass.
func (f *foldView) Open() bool { return f.Verdict != check.Pass }

// A partView is a round or a branch.
type partView struct {
	Name    string
	Verdict check.Verdict
	Took    time.Duration
	Items   []stepItem
	notRun  bool // what was before it did not pass
}

// Open says that the part is unfolded.
func (p partView) Open() bool { return p.Verdict != check.Pass }

// A folder folds the steps of an attempt; it is outside of everything, or in a
// round, a branch, or both.
type folder struct{ inRound, inBranch bool }

// Items are the attempt's steps in their order, those of a repeat or a parallel
// together.
func (a attemptView) Items() []stepItem { return folder{}.items(a.Steps, 1) }

// items folds steps, of which the first has a number.
func (f folder) items(steps []stepView, number int) []stepItem {
	var items []stepItem
	for from := 0; from < len(steps); {
		s := steps[from]
		item := stepItem{Number: number + from, stepView: s}
		to := from + 1
		switch {
		case s.Round != nil && !f.inRound && (s.Branch == nil || f.inBranch || s.Branch.InRound):
			to = f.until(steps, from, func(next stepView) bool { return next.Round.Together(s.Round) })
			item.Fold = f.repeat(steps[from:to], number+from)
		case s.Branch != nil && !f.inBranch:
			to = f.until(steps, from, func(next stepView) bool { return next.Branch.Together(s.Branch) })
			item.Fold = f.parallel(steps[from:to], number+from)
		}
		items = append(items, item)
		from = to
	}
	return items
}

// until is the index of the first step after one that is of another kind.
func (folder) until(steps []stepView, from int, alike func(stepView) bool) int {
	for to := from + 1; to < len(steps); to++ {
		if !alike(steps[to]) {
			return to
		}
	}
	return len(steps)
}

func (f folder) repeat(steps []stepView, number int) *foldView {
	f.inRound = true
	var parts []partView
	for from := 0; from < len(steps); {
		round := steps[from].Round
		to := f.until(steps, from, func(next stepView) bool { return next.Round.Number == round.Number })
		parts = append(parts, f.part("R"+round.String()[1:], steps[from:to], number+from))
		from = to
	}
	v := newFold(steps, parts, "round")
	v.Heading = steps[0].Round.Heading()
	return v
}

func (f folder) parallel(steps []stepView, number int) *foldView {
	f.inBranch = true
	var parts []partView
	for from := 0; from < len(steps); {
		branch := steps[from].Branch
		to := f.until(steps, from, func(next stepView) bool { return next.Branch.Same(branch) })
		parts = append(parts, f.part("Branch "+branch.Name, steps[from:to], number+from))
		from = to
	}
	v := newFold(steps, parts, "branch")
	v.Heading = steps[0].Branch.Heading()
	return v
}

func (f folder) part(name string, steps []stepView, number int) partView {
	verdict, took := summary(steps)
	return partView{Name: name, Verdict: verdict, Took: took, Items: f.items(steps, number), notRun: notRun(steps)}
}

func notRun(steps []stepView) bool {
	return !slices.ContainsFunc(steps, func(s stepView) bool { return s.Verdict != check.Skip || s.Finished.After(s.Started) })
}

// newFold sums up parts that are of one kind. Those that were not run are only
// counted.
func newFold(steps []stepView, parts []partView, kind string) *foldView {
	v := &foldView{}
	v.Verdict, v.Took = summary(steps)
	passed, begun := 0, 0
	var others []string
	for _, p := range parts {
		if p.Verdict == check.Pass {
			passed++
		}
		if p.notRun {
			continue
		}
		begun++
		v.Parts = append(v.Parts, p)
		if p.Verdict != check.Pass {
			others = append(others, fmt.Sprintf("%s: %s", strings.ToLower(p.Name[:1])+p.Name[1:], p.Verdict))
		}
	}
	kinds := map[string]string{"round": "rounds", "branch": "branches"}[kind]
	if passed == len(parts) {
		v.Outcome = plural(passed, "the "+kind, fmt.Sprintf("all %d %s", passed, kinds)) + " passed"
		return v
	}
	outcome := append([]string{fmt.Sprintf("%d of %d %s passed", passed, len(parts), kinds)}, others...)
	if left := len(parts) - begun; left > 0 {
		outcome = append(outcome, fmt.Sprintf("%d not run", left))
	}
	v.Outcome = strings.Join(outcome, ", ")
	return v
}

// summary is the worst verdict of steps, and the time from the first's beginning
// to the last's end.
func summary(steps []stepView) (check.Verdict, time.Duration) {
	var verdicts []check.Verdict
	begun, ended := steps[0].Started, steps[0].Finished
	for _, s := range steps {
		verdicts = append(verdicts, s.Verdict)
		if s.Started.Before(begun) {
			begun = s.Started
		}
		if s.Finished.After(ended) {
			ended = s.Finished
		}
	}
	return check.Worst(verdicts...), ended.Sub(begun)
}
