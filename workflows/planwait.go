package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
)

// waitsUntil is until when the run may wait for its lab.
func (r *planRun) waitsUntil() time.Time {
	until := r.result.Started.Add(r.in.Wait)
	if !r.in.Until.IsZero() && r.in.Until.Before(until) {
		return r.in.Until
	}
	return until
}

// awaitPause is how long one wait takes at least, so that a host that refuses
// the lab and says at once that it is free is not asked without end.
const awaitPause = time.Second

// awaitLab shows who has the lab and waits until that run has it no more, or
// nobody wants it to stay up, or the time is over. Whoever asks first then gets it. The error is that of a
// cancellation.
func (r *planRun) awaitLab(ctx workflow.Context, held *activities.Held, until time.Time) error {
	waiting := fmt.Sprintf("for %s, until %s", held, clock(until))
	news := waiting != r.progress.Waiting
	r.progress.Waiting = waiting
	if err := r.enter(ctx, PhaseWaiting); err != nil {
		return err
	}
	if news {
		tellParent(ctx, waiting)
	}
	var lab *activities.Lab
	begun := workflow.Now(ctx)
	left := until.Sub(begun)
	summary := fmt.Sprintf("Wait for lab %s, which run %s has", held.Lab, held.Run)
	if held.Kept {
		summary = fmt.Sprintf("Wait until lab %s, which is to stay up, is destroyed by hand", held.Lab)
	}
	wait := activityOn(ctx, held.Queue, summary, left+slack)
	wait = workflow.WithScheduleToCloseTimeout(wait, left+slack)
	err := workflow.ExecuteActivity(wait, lab.Await, activities.AwaitInput{
		LabRef: activities.LabRef{Backend: r.in.Backend, Name: held.Lab}, Run: held.Run, For: left, Kept: held.Kept,
	}).Get(ctx, nil)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if temporal.IsCanceledError(err) {
		return err
	}
	// Whatever else went wrong, the next try to deploy says it, and better.
	if early := awaitPause - workflow.Now(ctx).Sub(begun); early > 0 {
		return workflow.Sleep(ctx, early)
	}
	return nil
}

// WaitingSignal is the name of the signal by which a run tells its parent for
// what it waits, as a string; empty: not any more.
const WaitingSignal = "waiting"

// tellParent has the parent of a run or a night show for what that waits. A
// parent that has ended needs to know nothing.
func tellParent(ctx workflow.Context, waiting string) {
	if parent := workflow.GetInfo(ctx).ParentWorkflowExecution; parent != nil {
		_ = workflow.SignalExternalWorkflow(ctx, parent.ID, "", WaitingSignal, waiting).Get(ctx, nil)
	}
}

// inVain is the error of a run that has waited for its lab, if it did.
func (r *planRun) inVain(err error, until time.Time) error {
	if r.progress.Waiting == "" {
		return err
	}
	return temporal.NewNonRetryableApplicationError(reason(err)+"; it was waited for until "+clock(until), activities.TypeHeld, err)
}

// waitsNoMore takes down what awaitLab has shown.
func (r *planRun) waitsNoMore(ctx workflow.Context) {
	if r.progress.Waiting != "" {
		r.progress.Waiting = ""
		tellParent(ctx, "")
	}
}
