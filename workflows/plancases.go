package workflows

import (
	"errors"
	"fmt"
	"path"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen"
)

// runCases runs the cases one after the other: they share a lab.
func (r *planRun) runCases(ctx workflow.Context) error {
	dirty := false
	var broken []testplans.Fault
	for i := range r.plan.Cases {
		if r.windowClosed(ctx) {
			if err := r.outsideWindow(ctx, i); err != nil {
				return err
			}
			continue
		}
		in := r.caseInput(&r.plan.Cases[i])
		in.RestoreFirst, in.RepairFirst = dirty, broken
		done, err := r.runCase(ctx, i, in)
		if err != nil {
			return err
		}
		dirty, broken = done.Dirty, nil
		if dirty {
			broken = faultsOf(&in.Case, in.RepairFirst)
		}
	}
	return nil
}

// windowClosed reports whether the test window has closed, so that no case may
// start any more.
func (r *planRun) windowClosed(ctx workflow.Context) bool {
	return !r.in.Until.IsZero() && !workflow.Now(ctx).Before(r.in.Until)
}

// outsideWindow records that a case was not run because its time was over.
func (r *planRun) outsideWindow(ctx workflow.Context, i int) error {
	state, now := &r.progress.Cases[i], workflow.Now(ctx)
	attempt := results.Attempt{
		Number: 1, Verdict: check.Skip, Started: now, Finished: now,
		Reason: "outside the test window, which closed on " + clock(r.in.Until),
	}
	var records *activities.Results
	err := workflow.ExecuteActivity(record(ctx, "Record that "+state.ID+" is outside the window"), records.SaveAttempt,
		activities.AttemptInput{Run: r.in.Run, Case: state.ID, Attempt: attempt}).Get(ctx, nil)
	if err != nil {
		return err
	}
	state.Started = now
	return r.note(ctx, state, &CaseResult{Case: state.ID, Attempts: []results.Attempt{attempt}})
}

func (r *planRun) caseInput(c *testplans.Case) CaseInput {
	return CaseInput{
		Run: r.in.Run, Plan: r.plan.Name, Case: *c, Streams: streamsOf(c, r.streams),
		Evidence: path.Join(r.in.Out, results.EvidenceDir), Reattempts: r.in.Reattempts,
		Lab: LabInput{
			Ref: r.deployed.Lab, Queue: r.deployed.Queue, Deploy: r.deployInput(),
			Baseline: r.baseline, Keep: r.in.KeepLab,
		},
	}
}

// streamsOf are the streams that a case's steps name.
func streamsOf(c *testplans.Case, all []trafficgen.Stream) []trafficgen.Stream {
	named := map[string]bool{}
	for _, s := range everyStep(c) {
		for _, name := range streamsOfStep(s) {
			named[name] = true
		}
	}
	var used []trafficgen.Stream
	for i := range all {
		if named[all[i].Name] {
			used = append(used, all[i])
		}
	}
	return used
}

// runCase runs one case as a child workflow and notes what came of it.
func (r *planRun) runCase(ctx workflow.Context, i int, in CaseInput) (*CaseResult, error) {
	state := &r.progress.Cases[i]
	state.State, state.Started = CaseRunning, workflow.Now(ctx)
	r.describe(ctx)
	child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:            state.Workflow,
		WaitForCancellation:   true,
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_REQUEST_CANCEL,
		StaticSummary:         shorten(in.Case.ID + ": " + in.Case.Title),
		StaticDetails:         caseOutline(&in),
		TypedSearchAttributes: temporal.NewSearchAttributes(PlanAttribute.ValueSet(in.Plan)),
		Memo:                  map[string]any{"run": in.Run, "case": in.Case.ID, "requirement": in.Case.Requirement},
	})
	done := &CaseResult{}
	err := workflow.ExecuteChildWorkflow(child, TestCase, in).Get(ctx, done)
	if err != nil {
		if done, err = r.caseFailed(ctx, in, err); err != nil {
			return nil, err
		}
	}
	if err := r.note(ctx, state, done); err != nil {
		return nil, err
	}
	return done, nil
}

// caseFailed takes the result from the error of a case that did not pass. A
// case whose workflow ended in another way (someone terminated it, or it is
// our fault) is put on record as an error, and leaves nobody knows what.
func (r *planRun) caseFailed(ctx workflow.Context, in CaseInput, err error) (*CaseResult, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var app *temporal.ApplicationError
	if errors.As(err, &app) && app.Type() == TypeCaseNotPassed {
		done := &CaseResult{}
		if err := app.Details(done); err == nil && done.last() != nil {
			return done, nil
		}
	}
	now := workflow.Now(ctx)
	attempt := results.Attempt{
		Number: 1, Verdict: check.Error, Started: now, Finished: now,
		Reason: "the workflow of the case ended early: " + reason(err),
	}
	var records *activities.Results
	ctx = record(ctx, "Record that "+in.Case.ID+" ended early")
	saved := workflow.ExecuteActivity(ctx, records.SaveAttempt, activities.AttemptInput{
		Run: in.Run, Case: in.Case.ID, Attempt: attempt,
	}).Get(ctx, nil)
	if saved != nil && applicationType(saved) != activities.TypeConflict { // its own attempt is on record already
		return nil, saved
	}
	return &CaseResult{Case: in.Case.ID, Attempts: []results.Attempt{attempt}, Dirty: true}, nil
}

// note shows a finished case in the progress and the list of workflows.
func (r *planRun) note(ctx workflow.Context, state *CaseState, done *CaseResult) error {
	last := done.last()
	if last == nil {
		return fmt.Errorf("case %s ended without an attempt", done.Case)
	}
	record := results.Case{Attempts: done.Attempts}
	state.State, state.Finished = CaseDone, workflow.Now(ctx)
	state.Verdict, state.Reason, state.Flaky = last.Verdict, last.Reason, record.Flaky()
	r.count()
	r.describe(ctx)
	n := r.progress.Counts
	return workflow.UpsertTypedSearchAttributes(ctx,
		PassedAttribute.ValueSet(int64(n.Pass)), FailedAttribute.ValueSet(int64(n.Fail+n.Error)))
}

// count counts the verdicts so far.
func (r *planRun) count() {
	n := results.Counts{Cases: len(r.progress.Cases)}
	for i := range r.progress.Cases {
		n.Count(r.progress.Cases[i].Verdict, r.progress.Cases[i].Flaky)
	}
	r.progress.Counts = n
}
