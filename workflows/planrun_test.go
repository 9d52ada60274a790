package workflows_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows"
)

const passing = `
  - id: CFG-001
    title: A statement comes with a commit
    steps:
      - configure: {node: r1, set: ["snmp location lab"]}
      - check: {config: {node: r1, contains: ["snmp location lab"]}}
`

func TestPass(t *testing.T) {
	b := newBench(t)
	result, err := b.run(b.input(passing))
	if err != nil {
		t.Fatal(err)
	}
	if result.Verdict != check.Pass || result.Counts.Pass != 1 || result.LabLeft {
		t.Errorf("result %+v, want one pass and no lab", result)
	}
	if got, want := outline(b.attempt("CFG-001")), "steps configure pass\nsteps check pass\nreset reset pass\n"; got != want {
		t.Errorf("steps:\n%swant:\n%s", got, want)
	}
	for _, file := range []string{result.Files.HTML, result.Files.JUnit, result.Files.JSON, result.Files.Text} {
		if info, err := os.Stat(file); err != nil || info.Size() == 0 {
			t.Errorf("document %s: %v", file, err)
		}
	}
	if b.world.Up() {
		t.Error("the lab is still up")
	}
	if got := b.world.Router("r1").Statements(); !slices.Equal(got, []string{"set system host-name r1"}) {
		t.Errorf("r1 is not back at its baseline: %q", got)
	}
	run := b.recorded()
	if run.Finished.IsZero() || len(run.Platforms) != 4 || run.Topology == nil {
		t.Errorf("the record lacks something: %+v", run)
	}
	if run.Topology.Node("r1").StartupConfig != "" {
		t.Error("a startup configuration is on record")
	}
}

// A commit says in its log which step it was.
func TestCommitLogNamesTheStep(t *testing.T) {
	b := newBench(t)
	if _, err := b.run(b.input(passing)); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"ccl pair-1 startup configuration",
		"ccl pair-1 CFG-001 #1.0 step 1",
		"ccl pair-1 back to the baseline after CFG-001",
	}
	if got := b.world.Router("r1").Logs(); !slices.Equal(got, want) {
		t.Errorf("logs %q, want %q", got, want)
	}
}

func TestFailSkipsTheRestButNotTheTeardown(t *testing.T) {
	b := newBench(t)
	result, err := b.run(b.input(`
  - id: CFG-001
    title: A statement that is not there
    steps:
      - check: {config: {node: r1, contains: ["snmp location lab"]}}
      - command: {node: r1, run: show version}
    teardown:
      - command: {node: r1, run: show chassis alarms}
  - id: CFG-002
    title: A setup that fails
    setup:
      - configure: {node: r1, set: ["bogus thing"]}
    steps:
      - command: {node: r1, run: show version}
    teardown:
      - command: {node: r1, run: show system alarms}
  - id: CFG-003
    title: A later case is not affected
    steps:
      - command: {node: r1, run: show version}
`))
	if err != nil {
		t.Fatal(err)
	}
	if result.Verdict != check.Fail || result.Counts.Fail != 2 || result.Counts.Pass != 1 {
		t.Errorf("result %+v, want two fails and a pass", result)
	}
	want := "steps check fail\nsteps command skip\nteardown command pass\nreset reset pass\n"
	if got := outline(b.attempt("CFG-001")); got != want {
		t.Errorf("CFG-001:\n%swant:\n%s", got, want)
	}
	want = "setup configure fail\nsteps command skip\nteardown command pass\nreset reset pass\n"
	if got := outline(b.attempt("CFG-002")); got != want {
		t.Errorf("CFG-002:\n%swant:\n%s", got, want)
	}
	b.wantCase("CFG-002", check.Fail, "r1 refused the commit check: bogus statement")
	if len(b.world.Log("run r1 show chassis alarms")) != 1 || len(b.world.Log("run r1 show system alarms")) != 1 {
		t.Error("a teardown was not run once")
	}
}

func TestWantedRefusal(t *testing.T) {
	b := newBench(t)
	if _, err := b.run(b.input(`
  - id: CFG-001
    title: Refused as it should be
    steps:
      - configure: {node: r1, set: ["bogus thing"], refused: bogus statement}
  - id: CFG-002
    title: Accepted though it should be refused
    steps:
      - configure: {node: r1, set: ["snmp location lab"], refused: bogus statement}
`)); err != nil {
		t.Fatal(err)
	}
	b.wantCase("CFG-001", check.Pass, "")
	b.wantCase("CFG-002", check.Fail, "accepted")
}

