package workflows_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/testplans/check"
)

const commitTests = `
none_new:
  - rpc: get-commit-information
  - iterate:
      xpath: //commit-history
      id: sequence-number
      tests:
        - list-not-more:
          err: commit {{id_0}} came in between
none_gone:
  - rpc: get-commit-information
  - iterate:
      xpath: //commit-history
      id: sequence-number
      tests:
        - list-not-less:
`

// Every test of a JSNAPy test file is judged, even after one that fails; what
// comes behind them is not run then.
func TestJSNAPy(t *testing.T) {
	b := newBench(t)
	if err := os.WriteFile(filepath.Join(b.dir, "commits.yml"), []byte(commitTests), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := b.run(b.input(`
  - id: SNAP-001
    title: JSNAPy
    steps:
      - configure: {node: r1, set: [snmp location a]}
      - jsnapy: {snap: before, node: r1, tests: commits.yml}
      - jsnapy: {check: before, node: r1, tests: commits.yml}
      - configure: {node: r1, set: [snmp location b]}
      - jsnapy: {check: before, node: r1, tests: commits.yml}
      - command: {node: r1, run: show after}
`))
	if err != nil {
		t.Fatal(err)
	}
	a := b.attempt("SNAP-001")
	want := `steps configure pass
steps snapshot pass
steps snapshot pass
steps check pass
steps check pass
steps configure pass
steps check fail
steps check pass
steps command skip
reset reset pass
`
	if got := rounds(a); got != want {
		t.Fatalf("steps:\n%swant:\n%s", got, want)
	}
	if a.Verdict != check.Fail || !strings.Contains(a.Reason, "is new: commit ") {
		t.Errorf("%s: %s", a.Verdict, a.Reason)
	}
	if got, want := a.Steps[8].Reason, "not run: step 7 did not pass"; got != want {
		t.Errorf("the step behind them: %q, want %q", got, want)
	}
}
