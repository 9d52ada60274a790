package workflows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/workflows"
)

// kept is a bench with a lab that a run was asked to leave up.
func kept(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	in := b.input(goodCase)
	in.Run, in.KeepLab = "first", true
	if result, err := b.run(in); err != nil || !result.LabLeft || !b.world.Up() {
		t.Fatalf("the first run: %+v, %v; the lab is up %v", result, err, b.world.Up())
	}
	return b
}

// wantLab checks that the lab is still up and has never been taken down.
func (b *bench) wantLab() {
	b.t.Helper()
	if n := len(b.world.Log("destroy")); n > 0 || !b.world.Up() || b.world.Holder() != nil {
		b.t.Errorf("the lab was destroyed %d times, is up %v, held by %+v", n, b.world.Up(), b.world.Holder())
	}
}

// A lab that somebody asked to keep outlives every other run that wants it.
func TestKeptLabStaysUp(t *testing.T) {
	t.Run("for a run that may not wait", func(t *testing.T) {
		b := kept(t)
		_, err := b.run(b.input(goodCase))
		if err == nil || !strings.Contains(err.Error(), "deploying the lab: lab pair is kept by run first since 20") {
			t.Errorf("it ended with %v, want a refusal", err)
		}
		b.wantLab()
	})
	t.Run("for one that waits in vain", func(t *testing.T) {
		b := kept(t)
		in := b.input(goodCase)
		in.Wait = inVain
		if _, err := b.run(in); err == nil || !strings.Contains(err.Error(), "; it was waited for until 20") {
			t.Errorf("it ended with %v", err)
		}
		b.wantLab()
	})
	t.Run("for one that is cancelled while it waits", func(t *testing.T) {
		b := kept(t)
		env, in := b.env(), b.input(goodCase)
		in.Wait = time.Hour
		when(env, 0, func() bool { return progress(t, env).Phase == workflows.PhaseWaiting }, env.CancelWorkflow)
		env.ExecuteWorkflow(workflows.PlanRun, in)
		if env.GetWorkflowError() == nil {
			t.Error("it was not cancelled")
		}
		b.wantLab()
	})
	t.Run("for one that leaves it up too", func(t *testing.T) {
		b := kept(t)
		in := b.input(goodCase)
		in.KeepLab = true
		if result, err := b.run(in); err != nil || result.Verdict != check.Pass || !result.LabLeft {
			t.Errorf("the second run: %+v, %v", result, err)
		}
		b.wantLab()
		in = b.input(goodCase)
		in.Run = "third"
		if _, err := b.run(in); err == nil || !strings.Contains(err.Error(), "kept by run first") {
			t.Errorf("a third run ended with %v", err)
		}
		b.wantLab()
	})
	t.Run("deployed by hand", func(t *testing.T) {
		b := newBench(t)
		deploy(b, topology.Kept{Since: time.Now()})
		if _, err := b.run(b.input(goodCase)); err == nil || !strings.Contains(err.Error(), "lab pair is kept by hand since 20") {
			t.Errorf("it ended with %v", err)
		}
		b.wantLab()
	})
}

// deploy brings the lab up with a mark, as nobody of the test's workflows.
func deploy(b *bench, mark topology.Kept) {
	b.t.Helper()
	topo, err := b.set().Plan.Topology("")
	if err == nil {
		_, err = b.backend.Deploy(b.t.Context(), topo)
	}
	if err == nil {
		err = b.backend.(topology.Keeper).Keep(b.t.Context(), topo.Name, mark)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// When the kept lab has been destroyed, the run that waits has its own, and takes
// that down.
func TestRunWaitsForAKeptLab(t *testing.T) {
	b := kept(t)
	env, in := b.env(), b.input(goodCase)
	in.Wait = time.Hour
	var seen workflows.Progress
	waits := func() bool {
		seen = progress(t, env)
		return seen.Phase == workflows.PhaseWaiting
	}
	when(env, 0, waits, func() {
		if err := b.backend.Destroy(t.Context(), "pair"); err != nil {
			t.Error(err)
		}
	})
	env.ExecuteWorkflow(workflows.PlanRun, in)
	result := &workflows.RunResult{}
	if err := env.GetWorkflowResult(result); err != nil || result.Verdict != check.Pass || result.LabLeft || b.world.Up() {
		t.Errorf("the run: %+v, %v; the lab is up %v", result, err, b.world.Up())
	}
	if !strings.HasPrefix(seen.Waiting, "for lab pair, kept by run first since 20") || !strings.Contains(seen.Waiting, "(ccl lab destroy pair removes it), until 20") {
		t.Errorf("it waits %q", seen.Waiting)
	}
}

// An engagement does not take down a lab of its name that somebody deployed by
// hand; it goes on when the lab is gone.
func TestEngagementAndALabByHand(t *testing.T) {
	d := newDeal(t, goodCase)
	deploy(d.bench, topology.Kept{Since: time.Now()})
	d.agree(days(2))
	var trouble string
	d.do(days(2.1), func() { trouble = d.status().State.Trouble })
	d.do(days(3), func() {
		if err := d.backend.Destroy(t.Context(), "acme"); err != nil {
			t.Error(err)
		}
	})
	s := d.play()
	if !strings.Contains(trouble, "the lab could not be replicated: lab acme is kept by hand since 20") {
		t.Errorf("trouble: %s", trouble)
	}
	if len(s.Runs) != 1 || s.Runs[0].Verdict != check.Pass {
		t.Errorf("runs %+v", s.Runs)
	}
}
