package cli

import (
	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/topology/clabfile"
)

func (a *App) planCommand() *cobra.Command {
	return group("plan", "Check and run test plans",
		a.planRunCommand(), a.planValidateCommand(), a.planSchemaCommand(),
		a.explainCommand("plans", testplans.Schema, `  ccl plan explain                  the keys of a plan
  ccl plan explain traffic          the step, and what it takes
  ccl plan explain check.bgp        the end of a path is enough`))
}

func loadPlan(file string) (*testplans.Plan, error) { return testplans.Load(file, clabfile.Load) }

func (a *App) planSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of plans, for completion in editors",
		Example: `  ccl plan schema > plan.schema.json
  # and at the top of a plan:
  # yaml-language-server: $schema=plan.schema.json`,
		Args: exactly(),
		RunE: func(*cobra.Command, []string) error {
			_, err := a.Stdout.Write(testplans.Schema())
			return err
		},
	}
}
