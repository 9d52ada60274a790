package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/cmd/internal/config"
	"github.com/ccl-lab/ccl/cmd/internal/wire"
)

func (a *App) upCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "up",
		Short: "Run the Temporal server, its Web UI and a worker in one process",
		Long: `Up runs what other commands then use: a Temporal server on a SQLite file in
the state folder, the Temporal Web UI, and a worker. With --temporal-address it
starts no server and only works for the cluster named. Runs that a killed
process left go on. Ctrl-C ends it in good order.

With --customer-ui-address a second Web UI is served, for customers: they see
all and can change nothing, for the server refuses it too. It has no login of
its own: who reaches the port can read.`,
		Example: `  ccl up
  ccl up --ui-address 0.0.0.0:8080
  ccl up --customer-ui-address 0.0.0.0:8234
  ccl up --metrics-address 127.0.0.1:9464
  ccl up --temporal-address temporal.example.net:7233 --temporal-tls`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.config.UI.CustomerAddress != "" && a.config.Temporal.Address != "" {
				return usageError("--customer-ui-address is for a server of our own, not for the cluster at %s", a.config.Temporal.Address)
			}
			return a.up(cmd.Context())
		},
	}
	config.CustomerFlag(c.Flags())
	config.MetricsFlag(c.Flags())
	return c
}

func (a *App) workerCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "worker",
		Short: "Work for a Temporal cluster: run workflows, and labs on this host",
		Example: `  ccl worker --temporal-address temporal.example.net:7233 --temporal-namespace lab
  CCL_TEMPORAL_API_KEY=… ccl worker --temporal-address lab.a1b2c.tmprl.cloud:7233 --temporal-tls`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.config.Temporal.Address == "" {
				return withHint(usageError("worker needs a cluster to work for"),
					"name one with --temporal-address, or use ccl up, which brings its own")
			}
			return a.up(cmd.Context())
		},
	}
	config.MetricsFlag(c.Flags())
	return c
}

func (a *App) up(ctx context.Context) (err error) {
	if err := a.asRootOfItsOwn(); err != nil {
		return err
	}
	s, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if s.worker == nil {
		if a.config.Temporal.Address == "" {
			return errors.New("ccl up runs here already")
		}
		if s.worker, err = wire.StartWorker(ctx, a.config, s.Client); err != nil {
			return err
		}
		a.say("working for %s, namespace %s", a.config.Temporal.Address, a.config.Temporal.Namespace)
		return wait(ctx, nil)
	}
	withdraw, err := wire.Announce(a.config, s.Cluster)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, withdraw()) }()
	a.say("Temporal  %s", s.Own.Frontend)
	a.say("Web UI    %s", s.UI)
	if s.Own.CustomerUI != "" {
		a.say("customers %s/start", s.Own.CustomerUI)
	}
	a.say("results   %s", a.config.Results)
	a.say("Ctrl-C ends it")
	return wait(ctx, s.Own.Failed)
}

// wait returns nil when the user has had enough, or what the server died of.
func wait(ctx context.Context, failed <-chan error) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return fmt.Errorf("the Temporal server: %w", err)
	}
}