// Transport trouble is retried, and in the end an error, not a failure.
func TestTransport(t *testing.T) {
	b := newBench(t)
	var broken atomic.Int32
	b.world.Before = func(_ context.Context, op string) error {
		if op == "run r1 show once" && broken.Add(1) < 3 || op == "run r1 show always" {
			return errors.New("connection reset by peer")
		}
		return nil
	}
	if _, err := b.run(b.input(`
  - id: CMD-001
    title: It heals
    steps:
      - command: {node: r1, run: show once}
  - id: CMD-002
    title: It does not heal
    steps:
      - command: {node: r1, run: show always}
`)); err != nil {
		t.Fatal(err)
	}
	b.wantCase("CMD-001", check.Pass, "")
	b.wantCase("CMD-002", check.Error, "connection reset by peer")
}

// A router that does not return to its baseline makes its case an error, and
// the next one begins with another attempt to restore it.
func TestResetIsVerified(t *testing.T) {
	b := newBench(t)
	b.world.Before = func(_ context.Context, op string) error {
		if op == "run r1 show stubbornness" {
			b.world.Router("r1").Stubborn = "set snmp location forgotten"
		}
		return nil
	}
	result, err := b.run(b.input(`
  - id: CFG-001
    title: It makes r1 stubborn
    steps:
      - command: {node: r1, run: show stubbornness}
      - configure: {node: r1, set: ["snmp contact me"]}
  - id: CFG-002
    title: It finds r1 stubborn
    steps:
      - command: {node: r1, run: show version}
`))
	if err != nil {
		t.Fatal(err)
	}
	b.wantCase("CFG-001", check.Error, "not back at the baseline: r1 differs from its baseline")
	b.wantCase("CFG-002", check.Error, "not back at the baseline")
	if got, want := outline(b.attempt("CFG-002")), "reset reset error\nsteps command skip\n"; got != want {
		t.Errorf("CFG-002:\n%swant:\n%s", got, want)
	}
	if result.Counts.Error != 2 || b.world.Up() {
		t.Errorf("result %+v, lab up %v", result, b.world.Up())
	}
}

