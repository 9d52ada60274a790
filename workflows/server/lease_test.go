package server_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
)

// held starts a run that hangs in its midst and has the lab, and returns when
// it does.
func (s *stack) held(t *testing.T, run string, reached <-chan struct{}) {
	t.Helper()
	s.start(t, run, threeCases)
	<-reached
	if l := s.world.Holder(); l == nil || l.Run != run {
		t.Fatalf("the lab is held by %+v, want %s", l, run)
	}
}

// follow waits for a run's end.
func (s *stack) follow(t *testing.T, run string) *workflows.RunResult {
	t.Helper()
	result, err := workflows.Follow(t.Context(), s.client, run, nil)
	if err != nil {
		t.Fatalf("%s: %v", run, err)
	}
	return result
}

// Of two runs that want the same lab, the second is refused by the name of the
// first, and leaves the lab alone; when the first has ended it can run.
func TestTwoRunsWantOneLab(t *testing.T) {
	world := fakes.New()
	reached := world.BlockOnce("run r1 show midway")
	s := newStack(t, t.TempDir(), world)
	s.held(t, "first", reached)
	s.start(t, "second", oneCase)
	refused := s.follow(t, "second")
	if refused.Verdict != check.Error || !strings.Contains(refused.Problem, "lab pair is held by run first since 20") || refused.LabLeft {
		t.Errorf("the second run: %+v", refused)
	}
	if n := len(world.Log("destroy")); n != 0 || !world.Up() || world.Holder() == nil {
		t.Errorf("the lab was destroyed %d times under the first run, up %v, lease %+v", n, world.Up(), world.Holder())
	}
	if err := s.client.CancelWorkflow(t.Context(), "first", ""); err != nil {
		t.Fatal(err)
	}
	_, _ = workflows.Follow(t.Context(), s.client, "first", nil)
	if world.Up() || world.Holder() != nil {
		t.Errorf("after the first run the lab is up %v, held by %+v", world.Up(), world.Holder())
	}
	s.start(t, "third", oneCase)
	if third := s.follow(t, "third"); third.Verdict != check.Pass {
		t.Errorf("the third run: %+v", third)
	}
}

