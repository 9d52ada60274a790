package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// A try is one execution of an attempt, from a clean start to the return to
// the baseline.
type try struct {
	kase          *caseRun
	number        int // of the attempt
	interruptions int // tries of this attempt before
	steps         []results.Step
	running       map[string]bool                   // what was started and not stopped, by the key of runs
	kept          []results.EvidenceFile            // of captures that were left running
	snapshots     map[string][]results.EvidenceFile // what each kept, by its name
	cause         *results.Event                    // the last fault or commit
}

// execute runs the try. An error is a cancellation, an interruption, or our
// own fault.
func (t *try) execute(ctx workflow.Context) (*results.Attempt, error) {
	attempt := &results.Attempt{Number: t.number, Started: workflow.Now(ctx)}
	if t.kase.dirty {
		if err := t.reset(ctx, "Return every router to the baseline before the case begins"); err != nil {
			return nil, err
		}
	}
	if t.kase.dirty {
		t.skip(ctx, t.span(results.PhaseSteps, t.kase.in.Case.Steps), "the routers are not at their baseline")
	} else if err := t.body(ctx); err != nil {
		t.afterCancel(ctx)
		return nil, err
	}
	attempt.Steps = t.steps
	attempt.Verdict, attempt.Reason = judge(t.steps)
	attempt.Finished = workflow.Now(ctx)
	return attempt, nil
}

// body is what the plan's author wrote, and the cleaning up.
func (t *try) body(ctx workflow.Context) error {
	c := &t.kase.in.Case
	ok, err := t.phase(ctx, results.PhaseSetup, c.Setup, true)
	if err != nil {
		return err
	}
	if err := t.phaseOrSkip(ctx, ok, c.Steps); err != nil {
		return err
	}
	if _, err := t.phase(ctx, results.PhaseTeardown, c.Teardown, false); err != nil {
		return err
	}
	return t.reset(ctx, "Return every router to the baseline")
}

func (t *try) phaseOrSkip(ctx workflow.Context, ok bool, steps []testplans.Step) error {
	if !ok {
		t.skip(ctx, t.span(results.PhaseSteps, steps), "the setup did not succeed")
		return nil
	}
	_, err := t.phase(ctx, results.PhaseSteps, steps, true)
	return err
}

// note keeps a step's record and what later steps must know of it.
func (t *try) note(index int, s *testplans.Step, done *results.Step) {
	t.steps[index] = *done
	for i := range done.Events {
		switch done.Events[i].Kind {
		case activities.EventFault:
			t.cause = &done.Events[i]
		case activities.EventCommit:
			if t.cause == nil || t.cause.Kind == activities.EventCommit {
				t.cause = &done.Events[i]
			}
		}
	}
	if s.Snapshot != nil {
		delete(t.snapshots, s.Snapshot.Name) // an earlier round's
		if done.Verdict == check.Pass {
			t.snapshots[s.Snapshot.Name] = done.Evidence
		}
	}
	if start, stop := runs(s); done.Verdict != check.Error {
		if start != "" {
			t.running[start] = true
		}
		delete(t.running, stop)
	}
}

// step runs one step. A step whose activity failed, after its retries, has
// verdict error; one that this lab cannot do is skipped.
func (t *try) step(ctx workflow.Context, at activities.Place, s *testplans.Step) (*results.Step, error) {
	in := t.input(at, s)
	title := s.Sentence()
	t.at(ctx, in.At, title)
	started := workflow.Now(ctx)
	ctx = activityOn(ctx, t.kase.in.Lab.Queue, title, stepTimeout(s))
	var done results.Step
	err := workflow.ExecuteActivity(ctx, activityFor(s), in).Get(ctx, &done)
	switch {
	case err == nil:
		return &done, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case isInterruption(err):
		return nil, err
	}
	verdict := check.Error
	if isUnsupported(err) {
		verdict = check.Skip
	}
	return &results.Step{
		Phase: at.Phase, Kind: s.Kind(), Title: s.Title, Where: where(s), Round: s.Round, Branch: s.Branch,
		Verdict: verdict, Reason: reason(err), Started: started, Finished: workflow.Now(ctx),
	}, nil
}

// place is that of the step whose record has this index.
func (t *try) place(phase results.Phase, index int) activities.Place {
	return activities.Place{
		Run: t.kase.in.Run, Case: t.kase.in.Case.ID, Attempt: t.number, Try: t.interruptions,
		Phase: phase, Step: index + 1,
	}
}

// next is the place of what comes after everything so far.
func (t *try) next(phase results.Phase) activities.Place { return t.place(phase, len(t.steps)) }

// at makes a place the answer of the progress query.
func (t *try) at(ctx workflow.Context, p activities.Place, title string) {
	c := &t.kase.in.Case
	t.kase.progress = CaseProgress{
		Attempt: p.Attempt, Interruptions: t.kase.result.Interruptions, Phase: p.Phase, Step: p.Step,
		Steps: len(c.Setup) + len(c.Steps) + len(c.Teardown), Title: title, Since: workflow.Now(ctx),
	}
}
