package workflows

import (
	"errors"
	"fmt"
	"path"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen"
)

// PlanRun runs a plan on a fresh lab. It ends with the RunResult whatever the
// cases' verdicts; with a TypeRunProblem error, which carries the RunResult, if
// it could not judge them; and cancelled, likewise, if it was cancelled. In
// every case the lab is taken down, unless it is to be kept, and the reports
// are written.
func PlanRun(ctx workflow.Context, in PlanRunInput) (*RunResult, error) {
	now := workflow.Now(ctx)
	r := &planRun{
		in:       in,
		progress: Progress{Run: in.Run, Phase: PhaseLoading, PhaseSince: now, Started: now},
		result:   RunResult{Run: in.Run, Started: now},
	}
	err := workflow.SetQueryHandlerWithOptions(ctx, ProgressQuery, func() (Progress, error) { return r.progress, nil },
		workflow.QueryHandlerOptions{Description: "the phase of this run and the verdicts so far"})
	if err != nil {
		return nil, err
	}
	err = r.run(ctx)
	return r.finish(ctx, err)
}

// planRun is a run while it is going on.
type planRun struct {
	in       PlanRunInput
	plan     *testplans.Plan
	streams  []trafficgen.Stream
	touched  bool                 // the lab may be there
	deployed *activities.Deployed // nil while it is not known to be
	baseline activities.Baseline
	record   results.Run
	progress Progress
	result   RunResult
}

// run does everything up to the last case. An error is why it could not.
func (r *planRun) run(ctx workflow.Context) error {
	if err := r.load(ctx); err != nil {
		return err
	}
	if err := r.prepareLab(ctx); err != nil {
		return err
	}
	r.enter(ctx, PhaseRunning)
	return r.runCases(ctx)
}

func (r *planRun) load(ctx workflow.Context) error {
	var plans *activities.Plan
	if err := r.enter(ctx, PhaseLoading); err != nil {
		return err
	}
	var loaded activities.Loaded
	err := workflow.ExecuteActivity(record(ctx, "Read the plan "+path.Base(r.in.Plan)), plans.LoadPlan,
		activities.PlanInput{
			File: r.in.Plan, Cases: r.in.Cases, Tags: r.in.Tags, Copy: r.in.PlanCopy, Dir: path.Join(r.in.Out, signedDir),
		}).Get(ctx, &loaded)
	if err != nil {
		return err
	}
	if r.in.PlanHash != "" && loaded.Plan.Hash != r.in.PlanHash {
		return temporal.NewNonRetryableApplicationError(fmt.Sprintf(
			"%s is not the plan that was signed: its hash is %.12s, not %.12s; restore it, or have an amendment signed",
			path.Base(r.in.Plan), loaded.Plan.Hash, r.in.PlanHash), activities.TypePlan, nil)
	}
	r.plan, r.streams, r.result.Edited = loaded.Plan, loaded.Streams, loaded.Edited
	if r.in.Lab == "" {
		r.in.Lab = loaded.Lab
	}
	r.progress.Plan, r.progress.Title = r.plan.Name, r.plan.Title
	r.record = recordOf(&r.in, r.plan, r.streams, r.result.Started)
	for i := range r.plan.Cases {
		c := &r.plan.Cases[i]
		r.progress.Cases = append(r.progress.Cases, CaseState{
			ID: c.ID, Title: c.Title, State: CaseWaiting, Workflow: caseWorkflowID(r.in.Run, c.ID),
		})
	}
	r.count()
	err = workflow.UpsertTypedSearchAttributes(ctx,
		PlanAttribute.ValueSet(r.plan.Name), TotalAttribute.ValueSet(int64(len(r.plan.Cases))),
		PassedAttribute.ValueSet(0), FailedAttribute.ValueSet(0))
	if err != nil {
		return err
	}
	return r.save(ctx, "Record the run and its cases")
}

// signedDir is where the files of a signed plan go, below the run's directory.
const signedDir = "signed"

// caseWorkflowID reads as a path, so that the cases of a run stand together.
func caseWorkflowID(run, id string) string { return run + "/" + id }

