package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/workflows"
)

func (a *App) engagementListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the engagements, those that go on first",
		Example: `  ccl engagement list
  ccl engagement list --json | jq '.[] | select(.open) | .id'`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withCluster(cmd.Context(), func(c *wire.Cluster) error {
				list, err := workflows.ListEngagements(cmd.Context(), c.Client, a.config.Temporal.Namespace)
				if err != nil {
					return err
				}
				if a.json {
					return printList(a, list)
				}
				rows := make([][]any, len(list))
				for i, e := range list {
					phase := e.Phase
					if !e.Open {
						phase = "ended"
					}
					deadline := ""
					if e.Open && !e.Deadline.IsZero() {
						deadline = e.Deadline.Local().Format(time.DateTime)
					}
					rows[i] = []any{e.ID, oneLine(e.Customer), phase, e.Day, e.Cases, e.Passed, e.Failed, deadline}
				}
				return a.table("ENGAGEMENT\tCUSTOMER\tPHASE\tDAY\tCASES\tPASSED\tFAILED\tDEADLINE", rows)
			})
		},
	}
}

func (a *App) engagementSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of engagement.yaml, for completion in editors",
		Example: `  ccl engagement schema > engagement.schema.json
  # and at the top of engagement.yaml:
  # yaml-language-server: $schema=engagement.schema.json`,
		Args: exactly(),
		RunE: func(*cobra.Command, []string) error {
			_, err := a.Stdout.Write(testplans.EngagementSchema())
			return err
		},
	}
}

// completionTime is how long the shell may wait for names.
const completionTime = time.Second

// errNoServer is why there is nothing to complete.
var errNoServer = errors.New("no server runs here")

// completer makes a completion of the words after an engagement's ID, which it
// completes itself. It asks a server that runs, quickly, and is silent if there
// is none.
func (a *App) completer(more func(s *workflows.EngagementStatus) []string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		const none = cobra.ShellCompDirectiveNoFileComp
		if err := a.configure(cmd); err != nil || len(args) > 0 && more == nil {
			return nil, none
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
		defer cancel()
		cluster, err := wire.Connect(ctx, a.config, func(context.Context, wire.EmbeddedOptions) (*wire.Embedded, error) {
			return nil, errNoServer
		})
		if err != nil {
			return nil, none
		}
		defer cluster.Close()
		if len(args) > 0 {
			status, err := workflows.GetEngagement(ctx, cluster.Client, args[0])
			if err != nil {
				return nil, none
			}
			return more(status), none
		}
		list, err := workflows.ListEngagements(ctx, cluster.Client, a.config.Temporal.Namespace)
		if err != nil {
			return nil, none
		}
		return engagementWords(list), none
	}
}

// engagementWords are the IDs of engagements with what a shell shows of them.
func engagementWords(list []workflows.EngagementInfo) []string {
	var words []string
	for _, e := range list {
		words = append(words, fmt.Sprintf("%s\t%s, %s, day %s", e.ID, oneLine(e.Customer), e.Phase, e.Day))
	}
	return words
}

// openCases are the cases that wait for a contact's decision.
func openCases(s *workflows.EngagementStatus) []string {
	var words []string
	for i := range s.State.Cases {
		if c := &s.State.Cases[i]; c.Open() {
			words = append(words, c.CaseKey.String()+"\t"+string(c.Verdict)+": "+oneLine(c.Title))
		}
	}
	return words
}

// completeScopePlans offers the plans of the engagement that the command line
// names: those that are signed or, before that, proposed.
func (a *App) completeScopePlans() completion {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return a.completer(scopePlans)(cmd, args, typed)
	}
}

func scopePlans(s *workflows.EngagementStatus) []string {
	of := s.State.Scope
	if of == nil {
		of = s.State.Proposal
	}
	if of == nil {
		return nil
	}
	var words []string
	for _, p := range of.Plans {
		words = append(words, p.Name+"\t"+oneLine(p.Title))
	}
	return words
}

// holders are the addresses of those who have a token.
func holders(s *workflows.EngagementStatus) []string {
	var words []string
	for _, k := range s.State.Keys {
		words = append(words, k.Email+"\t"+k.Name)
	}
	return words
}
