package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/workflows"
)

func (a *App) engagementCommand() *cobra.Command {
	c := group("engagement", "Follow the contract with a customer: 30 days, 20 test days, 100 cases",
		a.engagementValidateCommand(), a.engagementStartCommand(), a.engagementListCommand(), a.engagementStatusCommand(), a.engagementWatchCommand(),
		a.engagementSubmitCommand(), a.engagementAmendCommand(), a.engagementSignCommand(), a.engagementPlanCommand(), a.engagementRunCommand(),
		a.engagementDecideCommand(workflows.WaiveUpdate, "waive ENGAGEMENT CASE...", "Waive failures, as a contact: they are tolerated"),
		a.engagementDecideCommand(workflows.AcceptUpdate, "accept ENGAGEMENT [CASE...]", "Accept failures or, without a CASE, the results as a whole, as a contact"),
		a.engagementCancelCommand(), a.engagementReissueCommand(), a.engagementSchemaCommand(),
		a.explainCommand("engagement files", testplans.EngagementSchema, "  ccl engagement explain nightly"))
	c.Long = `An engagement is a contract with a customer: 30 days, a window of 20 test days
that opens once a contact has signed the scope and the lab stands, at most 100
cases. It is a durable workflow: it goes on for as long as ccl up, or a worker of
the cluster, runs, and after that one was killed.

What the contract does not allow is refused with a sentence that says what it
does, and exit code 4.`
	c.Example = `  ccl engagement validate engagement.yaml              every mistake, before anything begins
  ccl engagement start engagement.yaml                 take it in, debit the credits, issue the tokens
  ccl engagement submit acme-ring                      put the plans before the contacts
  ccl engagement plan acme-ring --proposed             read what there is to sign
  ccl engagement sign acme-ring --token-file ann.token freeze the scope, as a contact
  ccl engagement watch acme-ring                       follow it
  ccl engagement amend acme-ring --reason "a second uplink"
  ccl engagement run acme-ring --tag smoke
  ccl engagement accept acme-ring --token-file ann.token`
	return c
}

// withCluster calls f with a cluster that stays: an engagement lasts longer
// than a command.
func (a *App) withCluster(ctx context.Context, f func(*wire.Cluster) error) (err error) {
	cluster, err := wire.Connect(ctx, a.config, func(context.Context, wire.EmbeddedOptions) (*wire.Embedded, error) {
		return nil, withHint(errors.New("no ccl up runs here"),
			"an engagement wants a server that stays: start ccl up in another terminal, or name a cluster with --temporal-address")
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	err = f(cluster)
	if errors.Is(err, workflows.ErrNoEngagement) {
		return withHint(err, "%s", a.engagementNames(ctx, cluster))
	}
	return err
}

// engagementNames says which engagements there are, for one who asked for another.
func (a *App) engagementNames(ctx context.Context, c *wire.Cluster) string {
	list, err := workflows.ListEngagements(ctx, c.Client, a.config.Temporal.Namespace)
	if err != nil || len(list) == 0 {
		return "there is none; ccl engagement start takes one in"
	}
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = e.ID
	}
	return "there is " + strings.Join(names, ", ")
}

// update sends an update and prints its answer.
func (a *App) update(ctx context.Context, engagement, update string, request any) error {
	return a.withCluster(ctx, func(c *wire.Cluster) error {
		answer, err := workflows.UpdateEngagement(ctx, c.Client, engagement, update, request)
		var mistakes testplans.Mistakes
		if errors.As(err, &mistakes) {
			return a.planMistakes(mistakes)
		}
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(map[string]string{"engagement": engagement, "answer": answer})
		}
		_, err = fmt.Fprintln(a.Stdout, answer)
		return err
	})
}

// planMistakes tells of mistakes that the worker found in plans as ccl plan
// validate does.
func (a *App) planMistakes(mistakes testplans.Mistakes) error {
	for i := range mistakes {
		mistakes[i].Pos.File = here(mistakes[i].Pos.File)
	}
	if a.json {
		return a.printMistakes([]error{mistakes})
	}
	return mistakes
}

// wantsEngagement wants an engagement and at least n more arguments.
func wantsEngagement(n int, names string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return nil
		}
		return withHint(usageError("%s wants %s, got %d arguments", cmd.CommandPath(), names, len(args)), "usage: %s", cmd.UseLine())
	}
}

