package testplans

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/testplans/check"
)

// beside is a plan with a parallel that has a repeat in a branch, and one in each
// round of a repeat.
const beside = head + `streams:
  s: {from: h1, to: h2}
cases:
  - id: SIDE-001
    title: Side by side
    matrix: {node: [r1]}
    steps:
      - snapshot: {name: before, node: r1, command: show version}
      - title: Change {node} and look
        parallel:
          change:
            - configure: {node: "{node}", set: system no-redirects}
          look:
            - repeat: {times: 2, steps: [command: {node: "{node}", run: "show {round}"}]}
            - check: {since: before}
      - repeat:
          times: 2
          steps:
            - parallel:
                left: [traffic: {start: s}, traffic: {stop: s}]
                right: [command: {node: r2, run: "show {round}"}]
      - command: {node: r1, run: show after}
`

// TestParallel: what comes out of a parallel are plain steps, branch by branch,
// that know their branch.
func TestParallel(t *testing.T) {
	c := parsed(t, beside).Case("SIDE-001[node=r1]")
	var got strings.Builder
	for _, s := range c.Steps {
		got.WriteString(s.Pos.String()[len("plan.yaml:"):] + " " + s.Sentence() + "\n")
	}
	want := `12:9 Keep the answers of r1 to "show version" as snapshot before
16:15 Branch change: Configure r1: set system no-redirects
18:42 Branch look: Round 1 of 2: Run "show 1" on r1
18:42 Branch look: Round 2 of 2: Run "show 2" on r1
19:15 Branch look: Check that nothing has gone and nothing has come since snapshot before, in the output of "show version" on r1
24:24 Round 1 of 2: Branch left: Start stream s: 512-byte frames from h1 to h2, 1000 a second
24:45 Round 1 of 2: Branch left: Stop stream s
25:25 Round 1 of 2: Branch right: Run "show 1" on r2
24:24 Round 2 of 2: Branch left: Start stream s: 512-byte frames from h1 to h2, 1000 a second
24:45 Round 2 of 2: Branch left: Stop stream s
25:25 Round 2 of 2: Branch right: Run "show 2" on r2
26:9 Run "show after" on r1
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	for i, want := range map[int]check.Branch{
		1: {Parallel: 1, Name: "change", Title: "Change r1 and look"},
		3: {Parallel: 1, Name: "look", Title: "Change r1 and look"},
		5: {Parallel: 2, Name: "left", InRound: true},
		9: {Parallel: 3, Name: "left", InRound: true},
	} {
		if got := c.Steps[i].Branch; got == nil || *got != want {
			t.Errorf("the branch of step %d is %+v, want %+v", i, got, want)
		}
	}
}

// TestParallelHash: running steps beside each other is another test than running
// them one after the other; what a parallel is called is not.
func TestParallelHash(t *testing.T) {
	begin := head + "cases:\n  - id: A-1\n    title: A\n    steps:\n"
	one, two := "ping: {from: h1, to: h2}", "ping: {from: h2, to: h1}"
	hashes := map[string]string{}
	for name, text := range map[string]string{
		"sequence": begin + "      - " + one + "\n      - " + two + "\n",
		"parallel": begin + "      - parallel: {a: [" + one + "], b: [" + two + "]}\n",
		"titled":   begin + "      - title: Both\n        parallel: {a: [" + one + "], b: [" + two + "]}\n",
		"swapped":  begin + "      - parallel: {a: [" + two + "], b: [" + one + "]}\n",
	} {
		hashes[name] = parsed(t, text).Cases[0].Hash()
	}
	if hashes["sequence"] == hashes["parallel"] || hashes["swapped"] == hashes["parallel"] {
		t.Error("other steps have the same hash")
	}
	if hashes["titled"] != hashes["parallel"] {
		t.Error("a title changes the hash")
	}
}
