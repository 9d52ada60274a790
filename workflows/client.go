package workflows

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

// runTime is how the time stands in the ID of a run.
const runTime = "20060102-150405"

// NewRunID makes the ID of a run of a plan file, ring-rollout-20261123-053012.
func NewRunID(planFile string, at time.Time) string {
	name := filepath.Base(planFile)
	name = strings.TrimSuffix(name, filepath.Ext(name))
	return name + "-" + at.UTC().Format(runTime)
}

// StartRun starts a run. If there is, or was, a run of that ID, the error is a
// *serviceerror.WorkflowExecutionAlreadyStarted.
func StartRun(ctx context.Context, c client.Client, in PlanRunInput) (client.WorkflowRun, error) {
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       in.Run,
		TaskQueue:                                TaskQueue,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		StaticSummary:                            shorten("Run of " + filepath.Base(in.Plan) + " on " + in.Backend),
		Memo:                                     map[string]any{"plan": in.Plan, "backend": in.Backend, "out": in.Out},
	}, PlanRun, in)
	if err != nil {
		return nil, fmt.Errorf("start run %s: %w", in.Run, err)
	}
	return run, nil
}

// followEvery is how often Follow asks for the progress.
const followEvery = 250 * time.Millisecond

// Follow calls show with the progress of a run, a few times a second and once
// at the end, until it ends, and returns its result: also that of a run that
// was cancelled or had a problem, which RunResult.Problem tells. It sits out a
// restart of the worker or the server. An error is about reaching the cluster,
// a run that is not there, or one that ended without a result because it was
// terminated. show is never called concurrently; it may be nil.
func Follow(ctx context.Context, c client.Client, run string, show func(Progress)) (*RunResult, error) {
	return follow(ctx, c, run, followEvery, progressOf, show)
}

// follow looks at a run every so often.
func follow(ctx context.Context, c client.Client, run string, every time.Duration,
	look func(context.Context, client.Client, string) (*Progress, error), show func(Progress)) (*RunResult, error) {
	if show == nil {
		show = func(Progress) {}
	}
	ended := make(chan outcome, 1)
	go func() {
		result, err := await(ctx, c, run)
		ended <- outcome{result, err}
	}()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case end := <-ended:
			if p, err := progressOf(ctx, c, run); err == nil {
				show(*p)
			}
			return end.result, end.err
		case <-tick.C:
			// Without a worker for a moment there is no progress to show.
			if p, err := look(ctx, c, run); err == nil {
				show(*p)
			}
		}
	}
}

type outcome struct {
	result *RunResult
	err    error
}

// await waits for the end of a run.
func await(ctx context.Context, c client.Client, run string) (*RunResult, error) {
	for {
		result := &RunResult{}
		err := c.GetWorkflow(ctx, run, "").Get(ctx, result)
		if err == nil {
			return result, nil
		}
		var missing *serviceerror.NotFound
		var execution *temporal.WorkflowExecutionError
		switch {
		case resultOf(err, result):
			return result, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(err, &missing):
			return nil, fmt.Errorf("there is no run %s: %w", run, err)
		case errors.As(err, &execution):
			return nil, fmt.Errorf("run %s: %w", run, err)
		}
		// The server is not there, for now.
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(followEvery):
		}
	}
}

// resultOf takes a run's result from the error that it ended with.
func resultOf(err error, into *RunResult) bool {
	var app *temporal.ApplicationError
	if errors.As(err, &app) && app.Type() == TypeRunProblem {
		return app.Details(into) == nil
	}
	var cancelled *temporal.CanceledError
	return errors.As(err, &cancelled) && cancelled.HasDetails() && cancelled.Details(into) == nil
}

// queryTimeout bounds a query while no worker is there to answer it.
const queryTimeout = 5 * time.Second

// progressOf asks a run for its progress and, if a case is running, that case
// for its step.
func progressOf(ctx context.Context, c client.Client, run string) (*Progress, error) {
	p := &Progress{}
	if err := query(ctx, c, run, p); err != nil {
		return nil, err
	}
	if current := p.Current(); current != nil {
		now := &CaseProgress{}
		// The case may not have begun, or have just ended.
		if err := query(ctx, c, current.Workflow, now); err == nil {
			current.Now = now
		}
	}
	return p, nil
}

func query(ctx context.Context, c client.Client, workflowID string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	answer, err := c.QueryWorkflow(ctx, workflowID, "", ProgressQuery)
	if err != nil {
		return err
	}
	return answer.Get(into)
}
