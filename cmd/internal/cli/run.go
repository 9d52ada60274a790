package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology/clabfile"
	"github.com/ccl-lab/ccl/workflows"
)

// cleanupTime is how long a run that was interrupted may take to restore and
// remove its lab.
const cleanupTime = 2 * time.Minute

// A runRequest is one execution of a plan, as a command asks for it.
type runRequest struct {
	plan        string // file
	cases, tags []string
	lab         string
	out         string // directory; empty: one of the run's name below the setting
	keepLab     bool
	reattempts  int
	fresh       bool // do not continue a run that was cut off
	stay        bool // keep the server up until the user has seen enough
	found       bool // the lab was up before the run
}

// runPlan runs a plan to its end and prints what came of it.
func (a *App) runPlan(ctx context.Context, r runRequest) (err error) {
	plan, err := loadPlan(r.plan)
	if err != nil {
		return err
	}
	if plan, err = plan.Select(r.cases, r.tags); err != nil {
		return usageError("%w", err)
	}
	s, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()

	id, err := a.startOrContinue(ctx, s, plan, &r)
	if err != nil {
		return err
	}
	if s.UI != "" {
		a.say("Temporal UI  %s/namespaces/%s/workflows/%s", s.UI, a.config.Temporal.Namespace, id)
	}
	view := newLive(a.Stderr)
	result, err := workflows.Follow(ctx, s.Client, id, view.update)
	view.clear()
	if ctx.Err() != nil {
		return a.interrupted(s, id, view)
	}
	if err != nil {
		return err
	}
	err = a.conclude(result)
	switch {
	case result.LabLeft && r.stay:
		a.stay(ctx, s, result)
		if !r.found {
			err = errors.Join(err, a.removeLab(result.Lab.Name))
		}
	case result.LabLeft:
		a.say("lab %s stays up; ccl lab destroy %s removes it", result.Lab.Name, result.Lab.Name)
	}
	return err
}

// stay keeps the server and the lab up until the user has seen enough.
func (a *App) stay(ctx context.Context, s *session, r *workflows.RunResult) {
	a.say("lab %s and the Temporal UI stay up until Ctrl-C", r.Lab.Name)
	a.say("  %s", s.UI)
	a.say("  ccl lab inspect %s", r.Lab.Name)
	<-ctx.Done()
}

func (a *App) removeLab(name string) error {
	backend, err := a.backend()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTime)
	defer cancel()
	return a.labDestroy(ctx, backend, name)
}

// startOrContinue returns the ID of the run to follow: a run of the same plan
// that a killed process left on our own server, or a new one.
func (a *App) startOrContinue(ctx context.Context, s *session, plan *testplans.Plan, r *runRequest) (string, error) {
	if s.Own != nil {
		cut, err := a.cutOff(ctx, s, plan.File)
		if err != nil {
			return "", err
		}
		if cut != "" && !r.fresh {
			a.say("run %s was cut off, it goes on as it was begun; --fresh starts anew", cut)
			return cut, nil
		}
		if cut != "" {
			a.say("run %s was cut off, it is cancelled and its lab removed", cut)
			// Its lab may be the one that the new run wants.
			if err := cancelRun(ctx, s, cut, nil); err != nil {
				return "", err
			}
		}
	}
	if err := a.takeLab(ctx, s, plan, r); err != nil {
		return "", err
	}
	id := workflows.NewRunID(plan.File, time.Now())
	out := r.out
	if out == "" {
		out = filepath.Join(a.config.Out, id)
	}
	out, err := filepath.Abs(out)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return "", err
	}
	_, err = workflows.StartRun(ctx, s.Client, workflows.PlanRunInput{
		Run:        id,
		Plan:       plan.File,
		Cases:      r.cases,
		Tags:       r.tags,
		Backend:    a.config.Backend,
		Lab:        r.lab,
		Out:        out,
		KeepLab:    r.keepLab,
		Reattempts: r.reattempts,
	})
	return id, err
}

// cutOff finds a run of the plan that has not ended. The server being our own,
// no other process is working on it.
func (a *App) cutOff(ctx context.Context, s *session, planFile string) (id string, err error) {
	return a.openRun(ctx, s, func(r *results.Run) bool { return r.PlanFile == planFile })
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
	if user != "" {
		return withHint(fmt.Errorf("lab %s is in use by run %s, which has not ended", name, user),
			"--lab NAME runs the plan in a lab of another name")
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

// interrupted cancels the run if nobody else would go on with it, and waits
// until its lab is gone.
func (a *App) interrupted(s *session, id string, view *live) error {
	if s.Own == nil {
		a.say("the run goes on without us; ccl results show %s tells how it ended", id)
		return context.Canceled
	}
	a.say("cancelling %s and removing its lab; a second Ctrl-C leaves it as it is, to be continued", id)
	err := cancelRun(context.Background(), s, id, view.update)
	view.clear()
	if err != nil {
		return err
	}
	return context.Canceled
}

// cancelRun cancels a run and waits until its lab is gone.
func cancelRun(ctx context.Context, s *session, id string, show func(workflows.Progress)) error {
	ctx, cancel := context.WithTimeout(ctx, cleanupTime)
	defer cancel()
	if err := s.Client.CancelWorkflow(ctx, id, ""); err != nil {
		return err
	}
	_, err := workflows.Follow(ctx, s.Client, id, show)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("run %s was not removed in %s: %w", id, cleanupTime, err)
	}
	return nil // how it ended is on record
}

// conclude prints the table of verdicts and where the documents are.
func (a *App) conclude(r *workflows.RunResult) error {
	if a.json {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else if err := a.printConclusion(r); err != nil {
		return err
	}
	switch {
	case r.Problem != "":
		return errors.New(r.Problem)
	case r.Verdict != check.Pass:
		return errCasesFailed
	}
	return nil
}

func (a *App) printConclusion(r *workflows.RunResult) error {
	if r.Files == nil {
		return nil
	}
	table, err := os.ReadFile(r.Files.Text)
	if err != nil {
		return err
	}
	if _, err := a.Stdout.Write(table); err != nil {
		return err
	}
	fmt.Fprintln(a.Stdout)
	for _, file := range []string{r.Files.HTML, r.Files.JUnit, r.Files.JSON} {
		fmt.Fprintln(a.Stdout, here(file))
	}
	return nil
}

// here is a path as seen from the working directory, if that is shorter.
func here(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	if relative, err := filepath.Rel(wd, path); err == nil && len(relative) < len(path) {
		return relative
	}
	return path
}
