package workflows

import (
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// TestCase runs one case: setup, steps, teardown and the return to the
// baseline. A case that does not pass ends with a TypeCaseNotPassed error, so
// that it is red wherever workflows are listed; the CaseResult is its detail.
func TestCase(ctx workflow.Context, in CaseInput) (*CaseResult, error) {
	c := &caseRun{in: in, dirty: in.RestoreFirst, result: CaseResult{Case: in.Case.ID}}
	err := workflow.SetQueryHandlerWithOptions(ctx, ProgressQuery, func() (CaseProgress, error) { return c.progress, nil },
		workflow.QueryHandlerOptions{Description: "the step this case is at"})
	if err != nil {
		return nil, err
	}
	if in.Case.Infeasible != "" {
		now := workflow.Now(ctx)
		err := c.save(ctx, results.Attempt{Number: 1, Verdict: check.Skip, Reason: in.Case.Infeasible, Started: now, Finished: now})
		return &c.result, err
	}
	for number := 1; ; number++ {
		attempt, err := c.attempt(ctx, number)
		if err != nil {
			return nil, err
		}
		if err := c.save(ctx, *attempt); err != nil {
			return nil, err
		}
		if passed(attempt.Verdict) || number > in.Reattempts {
			break
		}
	}
	return c.conclude(ctx)
}

// caseRun is a running case.
type caseRun struct {
	in       CaseInput
	result   CaseResult
	progress CaseProgress
	dirty    bool // the devices may not be at their baseline
}

func passed(v check.Verdict) bool { return v == check.Pass || v == check.Skip }

// conclude ends the workflow with its colour.
func (c *caseRun) conclude(ctx workflow.Context) (*CaseResult, error) {
	c.result.Dirty = c.dirty
	last := c.result.last()
	err := workflow.UpsertTypedSearchAttributes(ctx, VerdictAttribute.ValueSet(string(last.Verdict)))
	if err != nil {
		return nil, err
	}
	workflow.SetCurrentDetails(ctx, caseDetails(&c.in, &c.result))
	if passed(last.Verdict) {
		return &c.result, nil
	}
	return nil, temporal.NewApplicationErrorWithOptions(
		fmt.Sprintf("%s: %s", last.Verdict, last.Reason), TypeCaseNotPassed,
		temporal.ApplicationErrorOptions{
			NonRetryable: true,
			Category:     temporal.ApplicationErrorCategoryBenign,
			Details:      []any{c.result},
		})
}

// save puts an attempt on record and keeps its outline.
func (c *caseRun) save(ctx workflow.Context, a results.Attempt) error {
	var records *activities.Results
	ctx = record(ctx, fmt.Sprintf("Record attempt %d: %s", a.Number, a.Verdict))
	err := workflow.ExecuteActivity(ctx, records.SaveAttempt, activities.AttemptInput{
		Run: c.in.Run, Case: c.in.Case.ID, Attempt: a,
	}).Get(ctx, nil)
	a.Steps = nil
	c.result.Attempts = append(c.result.Attempts, a)
	return err
}

// maxInterruptions is how often one attempt may start again before the lab,
// or this program, is to blame.
const maxInterruptions = 5

// attempt executes the case once, beginning again when it is interrupted.
func (c *caseRun) attempt(ctx workflow.Context, number int) (*results.Attempt, error) {
	for interruptions := 0; ; interruptions++ {
		try := &try{kase: c, number: number, interruptions: interruptions, running: map[string]bool{}, snapshots: map[string][]results.EvidenceFile{}}
		attempt, err := try.execute(ctx)
		switch {
		case err == nil:
			return attempt, nil
		case !isInterruption(err):
			return nil, err
		}
		c.result.Interruptions++
		c.dirty = true
		if interruptions == maxInterruptions {
			now := workflow.Now(ctx)
			return &results.Attempt{
				Number: number, Verdict: check.Error, Started: now, Finished: now,
				Reason: fmt.Sprintf("interrupted %d times; the last time: %s", interruptions+1, reason(err)),
			}, nil
		}
		if err := c.recover(ctx); err != nil {
			return nil, err
		}
	}
}

// recover attaches to the lab again after the worker was lost. What goes wrong
// here shows itself when the attempt begins with a return to the baseline.
func (c *caseRun) recover(ctx workflow.Context) error {
	var lab *activities.Lab
	c.progress = CaseProgress{
		Interruptions: c.result.Interruptions, Phase: results.PhaseReset,
		Title: "Attach to the lab again after an interruption", Since: workflow.Now(ctx),
	}
	ctx = activityOn(ctx, c.in.Lab.Queue, c.progress.Title, labTimeout)
	err := workflow.ExecuteActivity(ctx, lab.Deploy, c.in.Lab.Deploy).Get(ctx, nil)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		workflow.GetLogger(ctx).Warn("could not attach to the lab", "lab", c.in.Lab.Ref.Name, "error", err)
	}
	return nil
}
