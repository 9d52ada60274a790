package workflows_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"go.temporal.io/sdk/temporal"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/workflows"
)

// sentences is an attempt's steps with their branches and rounds, a line each.
func sentences(a results.Attempt) string {
	var b strings.Builder
	for _, s := range a.Steps {
		s.Title = s.Kind + " " + string(s.Verdict)
		b.WriteString(string(s.Phase) + " " + s.Sentence() + "\n")
	}
	return b.String()
}

// Branches run at the same time: each waits for what the other does in its second
// step. Their records stand in the plan's order.
func TestParallel(t *testing.T) {
	b := newBench(t)
	_, err := b.run(b.input(`
  - id: SIDE-001
    title: Side by side
    steps:
      - parallel:
          left:
            - wait-until: {within: 30s, interval: 100ms, config: {node: r2, contains: "snmp location here"}}
            - command: {node: r1, run: show left}
          right:
            - command: {node: r2, run: show right}
            - configure: {node: r2, set: snmp location here}
            - repeat: {times: 2, steps: [command: {node: r2, run: "show {round}"}]}
      - command: {node: r1, run: show after}
`))
	if err != nil {
		t.Fatal(err)
	}
	b.wantCase("SIDE-001", check.Pass, "all 7 steps passed")
	want := `steps Branch left: wait-until pass
steps Branch left: command pass
steps Branch right: command pass
steps Branch right: configure pass
steps Branch right: Round 1 of 2: command pass
steps Branch right: Round 2 of 2: command pass
steps command pass
reset reset pass
`
	a := b.attempt("SIDE-001")
	if got := sentences(a); got != want {
		t.Errorf("steps:\n%swant:\n%s", got, want)
	}
	if e := a.Steps[2].Evidence; len(e) != 1 || !strings.Contains(e[0].Path, "/03/") || e[0].What != "show right" {
		t.Errorf("the evidence of the third step is %+v", e)
	}
	if !a.Steps[0].Finished.After(a.Steps[3].Started) {
		t.Error("the branch left did not wait for the branch right")
	}
	for _, s := range a.Steps[:6] {
		if s.Finished.After(a.Steps[6].Started) {
			t.Errorf("%q was still running when the next step began", s.Sentence())
		}
	}
}

// A step that fails ends its branch and, when the others have ended, the phase.
func TestParallelFails(t *testing.T) {
	b := newBench(t)
	_, err := b.run(b.input(`
  - id: SIDE-001
    title: The right branch fails
    steps:
      - repeat:
          times: 2
          steps:
            - parallel:
                left:
                  - command: {node: r1, run: show left}
                  - command: {node: r1, run: show on}
                right:
                  - check: {config: {node: r2, contains: "snmp location here"}}
                  - command: {node: r2, run: show right}
      - command: {node: r1, run: show after}
    teardown:
      - parallel:
          left: [check: {config: {node: r1, contains: "snmp location here"}}, command: {node: r1, run: show down}]
          right: [command: {node: r2, run: show down}]
`))
	if err != nil {
		t.Fatal(err)
	}
	b.wantCase("SIDE-001", check.Fail, "Round 1 of 2: Branch right: configuration on r2: ")
	want := `steps Round 1 of 2: Branch left: command pass
steps Round 1 of 2: Branch left: command pass
steps Round 1 of 2: Branch right: check fail
steps Round 1 of 2: Branch right: command skip
steps Round 2 of 2: Branch left: command skip
steps Round 2 of 2: Branch left: command skip
steps Round 2 of 2: Branch right: check skip
steps Round 2 of 2: Branch right: command skip
steps command skip
teardown Branch left: check fail
teardown Branch left: command pass
teardown Branch right: command pass
reset reset pass
`
	a := b.attempt("SIDE-001")
	if got := sentences(a); got != want {
		t.Errorf("steps:\n%swant:\n%s", got, want)
	}
	if got, want := a.Steps[3].Reason, "not run: step 3, in round 1 of 2, did not pass"; got != want {
		t.Errorf("in the branch: %q, want %q", got, want)
	}
	if got, want := a.Steps[4].Reason, "not run: step 3, in branch right, did not pass"; got != want {
		t.Errorf("after the parallel: %q, want %q", got, want)
	}
}

// A worker that is lost in one branch ends the others, and the attempt begins
// again with all of them.
func TestParallelInterrupted(t *testing.T) {
	b := newBench(t)
	interrupt(b, 1)
	result, err := b.run(b.input(`
  - id: SIDE-001
    title: Interrupted in one branch
    steps:
      - parallel:
          left: [command: {node: r1, run: show interruption}]
          right:
            - command: {node: r2, run: show right}
            - repeat: {times: 3, steps: [configure: {node: r2, set: "snmp location r{round}"}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	if result.Verdict != check.Pass || result.Counts.Flaky != 0 {
		t.Errorf("result %+v, want a pass that is not flaky", result)
	}
	if n := len(b.attempt("SIDE-001").Steps); n != 7 {
		t.Errorf("%d steps are on record, want five and a reset before and after", n)
	}
	if n := len(b.world.Log("deploy")); n != 2 {
		t.Errorf("deployed %d times, want once and one attachment after the interruption", n)
	}
}

// A run that is cancelled while branches run ends them all, and runs the teardown
// of the case if its lab stays.
func TestParallelCancelled(t *testing.T) {
	b := newBench(t)
	in := b.input(`
  - id: SIDE-001
    title: Cancelled
    steps:
      - parallel:
          left: [command: {node: r1, run: show left}, command: {node: r1, run: show never}]
          right: [command: {node: r2, run: show right}, command: {node: r2, run: show never}]
      - command: {node: r1, run: show never}
    teardown:
      - command: {node: r1, run: show teardown}
`)
	in.KeepLab = true
	env := b.env()
	var begun sync.WaitGroup
	begun.Add(2)
	b.world.Before = func(ctx context.Context, op string) error {
		if op != "run r1 show left" && op != "run r2 show right" {
			return nil
		}
		begun.Done()
		begun.Wait() // both branches run
		env.CancelWorkflow()
		<-ctx.Done()
		return ctx.Err()
	}
	env.ExecuteWorkflow(workflows.PlanRun, in)
	if err := env.GetWorkflowError(); !temporal.IsCanceledError(err) {
		t.Errorf("the run ended with %v, want a cancellation", err)
	}
	for _, node := range []string{"r1", "r2"} {
		if n := len(b.world.Log("run " + node + " show never")); n != 0 {
			t.Errorf("%s went on after the cancellation", node)
		}
	}
	if n := len(b.world.Log("run r1 show teardown")); n != 1 {
		t.Errorf("the teardown was run %d times, want once", n)
	}
}
