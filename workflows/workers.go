package workflows

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/ccl-lab/ccl/activities"
)

// Register registers every workflow.
func Register(w worker.WorkflowRegistry) {
	w.RegisterWorkflow(PlanRun)
	w.RegisterWorkflow(TestCase)
	w.RegisterWorkflow(Nightly)
	w.RegisterWorkflow(Engagement)
	w.RegisterWorkflow(Replication)
	w.RegisterWorkflow(Tell)
}

// Workers do the work of this process: one worker for workflows, plans and
// records, one for the labs of this host. On one host only one process may
// have them, for labs, sessions and streams are known to the process that
// opened them.
type Workers struct {
	client     client.Client
	namespace  string
	main, host worker.Worker
}

// stopTimeout is how long a worker that is stopped waits for what it is doing.
// Longer work is told to stop and is done again by the next worker.
const stopTimeout = 3 * time.Second

// heartbeatThrottle is how often at most heartbeats go to the server: as often
// as activities that watch streams send them. Others do once a second.
const heartbeatThrottle = activities.CountersEvery

// WorkerOptions are a process's wishes for its workers.
type WorkerOptions struct {
	Namespace string      // the client's; "default" when empty
	Fatal     func(error) // is told when a worker cannot go on; may be nil
}

// NewWorkers makes the workers of a set of activities.
func NewWorkers(c client.Client, set *activities.Set, o WorkerOptions) *Workers {
	if o.Namespace == "" {
		o.Namespace = client.DefaultNamespace
	}
	options := worker.Options{
		WorkerStopTimeout:                stopTimeout,
		MaxHeartbeatThrottleInterval:     heartbeatThrottle,
		DefaultHeartbeatThrottleInterval: heartbeatThrottle,
		OnFatalError:                     o.Fatal,
	}
	w := &Workers{client: c, namespace: o.Namespace, main: worker.New(c, TaskQueue, options)}
	options.DisableWorkflowWorker = true
	w.host = worker.New(c, set.Queue(), options)
	Register(w.main)
	set.RegisterMain(w.main)
	set.RegisterHost(w.host)
	return w
}

// Start begins to work, beginning with what a former process on this host was
// at when it died. RegisterSearchAttributes must have been called.
func (w *Workers) Start(ctx context.Context) error {
	if err := w.host.Start(); err != nil {
		return fmt.Errorf("start the worker of this host's labs: %w", err)
	}
	if err := w.main.Start(); err != nil {
		w.host.Stop()
		return fmt.Errorf("start the worker: %w", err)
	}
	if err := releaseOrphans(ctx, w.client, w.namespace); err != nil {
		w.Stop()
		return fmt.Errorf("take over from a former process: %w", err)
	}
	return nil
}

// Stop ends the work. What was going on is taken up by the next worker.
func (w *Workers) Stop() {
	w.main.Stop()
	w.host.Stop()
}
