package cli

import (
	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/ccl-lab/ccl/workflows"
)

func (a *App) nightlyListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List nightlies, when they run next and what came of the last night",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withSchedules(cmd.Context(), func(c client.Client, idle bool) error {
				list, err := workflows.ListNightlies(cmd.Context(), c)
				if err != nil {
					return err
				}
				if idle && len(list) > 0 {
					a.say("no ccl up runs here: nobody runs these nights")
				}
				return a.printNightlies(list)
			})
		},
	}
}

// withZone is a time of this host beside a nightly's, which has a zone of its own.
const withZone = "2006-01-02 15:04 MST"

func (a *App) printNightlies(list []workflows.NightlyInfo) error {
	if a.json {
		return a.printJSON(list)
	}
	rows := make([][]any, len(list))
	for i, n := range list {
		next := "paused"
		if !n.Paused {
			next = n.Next.Local().Format(withZone)
		}
		days := n.Days
		if days == "" {
			days = "every day"
		}
		last, notify := "none yet", n.Notify
		if n.Last != nil {
			last = n.Last.Began.Local().Format(withZone) + " " + n.Last.State
		}
		if notify == "" {
			notify = "nobody"
		}
		rows[i] = []any{n.Name, n.Plan, n.Backend, n.At + " " + n.TimeZone, days, next, last, n.Missed, notify}
	}
	return a.table("NAME\tPLAN\tBACKEND\tAT\tDAYS\tNEXT\tLAST\tMISSED\tTELLS", rows)
}
