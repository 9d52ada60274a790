package workflows_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"go.temporal.io/sdk/temporal"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans/check"
)

const interruptible = `
  - id: CFG-001
    title: The worker is lost in the middle
    steps:
      - configure: {node: r1, set: ["snmp location lab"]}
      - command: {node: r1, run: show interruption}
      - check: {config: {node: r1, contains: ["snmp location lab"]}}
`

// interrupt makes the command of the case above fail n times as if the worker
// had been lost.
func interrupt(b *bench, n int32) {
	var left atomic.Int32
	left.Store(n)
	b.world.Before = func(_ context.Context, op string) error {
		if op == "run r1 show interruption" && left.Add(-1) >= 0 {
			return temporal.NewNonRetryableApplicationError("the worker was lost", activities.TypeInterrupted, nil)
		}
		return nil
	}
}

func TestInterruptedAttemptBeginsAgain(t *testing.T) {
	b := newBench(t)
	interrupt(b, 2)
	result, err := b.run(b.input(interruptible))
	if err != nil {
		t.Fatal(err)
	}
	if result.Verdict != check.Pass || result.Counts.Flaky != 0 {
		t.Errorf("result %+v, want a pass that is not flaky", result)
	}
	b.attempt("CFG-001") // exactly one counts
	want := []string{
		"ccl pair-1 startup configuration",
		"ccl pair-1 CFG-001 #1.0 step 1",
		"ccl pair-1 back to the baseline after CFG-001",
		"ccl pair-1 CFG-001 #1.1 step 2", // after the reset, which is step 1
		"ccl pair-1 back to the baseline after CFG-001",
		"ccl pair-1 CFG-001 #1.2 step 2",
		"ccl pair-1 back to the baseline after CFG-001",
	}
	if got := b.world.Router("r1").Logs(); !slices.Equal(got, want) {
		t.Errorf("commits\n%q\nwant\n%q", got, want)
	}
	if n := len(b.world.Log("deploy")); n != 3 {
		t.Errorf("deployed %d times, want once and one attachment after each interruption", n)
	}
}

func TestInterruptionsAreBounded(t *testing.T) {
	b := newBench(t)
	interrupt(b, 1000)
	if _, err := b.run(b.input(interruptible + `
  - id: CFG-002
    title: The next case has a fresh start
    steps:
      - check: {config: {node: r1, lacks: ["snmp location lab"]}}
`)); err != nil {
		t.Fatal(err)
	}
	b.wantCase("CFG-001", check.Error, "interrupted 6 times; the last time: the worker was lost")
	b.wantCase("CFG-002", check.Pass, "")
}

// A commit whose answer was lost is found in the device's history and not made
// again.
func TestCommitIsNotRepeated(t *testing.T) {
	b := newBench(t)
	lost := map[string]bool{}
	b.world.After = func(op string) error {
		if (op == "apply r1" || op == "rollback r1") && lost["armed"] && !lost[op] {
			lost[op] = true
			return errors.New("connection reset by peer")
		}
		return nil
	}
	b.world.Before = func(_ context.Context, op string) error {
		if op == "run r1 show arming" {
			lost["armed"] = true
		}
		return nil
	}
	if _, err := b.run(b.input(`
  - id: CFG-001
    title: Two answers are lost
    steps:
      - command: {node: r1, run: show arming}
      - configure: {node: r1, set: ["snmp location lab"]}
      - check: {config: {node: r1, contains: ["snmp location lab"]}}
      - rollback: {node: r1, to: 1}
      - check: {config: {node: r1, lacks: ["snmp location lab"]}}
`)); err != nil {
		t.Fatal(err)
	}
	b.wantCase("CFG-001", check.Pass, "")
	want := []string{"ccl pair-1 startup configuration", "ccl pair-1 CFG-001 #1.0 step 2", "ccl pair-1 CFG-001 #1.0 step 4"}
	if got := b.world.Router("r1").Logs(); !slices.Equal(got, want) {
		t.Errorf("commits %q, want %q", got, want)
	}
	if len(lost) != 3 {
		t.Errorf("answers lost: %v, want one of each kind", lost)
	}
	a := b.attempt("CFG-001")
	if s := a.Steps[1]; len(s.Evidence) != 1 || len(s.Events) != 1 || s.Events[0].Kind != activities.EventCommit {
		t.Errorf("the repeated step has no diff or no event: %+v", s)
	}
}
