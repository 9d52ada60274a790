package cli

import (
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
