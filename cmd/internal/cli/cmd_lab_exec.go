package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/topology"
)

func (a *App) labExecCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "exec LAB NODE -- COMMAND [ARG...]",
		Short: "Run a command inside a node",
		Example: `  ccl lab exec ring h1 -- ping -c 3 10.1.3.2
  ccl lab exec ring r1 -- ip route`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 3 {
				return withHint(usageError("exec wants a lab, a node and a command"), "usage: %s", cmd.UseLine())
			}
			return nil
		},
		ValidArgsFunction: a.completeNodes(),
		RunE: func(cmd *cobra.Command, args []string) error {
			backend, err := a.backend()
			if err != nil {
				return err
			}
			executor, ok := backend.(topology.Executor)
			if !ok {
				return fmt.Errorf("the %s backend cannot run commands in nodes", a.config.Backend)
			}
			r, err := executor.Exec(cmd.Context(), args[0], args[1], args[2:])
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(r)
			}
			fmt.Fprint(a.Stdout, r.Stdout)
			fmt.Fprint(a.Stderr, r.Stderr)
			if r.Code != 0 {
				return &exitError{code: r.Code, quiet: true, err: fmt.Errorf("exit status %d", r.Code)}
			}
			return nil
		},
	}
}
