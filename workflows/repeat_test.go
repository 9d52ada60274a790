package workflows_test

import (
	"context"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology/device"
)

// rounds is an attempt's steps with their rounds, a line each.
func rounds(a results.Attempt) string {
	var b strings.Builder
	for _, s := range a.Steps {
		b.WriteString(string(s.Phase) + " " + s.Round.Before(s.Kind+" "+string(s.Verdict)) + "\n")
	}
	return b.String()
}

// Each round compares with the snapshot that it has taken itself: the one before
// was of another configuration.
func TestRepeat(t *testing.T) {
	b := newBench(t)
	_, err := b.run(b.input(`
  - id: FLAP-001
    title: Rounds
    steps:
      - repeat:
          times: 2
          steps:
            - configure: {node: r1, set: ["snmp location r{round}"]}
            - snapshot: {name: now, node: r1, command: "show {round}"}
            - check: {since: now}
            - check: {config: {node: r1, contains: "snmp location r{round}"}}
      - command: {node: r1, run: show after}
`))
	if err != nil {
		t.Fatal(err)
	}
	b.wantCase("FLAP-001", check.Pass, "all 9 steps passed")
	want := `steps Round 1 of 2: configure pass
steps Round 1 of 2: snapshot pass
steps Round 1 of 2: check pass
steps Round 1 of 2: check pass
steps Round 2 of 2: configure pass
steps Round 2 of 2: snapshot pass
steps Round 2 of 2: check pass
steps Round 2 of 2: check pass
steps command pass
reset reset pass
`
	a := b.attempt("FLAP-001")
	if got := rounds(a); got != want {
		t.Errorf("steps:\n%swant:\n%s", got, want)
	}
	if e := a.Steps[5].Evidence; len(e) != 1 || !strings.Contains(e[0].Path, "/06/") || e[0].What != "show 2" {
		t.Errorf("the evidence of round 2's snapshot is %+v", e)
	}
}

// A round whose snapshot could not be taken has none: that of the round before
// does not stand in for it.
func TestRepeatWithoutASnapshot(t *testing.T) {
	b := newBench(t)
	asked := 0
	b.world.Before = func(_ context.Context, op string) error {
		if op != "run r1 show now" {
			return nil
		}
		if asked++; asked == 3 { // by the snapshot of the second round
			return &device.RejectedError{Node: "r1", Op: "command", Message: "try again"}
		}
		return nil
	}
	_, err := b.run(b.input(`
  - id: FLAP-001
    title: A snapshot fails
    steps: [command: {node: r1, run: show steps}]
    teardown:
      - repeat: {times: 2, steps: [snapshot: {name: now, node: r1, command: show now}, check: {since: now}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := `steps command pass
teardown Round 1 of 2: snapshot pass
teardown Round 1 of 2: check pass
teardown Round 2 of 2: snapshot error
teardown Round 2 of 2: check error
reset reset pass
`
	if got := rounds(b.attempt("FLAP-001")); got != want {
		t.Errorf("steps:\n%swant:\n%s", got, want)
	}
}

// A round that fails ends the case, which says which round it was; one in the
// teardown does not keep the others from being run.
func TestRepeatFails(t *testing.T) {
	b := newBench(t)
	_, err := b.run(b.input(`
  - id: FLAP-001
    title: The second round fails
    steps:
      - repeat:
          times: 3
          steps:
            - check: {config: {node: r1, lacks: "snmp location r1"}}
            - configure: {node: r1, set: ["snmp location r{round}"]}
      - command: {node: r1, run: show after}
    teardown:
      - repeat: {times: 2, steps: [check: {config: {node: r1, lacks: "snmp location r{round}"}}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	b.wantCase("FLAP-001", check.Fail, "Round 2 of 3: configuration on r1: ")
	want := `steps Round 1 of 3: check pass
steps Round 1 of 3: configure pass
steps Round 2 of 3: check fail
steps Round 2 of 3: configure skip
steps Round 3 of 3: check skip
steps Round 3 of 3: configure skip
steps command skip
teardown Round 1 of 2: check fail
teardown Round 2 of 2: check pass
reset reset pass
`
	a := b.attempt("FLAP-001")
	if got := rounds(a); got != want {
		t.Errorf("steps:\n%swant:\n%s", got, want)
	}
	if got, want := a.Steps[4].Reason, "not run: step 3, in round 2 of 3, did not pass"; got != want {
		t.Errorf("the reason is %q, want %q", got, want)
	}
}
