package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/report"
	"github.com/ccl-lab/ccl/testplans/results"
)

func (a *App) resultsCommand() *cobra.Command {
	return group("results", "Look at the runs on record",
		a.resultsListCommand(), a.resultsShowCommand(), a.resultsBaselineCommand(), a.resultsDeleteCommand())
}

// withStore opens the results store for the length of f.
func (a *App) withStore(ctx context.Context, f func(*results.Store) error) (err error) {
	store, err := results.Open(ctx, a.config.Results)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	err = f(store)
	if errors.Is(err, results.ErrNoRun) {
		return withHint(err, "ccl results list shows the runs on record")
	}
	return err
}

// runOf is a run on record, or the one of a run.json, which may come from another
// host.
func runOf(ctx context.Context, s *results.Store, ref string) (*results.Run, error) {
	if !strings.HasSuffix(ref, ".json") {
		return s.Run(ctx, ref)
	}
	f, err := os.Open(ref)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	run, err := report.ReadJSON(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	return run, nil
}

func (a *App) resultsListCommand() *cobra.Command {
	var filter results.Filter
	c := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List runs, newest first",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(s *results.Store) error {
				runs, err := s.List(cmd.Context(), filter)
				if err != nil {
					return err
				}
				baselines, err := s.Baselines(cmd.Context())
				if err != nil {
					return err
				}
				return a.printRuns(runs, baselines)
			})
		},
	}
	c.Flags().StringVar(&filter.Plan, "plan", "", "only runs of this `plan`")
	c.Flags().IntVar(&filter.Limit, "limit", 20, "at most so many runs; 0 is no limit")
	return c
}

// printRuns lists runs, and marks those that are the baselines of their plans.
func (a *App) printRuns(runs []*results.Run, baselines map[string]string) error {
	if a.json {
		return printList(a, runs)
	}
	rows := make([][]any, len(runs))
	for i, r := range runs {
		n := r.Summary()
		verdict, took, skipped := string(n.Verdict), "running", n.Skip
		if !r.Finished.IsZero() {
			took = r.Took().Round(time.Second).String()
			skipped += n.NotRun
		} else if n.Fail == 0 && n.Error == 0 {
			verdict = "-" // cases that have yet to run are no error
		}
		if baselines[r.Plan] == r.ID {
			verdict += ", baseline"
		}
		rows[i] = []any{r.ID, r.Plan, verdict, r.Started.Local().Format(time.DateTime), took, n.Pass, n.Fail, n.Error, skipped, check.Shorten(oneLine(r.Problem), 80)}
	}
	return a.table("RUN\tPLAN\tVERDICT\tSTARTED\tTOOK\tPASS\tFAIL\tERROR\tSKIP\tPROBLEM", rows)
}

func (a *App) resultsShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show RUN",
		Short: "Show a run's verdicts",
		Long:  "Show a run's verdicts. RUN is an ID, the beginning of one, last, or a run.json.",
		Args:  exactly("a RUN"),

		ValidArgsFunction: a.completeRuns(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd.Context(), func(s *results.Store) error {
				run, err := runOf(cmd.Context(), s, args[0])
				if err != nil {
					return err
				}
				return a.printRun(run)
			})
		},
	}
}

func (a *App) printRun(run *results.Run) error {
	if a.json {
		return report.JSON(a.Stdout, run)
	}
	return report.Text(a.Stdout, run, a.textOptions())
}

func (a *App) resultsBaselineCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "baseline RUN",
		Short: "Make a run the one that later runs of its plan are compared with",
		Args:  exactly("a RUN"),

		ValidArgsFunction: a.completeRuns(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd.Context(), func(s *results.Store) error {
				if err := s.SetBaseline(cmd.Context(), args[0]); err != nil {
					return err
				}
				run, err := s.Run(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if n := run.Summary(); n.Verdict != check.Pass {
					a.say("ccl: note: %d of its %s passed; what did not is no regression in later runs", n.Pass, count(n.Cases, "case"))
				}
				_, err = fmt.Fprintf(a.Stdout, "%s is now the baseline of %s\n", run.ID, run.Plan)
				return err
			})
		},
	}
}
