package server_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
	"github.com/ccl-lab/ccl/workflows/server"
)

// A stack is what one ccl process consists of, on the files of a directory and
// with a fake world instead of a lab.
type stack struct {
	dir     string
	world   *fakes.World
	server  *server.Server
	client  client.Client
	store   *results.Store
	set     *activities.Set
	workers *workflows.Workers

	webhooks map[string]string // URLs by name
}

func openStack(ctx context.Context, dir string, world *fakes.World) (*stack, error) {
	return openServed(ctx, dir, world, server.Options{NoUI: true})
}

// openServed is openStack with a server as the options say, on the directory.
func openServed(ctx context.Context, dir string, world *fakes.World, o server.Options) (s *stack, err error) {
	s = &stack{dir: dir, world: world}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	o.DBFile = filepath.Join(dir, "temporal.db")
	s.server, err = server.Start(ctx, o)
	if err != nil {
		return s, err
	}
	s.client, err = client.Dial(client.Options{
		HostPort: s.server.Frontend, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
		DataConverter: workflows.DataConverter(),
	})
	if err != nil {
		return s, err
	}
	if err = workflows.RegisterSearchAttributes(ctx, s.client, s.server.Namespace); err != nil {
		return s, err
	}
	if s.store, err = results.Open(ctx, filepath.Join(dir, "results.db")); err != nil {
		return s, err
	}
	return s, s.startWorkers(ctx)
}

// startWorkers starts workers as a new process would, knowing nothing.
func (s *stack) startWorkers(ctx context.Context) error {
	s.set = activities.New(activities.Options{
		Backends: map[string]topology.Backend{"fake": s.world.Backend()}, Topology: fakes.Topology,
		Dial: s.world.Dial, Generator: &fakes.Generator{}, Store: s.store, Host: "bench",
		RunClosed: workflows.RunClosed(s.client),
		Webhook: func(name string) (activities.Webhook, error) {
			if s.webhooks[name] == "" {
				return activities.Webhook{}, errors.New("no webhook named " + name)
			}
			return activities.Webhook{URL: s.webhooks[name]}, nil
		},
	})
	workers := workflows.NewWorkers(s.client, s.set, workflows.WorkerOptions{})
	if err := workers.Start(ctx); err != nil {
		return err
	}
	s.workers = workers
	return nil
}

func (s *stack) stopWorkers() {
	if s.workers != nil {
		s.workers.Stop()
		s.set.Close()
		s.workers = nil
	}
}

func (s *stack) close() error {
	s.stopWorkers()
	if s.client != nil {
		s.client.Close()
	}
	var errs []error
	if s.server != nil {
		errs = append(errs, s.server.Stop())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	return errors.Join(errs...)
}

// newStack is openStack for a test.
func newStack(t *testing.T, dir string, world *fakes.World) *stack {
	t.Helper()
	return newServed(t, dir, world, server.Options{NoUI: true})
}

// newServed is openServed for a test.
func newServed(t *testing.T, dir string, world *fakes.World, o server.Options) *stack {
	t.Helper()
	s, err := openServed(t.Context(), dir, world, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// input writes a plan and says how to run it.
func (s *stack) input(run, plan string) (workflows.PlanRunInput, error) {
	file := filepath.Join(s.dir, "pair.yaml")
	return s.inputOf(run, file), os.WriteFile(file, []byte(plan), 0o644)
}

// inputOf says how to run a plan file.
func (s *stack) inputOf(run, file string) workflows.PlanRunInput {
	return workflows.PlanRunInput{Run: run, Plan: file, Backend: "fake", Out: filepath.Join(s.dir, "out")}
}

// start starts a run of a plan.
func (s *stack) start(t *testing.T, run, plan string) {
	t.Helper()
	in, err := s.input(run, plan)
	if err == nil {
		_, err = workflows.StartRun(t.Context(), s.client, in)
	}
	if err != nil {
		t.Fatal(err)
	}
}
