package cli

import (
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/topology/clabfile"
)

func (a *App) planCommand() *cobra.Command {
	return group("plan", "Check and run test plans",
		a.planRunCommand(), a.planValidateCommand(), a.planSchemaCommand())
}

func loadPlan(file string) (*testplans.Plan, error) { return testplans.Load(file, clabfile.Load) }

func (a *App) planValidateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate FILE...",
		Short: "Report every mistake in plans, with its line and column",
		Long: `Validate reads plans and their topologies as a run would, and reports every
mistake at once. Nothing is deployed. The exit code is 2 when there are mistakes.`,
		Example: "  ccl plan validate plans/*.yaml",
		Args:    between(1, math.MaxInt, "plan FILEs"),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.validate(args)
		},
	}
}

func (a *App) validate(files []string) error {
	var (
		plans []*testplans.Plan
		first error
	)
	for _, file := range files {
		p, err := loadPlan(file)
		switch {
		case err == nil:
			plans = append(plans, p)
		case first == nil:
			first = err
		default:
			tell(a.Stderr, err)
		}
	}
	if first != nil {
		return first
	}
	if a.json {
		return a.printJSON(plans)
	}
	for _, p := range plans {
		fmt.Fprintf(a.Stdout, "%s: %s (of at most %d), topology %s, hash %.12s\n",
			p.File, count(len(p.Cases), "case"), testplans.MaxCases, p.Topology, p.Hash)
	}
	return nil
}

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
