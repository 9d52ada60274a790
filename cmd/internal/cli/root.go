// Package cli is the command line of ccl: one file a command, each only
// parsing, calling and printing.
package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ccl-lab/ccl/cmd/internal/config"
	"github.com/ccl-lab/ccl/cmd/internal/wire"
)

// App is one invocation of the program.
type App struct {
	Stdout, Stderr io.Writer
	// StartServer brings up the embedded Temporal server. It is handed in so
	// that only main links the server; nil means that there is none.
	StartServer wire.StartServer

	config *config.Config
	json   bool
}

// Run executes one command line and returns the exit code. SIGINT and SIGTERM
// end it in good order; a second one ends it at once.
func (a *App) Run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		stop() // from now on a signal kills
	}()
	root := a.root()
	root.SetArgs(args)
	return finish(a.Stderr, root.ExecuteContext(ctx))
}

func (a *App) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "ccl",
		Short: "Certify network changes in a lab before they touch production",
		Long: `ccl runs test plans against Junos labs: it deploys a containerlab topology,
pushes the configurations over NETCONF, drives traffic, breaks links, judges
what it sees, and keeps the record. Temporal carries it through crashes.`,
		Example: `  ccl demo                                   the main job, end to end
  ccl plan validate plan.yaml                every mistake with its line and column
  ccl plan run plan.yaml                     a fresh lab, the plan, a report
  ccl up                                     Temporal server, its Web UI and a worker
  ccl engagement start engagement.yaml       30 days with a customer
  ccl compare ring-rollout-20261101 last      what changed between two runs`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       buildVersion().String(),
		Args:          noSuchCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return a.configure(cmd)
		},
	}
	root.SuggestionsMinimumDistance = 2
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), "{{.InheritedFlags.FlagUsages", "{{everyday .InheritedFlags", 1))
	root.SetVersionTemplate("ccl {{.Version}}\n")
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return withHint(usageError("%w", err), "%s --help lists the flags", cmd.CommandPath())
	})
	config.Flags(root.PersistentFlags(), wire.StateDir())
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print JSON for machines")
	root.AddCommand(a.demoCommand(), a.newCommand(), a.upCommand(), a.workerCommand(), a.planCommand(), a.labCommand(), a.trafficCommand(),
		a.engagementCommand(), a.creditsCommand(), a.nightlyCommand(), a.emuCommand(),
		a.resultsCommand(), a.compareCommand(), a.reportCommand(), a.versionCommand())
	return root
}

// Cobra keeps one set of template functions for all roots.
func init() { cobra.AddTemplateFunc("everyday", everyday) }

// everyday is the help on the flags that every command has, without those that
// only say how to reach a cluster: they would outweigh most commands' own.
func everyday(all *pflag.FlagSet) string {
	shown := pflag.NewFlagSet("everyday", pflag.ContinueOnError)
	left := 0
	all.VisitAll(func(f *pflag.Flag) {
		if strings.HasPrefix(f.Name, "temporal-") {
			left++
			return
		}
		shown.AddFlag(f)
	})
	text := shown.FlagUsages()
	if left > 0 {
		text += fmt.Sprintf("\nccl --help has %d more, --temporal-…, for a Temporal cluster of your own.\n", left)
	}
	return text
}

func (a *App) configure(cmd *cobra.Command) error {
	c, err := config.Load(cmd.Flags())
	if err != nil {
		return usageError("settings: %w", err)
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return withHint(usageError("log level %q", c.LogLevel), "use one of debug, info, warn, error")
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(a.Stderr, &slog.HandlerOptions{Level: level})))
	a.config = c
	return nil
}

// group makes a command that only holds others, and says so when it is called
// with a word it does not know.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.SuggestionsMinimumDistance = 2
	c.AddCommand(commands...)
	return c
}

// noSuchCommand refuses the argument of a command that only holds others.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := usageError("%s has no command %q", cmd.CommandPath(), args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return withHint(err, "did you mean %s?", strings.Join(near, " or "))
	}
	return withHint(err, "%s --help lists the commands", cmd.CommandPath())
}

// exactly wants n arguments, named for the message.
func exactly(names ...string) cobra.PositionalArgs {
	what := strings.Join(names, " and ")
	if what == "" {
		what = "no arguments"
	}
	return between(len(names), len(names), what)
}

// between wants from least to most arguments, described for the message.
func between(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if least <= len(args) && len(args) <= most {
			return nil
		}
		return withHint(usageError("%s wants %s, got %s", cmd.CommandPath(), what, count(len(args), "argument")),
			"usage: %s", cmd.UseLine())
	}
}

// atLeast wants n arguments or more, described for the message.
func atLeast(n int, what string) cobra.PositionalArgs { return between(n, math.MaxInt, what) }
