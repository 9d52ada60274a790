package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/ccl-lab/ccl/testplans"
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
	wait        time.Duration // for a lab that another run has
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
	a.noteStartup(plan.Topology)
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
	result, err := a.follow(ctx, s, id, view)
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

// startOrContinue returns the ID of the run to follow: a run of the same plan
// that a killed process left on our own server, or a new one.
func (a *App) startOrContinue(ctx context.Context, s *session, plan *testplans.Plan, r *runRequest) (string, error) {
	if s.Own != nil {
		cut, err := a.goOn(ctx, s, plan.File, r.fresh)
		if cut != "" || err != nil {
			return cut, err
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
		Wait:       r.wait,
		Reattempts: r.reattempts,
	})
	return id, err
}
