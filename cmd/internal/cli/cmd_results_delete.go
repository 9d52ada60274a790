package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/testplans/results"
)

// A cleaning is which runs are to be taken off the record.
type cleaning struct {
	refs   []string  // runs by name, or
	before time.Time // all that began before
	plan   string    // only of this plan
	dry    bool      // only say which
}

func (a *App) resultsDeleteCommand() *cobra.Command {
	var c cleaning
	var before string
	cmd := &cobra.Command{
		Use:   "delete [RUN]...",
		Short: "Take runs off the record",
		Long: `Take runs off the record: those named, or with --before all that began before a day.

A plan's baseline stays; --before also leaves the runs of engagements, which
their reports need, and runs that have not ended. The folders that runs wrote,
with reports and evidence, are not touched.`,
		Example: `  ccl results delete --before 2026-09-01 --dry-run
  ccl results delete --before 2026-09-01 --plan ring-rollout
  ccl results delete ring-rollout-20261123-053012`,
		Args: cobra.ArbitraryArgs,

		ValidArgsFunction: a.completeRuns(50),
		RunE: func(cmd *cobra.Command, args []string) error {
			c.refs = args
			if err := c.readBefore(before); err != nil {
				return err
			}
			return a.withStore(cmd.Context(), func(s *results.Store) error { return a.deleteRuns(cmd.Context(), s, c) })
		},
	}
	cmd.Flags().StringVar(&before, "before", "", "all runs that began before this `day` (2026-09-01, local time)")
	cmd.Flags().StringVar(&c.plan, "plan", "", "with --before: only runs of this `plan`")
	cmd.Flags().BoolVar(&c.dry, "dry-run", false, "only print what would be deleted")
	return cmd
}

// readBefore reads the day, and refuses to guess what is meant.
func (c *cleaning) readBefore(day string) (err error) {
	switch {
	case day == "" && c.plan != "":
		return usageError("--plan goes with --before")
	case day == "" && len(c.refs) == 0:
		return usageError("expected a RUN, or --before DAY")
	case day == "":
		return nil
	case len(c.refs) > 0:
		return usageError("expected either RUNs or --before, not both")
	}
	if c.before, err = time.ParseInLocation(time.DateOnly, day, time.Local); err != nil {
		return usageError("--before %q is not a day like 2026-09-01", day)
	}
	return nil
}

// deleteRuns deletes what is asked for as far as it can, and prints what.
func (a *App) deleteRuns(ctx context.Context, s *results.Store, c cleaning) error {
	runs, err := c.chosen(ctx, s)
	if err != nil {
		return err
	}
	var kept error
	deleted := []string{}
	for _, id := range runs {
		if !c.dry {
			if err := s.Delete(ctx, id); err != nil {
				kept = errors.Join(kept, err)
				continue
			}
		}
		deleted = append(deleted, id)
	}
	if a.json {
		return errors.Join(printList(a, deleted), kept)
	}
	verb := "deleted"
	if c.dry {
		verb = "would delete"
	}
	for _, id := range deleted {
		if _, err := fmt.Fprintln(a.Stdout, verb, id); err != nil {
			return err
		}
	}
	if len(deleted) == 0 && kept == nil {
		fmt.Fprintln(a.Stderr, "ccl: no run is that old, but for baselines and the runs of engagements")
	}
	return kept
}

// chosen is the IDs of the runs to delete, the oldest first.
func (c *cleaning) chosen(ctx context.Context, s *results.Store) (ids []string, err error) {
	if c.before.IsZero() {
		for _, ref := range c.refs {
			run, err := s.Run(ctx, ref)
			if err != nil {
				return nil, err
			}
			if run.Finished.IsZero() {
				return nil, withHint(fmt.Errorf("run %s has not ended", run.ID), "the command that began it goes on with it; ended with --fresh, it can be deleted")
			}
			ids = append(ids, run.ID)
		}
		return ids, nil
	}
	runs, err := s.List(ctx, results.Filter{Plan: c.plan})
	if err != nil {
		return nil, err
	}
	baselines, err := s.Baselines(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range slices.Backward(runs) {
		ofEngagement := strings.Contains(r.ID, "/")
		if r.Started.Before(c.before) && !r.Finished.IsZero() && !ofEngagement && baselines[r.Plan] != r.ID {
			ids = append(ids, r.ID)
		}
	}
	return ids, nil
}
