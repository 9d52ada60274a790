package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// The demonstration passes, writes its three files and leaves nothing.
func TestDemo(t *testing.T) {
	needLab(t)
	w := newWorld(t)
	code, stdout, stderr := w.run("demo")
	if code != 0 {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	run := w.record("out/demo/run.json")
	if len(run.Cases) < 15 {
		t.Errorf("only %d cases", len(run.Cases))
	}
	for _, c := range run.Cases {
		if c.Verdict() != check.Pass {
			t.Errorf("%s: %s after %d attempts", c.ID, c.Verdict(), len(c.Attempts))
		}
		for _, a := range c.Attempts {
			if a.Verdict == check.Fail { // an error is this machine's, a failure would be ours
				t.Errorf("%s failed at attempt %d: %s", c.ID, a.Number, a.Reason)
			}
		}
		if !strings.Contains(stdout, c.ID) {
			t.Errorf("the table does not show %s", c.ID)
		}
	}
	for _, file := range []string{"report.html", "junit.xml"} {
		if info, err := os.Stat(filepath.Join(w.dir, "out/demo", file)); err != nil || info.Size() == 0 {
			t.Errorf("out/demo/%s: %v", file, err)
		}
		if !strings.Contains(stdout, filepath.Join("out/demo", file)) {
			t.Errorf("the output does not name %s", file)
		}
	}
	if code, _, stderr := w.run("lab", "inspect", run.Lab); code != 1 || !strings.Contains(stderr, "no such lab") {
		t.Errorf("the lab is still there: exit %d, %s", code, stderr)
	}
}

// Every shipped plan passes on the shipped lab.
func TestShippedPlans(t *testing.T) {
	needLab(t)
	for _, name := range []string{"ring-change", "ring-protocols", "ring-streams"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			// An error is this machine's and may be repeated, a failure is ours.
			code, stdout, stderr := w.run("plan", "run", w.shipped(name+".yaml"), "--out", "out", "--reattempts", "1")
			if code != 0 {
				t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
			}
			for _, c := range w.last().Cases {
				for _, a := range c.Attempts {
					if a.Verdict != check.Pass && a.Verdict != check.Error {
						t.Errorf("%s: %s at attempt %d: %s", c.ID, a.Verdict, a.Number, a.Reason)
					}
				}
			}
		})
	}
}

