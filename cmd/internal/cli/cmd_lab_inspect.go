package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/lease"
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
		ValidArgsFunction: a.completeLabs(1),
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
	if err := a.table("NODE\tKIND\tSTATE\tPLATFORM\tSSH\tNETCONF", rows); err != nil {
		return err
	}
	a.printLogins(lab)
	if k := lab.Kept; k != nil && k.By != "" {
		fmt.Fprintf(a.Stdout, "\nkept by run %s since %s\n", k.By, k.Since.Local().Format(time.DateTime))
	}
	if l := lab.Lease; l != nil && !lease.Abandoned(l) {
		fmt.Fprintf(a.Stdout, "\nheld by run %s since %s\n", l.Run, l.Since.Local().Format(time.DateTime))
	}
	return nil
}

// printLogins says how to log in to the routers: as whom, where, and where the
// password is. One that is a secret is not shown.
func (a *App) printLogins(lab *topology.Lab) {
	nodes := map[string][]topology.LabNode{}
	var names []string
	for _, n := range lab.Nodes {
		if name := n.Mgmt.Credentials; n.Mgmt.Host != "" && name != "" {
			if nodes[name] == nil {
				names = append(names, name)
			}
			nodes[name] = append(nodes[name], n)
		}
	}
	for _, name := range names {
		fmt.Fprintf(a.Stdout, "\nlog in to %s:\n", wordList(nodes[name]))
		login, err := wire.FindLogin(a.config, name)
		if err != nil {
			fmt.Fprintf(a.Stdout, "  %v\n", err)
			continue
		}
		first := nodes[name][0].Mgmt
		port := ""
		if first.SSHPort != 22 {
			port = fmt.Sprintf("-p %d ", first.SSHPort)
		}
		fmt.Fprintf(a.Stdout, "  ssh %s%s@%s\n", port, login.User, first.Host)
		if login.Source == "" {
			fmt.Fprintf(a.Stdout, "  password %s, that of lab images\n", login.Password)
		} else {
			fmt.Fprintf(a.Stdout, "  the password is in %s\n", login.Source)
		}
	}
}

// wordList names nodes in a sentence.
func wordList(nodes []topology.LabNode) string {
	words := make([]string, len(nodes))
	for i, n := range nodes {
		words[i] = n.Name
	}
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return words[0]
}
