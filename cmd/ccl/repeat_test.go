package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/testplans/check"
)

// A repeat on the real lab: every round is run, each with its number in its
// configuration; the round that fails is named to the terminal and in the report,
// and ends the case.
func TestRepeat(t *testing.T) {
	needLab(t)
	w := newWorld(t)
	w.shipped("ring-rollout.yaml")
	w.write("plan.yaml", `plan: rounds
title: Rounds
type: regression
topology: labs/ring/ring.clab.yml
cases:
  - id: ROUND-001
    title: Ten commits and ten rollbacks leave nothing
    steps:
      - snapshot: {name: before, node: r1, command: show configuration}
      - repeat:
          times: 10
          steps:
            - configure: {node: r1, set: "routing-options static route 198.18.{round}.0/24 discard"}
            - wait-until: {within: 10s, route: {node: r1, prefix: "198.18.{round}.0/24", protocol: static, next-hop: discard}}
            - rollback: {node: r1}
            - wait-until: {within: 10s, route: {node: r1, prefix: "198.18.{round}.0/24", absent: true}}
      - check: {since: before, ignore: "^## Last"}
  - id: ROUND-002
    title: The second round fails
    steps:
      - title: Add routes
        repeat:
          times: 3
          steps:
            - configure: {node: r1, set: "routing-options static route 198.18.{round}.0/24 discard"}
            - check: {config: {node: r1, lacks: "routing-options static route 198.18.2.0/24"}}
`)
	code, stdout, stderr := w.run("plan", "run", "plan.yaml", "--out", "out")
	if code != 3 {
		t.Fatalf("exit %d, want 3\n%s\n%s", code, stdout, stderr)
	}
	good, bad := w.last().Case("ROUND-001").Last(), w.last().Case("ROUND-002").Last()
	if good.Verdict != check.Pass || good.Reason != "all 42 steps passed" {
		t.Errorf("ROUND-001: %s: %s", good.Verdict, good.Reason)
	}
	if bad.Verdict != check.Fail || !strings.HasPrefix(bad.Reason, "Round 2 of 3: ") {
		t.Errorf("ROUND-002: %s: %s", bad.Verdict, bad.Reason)
	}
	if !strings.Contains(stdout, "Round 2 of 3: Check that ") {
		t.Errorf("the terminal does not name the round:\n%s", stdout)
	}
	pages, _ := filepath.Glob(filepath.Join(w.dir, "out/*/report.html"))
	if len(pages) != 1 {
		t.Fatalf("reports: %v", pages)
	}
	page, err := os.ReadFile(pages[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<b>Repeat 10 times</b> – all 10 rounds passed", "<b>Add routes, 3 times</b> – 1 of 3 rounds passed, round 2 of 3: fail, 1 not run"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the report lacks %q", want)
		}
	}
}
