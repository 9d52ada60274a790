package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/topology/clabfile"
)

func (a *App) engagementValidateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate FILE",
		Short: "Report every mistake in an engagement and its plans",
		Long: `Validate reads an engagement with its plans and topology as start and submit
would, and reports every mistake with its line and column. Nothing is debited and
no clock starts. The exit code is 2 when there are mistakes, which --json prints
as ccl plan validate does.`,
		Example:           "  ccl engagement validate engagement.yaml",
		Args:              exactly("an engagement FILE"),
		ValidArgsFunction: completePlan,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.engagementValidate(args[0])
		},
	}
}

func (a *App) engagementValidate(file string) error {
	e, err := testplans.LoadEngagement(file, clabfile.Load)
	if err != nil {
		return a.mistakesOf([]error{err})
	}
	plans, err := a.loadPlans(e.Plans)
	if err != nil {
		return err
	}
	cases, err := oneScope(e, plans)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(e)
	}
	fmt.Fprintf(a.Stdout, "%s: %s for %s, %s with %d of at most %d cases, topology %s\n",
		e.File, e.ID, e.Customer, count(len(plans), "plan"), cases, testplans.MaxCases, e.Topology)
	return nil
}

// oneScope counts the cases of plans that are to be the scope of an engagement,
// and refuses those that cannot be it together.
func oneScope(e *testplans.Engagement, plans []*testplans.Plan) (cases int, err error) {
	files := map[string]string{}
	for _, p := range plans {
		if first, twice := files[p.Name]; twice {
			return 0, withHint(usageError("%s and %s are both called %s", here(first), here(p.File), p.Name), "give each plan a name of its own")
		}
		files[p.Name] = p.File
		if p.Topology != e.Topology {
			return 0, withHint(usageError("%s runs on %s, the engagement's topology is %s", here(p.File), here(p.Topology), here(e.Topology)),
				"name that topology in the plan, or start another engagement")
		}
		cases += len(p.Cases)
	}
	if over := cases - testplans.MaxCases; over > 0 {
		return 0, withHint(usageError("the plans have %d cases after expansion, an engagement has at most %d", cases, testplans.MaxCases), "leave out %d", over)
	}
	return cases, nil
}