// A case that needs what the emulator only stores is skipped with the statement
// as its reason, whatever its checks say.
func TestNotEmulated(t *testing.T) {
	needLab(t)
	t.Parallel() // it measures nothing
	w := newWorld(t)
	w.shipped("ring-rollout.yaml")
	w.write("plan.yaml", `plan: idle
title: What is only stored
type: regression
topology: labs/ring/ring.clab.yml
cases:
  - id: IDLE-001
    title: MPLS is configured
    steps:
      - configure: {node: r1, set: protocols mpls interface ge-0/0/0.0}
      - check: {interface: {node: r1, name: ge-0/0/0}}
  - id: IDLE-002
    title: The case after it is none the worse for it
    steps:
      - configure: {node: r1, set: interfaces ge-0/0/0 description changed}
`)
	code, stdout, stderr := w.run("plan", "run", "plan.yaml", "--out", "out")
	if code != 0 {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	run := w.last()
	idle := run.Case("IDLE-001").Last()
	if idle.Verdict != check.Skip || !strings.Contains(idle.Reason, "not emulated on r1: protocols mpls") {
		t.Errorf("IDLE-001: %s: %s", idle.Verdict, idle.Reason)
	}
	if after := run.Case("IDLE-002").Last(); after.Verdict != check.Pass {
		t.Errorf("IDLE-002: %s: %s", after.Verdict, after.Reason)
	}
}

// One wrong AS number fails exactly the cases that depend on the session, and
// says where, what was expected and what was seen.
func TestOneWrongLine(t *testing.T) {
	needLab(t)
	t.Parallel() // it measures nothing
	w := newWorld(t)
	plan := w.shipped("ring-rollout.yaml")
	w.replace("labs/ring/configs/r1.cfg", "peer-as 65004;", "peer-as 65005;")
	code, stdout, stderr := w.run("plan", "run", plan, "--out", "out", "--tag", "smoke", "--tag", "policy")
	if code != 3 {
		t.Fatalf("exit %d, want 3\n%s\n%s", code, stdout, stderr)
	}
	runs, err := filepath.Glob(filepath.Join(w.dir, "out", "*", "run.json"))
	if err != nil || len(runs) != 1 {
		t.Fatalf("run.json: %v %v", runs, err)
	}
	relative, err := filepath.Rel(w.dir, runs[0])
	if err != nil {
		t.Fatal(err)
	}
	run := w.record(relative)
	by := verdicts(run)
	// r1 has lost the customer: its session count, its preference in the core,
	// and what r4 says of the session are wrong. Everything else still holds.
	if want := []string{"BGP-001", "BGP-002", "BGP-003"}; !slices.Equal(by[check.Fail], want) {
		t.Errorf("failed %v, want %v", by[check.Fail], want)
	}
	if len(by[check.Error])+len(by[check.Skip]) > 0 {
		t.Errorf("errors %v, skipped %v", by[check.Error], by[check.Skip])
	}
	attempt := run.Case("BGP-001").Last()
	for _, said := range []string{"r1", "10.0.41.1", "established"} {
		if !strings.Contains(strings.ToLower(attempt.Reason), said) {
			t.Errorf("the reason does not name %s: %s", said, attempt.Reason)
		}
	}
}

// A process killed in the middle of the plan and started again finishes it.
func TestKilledInTheMiddle(t *testing.T) {
	needLab(t)
	w := newWorld(t)
	var stderr bytes.Buffer
	first := w.command("demo")
	first.Stderr = &stderr
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	w.eventually("the sixth verdict", 3*time.Minute, func() bool { return w.judged() >= 6 })
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // killed
	before := w.last()

	code, stdout, errs := w.run("demo")
	if code != 0 {
		t.Fatalf("exit %d\n%s\n%s\nbefore the kill:\n%s", code, stdout, errs, stderr.String())
	}
	after := w.record("out/demo/run.json")
	if after.ID != before.ID {
		t.Fatalf("the second process ran %s, not %s", after.ID, before.ID)
	}
	for _, c := range after.Cases {
		for i, a := range c.Attempts[:len(c.Attempts)-1] {
			if a.Number != i+1 || a.Verdict != check.Error { // an error is this machine's, and repeated
				t.Errorf("%s was counted %d times: attempt %d is %s: %s", c.ID, len(c.Attempts), a.Number, a.Verdict, a.Reason)
			}
		}
		if earlier := before.Case(c.ID).Attempts; len(earlier) > 0 && !earlier[0].Started.Equal(c.Attempts[0].Started) {
			t.Errorf("%s was judged before the kill and ran again after it", c.ID)
		}
	}
}

// A killed run that is not wanted any more is cancelled before the new one
// begins: its lab is not taken away from under the new one.
func TestFreshAfterKill(t *testing.T) {
	needLab(t)
	t.Parallel() // it measures nothing
	w := newWorld(t)
	plan := w.shipped("ring-rollout.yaml")
	first := w.command("plan", "run", plan, "--tag", "smoke")
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	w.eventually("the first verdict", time.Minute, func() bool { return w.judged() >= 1 })
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // killed
	before := w.last()

	code, stdout, stderr := w.run("plan", "run", plan, "--tag", "smoke", "--fresh")
	if code != 0 {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	if after := w.last(); after.ID == before.ID {
		t.Errorf("run %s went on, it was not begun anew", after.ID)
	}
}

// A lab that somebody deployed is still theirs after a plan ran in it. The case
// is one that waits: the lab has just come up.
func TestLabOfSomebodyElse(t *testing.T) {
	needLab(t)
	t.Parallel() // it measures nothing
	w := newWorld(t)
	plan := w.shipped("ring-rollout.yaml")
	if code, _, stderr := w.run("lab", "deploy", "labs/ring/ring.clab.yml"); code != 0 {
		t.Fatal(stderr)
	}
	defer w.run("lab", "destroy", "ring")
	code, _, stderr := w.run("plan", "run", plan, "--case", "OSPF-001")
	if code != 0 || !strings.Contains(stderr, "ring is up already") {
		t.Errorf("exit %d\n%s", code, stderr)
	}
	if code, _, stderr := w.run("lab", "inspect", "ring"); code != 0 {
		t.Errorf("the run took the lab away: %s", stderr)
	}
}

// last is the newest run on record, nil if there is none yet.
func (w *world) last() *results.Run {
	path := filepath.Join(w.dir, "state", "results.db")
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	store, err := results.Open(context.Background(), path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer store.Close()
	run, err := store.Run(context.Background(), "last")
	if err != nil {
		return nil
	}
	return run
}

func (w *world) judged() int {
	run := w.last()
	if run == nil {
		return 0
	}
	n := 0
	for _, c := range run.Cases {
		n += len(c.Attempts)
	}
	return n
}
