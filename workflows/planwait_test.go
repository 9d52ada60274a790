package workflows_test

import (
	"strings"
	"testing"
	"time"

	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/testsuite"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/notice"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/workflows"
)

// take gives the lab to a run that is none of the test's.
func (b *bench) take(run string) {
	b.t.Helper()
	now := time.Now()
	if err := b.backend.(topology.Leaser).Lease(b.t.Context(), "pair", topology.Lease{Run: run, Renewed: now}); err != nil {
		b.t.Fatal(err)
	}
}

// release ends that.
func (b *bench) release(run string) {
	if err := b.backend.(topology.Leaser).Release(b.t.Context(), "pair", run); err != nil {
		b.t.Error(err)
	}
}

// pageOf is the workflow's page as it is now.
func pageOf(t *testing.T, env *testsuite.TestWorkflowEnvironment) string {
	t.Helper()
	answer, err := env.QueryWorkflow("__temporal_workflow_metadata")
	var metadata sdkpb.WorkflowMetadata
	if err == nil {
		err = answer.Get(&metadata)
	}
	if err != nil {
		t.Error(err)
	}
	return metadata.CurrentDetails
}

// when calls then once, when after some time it is so.
func when(env *testsuite.TestWorkflowEnvironment, after time.Duration, is func() bool, then func()) {
	const soon = 10 * time.Millisecond
	var look func()
	look = func() {
		if is() {
			then()
			return
		}
		env.RegisterDelayedCallback(look, soon)
	}
	env.RegisterDelayedCallback(look, after+soon)
}

// progress is how far a run is.
func progress(t *testing.T, env *testsuite.TestWorkflowEnvironment) (p workflows.Progress) {
	t.Helper()
	answer, err := env.QueryWorkflow(workflows.ProgressQuery)
	if err == nil {
		err = answer.Get(&p)
	}
	if err != nil {
		t.Error(err)
	}
	return p
}

// inVain is long enough for a run to meet the lab that it then waits for.
const inVain = 3 * time.Second

// A run that may not wait is refused a lab that another run has; one that may
// waits and says for whom, no longer than it may.
func TestRunWaitsForItsLab(t *testing.T) {
	const held = "deploying the lab: lab pair is held by run another since 20"
	t.Run("not at all", func(t *testing.T) {
		b := newBench(t)
		b.take("another")
		_, err := b.run(b.input(goodCase))
		if err == nil || !strings.Contains(err.Error(), held) || strings.Contains(err.Error(), "waited") {
			t.Errorf("it ended with %v, want a refusal", err)
		}
	})
	t.Run("until it is free", func(t *testing.T) {
		b := newBench(t)
		b.take("another")
		env, in := b.env(), b.input(goodCase)
		in.Wait = time.Hour
		var seen workflows.Progress
		waits := func() bool {
			seen = progress(t, env)
			return seen.Phase == workflows.PhaseWaiting
		}
		when(env, 0, waits, func() { b.release("another") })
		env.ExecuteWorkflow(workflows.PlanRun, in)
		result := &workflows.RunResult{}
		if err := env.GetWorkflowResult(result); err != nil || result.Verdict != check.Pass || result.Waiting != "" {
			t.Errorf("the run: %+v, %v", result, err)
		}
		if !strings.HasPrefix(seen.Waiting, "for lab pair, held by run another since 20") || !strings.Contains(seen.Waiting, ", until 20") {
			t.Errorf("it waits %q", seen.Waiting)
		}
	})
	t.Run("in vain", func(t *testing.T) {
		b := newBench(t)
		b.take("another")
		in := b.input(goodCase)
		in.Wait = inVain
		_, err := b.run(in)
		if err == nil || !strings.Contains(err.Error(), held) || !strings.Contains(err.Error(), "; it was waited for until 20") {
			t.Errorf("it ended with %v", err)
		}
		if l := b.world.Holder(); l == nil || l.Run != "another" || len(b.world.Log("destroy")) > 0 {
			t.Errorf("the lab is held by %+v, destroyed %d times", l, len(b.world.Log("destroy")))
		}
	})
	t.Run("until the window closes", func(t *testing.T) {
		b := newBench(t)
		b.take("another")
		env, in := b.env(), b.input(goodCase)
		in.Wait, in.Until = time.Hour, env.Now().Add(inVain)
		env.ExecuteWorkflow(workflows.PlanRun, in)
		if err := env.GetWorkflowError(); err == nil || !strings.Contains(err.Error(), "; it was waited for until "+in.Until.UTC().Format(time.DateTime)) {
			t.Errorf("it ended with %v", err)
		}
	})
	t.Run("until it is cancelled", func(t *testing.T) {
		b := newBench(t)
		b.take("another")
		env, in := b.env(), b.input(goodCase)
		in.Wait = time.Hour
		when(env, 0, func() bool { return progress(t, env).Phase == workflows.PhaseWaiting }, env.CancelWorkflow)
		env.ExecuteWorkflow(workflows.PlanRun, in)
		if err := env.GetWorkflowError(); err == nil || len(b.world.Log("deploy"))+len(b.world.Log("destroy")) > 0 {
			t.Errorf("it ended with %v; deployed %q, destroyed %q", err, b.world.Log("deploy"), b.world.Log("destroy"))
		}
		if run := b.recorded(); !strings.Contains(run.Problem, "cancelled while it waited for lab pair, held by run another") {
			t.Errorf("on record: %q", run.Problem)
		}
	})
}

