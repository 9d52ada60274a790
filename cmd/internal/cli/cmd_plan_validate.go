package cli

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/topology/clabfile"
)

func (a *App) planValidateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate FILE...",
		Short: "Report every mistake in plans, with its line and column",
		Long: `Validate reads plans and their topologies as a run would, and reports every
mistake at once. Nothing is deployed. The exit code is 2 when there are mistakes,
which --json prints as {"mistakes": [{"pos", "message", "hint"}, …]}.`,
		Example: "  ccl plan validate plans/*.yaml",
		Args:    between(1, math.MaxInt, "plan FILEs"),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.validate(args)
		},
	}
}

func (a *App) validate(files []string) error {
	plans, err := a.loadPlans(files)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(plans)
	}
	for _, p := range plans {
		fmt.Fprintf(a.Stdout, "%s: %s (of at most %d), topology %s, hash %.12s\n",
			p.File, count(len(p.Cases), "case"), testplans.MaxCases, p.Topology, p.Hash)
		for _, r := range p.Unproven() {
			fmt.Fprintf(a.Stdout, "%s: no case proves requirement %s: %s\n", p.File, r.ID, oneLine(r.Text))
		}
	}
	var seen []string // several plans may be for one topology
	for _, p := range plans {
		if !slices.Contains(seen, p.Topology) {
			seen = append(seen, p.Topology)
			a.noteStartup(p.Topology)
		}
	}
	return nil
}

// loadPlans reads plans; the error tells of the mistakes in all of them.
func (a *App) loadPlans(files []string) ([]*testplans.Plan, error) {
	var plans []*testplans.Plan
	var failed []error
	for _, file := range files {
		p, err := loadPlan(file)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		plans = append(plans, p)
	}
	return plans, a.mistakesOf(failed)
}

// mistakesOf tells of what is wrong with files, but for the last, which is the
// error that it returns; nil if nothing is.
func (a *App) mistakesOf(failed []error) error {
	switch {
	case len(failed) == 0:
		return nil
	case a.json:
		return a.printMistakes(failed)
	}
	last := len(failed) - 1
	for _, err := range failed[:last] {
		tell(a.Stderr, err)
	}
	return failed[last]
}

// printMistakes prints the mistakes in all files for machines. What is no
// mistake in a file, such as a file that is not there, is told as ever. The exit
// code is the same as without --json.
func (a *App) printMistakes(failed []error) error {
	all := testplans.Mistakes{}
	for _, err := range failed {
		var mistakes testplans.Mistakes
		var file *clabfile.Error
		switch {
		case errors.As(err, &mistakes):
			all = append(all, mistakes...)
		case errors.As(err, &file):
			for _, p := range file.Problems {
				all = append(all, testplans.Mistake(p))
			}
		default:
			tell(a.Stderr, err)
		}
	}
	err := a.printJSON(struct {
		Mistakes testplans.Mistakes `json:"mistakes"`
	}{all})
	return errors.Join(err, &exitError{code: exitCode(failed[0]), quiet: true, err: errors.New("there are mistakes")})
}
