package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/workflows"
)

func (a *App) nightlyCommand() *cobra.Command {
	return group("nightly", "Run plans every night, and hear of what changed",
		a.nightlyCreateCommand(), a.nightlyListCommand(), a.nightlyTriggerCommand(),
		a.nightlyPauseCommand(), a.nightlyResumeCommand(), a.nightlyDeleteCommand())
}

// withSchedules connects to the cluster that keeps the schedules. It may be
// our own server for a moment; then nobody works for it, and idle is true.
func (a *App) withSchedules(ctx context.Context, f func(c client.Client, idle bool) error) (err error) {
	cluster, err := wire.Connect(ctx, a.config, a.patiently(a.StartServer))
	if err != nil {
		return busyState(err)
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	err = f(cluster.Client, cluster.Own != nil)
	switch {
	case errors.Is(err, workflows.ErrNoNightly):
		return withHint(err, "%s", a.nightlyNames(ctx, cluster.Client))
	case errors.Is(err, workflows.ErrNightRunning):
		return withHint(err, "nights do not overlap; wait for its end, or cancel it in the Temporal UI")
	}
	return err
}

// nightlyNames says which nightlies there are, for one who asked for another.
func (a *App) nightlyNames(ctx context.Context, c client.Client) string {
	list, err := workflows.ListNightlies(ctx, c)
	if err != nil || len(list) == 0 {
		return "there is none; ccl nightly create makes one"
	}
	names := make([]string, len(list))
	for i, n := range list {
		names[i] = n.Name
	}
	return "there is " + strings.Join(names, ", ")
}

// nightlyChange makes a command that does one thing to one nightly and says so.
func (a *App) nightlyChange(use, short, done string, change func(ctx context.Context, c client.Client, name string) error) *cobra.Command {
	return &cobra.Command{
		Use:   use + " NAME",
		Short: short,
		Args:  exactly("a NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := workflows.NightlyName(args[0])
			return a.withSchedules(cmd.Context(), func(c client.Client, _ bool) error {
				if err := change(cmd.Context(), c, name); err != nil {
					return err
				}
				a.say("%s %s", name, done)
				return nil
			})
		},
	}
}

func (a *App) nightlyPauseCommand() *cobra.Command {
	note := ""
	c := a.nightlyChange("pause", "Let no more nights begin until resumed", "is paused; a night that goes on ends",
		func(ctx context.Context, c client.Client, name string) error {
			return workflows.PauseNightly(ctx, c, name, note)
		})
	c.Flags().StringVar(&note, "note", "paused with ccl nightly pause", "why, for the list")
	return c
}

func (a *App) nightlyResumeCommand() *cobra.Command {
	return a.nightlyChange("resume", "End a pause", "goes on; nights left out are not made up for",
		func(ctx context.Context, c client.Client, name string) error {
			return workflows.ResumeNightly(ctx, c, name, "")
		})
}

func (a *App) nightlyDeleteCommand() *cobra.Command {
	return a.nightlyChange("delete", "Remove a nightly; runs on record stay", "is deleted; a night that goes on ends",
		workflows.DeleteNightly)
}

func (a *App) nightlyTriggerCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "trigger NAME",
		Short: "Begin a night now",
		Args:  exactly("a NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSchedules(cmd.Context(), func(c client.Client, idle bool) error {
				if idle {
					return withHint(errors.New("nobody would run it: no ccl up runs here"), "start one, and trigger again")
				}
				id, err := workflows.TriggerNightly(cmd.Context(), c, workflows.NightlyName(args[0]))
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(map[string]string{"workflow": id})
				}
				a.say("begun: %s", id)
				return nil
			})
		},
	}
}