// A night waits for its lab within its time, and is cut then.
func TestNightWaitsForItsLab(t *testing.T) {
	for _, c := range []struct {
		name    string
		within  time.Duration
		freed   bool
		outcome notice.Outcome
		problem string
	}{
		{"freed", time.Hour, true, notice.NoBaseline, ""},
		{"not freed", inVain, false, notice.CouldNotRun, "it waited for lab pair-20261125-2200, held by run another since "},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := newNights(t, newChat(t))
			n.take("another")
			n.in.Within = c.within
			n.env = n.bench.env()
			var page string
			waits := func() bool {
				page = pageOf(t, n.env)
				return strings.Contains(page, "**Waiting**")
			}
			when(n.env, 0, waits, func() {
				if c.freed {
					n.release("another")
				}
			})
			result, _ := n.execute()
			if result.Outcome != c.outcome || !strings.HasPrefix(result.Problem, c.problem) || c.problem != "" && !strings.HasSuffix(result.Problem, ", and was cut after "+inVain.String()) {
				t.Errorf("%s: %q", result.Outcome, result.Problem)
			}
			if !strings.Contains(page, "**Waiting** for lab pair-20261125-2200, held by run another since 20") {
				t.Errorf("while it waits the page of the night says %s", page)
			}
		})
	}
}

// A run that a customer asks for waits for the lab, and the engagement says so.
func TestEngagementWaitsForTheLab(t *testing.T) {
	d := newDeal(t, goodCase)
	var waiting string
	d.agree(days(2))
	d.do(days(4), func() { d.take("another") })
	d.run(days(4.1), "acme/run-02 begins", "CFG-001")
	waits := func() bool {
		waiting = d.status().Waiting
		return strings.Contains(waiting, "which waits")
	}
	when(d.env, days(4.1), waits, func() { d.release("another") })
	d.signed(days(5), "Bob", workflows.AcceptUpdate, workflows.SignedRequest{}, "the results are accepted")
	s := d.play()
	if len(s.Runs) != 2 || s.Runs[1].Verdict != check.Pass {
		t.Errorf("runs %+v", s.Runs)
	}
	if !strings.HasPrefix(waiting, "for acme/run-02 to end, which waits for lab acme, held by run another since 20") {
		t.Errorf("the engagement waited %q", waiting)
	}
}
