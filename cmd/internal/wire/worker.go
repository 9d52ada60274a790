package wire

import (
	"context"
	"errors"
	"log/slog"

	"go.temporal.io/sdk/client"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/cmd/internal/config"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology/clabfile"
	"github.com/ccl-lab/ccl/workflows"
)

// A Worker runs this host's share of the work: the workflows, and the
// activities on the labs that stand here.
type Worker struct {
	workers *workflows.Workers
	set     *activities.Set
	store   *results.Store
	metrics func() error // stops serving them
}

// StartWorker starts working for a cluster.
func StartWorker(ctx context.Context, c *config.Config, cl client.Client) (*Worker, error) {
	backends, err := Backends(c)
	if err != nil {
		return nil, err
	}
	generator, err := Generator()
	if err != nil {
		return nil, err
	}
	store, err := results.Open(ctx, c.Results)
	if err != nil {
		return nil, err
	}
	if err := workflows.RegisterSearchAttributes(ctx, cl, c.Temporal.Namespace); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	served, err := ServeMetrics(c, generator)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	w := &Worker{store: store, metrics: served, set: activities.New(activities.Options{
		Backends:  backends,
		Topology:  clabfile.Load,
		Dial:      Dial(c),
		Generator: generator,
		BGP:       session,
		Store:     store,
		RunClosed: workflows.RunClosed(cl),
		Webhook:   func(name string) (activities.Webhook, error) { return Webhook(c, name) },
	})}
	w.workers = workflows.NewWorkers(cl, w.set, workflows.WorkerOptions{
		Namespace: c.Temporal.Namespace,
		Fatal:     func(err error) { slog.Error("the worker cannot go on", "error", err) },
	})
	if err := w.workers.Start(ctx); err != nil {
		w.set.Close()
		return nil, errors.Join(err, served(), store.Close())
	}
	return w, nil
}

// Stop ends the work in good order. Runs that are going on wait for the next
// worker; labs stay up for it.
func (w *Worker) Stop() error {
	w.workers.Stop()
	w.set.Close()
	return errors.Join(w.metrics(), w.store.Close())
}
