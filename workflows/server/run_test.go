package server_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
)

const head = `plan: pair
title: Two routers
type: feature-rollout
topology: pair.clab.yml
streams:
  flow: {from: g1, to: g2, size: 128, rate: 1000fps}
cases:
`

const threeCases = head + `
  - id: CMD-001
    title: It is over when the process dies
    steps:
      - command: {node: r1, run: show first}
  - id: CFG-001
    title: The process dies in its midst
    steps:
      - configure: {node: r1, set: ["snmp location lab"]}
      - traffic: {start: flow}
      - command: {node: r1, run: show midway}
      - traffic: {stop: flow, loss: "= 0"}
      - check: {config: {node: r1, contains: ["snmp location lab"]}}
  - id: CMD-002
    title: It has not begun when the process dies
    steps:
      - check: {config: {node: r1, lacks: ["snmp location lab"]}}
`

// wantAllPassed checks that every case passed in exactly one attempt.
func (s *stack) wantAllPassed(t *testing.T, id string) {
	t.Helper()
	run, err := s.store.Run(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Cases) != 3 || run.Finished.IsZero() || run.Problem != "" {
		t.Errorf("run on record: %d cases, finished %v, problem %q", len(run.Cases), run.Finished, run.Problem)
	}
	for _, c := range run.Cases {
		if len(c.Attempts) != 1 || c.Verdict() != check.Pass {
			t.Errorf("%s: verdict %q in %d attempts, want pass in one: %+v", c.ID, c.Verdict(), len(c.Attempts), c.Attempts)
		}
	}
}

func TestRunOnServer(t *testing.T) {
	s := newStack(t, t.TempDir(), fakes.New())
	s.start(t, "pair-1", threeCases)
	var phases []workflows.Phase
	var steps int
	result, err := workflows.Follow(t.Context(), s.client, "pair-1", func(p workflows.Progress) {
		if len(phases) == 0 || phases[len(phases)-1] != p.Phase {
			phases = append(phases, p.Phase)
		}
		if c := p.Current(); c != nil && c.Now != nil && c.Now.Title != "" {
			steps++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if result.Verdict != check.Pass || result.Counts.Pass != 3 {
		t.Errorf("result %+v", result)
	}
	if !slices.Contains(phases, workflows.PhaseDone) {
		t.Errorf("phases seen: %q, the last must be done", phases)
	}
	s.wantAllPassed(t, "pair-1")
	if s.world.Up() {
		t.Error("the lab is still up")
	}
}

// A worker that is stopped in the middle of a case and another that is started
// finish the run.
func TestWorkerRestart(t *testing.T) {
	world := fakes.New()
	midway := make(chan struct{}, 1)
	block := true
	world.Before = func(ctx context.Context, op string) error {
		if block && op == "run r1 show midway" {
			block = false
			midway <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}
	s := newStack(t, t.TempDir(), world)
	s.start(t, "pair-1", threeCases)
	<-midway
	s.stopWorkers()
	began := time.Now()
	if err := s.startWorkers(t.Context()); err != nil {
		t.Fatal(err)
	}
	result, err := workflows.Follow(t.Context(), s.client, "pair-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("from the new worker to the end of the run: %v", time.Since(began))
	if result.Verdict != check.Pass {
		t.Errorf("result %+v", result)
	}
	s.wantAllPassed(t, "pair-1")
	if n := len(world.Log("run r1 show first")); n != 1 {
		t.Errorf("the case before the restart was run %d times", n)
	}
}

// runUntilKilled is a process that runs the plan and waits in its middle.
func runUntilKilled(dir string) {
	world := fakes.New()
	world.Before = func(_ context.Context, op string) error {
		if op == "run r1 show midway" {
			fmt.Println("midway")
			select {}
		}
		return nil
	}
	ctx := context.Background()
	s, err := openStack(ctx, dir, world)
	if err == nil {
		var in workflows.PlanRunInput
		if in, err = s.input("pair-1", threeCases); err == nil {
			_, err = workflows.StartRun(ctx, s.client, in)
		}
	}
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	select {}
}

// A process that is killed and another that is started finish the run.
func TestProcessKilled(t *testing.T) {
	dir := t.TempDir()
	doomed := exec.Command(os.Args[0])
	doomed.Env = append(os.Environ(), "CCL_TEST_RUN="+dir)
	out, err := doomed.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := doomed.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "midway" {
		t.Fatalf("the doomed process said %q, %v", line, err)
	}
	doomed.Process.Kill()
	doomed.Wait()

	began := time.Now()
	world := fakes.New() // the lab died with the process
	s := newStack(t, dir, world)
	result, err := workflows.Follow(t.Context(), s.client, "pair-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("from the restart to the end of the run: %v", time.Since(began))
	if result.Verdict != check.Pass || result.Counts.Pass != 3 {
		t.Errorf("result %+v", result)
	}
	s.wantAllPassed(t, "pair-1")
	if n := len(world.Log("run r1 show first")); n != 0 {
		t.Errorf("the case before the kill was run again")
	}
}
