package cli

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/topology"
)

func (a *App) labCommand() *cobra.Command {
	return group("lab", "Deploy, look into and remove labs",
		a.labDeployCommand(), a.labListCommand(), a.labInspectCommand(), a.labExecCommand(),
		a.labDestroyCommand(), a.labReapCommand())
}

func (a *App) backend() (topology.Backend, error) { return wire.Backend(a.config) }

// completeLabs offers lab names to the shell.
func (a *App) completeLabs(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	if err := a.configure(cmd); err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	backend, err := a.backend()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	lister, ok := backend.(topology.Lister)
	if !ok {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx := cmd.Context()
	if ctx == nil {
		ctx = context.Background()
	}
	labs, err := lister.List(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return nil, cobra.ShellCompDirectiveError
	}
	names := make([]string, len(labs))
	for i, l := range labs {
		names[i] = l.Name
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
