package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"

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
func (s *stack) wantAllPassed(t *testing.T, id string, cases int) {
	t.Helper()
	run, err := s.store.Run(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Cases) != cases || run.Finished.IsZero() || run.Problem != "" {
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
	s.wantAllPassed(t, "pair-1", 3)
	if s.world.Up() {
		t.Error("the lab is still up")
	}
}

// A worker that is stopped in the middle of a case and another that is started
// finish the run.
func TestWorkerRestart(t *testing.T) {
	world := fakes.New()
	midway := world.BlockOnce("run r1 show midway")
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
	s.wantAllPassed(t, "pair-1", 3)
	if n := len(world.Log("run r1 show first")); n != 1 {
		t.Errorf("the case before the restart was run %d times", n)
	}
}

// runUntilKilled is a process that starts the run of a plan file, or goes on
// with it, and says when it is done. It hangs at "show midway".
func runUntilKilled(dir, plan string) {
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
		_, err = workflows.StartRun(ctx, s.client, s.inputOf("pair-1", plan))
	}
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &started) {
		err = nil
	}
	if err == nil {
		_, err = workflows.Follow(ctx, s.client, "pair-1", nil)
	}
	fmt.Println("done", err)
	select {}
}

// doom starts a process that runs a plan, and returns it and what it says.
func doom(t *testing.T, dir, plan string) (*exec.Cmd, <-chan string) {
	t.Helper()
	file := filepath.Join(dir, "pair.yaml")
	if err := os.WriteFile(file, []byte(plan), 0o644); err != nil {
		t.Fatal(err)
	}
	doomed := exec.Command(os.Args[0])
	doomed.Env = append(os.Environ(), "CCL_TEST_RUN="+dir, "CCL_TEST_PLAN="+file)
	out, err := doomed.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := doomed.Start(); err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 100)
	go func() {
		defer close(said)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			said <- lines.Text()
		}
	}()
	return doomed, said
}

// A process that is killed and another that is started finish the run.
func TestProcessKilled(t *testing.T) {
	dir := t.TempDir()
	doomed, said := doom(t, dir, threeCases)
	if line := <-said; line != "midway" {
		t.Fatalf("the doomed process said %q", line)
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
	s.wantAllPassed(t, "pair-1", 3)
	if n := len(world.Log("run r1 show first")); n != 0 {
		t.Errorf("the case before the kill was run again")
	}
}

// Kills at random moments, the starts and ends of the process and of the run
// included, lose no case and count none twice. CCL_TEST_KILLS asks for more.
func TestKilledAtRandom(t *testing.T) {
	t.Parallel()
	kills := 4
	if n, err := strconv.Atoi(os.Getenv("CCL_TEST_KILLS")); err == nil {
		kills = n
	}
	const cases = 10
	plan := head
	for i := range cases {
		plan += fmt.Sprintf("\n  - {id: CASE-%d, title: A case, steps: [", i) +
			"{configure: {node: r1, set: [snmp location lab]}}, {traffic: {run: flow, duration: 200ms}}, {rollback: {node: r1, to: 1}}]}\n"
	}
	dir := t.TempDir()
	for range kills {
		doomed, said := doom(t, dir, plan)
		select {
		case line := <-said:
			t.Logf("before its death the process said %q", line)
		case <-time.After(time.Duration(rand.Int64N(int64(2500 * time.Millisecond)))):
		}
		doomed.Process.Kill()
		doomed.Wait()
	}
	s := newStack(t, dir, fakes.New())
	began := time.Now()
	_, err := workflows.StartRun(t.Context(), s.client, s.inputOf("pair-1", filepath.Join(dir, "pair.yaml")))
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if err != nil && !errors.As(err, &started) {
		t.Fatal(err)
	}
	result, err := workflows.Follow(t.Context(), s.client, "pair-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("after the last kill the run took %v", time.Since(began))
	if result.Verdict != check.Pass || result.Counts.Pass != cases || s.world.Up() {
		t.Errorf("result %+v, lab up %v", result, s.world.Up())
	}
	s.wantAllPassed(t, "pair-1", cases)
}
