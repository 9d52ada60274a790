package main

import (
	"testing"

	"github.com/ccl-lab/ccl/testplans/check"
)

// What a case leaves broken is whole again when the next begins: a router that
// it switched off, one that it restarted and did not wait for, and a link that
// loses every frame.
func TestLeftBroken(t *testing.T) {
	needLab(t)
	t.Parallel() // it measures nothing
	w := newWorld(t)
	w.shipped("ring-rollout.yaml")
	w.write("plan.yaml", `plan: broken
title: What is left broken
type: regression
topology: labs/ring/ring.clab.yml
cases:
  - id: LEFT-001
    title: Everything is left broken
    steps:
      - fault: {link: "r1:ge-0/0/2", state: lossy, loss: 100%}
      - fault: {node: r2, state: "off"}
      - fault: {node: r4, state: restarted}
  - id: LEFT-002
    title: Nothing is broken
    steps:
      - wait-until: {within: 60s, ospf: {nodes: all, neighbors: 2}}
      - ping: {from: h1, to: 10.1.1.1}
`)
	if code, stdout, stderr := w.run("plan", "run", "plan.yaml", "--out", "out"); code != 0 {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	for _, c := range w.last().Cases {
		if last := c.Last(); last.Verdict != check.Pass {
			t.Errorf("%s: %s: %s", c.ID, last.Verdict, last.Reason)
		}
	}
}
