package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/clabfile"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/scope"
)

func (a *App) engagementStartCommand() *cobra.Command {
	var day time.Duration
	c := &cobra.Command{
		Use:   "start FILE",
		Short: "Take an engagement in and start its clock",
		Long: `Start reads engagement.yaml, checks the prerequisites, debits the credits, starts
the 30 days, and issues a token to each contact and to the service manager: a
file each, readable by you only, to be handed over. The engagement itself knows
no token, only the public keys that signatures are verified with.

The service manager is told of phases, warnings, nights and what waits for a
contact by the webhooks named after notify. A name stands for a webhook of the
worker's settings: notify.NAME.url in ccl.yaml or CCL_NOTIFY_NAME_URL, for Slack
or Teams. After nightly stands a regression that runs every night of the test
window and is compared with the first full run; ccl engagement schema has all
keys.`,
		Example: `  ccl engagement start engagement.yaml
  ccl engagement start engagement.yaml --day 2s     a demonstration of a minute`,
		Args: exactly("an engagement FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := testplans.LoadEngagement(args[0], clabfile.Load)
			if err != nil {
				return err
			}
			if err := a.checkWorker(e); err != nil {
				return err
			}
			return a.withCluster(cmd.Context(), func(c *wire.Cluster) error {
				status, err := a.startEngagement(cmd.Context(), c, e, day)
				if err != nil {
					return err
				}
				return a.printEngagement(status)
			})
		},
	}
	c.Flags().DurationVar(&day, "day", 0, "length of a day, for demonstrations (default a real one)")
	return c
}

// startEngagement starts an engagement and waits until it was taken in. The
// tokens are written first, so that none is lost.
func (a *App) startEngagement(ctx context.Context, c *wire.Cluster, e *testplans.Engagement, day time.Duration) (*workflows.EngagementStatus, error) {
	if day < 0 {
		return nil, usageError("a day of %s is none", day)
	}
	out, err := filepath.Abs(filepath.Join(a.config.Out, e.ID))
	if err != nil {
		return nil, err
	}
	if running, err := workflows.GetEngagement(ctx, c.Client, e.ID); err == nil && running.State.Phase != workflows.EngagementIntake {
		return nil, alreadyThere(e.ID)
	}
	in := workflows.EngagementInput{Definition: *e, Backend: a.config.Backend, Out: out, Day: day}
	for i, p := range append([]testplans.Person{e.ServiceManager}, e.Contacts...) {
		token, key, err := scope.NewToken()
		if err != nil {
			return nil, err
		}
		if err := writeToken(tokenFile(filepath.Join(out, "tokens"), p.Email), token); err != nil {
			return nil, err
		}
		in.Keys = append(in.Keys, workflows.KeyHolder{Person: p, Key: key, Manager: i == 0})
	}
	err = workflows.StartEngagement(ctx, c.Client, in)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &started) {
		return nil, alreadyThere(e.ID)
	}
	if err != nil {
		return nil, err
	}
	status, err := workflows.AwaitIntake(ctx, c.Client, e.ID)
	if err != nil {
		return nil, err
	}
	a.say("the tokens of the contacts and of the service manager are in %s", here(filepath.Join(out, "tokens")))
	if c.UI != "" {
		a.say("Temporal UI  %s/namespaces/%s/workflows/%s", c.UI, a.config.Temporal.Namespace, e.ID)
	}
	return status, nil
}

// checkWorker says what the settings here lack for an engagement. Backends are
// known to every program; a webhook may be known to the worker alone.
func (a *App) checkWorker(e *testplans.Engagement) error {
	for _, name := range e.Notify {
		if _, err := wire.Webhook(a.config, name); err != nil {
			a.say("ccl: note: %v; the worker must know it", err)
		}
	}
	if e.Nightly == nil || e.Nightly.Backend == "" {
		return nil
	}
	other := *a.config
	other.Backend = e.Nightly.Backend
	_, err := wire.Backend(&other)
	var unsupported *topology.UnsupportedError
	if errors.As(err, &unsupported) {
		return fmt.Errorf("%s: the nightly's backend: %w", e.File, err)
	}
	return nil // whether it works there is the worker's matter
}

func alreadyThere(id string) error {
	return withHint(&workflows.RefusedError{Message: "there is, or was, an engagement " + id + "; a new one needs a name of its own"},
		"ccl engagement status %s", id)
}
