package workflows_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
)

// A bench is a fake world with everything a run needs.
type bench struct {
	t         *testing.T
	world     *fakes.World
	generator *fakes.Generator
	store     *results.Store
	dir       string
	backend   topology.Backend
	webhook   func(name string) (activities.Webhook, error)
}

func newBench(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	store, err := results.Open(t.Context(), filepath.Join(dir, "results.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	w := fakes.New()
	return &bench{t: t, world: w, generator: &fakes.Generator{}, store: store, dir: dir, backend: w.Backend()}
}

// set makes the activities of a new worker process in the world.
func (b *bench) set() *activities.Set {
	return activities.New(activities.Options{
		Backends: map[string]topology.Backend{"fake": b.backend}, Topology: fakes.Topology,
		Dial: b.world.Dial, Generator: b.generator, Store: b.store, Host: "bench",
		Webhook: func(name string) (activities.Webhook, error) {
			if b.webhook == nil {
				return activities.Webhook{}, errors.New("no webhook named " + name)
			}
			return b.webhook(name)
		},
	})
}

const planHead = `plan: pair
title: Two routers
type: feature-rollout
topology: pair.clab.yml
streams:
  flow: {from: g1, to: g2, size: 128, rate: 1000fps}
cases:
`

// input writes a plan of these cases and says how to run it.
func (b *bench) input(cases string) workflows.PlanRunInput {
	b.t.Helper()
	file := filepath.Join(b.dir, "pair.yaml")
	if err := os.WriteFile(file, []byte(planHead+cases), 0o644); err != nil {
		b.t.Fatal(err)
	}
	return workflows.PlanRunInput{Run: "pair-1", Plan: file, Backend: "fake", Out: filepath.Join(b.dir, "out")}
}

// env is Temporal's test environment with our workflows and activities.
func (b *bench) env() *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	// A machine may be busy with other tests for long.
	env.SetTestTimeout(5 * time.Minute)
	env.SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: time.Minute})
	workflows.Register(env)
	set := b.set()
	b.t.Cleanup(set.Close)
	for _, a := range []any{
		set.Plan, set.Lab, set.Device, set.Traffic, set.Captures, set.Routes, set.Benchmarks, set.Results, set.Report, set.Nights, set.Notify, set.Engagement,
	} {
		env.RegisterActivity(a)
	}
	return env
}

// run executes a run to its end and returns its result and its error.
func (b *bench) run(in workflows.PlanRunInput) (*workflows.RunResult, error) {
	b.t.Helper()
	env := b.env()
	env.ExecuteWorkflow(workflows.PlanRun, in)
	if !env.IsWorkflowCompleted() {
		b.t.Fatal("the run did not end")
	}
	if err := env.GetWorkflowError(); err != nil {
		return nil, err
	}
	result := &workflows.RunResult{}
	if err := env.GetWorkflowResult(result); err != nil {
		b.t.Fatal(err)
	}
	return result, nil
}

// recorded returns the run from the store.
func (b *bench) recorded() *results.Run {
	b.t.Helper()
	run, err := b.store.Run(b.t.Context(), "pair-1")
	if err != nil {
		b.t.Fatal(err)
	}
	return run
}

// attempt returns the only attempt of a case.
func (b *bench) attempt(id string) results.Attempt {
	b.t.Helper()
	c := b.recorded().Case(id)
	if c == nil || len(c.Attempts) != 1 {
		b.t.Fatalf("case %s: want one attempt on record, have %+v", id, c)
	}
	return c.Attempts[0]
}

// wantCase checks a case's verdict and words of its reason.
func (b *bench) wantCase(id string, v check.Verdict, reason string) {
	b.t.Helper()
	a := b.attempt(id)
	if a.Verdict != v || !strings.Contains(a.Reason, reason) {
		b.t.Errorf("case %s: %s (%s), want %s with %q", id, a.Verdict, a.Reason, v, reason)
	}
}

// outline is an attempt's steps, a line each: phase, kind and verdict.
func outline(a results.Attempt) string {
	var b strings.Builder
	for _, s := range a.Steps {
		b.WriteString(string(s.Phase) + " " + s.Kind + " " + string(s.Verdict) + "\n")
	}
	return b.String()
}
