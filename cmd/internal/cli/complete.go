package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology"
)

// A completion offers words to the shell.
type completion = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective)

// complete makes a completion of a list of words. A shell has no use for
// messages: without words it offers nothing.
func (a *App) complete(words func(ctx context.Context, args []string) ([]string, error)) completion {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		ctx := cmd.Context()
		if ctx == nil {
			ctx = context.Background()
		}
		if err := a.configure(cmd); err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		list, err := words(ctx, args)
		if err != nil {
			cobra.CompErrorln(err.Error())
			return nil, cobra.ShellCompDirectiveError
		}
		return list, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeLabs offers the labs of this host, up to so many, each once; most 0
// is no limit.
func (a *App) completeLabs(most int) completion {
	return a.complete(func(ctx context.Context, args []string) ([]string, error) {
		if most > 0 && len(args) >= most {
			return nil, nil
		}
		names, err := a.labNames(ctx)
		return slices.DeleteFunc(names, func(n string) bool { return slices.Contains(args, n) }), err
	})
}

func (a *App) labNames(ctx context.Context) ([]string, error) {
	backend, err := a.backend()
	if err != nil {
		return nil, err
	}
	lister, ok := backend.(topology.Lister)
	if !ok {
		return nil, nil
	}
	labs, err := lister.List(ctx)
	names := make([]string, len(labs))
	for i, l := range labs {
		names[i] = l.Name
	}
	return names, err
}

// completeNodes offers a lab, then a node of it.
func (a *App) completeNodes() completion {
	return a.complete(func(ctx context.Context, args []string) ([]string, error) {
		switch len(args) {
		case 0:
			return a.labNames(ctx)
		case 1:
			backend, err := a.backend()
			if err != nil {
				return nil, err
			}
			lab, err := backend.Inspect(ctx, args[0])
			if err != nil {
				return nil, err
			}
			return lab.Topology.NodeNames(), nil
		}
		return nil, nil
	})
}

// completeRuns offers the runs on record, newest first, with how they ended.
func (a *App) completeRuns(most int) completion {
	return a.complete(func(ctx context.Context, args []string) (words []string, err error) {
		if len(args) >= most {
			return nil, nil
		}
		err = a.withStore(ctx, func(s *results.Store) error {
			runs, err := s.List(ctx, results.Filter{Limit: 50})
			if len(runs) > 0 {
				words = append(words, "last")
			}
			for _, r := range runs {
				words = append(words, cobra.CompletionWithDesc(r.ID, describeRun(r)))
			}
			return err
		})
		return words, err
	})
}

// describeRun is how a run ended, in a few words.
func describeRun(r *results.Run) string {
	n := r.Summary()
	switch {
	case r.Finished.IsZero():
		return "has not ended"
	case r.Problem != "":
		return check.Shorten(oneLine(r.Problem), 60)
	case n.Verdict == check.Pass:
		return count(n.Pass, "case") + " passed"
	}
	return count(n.Fail+n.Error, "case") + " did not pass"
}

// completePlan offers plan files, one.
func completePlan(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
}

// completeOfPlan offers words of the plan that the command line names, in a
// list with commas.
func completeOfPlan(words func(*testplans.Plan) []string) completion {
	return func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		plan, err := loadPlan(args[0])
		if err != nil {
			cobra.CompErrorln(err.Error())
			return nil, cobra.ShellCompDirectiveError
		}
		before := typed[:strings.LastIndex(typed, ",")+1]
		var offered []string
		for _, w := range words(plan) {
			// The flag splits its value at commas, so an ID with one is named by
			// a glob.
			if !strings.Contains(w, ",") {
				offered = append(offered, before+w)
			}
		}
		return offered, cobra.ShellCompDirectiveNoFileComp
	}
}

func caseIDs(p *testplans.Plan) []string {
	ids := make([]string, len(p.Cases))
	for i, c := range p.Cases {
		ids[i] = c.ID
	}
	return ids
}

func tagsOf(p *testplans.Plan) []string {
	var tags []string
	for _, c := range p.Cases {
		tags = append(tags, c.Tags...)
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

// mustComplete registers the completion of a flag. It fails only for a flag
// that is not there.
func mustComplete(c *cobra.Command, flag string, f completion) {
	if err := c.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(errors.Join(errors.New("completion of --"+flag), err))
	}
}