// A run that may wait for the lab begins when the first has ended, also when the
// worker was started again meanwhile. With -update its history is committed for
// the replay test of package workflows.
func TestRunWaitsForItsLab(t *testing.T) {
	const waited = "pair-waited"
	world := fakes.New()
	reached := world.BlockOnce("run r1 show midway")
	s := newStack(t, t.TempDir(), world)
	s.held(t, "first", reached)
	in, err := s.input(waited, oneCase)
	if err != nil {
		t.Fatal(err)
	}
	in.Wait = time.Hour
	if _, err := workflows.StartRun(t.Context(), s.client, in); err != nil {
		t.Fatal(err)
	}
	ended := make(chan *workflows.RunResult, 1)
	waits := make(chan string, 1)
	go func() {
		result, _ := workflows.Follow(t.Context(), s.client, waited, func(p workflows.Progress) {
			if p.Phase == workflows.PhaseWaiting && len(waits) == 0 {
				waits <- p.Waiting
			}
		})
		ended <- result
	}()
	if text := <-waits; !strings.HasPrefix(text, "for lab pair, held by run first since 20") {
		t.Errorf("it waits %q", text)
	}
	s.wantListed(t, "CclPhase = 'waiting for the lab'", waited)
	if err := s.client.CancelWorkflow(t.Context(), "first", ""); err != nil {
		t.Fatal(err)
	}
	s.stopWorkers()
	if err := s.startWorkers(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := <-ended
	if second == nil || second.Verdict != check.Pass || second.Waiting != "" {
		t.Errorf("the second run: %+v", second)
	}
	if first := s.follow(t, "first"); first.Problem != "the run was cancelled" || world.Up() || world.Holder() != nil {
		t.Errorf("the first run: %+v; the lab is up %v, held by %+v", first, world.Up(), world.Holder())
	}
	if h := s.history(t, waited); *update {
		s.write(t, waited, h)
	}
}

// A run that was terminated, so that it gave nothing back, keeps nobody away.
func TestLabOfATerminatedRun(t *testing.T) {
	world := fakes.New()
	reached := world.BlockOnce("run r1 show midway")
	s := newStack(t, t.TempDir(), world)
	s.held(t, "first", reached)
	if err := s.client.TerminateWorkflow(t.Context(), "first", "", "the test wants it"); err != nil {
		t.Fatal(err)
	}
	s.start(t, "second", oneCase)
	if second := s.follow(t, "second"); second.Verdict != check.Pass {
		t.Errorf("the second run: %+v", second)
	}
}

// A run of which nobody has heard for too long loses its lab, and when it goes
// on after all it neither uses nor destroys what is another's now.
func TestLabOfALostRun(t *testing.T) {
	world := fakes.New()
	s := newStack(t, t.TempDir(), world)
	backend := world.Backend().(topology.Leaser)
	if err := backend.Lease(t.Context(), "pair", topology.Lease{Run: "another-clusters"}); err != nil {
		t.Fatal(err)
	}
	world.Forsake()
	reached := world.BlockOnce("run r1 show midway")
	s.held(t, "first", reached)

	world.Forsake() // as if the worker had been away
	s.stopWorkers()
	taken := world.Holder()
	taken.Renewed = taken.Renewed.Add(2 * topology.LeaseTime)
	taken.Run = "another-clusters"
	if err := backend.Lease(t.Context(), "pair", *taken); err != nil {
		t.Fatal(err)
	}
	if err := s.startWorkers(t.Context()); err != nil {
		t.Fatal(err)
	}
	first, err := workflows.Follow(t.Context(), s.client, "first", nil)
	if err != nil {
		t.Fatal(err)
	}
	if l := world.Holder(); l == nil || l.Run != "another-clusters" || !world.Up() || first.LabLeft {
		t.Errorf("the lab is up %v, held by %+v; the lost run: %+v", world.Up(), l, first)
	}
	t.Logf("%s: %s", first.Verdict, first.Problem)
}

// A run waits for the lab of another, which leaves it up at its end, as it was
// asked to: the lab stays, and the run that waits has its turn when somebody has
// destroyed it.
func TestRunWaitsForALabThatIsKept(t *testing.T) {
	world := fakes.New()
	reached, free := make(chan struct{}), make(chan struct{})
	world.Before = func(_ context.Context, op string) error {
		if op == "run r1 show midway" {
			close(reached)
			<-free
		}
		return nil
	}
	s := newStack(t, t.TempDir(), world)
	start := func(id, plan string, change func(*workflows.PlanRunInput)) {
		in, err := s.input(id, plan)
		if err == nil {
			change(&in)
			_, err = workflows.StartRun(t.Context(), s.client, in)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	start("first", threeCases, func(in *workflows.PlanRunInput) { in.KeepLab = true })
	<-reached
	start("second", oneCase, func(in *workflows.PlanRunInput) { in.Wait = time.Hour })
	waiting := func(why string) {
		s.untilRun(t, "second", why, func(p *workflows.Progress) bool { return strings.HasPrefix(p.Waiting, why) })
	}
	waiting("for lab pair, held by run first since 20")
	close(free)
	if first := s.follow(t, "first"); !first.LabLeft {
		t.Errorf("the first run: %+v", first)
	}
	waiting("for lab pair, kept by run first since 20")
	if n := len(world.Log("destroy")); n > 0 || !world.Up() {
		t.Errorf("the kept lab was destroyed %d times, is up %v", n, world.Up())
	}
	if err := world.Backend().Destroy(t.Context(), "pair"); err != nil { // as ccl lab destroy does
		t.Fatal(err)
	}
	if second := s.follow(t, "second"); second.Verdict != check.Pass || second.LabLeft || world.Up() {
		t.Errorf("the second run: %+v; the lab is up %v", second, world.Up())
	}
}

// untilRun waits until a run has come so far.
func (s *stack) untilRun(t *testing.T, id, what string, is func(*workflows.Progress) bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		var p workflows.Progress
		answer, err := s.client.QueryWorkflow(t.Context(), id, "", workflows.ProgressQuery)
		if err == nil {
			err = answer.Get(&p)
		}
		if err == nil && is(&p) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("run %s: not %s after a minute: %+v, %v", id, what, p, err)
		}
	}
}

// A lab that a run leaves up is leased to nobody, at once, and marked as kept.
func TestKeptLabIsGivenBack(t *testing.T) {
	s := newStack(t, t.TempDir(), fakes.New())
	in, err := s.input("first", oneCase)
	if err != nil {
		t.Fatal(err)
	}
	in.KeepLab = true
	if _, err := workflows.StartRun(t.Context(), s.client, in); err != nil {
		t.Fatal(err)
	}
	if first := s.follow(t, "first"); first.Verdict != check.Pass || !first.LabLeft {
		t.Errorf("the run: %+v", first)
	}
	if l := s.world.Holder(); l != nil || !s.world.Up() {
		t.Errorf("the lab is up %v, held by %+v", s.world.Up(), l)
	}
	if k, err := s.world.Backend().(topology.Keeper).Kept(t.Context(), "pair"); err != nil || k == nil || k.By != "first" {
		t.Errorf("the lab is kept by %+v, %v", k, err)
	}
}