func (a *App) engagementSubmitCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "submit ENGAGEMENT [PLAN...]",
		Short: "Submit plans for signature, or revise what was submitted",
		Long: `Submit reads and expands plans, by default those of the engagement, counts their
cases, keeps them as they are, and puts them before the customer's contacts for signature. It can be
repeated until one of them has signed; then the scope is frozen.`,
		Example: `  ccl engagement submit acme-ring
  ccl engagement submit acme-ring rollout.yaml regression.yaml`,
		Args:              wantsEngagement(0, "an ENGAGEMENT"),
		ValidArgsFunction: a.completePlans,
		RunE: func(cmd *cobra.Command, args []string) error {
			plans, err := absolute(args[1:])
			if err != nil {
				return err
			}
			return a.update(cmd.Context(), args[0], workflows.SubmitUpdate, workflows.ScopeRequest{Plans: plans})
		},
	}
}

func (a *App) engagementAmendCommand() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "amend ENGAGEMENT [PLAN...]",
		Short: "Propose a change of the signed scope",
		Long: `Amend reads the plans of the scope as they are now, or others, says how they
differ from what was signed, and puts the amendment before the contacts for
signature. A new case spends one of the hundred; one that never ran frees its
own when it is removed.

Until the amendment is signed, runs and nights go on with what was signed, also
where its files were changed in place.`,
		Example: `  ccl engagement amend acme-ring --reason "a second uplink"
  ccl engagement amend acme-ring rollout-2.yaml --reason "a second uplink"`,
		Args: wantsEngagement(0, "an ENGAGEMENT"),

		ValidArgsFunction: a.completePlans,
		RunE: func(cmd *cobra.Command, args []string) error {
			plans, err := absolute(args[1:])
			if err != nil {
				return err
			}
			return a.update(cmd.Context(), args[0], workflows.AmendUpdate, workflows.ScopeRequest{Plans: plans, Reason: reason})
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why the scope must change")
	return c
}

func (a *App) engagementRunCommand() *cobra.Command {
	var r workflows.RunRequest
	c := &cobra.Command{
		Use:   "run ENGAGEMENT",
		Short: "Run the scope, or some of its cases, inside the test window",
		Example: `  ccl engagement run acme-ring --case 'CONV-*'
  ccl engagement run acme-ring --plan ring-rollout --tag smoke`,
		Args:              exactly("an ENGAGEMENT"),
		ValidArgsFunction: a.completer(nil),
		RunE: func(cmd *cobra.Command, args []string) error {
			if r.By == "" {
				r.By = "the lab"
			}
			return a.update(cmd.Context(), args[0], workflows.RunUpdate, r)
		},
	}
	f := c.Flags()
	f.StringVar(&r.Plan, "plan", "", "`name` of the plan (default the only one)")
	f.StringSliceVar(&r.Cases, "case", nil, "only these cases: IDs or globs")
	f.StringSliceVar(&r.Tags, "tag", nil, "only cases with one of these tags")
	f.StringVar(&r.By, "by", "", "who asks for it, for the ledger")
	return c
}

// completePlans completes an engagement and then files.
func (a *App) completePlans(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return a.completer(nil)(cmd, args, word)
}

// absolute makes paths that mean the same to the worker.
func absolute(paths []string) ([]string, error) {
	var all []string
	for _, p := range paths {
		abs, err := filepath.Abs(p)
		if err == nil {
			_, err = os.Stat(abs)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, abs)
	}
	return all, nil
}

// A signer is how a person proves to be one.
type signer struct {
	tokenFile string
	reason    string
}

func (s *signer) flags(c *cobra.Command, reason string) {
	c.Flags().StringVar(&s.tokenFile, "token-file", "", "`file` with your token (default the environment variable CCL_TOKEN)")
	if reason != "" {
		c.Flags().StringVar(&s.reason, "reason", "", reason)
	}
}

// token returns the person's token. It goes no further than this process.
func (s *signer) token() (string, error) {
	if s.tokenFile == "" {
		if token := os.Getenv("CCL_TOKEN"); token != "" {
			return token, nil
		}
		return "", withHint(usageError("a signature needs your token"),
			"give --token-file FILE or set CCL_TOKEN; the service manager has the tokens from ccl engagement start")
	}
	text, err := os.ReadFile(s.tokenFile)
	if errors.Is(err, fs.ErrNotExist) {
		err = withHint(err, "ccl engagement start wrote a file for each person into a folder tokens; it says which")
	}
	return strings.TrimSpace(string(text)), err
}

// send signs a request and sends it.
func (s *signer) send(ctx context.Context, a *App, engagement, update string, r workflows.SignedRequest) error {
	token, err := s.token()
	if err != nil {
		return err
	}
	signed, err := r.Sign(token, engagement, update)
	if err != nil {
		return usageError("%w", err)
	}
	return a.update(ctx, engagement, update, signed)
}
