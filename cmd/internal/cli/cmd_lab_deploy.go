package cli

import (
	"context"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/clabfile"
	"github.com/ccl-lab/ccl/topology/device"
)

func (a *App) labDeployCommand() *cobra.Command {
	var (
		name      string
		noConfigs bool
	)
	c := &cobra.Command{
		Use:   "deploy FILE",
		Short: "Bring a containerlab topology up and push its configurations",
		Long: `Deploy brings the topology up, or attaches to it when it is up already, and
pushes every router's startup configuration over NETCONF. The lab stays until
it is destroyed: a run that would take it down at its end does not get it.`,
		Example: `  ccl lab deploy labs/ring/ring.clab.yml
  ccl lab deploy --name trial ring.clab.yml`,
		Args: exactly("a topology FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.asRootOfItsOwn(); err != nil {
				return err
			}
			return a.labDeploy(cmd.Context(), args[0], name, noConfigs)
		},
	}
	c.Flags().StringVar(&name, "name", "", "lab `name` (default the topology's)")
	c.Flags().BoolVar(&noConfigs, "no-configs", false, "leave the routers with their factory configuration")
	return c
}

func (a *App) labDeploy(ctx context.Context, file, name string, noConfigs bool) error {
	t, err := clabfile.Load(file)
	if err != nil {
		return err
	}
	if name != "" {
		t.Name = name
	}
	backend, err := a.backend()
	if err != nil {
		return err
	}
	if err := unheld(ctx, backend, t.Name); err != nil {
		return withHint(err, "--name NAME deploys a lab of another name")
	}
	begun := time.Now()
	var mu sync.Mutex // nodes boot side by side
	lab, err := backend.Deploy(topology.WithProgress(ctx, func(text string) {
		mu.Lock()
		defer mu.Unlock()
		a.say("%s", text)
	}), t)
	if err == nil {
		err = keepUp(ctx, backend, lab.Name)
	}
	if err != nil {
		return err
	}
	a.say("lab %s: %d nodes up after %s", lab.Name, len(lab.Nodes), time.Since(begun).Round(time.Millisecond))
	if !noConfigs {
		begun = time.Now()
		if err := device.Provision(ctx, wire.Dial(a.config), lab); err != nil {
			a.noteStartup(file)
			return withHint(err, "mend the files and deploy again, the lab is up; ccl emu coverage FILE names every line that is not known, ccl lab destroy %s removes the lab", lab.Name)
		}
		a.say("lab %s: %d configurations committed after %s", lab.Name, len(lab.Routers()), time.Since(begun).Round(time.Millisecond))
	}
	return a.printLab(lab)
}

// keepUp marks a lab that was deployed by hand, so that no run takes it down.
func keepUp(ctx context.Context, backend topology.Backend, lab string) error {
	if keeper, ok := backend.(topology.Keeper); ok {
		return keeper.Keep(ctx, lab, topology.Kept{Since: time.Now().UTC().Truncate(time.Second)})
	}
	return nil
}