func TestCancelDestroysTheLab(t *testing.T) {
	for _, keep := range []bool{false, true} {
		b := newBench(t)
		env := b.env()
		reached := make(chan struct{})
		b.world.Before = func(ctx context.Context, op string) error {
			if op == "run r1 show forever" {
				close(reached)
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		in := b.input(`
  - id: CMD-001
    title: It hangs
    steps:
      - configure: {node: r1, set: ["snmp location lab"]}
      - command: {node: r1, run: show forever}
    teardown:
      - command: {node: r1, run: show teardown}
`)
		in.KeepLab = keep
		go func() {
			<-reached
			env.CancelWorkflow()
		}()
		env.ExecuteWorkflow(workflows.PlanRun, in)
		err := env.GetWorkflowError()
		var cancelled *temporal.CanceledError
		result := &workflows.RunResult{}
		if !errors.As(err, &cancelled) || cancelled.Details(result) != nil {
			t.Fatalf("keep %v: the run ended with %v, want a cancellation with its result", keep, err)
		}
		if result.Problem != "the run was cancelled" || result.Verdict != check.Error || result.LabLeft != keep {
			t.Errorf("keep %v: result %+v", keep, result)
		}
		if b.world.Up() != keep {
			t.Errorf("keep %v: lab up is %v", keep, b.world.Up())
		}
		teardowns, baseline := len(b.world.Log("run r1 show teardown")), len(b.world.Router("r1").Statements()) == 1
		if keep && (teardowns != 1 || !baseline) {
			t.Errorf("the kept lab was not cleaned up: %d teardowns, at baseline %v", teardowns, baseline)
		}
		if got := b.recorded(); got.Problem != "the run was cancelled" || got.Finished.IsZero() {
			t.Errorf("keep %v: on record: problem %q, finished %v", keep, got.Problem, got.Finished)
		}
	}
}

func TestRunProblems(t *testing.T) {
	tests := map[string]struct {
		prepare func(*bench, *workflows.PlanRunInput)
		want    string
		types   string
	}{
		"no plan": {func(_ *bench, in *workflows.PlanRunInput) { in.Plan += ".gone" },
			"loading the plan: cannot read the plan", activities.TypePlan},
		"no case": {func(_ *bench, in *workflows.PlanRunInput) { in.Cases = []string{"CFG-9"} },
			"loading the plan: no case is called CFG-9", activities.TypePlan},
		"no backend": {func(_ *bench, in *workflows.PlanRunInput) { in.Backend = "clab" },
			`deploying the lab: backend "clab" is not supported`, activities.TypeUnsupported},
		"deploy fails": {func(b *bench, _ *workflows.PlanRunInput) {
			b.world.Before = func(_ context.Context, op string) error {
				if op == "deploy" {
					return errors.New("no space left on device")
				}
				return nil
			}
		}, "deploying the lab: no space left on device", ""},
		"unreachable": {func(b *bench, _ *workflows.PlanRunInput) {
			b.world.Before = func(_ context.Context, op string) error {
				if strings.HasPrefix(op, "dial r2") {
					return errors.New("connection refused")
				}
				return nil
			}
		}, "provisioning: open a session with r2: connection refused", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			in := b.input(passing)
			test.prepare(b, &in)
			_, err := b.run(in)
			var app *temporal.ApplicationError
			if !errors.As(err, &app) || app.Type() != workflows.TypeRunProblem {
				t.Fatalf("the run ended with %v, want a problem", err)
			}
			result := &workflows.RunResult{}
			if err := app.Details(result); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(result.Problem, test.want) || result.Verdict != check.Error {
				t.Errorf("%s: problem %q, want %q", result.Verdict, result.Problem, test.want)
			}
			if b.world.Up() || result.LabLeft {
				t.Error("the lab is still up")
			}
		})
	}
}

func TestTrafficAndConvergence(t *testing.T) {
	b := newBench(t)
	b.world.Before = func(_ context.Context, op string) error {
		if op == "link r1:ge-0/0/0 down" {
			b.generator.Cut(120 * time.Millisecond)
		}
		return nil
	}
	cases := func(limit string) string {
		return `
  - id: CONV-001
    title: A cut
    steps:
      - traffic: {start: flow}
      - fault: {link: "r1:ge-0/0/0", state: down}
      - converge: {stream: flow, outage: "< ` + limit + `", within: 10s}
      - traffic: {stop: flow}
`
	}
	for limit, want := range map[string]check.Verdict{"200ms": check.Pass, "50ms": check.Fail} {
		if _, err := b.run(b.input(cases(limit))); err != nil {
			t.Fatal(err)
		}
		a := b.attempt("CONV-001")
		if a.Verdict != want {
			t.Errorf("limit %s: %s (%s), want %s", limit, a.Verdict, a.Reason, want)
		}
		c := a.Steps[2].Convergence
		if c == nil || c.Outage != 120*time.Millisecond || c.Event != "link r1:ge-0/0/0 down" {
			t.Errorf("limit %s: convergence %+v", limit, c)
		}
		losses := 0
		for _, step := range a.Steps {
			for _, e := range step.Events {
				if e.Kind == "first-loss" {
					losses++
				}
			}
		}
		if losses != 1 {
			t.Errorf("limit %s: the outage is %d times on the timeline, want once", limit, losses)
		}
		if ups := b.world.Log("link r1:ge-0/0/0 up"); len(ups) == 0 {
			t.Errorf("limit %s: the link was not repaired", limit)
		}
		if err := b.store.Delete(t.Context(), "pair-1"); err != nil {
			t.Fatal(err)
		}
	}
}

// What a backend cannot do is skipped, and the case is never a pass.
func TestUnsupportedIsSkipped(t *testing.T) {
	b := newBench(t)
	b.backend = b.world.BareBackend()
	if _, err := b.run(b.input(`
  - id: FLT-001
    title: A cut
    steps:
      - command: {node: r1, run: show version}
      - fault: {link: "r1:ge-0/0/0", state: down}
`)); err != nil {
		t.Fatal(err)
	}
	b.wantCase("FLT-001", check.Skip, "the fake backend cannot do it")
}

// A case that fails and then passes is a flaky pass with both attempts kept.
func TestReattempts(t *testing.T) {
	b := newBench(t)
	var asked atomic.Int32
	in := b.input(`
  - id: FLK-001
    title: It needs two attempts
    steps:
      - command: {node: r1, run: show flakiness}
      - check: {config: {node: r1, contains: ["snmp location lab"]}}
`)
	in.Reattempts = 1
	b.world.Before = func(_ context.Context, op string) error {
		if op == "run r1 show flakiness" && asked.Add(1) == 2 {
			b.world.Router("r1").Set("set snmp location lab")
		}
		return nil
	}
	result, err := b.run(in)
	if err != nil {
		t.Fatal(err)
	}
	c := b.recorded().Case("FLK-001")
	if len(c.Attempts) != 2 || c.Attempts[0].Verdict != check.Fail || c.Attempts[1].Verdict != check.Pass {
		t.Fatalf("attempts %+v, want a fail and a pass", c.Attempts)
	}
	if result.Verdict != check.Pass || result.Counts.Flaky != 1 {
		t.Errorf("result %+v, want a flaky pass", result)
	}
}
