package cli

import (
	"context"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology/clabfile"
)

// patienceWithSteps is why a run that was cut off may seem to stand still: Temporal
// waits for the lost worker's heartbeat.
const patienceWithSteps = "the step that it was cut off in is given up after a minute at most"

// goOn returns the run of the plan that was cut off, if it can be gone on with. One
// that was cancelled, or that the user does not want, is ended first: its lab may
// be the one that the new run wants. The server being our own, no other process is
// working on it.
func (a *App) goOn(ctx context.Context, s *session, planFile string, fresh bool) (id string, err error) {
	id, err = a.openRun(ctx, s, func(r *results.Run) bool { return r.PlanFile == planFile })
	if id == "" || err != nil {
		return "", err
	}
	cancelled, err := cancelRequested(ctx, s.Client, id)
	if err != nil {
		return "", err
	}
	switch {
	case cancelled:
		a.say("run %s was cancelled, and then cut off before its lab was gone", id)
	case fresh:
		a.say("run %s was cut off, it is cancelled and its lab removed", id)
	default:
		a.say("run %s was cut off, it goes on as it was begun; --fresh starts anew", id)
		a.say("  %s", patienceWithSteps)
		return id, nil
	}
	a.say("  it is ended first; %s", patienceWithSteps)
	_, err = cancelRun(ctx, s, id, nil)
	return "", err
}

// cancelRequested reports whether a run that has not ended is being cancelled.
func cancelRequested(ctx context.Context, c client.Client, run string) (bool, error) {
	d, err := c.DescribeWorkflowExecution(ctx, run, "")
	return d.GetWorkflowExtendedInfo().GetCancelRequested(), err
}

// takeLab looks whether the lab that a new run wants is up on this host
// already. One that another run is using cannot be had; one that somebody
// deployed is left to them when the run ends.
func (a *App) takeLab(ctx context.Context, s *session, plan *testplans.Plan, r *runRequest) error {
	if a.config.Temporal.Address != "" {
		return nil // the run may go to another host
	}
	name := r.lab
	if name == "" {
		t, err := clabfile.Load(plan.Topology)
		if err != nil {
			return err
		}
		name = t.Name
	}
	backend, err := a.backend()
	if err != nil {
		return err
	}
	if _, err := backend.Inspect(ctx, name); err != nil {
		return nil // it is not up; what else is wrong the run will find
	}
	user, err := a.openRun(ctx, s, func(r *results.Run) bool { return r.Lab == name })
	if err != nil {
		return err
	}
	switch {
	case user != "" && r.wait > 0:
		return nil // it waits until that run, if it does not keep its lab, has taken it down
	case user != "":
		return withHint(fmt.Errorf("lab %s is in use by run %s, which has not ended", name, user),
			"--wait 1h waits for it that long; --lab NAME runs the plan in a lab of another name")
	}
	a.say("lab %s is up already: the plan runs in it and leaves it up", name)
	r.keepLab, r.found = true, true
	return nil
}

// openRun finds a run that has no end on record and is still open in Temporal.
func (a *App) openRun(ctx context.Context, s *session, wanted func(*results.Run) bool) (id string, err error) {
	err = a.withStore(ctx, func(store *results.Store) error {
		runs, err := store.List(ctx, results.Filter{Limit: 20})
		if err != nil {
			return err
		}
		for _, run := range runs {
			if run.Finished.IsZero() && wanted(run) && open(ctx, s.Client, run.ID) {
				id = run.ID
				return nil
			}
		}
		return nil
	})
	return id, err
}

// open reports whether Temporal has the run and it has not ended. One that
// Temporal does not know cannot be gone on with.
func open(ctx context.Context, c client.Client, run string) bool {
	d, err := c.DescribeWorkflowExecution(ctx, run, "")
	return err == nil && d.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING
}
