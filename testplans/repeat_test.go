package testplans

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/topology"
)

// flapping is a plan with a repeat in its setup and two among its steps, one of
// them with a number of rounds from the matrix.
const flapping = head + `streams:
  s: {from: h1, to: h2}
cases:
  - id: FLAP-001
    title: Flap
    matrix: {n: [1, 2]}
    setup:
      - repeat: {times: 2, steps: [ping: {from: h1, to: h2, count: "{round}"}]}
    steps:
      - command: {node: r1, run: show before}
      - title: Flap {n} times
        repeat:
          times: "{n}"
          steps:
            - snapshot: {name: now, node: r1, command: show bgp summary}
            - title: Round {round} of matrix {n}
              configure: {node: r1, set: "system host-name r{round}-{{round}}"}
            - traffic: {start: s}
            - traffic: {stop: s}
            - check: {since: now}
      - repeat: {times: 1, steps: [rollback: {node: r1, to: "{round}"}]}
      - command: {node: r1, run: show after}
`

// TestRepeat: what comes out of a repeat are plain steps that know their round.
func TestRepeat(t *testing.T) {
	c := parsed(t, flapping).Case("FLAP-001[n=2]")
	var got strings.Builder
	for _, s := range append(c.Setup, c.Steps...) {
		got.WriteString(s.Pos.String() + " " + s.Round.Before(s.Title) + "\n")
	}
	want := `plan.yaml:12:36 Round 1 of 2: Ping h2 from h1, 1 times, and lose nothing
plan.yaml:12:36 Round 2 of 2: Ping h2 from h1, 2 times, and lose nothing
plan.yaml:14:9 Run "show before" on r1
plan.yaml:19:15 Round 1 of 2: Keep the answers of r1 to "show bgp summary" as snapshot now
plan.yaml:20:15 Round 1 of 2: Round 1 of matrix 2
plan.yaml:22:15 Round 1 of 2: Start stream s: 512-byte frames from h1 to h2, 1000 a second
plan.yaml:23:15 Round 1 of 2: Stop stream s
plan.yaml:24:15 Round 1 of 2: Check that nothing has gone and nothing has come since snapshot now, in the output of "show bgp summary" on r1
plan.yaml:19:15 Round 2 of 2: Keep the answers of r1 to "show bgp summary" as snapshot now
plan.yaml:20:15 Round 2 of 2: Round 2 of matrix 2
plan.yaml:22:15 Round 2 of 2: Start stream s: 512-byte frames from h1 to h2, 1000 a second
plan.yaml:23:15 Round 2 of 2: Stop stream s
plan.yaml:24:15 Round 2 of 2: Check that nothing has gone and nothing has come since snapshot now, in the output of "show bgp summary" on r1
plan.yaml:25:36 Round 1 of 1: Roll r1 back to the configuration before
plan.yaml:26:9 Run "show after" on r1
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if got := c.Steps[7].Configure.Set[0]; got != "set system host-name r2-{round}" {
		t.Errorf("in round 2 the command is %q", got)
	}
	round := check.Round{Repeat: 2, Number: 2, Times: 2, Title: "Flap 2 times"}
	if got := c.Steps[7].Round; got == nil || *got != round {
		t.Errorf("the round is %+v, want %+v", got, round)
	}
	if got := c.Steps[11].Round; got == nil || got.Repeat != 3 {
		t.Errorf("the third repeat's round is %+v", got)
	}
}

// TestRepeatIsWritingOut: a repeat is the same plan as its rounds one by one, and
// a scope that was signed for the one is good for the other.
func TestRepeatIsWritingOut(t *testing.T) {
	step := func(n string) string { return "      - ping: {from: h1, to: h2, count: " + n + "}\n" }
	begin := head + "cases:\n  - id: A-1\n    title: A\n    steps:\n"
	written := parsed(t, begin+step("1")+step("2")+step("3"))
	repeated := parsed(t, begin+"      - repeat: {times: 3, steps: [ping: {from: h1, to: h2, count: \"{round}\"}]}\n")
	if written.Hash != repeated.Hash || written.Cases[0].Hash() != repeated.Cases[0].Hash() {
		t.Error("the hashes differ")
	}
	placed := cmpopts.IgnoreFields(Step{}, "Pos", "Round")
	if diff := cmp.Diff(written.Cases, repeated.Cases, placed, cmpopts.IgnoreTypes(topology.Pos{})); diff != "" {
		t.Errorf("cases (-written +repeated):\n%s", diff)
	}
	longer := parsed(t, begin+"      - repeat: {times: 4, steps: [ping: {from: h1, to: h2, count: \"{round}\"}]}\n")
	if longer.Hash == repeated.Hash {
		t.Error("another number of rounds has the same hash")
	}
}

// TestMostSteps: a case may be written out to as many steps as there may be, and
// not to one more.
func TestMostSteps(t *testing.T) {
	plan := head + "cases:\n  - id: A-1\n    title: A\n    steps:\n" +
		"      - repeat: {times: 333, steps: [ping: {from: h1, to: h2}, ping: {from: h2, to: h1}, ping: {from: h1, to: r1}]}\n"
	one := "      - ping: {from: h1, to: h2}\n"
	if n := len(parsed(t, plan+one).Cases[0].Steps); n != maxSteps {
		t.Errorf("%d steps, want %d", n, maxSteps)
	}
	m := mistaken(t, plan+one+one+one)
	if len(m) != 1 || m[0].Pos.Line != 11 || m[0].Message != "the case has 1001 steps with this, and the most is 1000" {
		t.Errorf("mistakes: %v", m)
	}
}
