package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/topology"
)

func (a *App) labListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the labs of this host",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			backend, err := a.backend()
			if err != nil {
				return err
			}
			lister, ok := backend.(topology.Lister)
			if !ok {
				return fmt.Errorf("the %s backend keeps no list", a.config.Backend)
			}
			labs, err := lister.List(cmd.Context())
			if err != nil {
				return err
			}
			if a.json {
				return printList(a, labs)
			}
			rows := make([][]any, len(labs))
			for i, l := range labs {
				rows[i] = []any{l.Name, l.Backend, len(l.Nodes), l.Deployed.Format(time.DateTime), l.Topology.File}
			}
			return a.table("LAB\tBACKEND\tNODES\tDEPLOYED\tTOPOLOGY", rows)
		},
	}
}

func (a *App) labInspectCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "inspect LAB",
		Short:             "Show a lab's nodes and how to reach them",
		Args:              exactly("a LAB"),
		ValidArgsFunction: a.completeLabs,
		RunE: func(cmd *cobra.Command, args []string) error {
			backend, err := a.backend()
			if err != nil {
				return err
			}
			lab, err := backend.Inspect(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return a.printLab(lab)
		},
	}
}

func (a *App) printLab(lab *topology.Lab) error {
	if a.json {
		return a.printJSON(lab)
	}
	rows := make([][]any, len(lab.Nodes))
	for i, n := range lab.Nodes {
		ssh, netconf := "-", "-"
		if n.Mgmt.Host != "" {
			ssh = fmt.Sprintf("%s:%d", n.Mgmt.Host, n.Mgmt.SSHPort)
			netconf = fmt.Sprintf("%s:%d", n.Mgmt.Host, n.Mgmt.NetconfPort)
		}
		rows[i] = []any{n.Name, n.Kind, n.State, n.Platform, ssh, netconf}
	}
	return a.table("NODE\tKIND\tSTATE\tPLATFORM\tSSH\tNETCONF", rows)
}
