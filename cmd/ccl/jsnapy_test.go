package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/testplans/check"
)

const pairTopology = `name: pair
topology:
  kinds:
    juniper_vjunosrouter: {image: "vrnetlab/juniper_vjunos-router:24.2R1.17"}
  nodes:
    r1: {kind: juniper_vjunosrouter, startup-config: r1.cfg}
    r2: {kind: juniper_vjunosrouter, startup-config: r2.cfg}
  links:
    - endpoints: ["r1:ge-0/0/0", "r2:ge-0/0/0"]
`

const pairRouter = `system { host-name r%[1]d; services { ssh; netconf { ssh; } } }
interfaces {
    ge-0/0/0 { unit 0 { family inet { address 10.0.12.%[1]d/30; } } }
    lo0 { unit 0 { family inet { address 10.255.0.%[1]d/32; } } }
}
protocols { ospf { area 0.0.0.0 { interface ge-0/0/0.0 { hello-interval 1; dead-interval 4; } interface lo0.0 { passive; } } } }
`

const pairTests = `tests_include: [ports, neighbors, routes, whole, none]
ports:
  - command: show interfaces terse ge-0/0/0
  - iterate:
      xpath: physical-interface
      id: ./name
      tests:
        - no-diff: oper-status
          err: "{{id_0}} was {{pre['oper-status']}} and is {{post['oper-status']}}"
neighbors:
  - rpc: get-ospf-neighbor-information
  - iterate:
      xpath: //ospf-neighbor
      id: neighbor-id
      tests: [{list-not-less: }, {no-diff: ospf-neighbor-state}]
routes:
  - rpc: get-route-summary-information
  - item:
      xpath: //route-table[table-name = "inet.0"]
      tests: [{delta: "destination-count, -100%"}, {is-gt: "destination-count, 0"}]
whole:
  - command: show version
none:
  - rpc: get-ospf-neighbor-information
  - ignore-null: true
  - item: {xpath: //ospf-neighbour, tests: [{exists: neighbor-id}]}
`

// JSNAPy's tests hold as long as nothing happens, and the one that looks at a
// link fails, in its author's words, when that is cut.
func TestJSNAPy(t *testing.T) {
	needLab(t)
	t.Parallel() // it measures nothing
	w := newWorld(t)
	w.write("pair.clab.yml", pairTopology)
	for i := 1; i <= 2; i++ {
		w.write(fmt.Sprintf("r%d.cfg", i), fmt.Sprintf(pairRouter, i))
	}
	w.write("tests.yml", pairTests)
	w.write("plan.yaml", `plan: pair
title: JSNAPy
type: regression
topology: pair.clab.yml
cases:
  - id: SNAP-001
    title: Nothing happens, and then a link is cut
    setup:
      - wait-until: {within: 60s, ospf: {nodes: all, neighbors: 1}}
    steps:
      - jsnapy: {snap: before, nodes: all, tests: tests.yml}
      - jsnapy: {check: before, nodes: all, tests: tests.yml}
`)
	if code, stdout, stderr := w.run("plan", "run", "plan.yaml", "--out", "out"); code != 3 {
		t.Errorf("exit %d, want 3: a test that looked at nothing is no pass\n%s\n%s", code, stdout, stderr)
	}
	w.wantLast(check.Skip, "nothing was selected, which ignore-null allows")
	w.replace("tests.yml", ", whole, none]", ", whole]")
	w.replace("plan.yaml", "      - jsnapy: {check", `      - fault: {link: "r1:ge-0/0/0", state: down}
      - wait-until: {within: 10s, interface: {node: r2, name: ge-0/0/0, state: down}}
      - jsnapy: {check`)
	if code, stdout, stderr := w.run("plan", "run", "plan.yaml", "--out", "out"); code != 3 {
		t.Errorf("exit %d, want 3: the link is cut\n%s\n%s", code, stdout, stderr)
	}
	w.wantLast(check.Fail, "ge-0/0/0: down, was up: ge-0/0/0 was up and is down")
	var verdicts []string
	for _, s := range w.last().Cases[0].Last().Steps {
		if strings.Contains(s.Title, " holds on ") {
			verdicts = append(verdicts, string(s.Verdict))
		}
	}
	if got := strings.Join(verdicts, " "); got != "fail fail pass pass" {
		t.Errorf("verdicts %s, want fail fail pass pass", got)
	}
}

// wantLast checks the verdict of the last run's only case.
func (w *world) wantLast(v check.Verdict, reason string) {
	w.t.Helper()
	if last := w.last().Cases[0].Last(); last.Verdict != v || !strings.Contains(last.Reason, reason) {
		w.t.Errorf("%s: %s, want %s: … %s …", last.Verdict, last.Reason, v, reason)
	}
}
