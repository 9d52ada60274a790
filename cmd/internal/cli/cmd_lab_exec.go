package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/topology"
)

// notFound is the exit code by which shells and container runtimes say that
// there is no such program.
const notFound = 127

func (a *App) labExecCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "exec LAB NODE COMMAND [ARG...]",
		Short: "Run a Linux command inside a node",
		Long: `Exec runs a program inside a node, a router's too: there it sees the interfaces
and routes of the kernel below. For the CLI of a router log in by ssh;
ccl lab inspect has the address. LAB/NODE is understood too.`,
		Example: `  ccl lab exec ring h1 ping -c 3 10.1.3.2
  ccl lab exec ring/r1 ip route`,
		ValidArgsFunction: a.completeNodes(),
		RunE: func(cmd *cobra.Command, args []string) error {
			lab, node, argv := execArgs(args)
			if len(argv) == 0 {
				return withHint(usageError("exec wants a lab, a node and a command"), "usage: %s", cmd.UseLine())
			}
			backend, err := a.backend()
			if err != nil {
				return err
			}
			executor, ok := backend.(topology.Executor)
			if !ok {
				return fmt.Errorf("the %s backend cannot run commands in nodes", a.config.Backend)
			}
			r, err := executor.Exec(cmd.Context(), lab, node, argv)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(r)
			}
			fmt.Fprint(a.Stdout, r.Stdout)
			fmt.Fprint(a.Stderr, r.Stderr)
			if r.Code == notFound {
				a.hintCLI(cmd.Context(), backend, lab, node)
			}
			if r.Code != 0 {
				return &exitError{code: r.Code, quiet: true, err: fmt.Errorf("exit status %d", r.Code)}
			}
			return nil
		},
	}
	c.Flags().SetInterspersed(false) // what follows the lab belongs to the command
	return c
}

// execArgs takes LAB NODE COMMAND or LAB/NODE COMMAND apart, with or without
// "--" before the command.
func execArgs(args []string) (lab, node string, argv []string) {
	if len(args) > 0 {
		if before, after, ok := strings.Cut(args[0], "/"); ok {
			args = slices.Concat([]string{before, after}, args[1:])
		}
	}
	if len(args) < 3 {
		return "", "", nil
	}
	argv = args[2:]
	if argv[0] == "--" {
		argv = argv[1:]
	}
	return args[0], args[1], argv
}

// hintCLI tells who gave a router's command to its Linux where the CLI is.
func (a *App) hintCLI(ctx context.Context, backend topology.Backend, lab, node string) {
	l, err := backend.Inspect(ctx, lab)
	if err != nil {
		return
	}
	for _, n := range l.Routers() {
		if n.Name == node && n.Mgmt.Host != "" {
			fmt.Fprintf(a.Stderr, "\nccl: hint: this is a Linux command line; the CLI of %s is at ssh admin@%s (ccl lab inspect %s has the login)\n",
				node, n.Mgmt.Host, lab)
		}
	}
}
