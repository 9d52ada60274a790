package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/testplans/report"
	"github.com/ccl-lab/ccl/testplans/results"
)

func (a *App) compareCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "compare [OLD] NEW",
		Short: "Say what changed from one run to another",
		Long: `Compare two runs case by case: still-pass, new-fail, fixed, still-fail, new,
removed, not-comparable. Without OLD the plan's baseline is used. Either may be a
run.json, of another host for example. The exit code is 3 when a case regressed.`,
		Example: `  ccl compare ring-rollout-20261101 last
  ccl compare last                       with the plan's baseline
  ccl compare theirs/run.json last`,
		Args:              between(1, 2, "one RUN or two"),
		ValidArgsFunction: a.completeRuns(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd.Context(), func(s *results.Store) error {
				return a.compare(cmd.Context(), s, args)
			})
		},
	}
}

func (a *App) compare(ctx context.Context, s *results.Store, refs []string) error {
	current, err := runOf(ctx, s, refs[len(refs)-1])
	if err != nil {
		return err
	}
	var earlier *results.Run
	if len(refs) == 2 {
		earlier, err = runOf(ctx, s, refs[0])
	} else {
		earlier, err = s.Baseline(ctx, current.Plan)
		if err != nil {
			err = withHint(err, "choose one with ccl results baseline RUN, or name the older run")
		}
	}
	if err != nil {
		return err
	}
	if earlier.ID == current.ID {
		a.say("ccl: note: both are run %s", current.ID)
	}
	c := results.Compare(earlier, current)
	if a.json {
		err = a.printJSON(c)
	} else {
		err = report.Comparison(a.Stdout, c, a.textOptions())
	}
	if err == nil && c.Regressed() {
		return errCasesFailed
	}
	return err
}

func (a *App) textOptions() report.Options {
	return report.Options{Color: terminal(a.Stdout)}
}
