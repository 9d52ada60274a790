package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows"
)

// interrupted cancels the run if nobody else would go on with it, and waits
// until its lab is gone.
func (a *App) interrupted(s *session, id string, view *live) error {
	if s.Own == nil {
		a.say("the run goes on without us; ccl results show %s tells how it ended", id)
		return context.Canceled
	}
	a.say("cancelling %s and removing its lab; a second Ctrl-C leaves the lab to the next ccl plan run, or to ccl lab destroy", id)
	result, err := cancelRun(context.Background(), s, id, view.update)
	view.clear()
	if err != nil {
		return err
	}
	if result != nil && result.Files != nil {
		a.say("what was judged until then is in %s", here(result.Files.HTML))
	}
	return context.Canceled
}

// cancelRun cancels a run and waits until its lab is gone. How it ended is on
// record; the result is nil if it ended without one.
func cancelRun(ctx context.Context, s *session, id string, show func(workflows.Progress)) (*workflows.RunResult, error) {
	ctx, cancel := context.WithTimeout(ctx, cleanupTime)
	defer cancel()
	if err := s.Client.CancelWorkflow(ctx, id, ""); err != nil {
		return nil, err
	}
	result, err := workflows.Follow(ctx, s.Client, id, show)
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("run %s was not removed in %s: %w", id, cleanupTime, err)
	}
	return result, nil
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
	return a.labDestroy(ctx, backend, name, true)
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