// recordOf is the run's record before anything has happened.
func recordOf(in *PlanRunInput, p *testplans.Plan, streams []trafficgen.Stream, started time.Time) results.Run {
	run := results.Run{
		ID: in.Run, Plan: p.Name, Title: p.Title, Type: string(p.Type), PlanHash: p.Hash, PlanFile: p.File,
		Started: started, Backend: in.Backend, Lab: in.Lab, Streams: streams,
	}
	for _, q := range p.Requirements {
		run.Requirements = append(run.Requirements, results.Requirement{ID: q.ID, Text: q.Text})
	}
	for i := range p.Cases {
		c := &p.Cases[i]
		run.Cases = append(run.Cases, results.Case{
			ID: c.ID, Title: c.Title, Requirement: c.Requirement, Priority: c.Priority, Tags: c.Tags, Params: c.Params,
		})
	}
	return run
}

func (r *planRun) save(ctx workflow.Context, summary string) error {
	var records *activities.Results
	return workflow.ExecuteActivity(record(ctx, summary), records.SaveRun, r.record).Get(ctx, nil)
}

// enter begins a phase.
func (r *planRun) enter(ctx workflow.Context, p Phase) error {
	r.progress.Phase, r.progress.PhaseSince = p, workflow.Now(ctx)
	r.describe(ctx)
	return workflow.UpsertTypedSearchAttributes(ctx, PhaseAttribute.ValueSet(string(p)))
}

// describe shows the progress on the workflow's page.
func (r *planRun) describe(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, runDetails(&r.progress, workflow.GetInfo(ctx).Namespace))
}

// finish writes the reports, takes the lab down and ends the workflow, also
// after a cancellation.
func (r *planRun) finish(ctx workflow.Context, problem error) (*RunResult, error) {
	cancelled := ctx.Err() != nil || temporal.IsCanceledError(problem)
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	switch {
	case cancelled && r.progress.Waiting != "":
		r.result.Problem = "the run was cancelled while it waited " + r.progress.Waiting
	case cancelled:
		r.result.Problem = "the run was cancelled"
	case problem != nil:
		r.result.Problem = fmt.Sprintf("%s: %s", r.progress.Phase, reason(problem))
	}
	r.progress.Problem = r.result.Problem
	r.result.Waiting, r.progress.Waiting = r.progress.Waiting, ""

	err := r.report(ctx)
	err = errors.Join(err, r.destroy(ctx))
	if err != nil && r.result.Problem == "" {
		r.result.Problem = err.Error()
	}
	r.result.Finished = workflow.Now(ctx)
	r.result.Counts = r.progress.Counts
	r.result.Verdict = r.verdict()
	if err := r.enter(ctx, PhaseDone); err != nil {
		return nil, err
	}
	err = workflow.UpsertTypedSearchAttributes(ctx, VerdictAttribute.ValueSet(string(r.result.Verdict)))
	if err != nil {
		return nil, err
	}
	switch {
	case cancelled:
		return nil, temporal.NewCanceledError(r.result)
	case r.result.Problem != "":
		return nil, temporal.NewApplicationErrorWithOptions(r.result.Problem, TypeRunProblem,
			temporal.ApplicationErrorOptions{NonRetryable: true, Cause: problem, Details: []any{r.result}})
	}
	return &r.result, nil
}

// verdict is the run's: its cases', or error when it has a problem.
func (r *planRun) verdict() check.Verdict {
	v := r.progress.Counts.Verdict()
	if v != check.Fail && r.result.Problem != "" {
		return check.Error
	}
	return v
}

// report ends the run's record and writes its documents. Without a record,
// since the plan could not be read, there is nothing to write.
func (r *planRun) report(ctx workflow.Context) error {
	if r.plan == nil {
		return nil
	}
	var (
		records *activities.Results
		reports *activities.Report
	)
	if err := r.enter(ctx, PhaseReporting); err != nil {
		return err
	}
	err := workflow.ExecuteActivity(record(ctx, "Record the end of the run"), records.FinishRun,
		activities.FinishInput{Run: r.in.Run, At: workflow.Now(ctx), Problem: r.result.Problem}).Get(ctx, nil)
	if err != nil {
		return fmt.Errorf("the end of the run is not on record: %s", reason(err))
	}
	err = workflow.ExecuteActivity(record(ctx, "Write the reports"), reports.WriteReport,
		activities.ReportInput{Run: r.in.Run, Dir: r.in.Out}).Get(ctx, &r.result.Files)
	if err != nil {
		return fmt.Errorf("the reports are not written: %s", reason(err))
	}
	r.progress.Files = r.result.Files
	return nil
}
