package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/cmd/internal/starter"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/topology/clabfile"
)

func (a *App) newCommand() *cobra.Command {
	c := group("new", "Write first files of your own: a topology, a plan, an engagement",
		a.newTopologyCommand(), a.newPlanCommand(), a.newEngagementCommand())
	c.Long = `New writes files to begin with. They work as they are, and say in comments what
can be made of them. A file that is there already is left alone, unless --force
is given.`
	c.Example = `  ccl new topology                   pair.clab.yml: two routers and two hosts, with their configurations
  ccl new plan                       plan.yaml: first checks of the topology in this folder
  ccl plan run plan.yaml
  ccl new engagement                 engagement.yaml: 30 days with a customer about that plan`
	return c
}

// forced adds the flag that lets a command overwrite files.
func forced(c *cobra.Command, force *bool) *cobra.Command {
	c.Flags().BoolVar(force, "force", false, "overwrite files that are there")
	return c
}

func (a *App) newTopologyCommand() *cobra.Command {
	var force bool
	return forced(&cobra.Command{
		Use:   "topology [FILE]",
		Short: "Write a topology of two routers and two hosts",
		Long: `Topology writes a containerlab topology, pair.clab.yml unless a FILE is named,
and the startup configurations of its two routers into configs beside it.`,
		Example: `  ccl new topology
  ccl new topology labs/trial.clab.yml`,
		Args:              between(0, 1, "one FILE at most"),
		ValidArgsFunction: completePlan,
		RunE: func(_ *cobra.Command, args []string) error {
			file := fileOr(args, "pair.clab.yml")
			files, err := starter.Topology(file)
			if err != nil {
				return err
			}
			return a.writeStarter(files, force, "ccl new plan "+filepath.Join(filepath.Dir(file), "plan.yaml")+" --topology "+file)
		},
	}, &force)
}

func (a *App) newPlanCommand() *cobra.Command {
	var (
		force    bool
		topology string
	)
	c := forced(&cobra.Command{
		Use:   "plan [FILE]",
		Short: "Write a plan of first checks for a topology",
		Long: `Plan looks at a topology and its startup configurations and writes a plan,
plan.yaml unless a FILE is named, that checks what is there: the routers, the
protocols they speak, and traffic from one end to the other.`,
		Example: `  ccl new plan                                         for the topology in this folder
  ccl new plan rollout.yaml --topology labs/ring/ring.clab.yml`,
		Args:              between(0, 1, "one FILE at most"),
		ValidArgsFunction: completePlan,
		RunE: func(_ *cobra.Command, args []string) error {
			file := fileOr(args, "plan.yaml")
			if topology == "" {
				found, err := topologyNear(file)
				if err != nil {
					return err
				}
				topology = found
			}
			t, err := clabfile.Load(topology)
			if err != nil {
				return err
			}
			plan, err := starter.Plan(file, t)
			if err != nil {
				return withHint(fmt.Errorf("%s: %w", topology, err), "ccl new topology writes one with two")
			}
			return a.writeStarter([]starter.File{plan}, force, "ccl plan run "+file)
		},
	}, &force)
	c.Flags().StringVar(&topology, "topology", "", "topology `file` (default the only *.clab.yml beside the plan)")
	mustComplete(c, "topology", completePlan)
	return c
}

func (a *App) newEngagementCommand() *cobra.Command {
	var (
		force bool
		plans []string
	)
	c := forced(&cobra.Command{
		Use:   "engagement [FILE]",
		Short: "Write an engagement about plans",
		Long: `Engagement writes an engagement, engagement.yaml unless a FILE is named, about
plans and their topology, with a nightly regression of the first. Its contract,
customer and contacts are examples.`,
		Example: `  ccl new engagement                                   about plan.yaml in this folder
  ccl new engagement acme.yaml --plan rollout.yaml --plan regression.yaml`,
		Args:              between(0, 1, "one FILE at most"),
		ValidArgsFunction: completePlan,
		RunE: func(_ *cobra.Command, args []string) error {
			file := fileOr(args, "engagement.yaml")
			read, err := plansOf(file, plans)
			if err != nil {
				return err
			}
			engagement, err := starter.Engagement(file, read, time.Now())
			if err != nil {
				return err
			}
			return a.writeStarter([]starter.File{engagement}, force, "ccl engagement start "+file)
		},
	}, &force)
	c.Flags().StringSliceVar(&plans, "plan", nil, "plan `file`; may be given again (default plan.yaml beside the engagement)")
	mustComplete(c, "plan", completePlan)
	return c
}

func fileOr(args []string, otherwise string) string {
	if len(args) == 0 {
		return otherwise
	}
	return args[0]
}

// topologyNear is the topology in the folder of a plan, if there is one.
func topologyNear(plan string) (string, error) {
	var found []string
	for _, pattern := range []string{"*.clab.yml", "*.clab.yaml"} {
		near, err := filepath.Glob(filepath.Join(filepath.Dir(plan), pattern))
		if err != nil {
			return "", err
		}
		found = append(found, near...)
	}
	switch len(found) {
	case 0:
		return "", withHint(usageError("there is no topology beside %s", plan), "ccl new topology writes one; --topology names one that is elsewhere")
	case 1:
		return found[0], nil
	}
	return "", withHint(usageError("there are %d topologies beside %s", len(found), plan), "--topology is one of %s", strings.Join(found, ", "))
}

// plansOf reads the plans of an engagement: those that are named, or plan.yaml
// beside it.
func plansOf(engagement string, named []string) (plans []*testplans.Plan, err error) {
	files := named
	if len(files) == 0 {
		files = []string{filepath.Join(filepath.Dir(engagement), "plan.yaml")}
	}
	for _, file := range files {
		p, err := loadPlan(file)
		var mistakes testplans.Mistakes
		if err != nil && len(named) == 0 && !errors.As(err, &mistakes) {
			return nil, withHint(usageError("%w", err), "ccl new plan writes one; --plan names one that is elsewhere")
		}
		if err != nil {
			return nil, err
		}
		plans = append(plans, p)
	}
	return plans, nil
}

// writeStarter writes files and says what can be done with them.
func (a *App) writeStarter(files []starter.File, force bool, next string) error {
	err := starter.Write(files, force)
	var exists *starter.ExistsError
	if errors.As(err, &exists) {
		return withHint(usageError("%w", err), "name another FILE, or overwrite it with --force")
	}
	if err != nil {
		return err
	}
	if a.json {
		paths := make([]string, len(files))
		for i, f := range files {
			paths[i] = f.Path
		}
		return a.printJSON(paths)
	}
	for _, f := range files {
		fmt.Fprintln(a.Stdout, f.Path)
	}
	a.say("next: %s", next)
	return nil
}
