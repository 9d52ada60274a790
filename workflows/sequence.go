package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// A span is steps that stand next to each other. Their records have their places
// before they are run, in the plan's order, so that the number of a step, by
// which its evidence is called, does not depend on which branch is faster.
type span struct {
	phase  results.Phase
	first  int // index of the record of the first step
	steps  []testplans.Step
	branch bool // they are those of one branch of a parallel
}

// span makes room for the records of a phase's steps.
func (t *try) span(phase results.Phase, steps []testplans.Step) span {
	s := span{phase: phase, first: len(t.steps), steps: steps}
	t.steps = append(t.steps, make([]results.Step, len(steps))...)
	return s
}

// part are the steps from one index until before another.
func (s span) part(from, to int) span {
	return span{s.phase, s.first + from, s.steps[from:to], s.branch}
}

// unit is a step from an index on or, outside of a branch, a whole parallel.
func (s span) unit(from int) span {
	to := from + 1
	for !s.branch && to < len(s.steps) && s.steps[to].Branch.Together(s.steps[from].Branch) {
		to++
	}
	return s.part(from, to)
}

// branches are the branches of a parallel.
func (s span) branches() []span {
	var all []span
	for from := 0; from < len(s.steps); {
		to := from + 1
		for to < len(s.steps) && s.steps[to].Branch.Same(s.steps[from].Branch) {
			to++
		}
		branch := s.part(from, to)
		branch.branch = true
		all = append(all, branch)
		from = to
	}
	return all
}

// phase runs steps in their order and reports whether all passed. If
// stopEarly, the steps after one that did not pass are skipped, but for those
// that belong to it.
func (t *try) phase(ctx workflow.Context, phase results.Phase, steps []testplans.Step, stopEarly bool) (bool, error) {
	return t.sequence(ctx, t.span(phase, steps), stopEarly)
}

// sequence is phase for steps whose records have their places.
func (t *try) sequence(ctx workflow.Context, s span, stopEarly bool) (bool, error) {
	var failed string
	for i := 0; i < len(s.steps); {
		unit := s.unit(i)
		passed, err := t.unit(ctx, unit, stopEarly)
		if err != nil {
			return false, err
		}
		i += len(unit.steps)
		if !passed && failed == "" {
			failed = t.notPassed(unit)
		}
		if failed != "" && stopEarly && !s.steps[i-1].GoOn {
			t.skip(ctx, s.part(i, len(s.steps)), failed)
			break
		}
	}
	return failed == "", nil
}

// unit runs one step, or the branches of a parallel.
func (t *try) unit(ctx workflow.Context, s span, stopEarly bool) (bool, error) {
	step := &s.steps[0]
	if step.Branch != nil && !s.branch {
		return t.parallel(ctx, s.branches(), stopEarly)
	}
	done, err := t.step(ctx, t.place(s.phase, s.first), step)
	if err != nil {
		return false, err
	}
	t.note(s.first, step, done)
	return done.Verdict == check.Pass, nil
}

// parallel runs branches at the same time and ends when all have ended. A branch
// whose step does not pass keeps no other from going on. One that cannot go on,
// because it is interrupted or cancelled, ends them all.
func (t *try) parallel(ctx workflow.Context, branches []span, stopEarly bool) (bool, error) {
	ctx, cancel := workflow.WithCancel(ctx)
	defer cancel()
	ok := true
	var failed error
	running := workflow.NewWaitGroup(ctx)
	for _, branch := range branches {
		running.Add(1)
		workflow.GoNamed(ctx, branch.steps[0].Branch.Name, func(ctx workflow.Context) {
			defer running.Done()
			passed, err := t.sequence(ctx, branch, stopEarly)
			ok = ok && passed
			if err != nil && failed == nil {
				failed = err
				cancel()
			}
		})
	}
	running.Wait(ctx)
	return ok, failed
}

// notPassed says which step of those that were run is why others are not.
func (t *try) notPassed(s span) string {
	for i := range s.steps {
		switch step := &s.steps[i]; {
		case t.steps[s.first+i].Verdict == check.Pass:
		case step.Branch != nil && !s.branch:
			return fmt.Sprintf("step %d, in branch %s, did not pass", s.first+i+1, step.Branch.Name)
		case step.Round != nil:
			return fmt.Sprintf("step %d, in %s, did not pass", s.first+i+1, step.Round)
		default:
			return fmt.Sprintf("step %d did not pass", s.first+i+1)
		}
	}
	return "a step did not pass"
}

// skip records steps that are not run.
func (t *try) skip(ctx workflow.Context, s span, why string) {
	now := workflow.Now(ctx)
	for i := range s.steps {
		step := &s.steps[i]
		t.steps[s.first+i] = results.Step{
			Phase: s.phase, Kind: step.Kind(), Title: step.Title, Where: where(step), Round: step.Round, Branch: step.Branch,
			Verdict: check.Skip, Reason: "not run: " + why, Started: now, Finished: now,
		}
	}
}
