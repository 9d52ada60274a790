package main

import (
	"path/filepath"
	"testing"

	"github.com/ccl-lab/ccl/testplans/check"
)

// The first files that the program writes work as they are: the plan runs on the
// topology, and every case of it passes.
func TestStarter(t *testing.T) {
	needLab(t)
	w := newWorld(t)
	w.ccl("new", "topology")
	w.ccl("new", "plan")
	w.ccl("plan", "run", "plan.yaml", "--reattempts", "2")
	found, err := filepath.Glob(filepath.Join(w.dir, "out/*/run.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("records %q, %v", found, err)
	}
	path, err := filepath.Rel(w.dir, found[0])
	if err != nil {
		t.Fatal(err)
	}
	if passed := verdicts(w.record(path))[check.Pass]; len(passed) != 7 {
		t.Errorf("passed: %q, want all seven cases", passed)
	}
}
