package cli

import (
	"github.com/spf13/cobra"
)

func (a *App) planRunCommand() *cobra.Command {
	var r runRequest
	c := &cobra.Command{
		Use:   "run FILE",
		Short: "Run a plan on a fresh lab and report",
		Long: `Run deploys the plan's topology, pushes its configurations, runs the cases one
after another, writes the report and removes the lab. A run that was cut off (a
killed process, a lost host) goes on when the command is given again.

It uses the cluster of --temporal-address, or a running ccl up, or a server of
its own. The exit code is 0 when every case passed, 3 when not.`,
		Example: `  ccl plan run plan.yaml
  ccl plan run plan.yaml --case 'CONV-*' --keep-lab
  ccl plan run plan.yaml --tag smoke --json`,
		Args:              exactly("a plan FILE"),
		ValidArgsFunction: completePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			if r.reattempts < 0 {
				return usageError("--reattempts %d: a case cannot be tried less than once", r.reattempts)
			}
			if r.wait < 0 {
				return usageError("--wait %s is no time to wait", r.wait)
			}
			if err := a.asRootOfItsOwn(); err != nil {
				return err
			}
			r.plan = args[0]
			return a.runPlan(cmd.Context(), r)
		},
	}
	f := c.Flags()
	f.StringSliceVar(&r.cases, "case", nil, "only these cases: IDs or globs")
	f.StringSliceVar(&r.tags, "tag", nil, "only cases with one of these tags")
	f.StringVar(&r.lab, "lab", "", "lab `name` (default the topology's); a lab that is up is used as it is")
	f.DurationVar(&r.wait, "wait", 0, "how long to wait for a lab that another run has or wants to stay up (default not at all)")
	f.BoolVar(&r.keepLab, "keep-lab", false, "leave the lab up; no other run takes it down")
	f.IntVar(&r.reattempts, "reattempts", 0, "try a case that did not pass so often again, to tell a flaky one")
	f.BoolVar(&r.fresh, "fresh", false, "start anew even if a run of this plan was cut off")
	mustComplete(c, "case", completeOfPlan(caseIDs))
	mustComplete(c, "tag", completeOfPlan(tagsOf))
	mustComplete(c, "lab", a.completeLabs(0))
	return c
}
