package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// Branches on the real lab: a router is configured, traffic runs and pings are
// sent at the same time. The one that fails ends itself, and then the case.
func TestParallel(t *testing.T) {
	needLab(t)
	w := newWorld(t)
	w.shipped("ring-rollout.yaml")
	w.write("plan.yaml", `plan: beside
title: Side by side
type: regression
topology: labs/ring/ring.clab.yml
streams:
  h1-h2: {from: h1, to: h2, udp: {dport: 5001}, size: 128, rate: 200fps}
cases:
  - id: SIDE-001
    title: r3 is configured while traffic goes by
    setup:
      - wait-until: {within: 60s, route: {node: r1, prefix: 10.1.3.0/24, protocol: ospf}}
    steps:
      - title: Work and look
        parallel:
          work:
            - repeat:
                times: 3
                steps:
                  - configure: {node: r3, set: "routing-options static route 198.18.{round}.0/24 discard"}
                  - wait-until: {within: 30s, route: {node: r3, prefix: "198.18.{round}.0/24", protocol: static, next-hop: discard}}
          traffic:
            - traffic: {run: h1-h2, duration: 3s, loss: "< 10%"}
          look:
            - repeat: {times: 2, steps: [ping: {from: h1, to: 10.1.1.1, count: 2}]}
            - check: {config: {node: r2, contains: routing-options static route 198.18.99.0/24}}
            - command: {node: r2, run: show version}
      - command: {node: r1, run: show version}
`)
	code, stdout, stderr := w.run("plan", "run", "plan.yaml", "--out", "out")
	if code != 3 {
		t.Fatalf("exit %d, want 3\n%s\n%s", code, stdout, stderr)
	}
	a := w.last().Case("SIDE-001").Last()
	if a.Verdict != check.Fail || !strings.HasPrefix(a.Reason, "Branch look: configuration on r2: ") {
		t.Errorf("%s: %s", a.Verdict, a.Reason)
	}
	verdicts := map[check.Verdict]int{}
	for i := range a.Steps {
		verdicts[a.Steps[i].Verdict]++
	}
	// Setup, work, traffic, two pings and the reset; the check; what is after it.
	if verdicts[check.Pass] != 1+6+1+2+1 || verdicts[check.Fail] != 1 || verdicts[check.Skip] != 2 {
		t.Errorf("verdicts of the steps: %v", verdicts)
	}
	if work, traffic := branchSpan(a, "work"), branchSpan(a, "traffic"); work[0].After(traffic[1]) || traffic[0].After(work[1]) {
		t.Errorf("work from %v to %v, traffic from %v to %v: not at the same time", work[0], work[1], traffic[0], traffic[1])
	}
	pages, _ := filepath.Glob(filepath.Join(w.dir, "out/*/report.html"))
	if len(pages) != 1 {
		t.Fatalf("reports: %v", pages)
	}
	page, err := os.ReadFile(pages[0])
	if err != nil {
		t.Fatal(err)
	}
	if want := "<b>Work and look</b> – 2 of 3 branches passed, branch look: fail"; !strings.Contains(string(page), want) {
		t.Errorf("the report lacks %q", want)
	}
}

// branchSpan is when the first step of a branch began and the last one ended.
func branchSpan(a *results.Attempt, name string) (span [2]time.Time) {
	for _, s := range a.Steps {
		if s.Branch == nil || s.Branch.Name != name {
			continue
		}
		if span[0].IsZero() {
			span[0] = s.Started
		}
		span[1] = s.Finished
	}
	return span
}
