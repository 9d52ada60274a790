package workflows

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// reset leaves the lab as the next case wants to find it: streams stopped,
// faults repaired, every router at its baseline with an empty diff to prove
// it. What fails is a step with verdict error, and the case stays dirty.
func (t *try) reset(ctx workflow.Context, title string) error {
	c := t.kase
	t.at(ctx, t.next(results.PhaseReset), title)
	started := workflow.Now(ctx)
	err := t.cleanUp(ctx, title)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if isInterruption(err) {
		return err
	}
	c.dirty = err != nil
	done := results.Step{
		Phase: results.PhaseReset, Kind: "reset", Title: title, Verdict: check.Pass,
		Reason: "every router is at its baseline", Started: started, Finished: workflow.Now(ctx),
		Evidence: t.kept,
	}
	t.kept = nil
	if err != nil {
		done.Verdict, done.Reason = check.Error, "not back at the baseline: "+reason(err)
	}
	t.steps = append(t.steps, done)
	return nil
}

func (t *try) cleanUp(ctx workflow.Context, title string) error {
	for _, part := range []func(workflow.Context) error{t.stopStreams, t.stopCaptures, t.endRoutes, t.repair, t.awaitRouters} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	var device *activities.Device
	in := &t.kase.in
	return t.onHost(ctx, title, slack, device.Restore, activities.RestoreInput{
		Run: in.Run, Case: in.Case.ID, Lab: in.Lab.Ref, Baseline: in.Lab.Baseline,
	}, nil)
}

// onHost executes an activity on the lab's host.
func (t *try) onHost(ctx workflow.Context, summary string, timeout time.Duration, activity, in, out any) error {
	return workflow.ExecuteActivity(activityOn(ctx, t.kase.in.Lab.Queue, summary, timeout), activity, in).Get(ctx, out)
}

func (t *try) stopStreams(ctx workflow.Context) error {
	in := &t.kase.in
	if !usesStreams(&in.Case) {
		return nil
	}
	var traffic *activities.Traffic
	err := t.onHost(ctx, "Stop the streams of "+in.Case.ID, slack, traffic.StopAll,
		activities.StopInput{Lab: in.Lab.Ref, Run: in.Run, Case: in.Case.ID}, nil)
	if err == nil {
		clear(t.running)
	}
	return err
}

func (t *try) stopCaptures(ctx workflow.Context) error {
	in := &t.kase.in
	if !usesCaptures(&in.Case) {
		return nil
	}
	var captures *activities.Captures
	return t.onHost(ctx, "Stop the captures of "+in.Case.ID, slack, captures.StopCaptures,
		activities.StopCapturesInput{At: t.next(results.PhaseReset), Lab: in.Lab.Ref, Evidence: in.Evidence}, &t.kept)
}

func (t *try) endRoutes(ctx workflow.Context) error {
	in := &t.kase.in
	if !usesRoutes(&in.Case) {
		return nil
	}
	var routes *activities.Routes
	return t.onHost(ctx, "Withdraw the routes of "+in.Case.ID, slack, routes.EndRoutes,
		activities.StopInput{Lab: in.Lab.Ref, Run: in.Run, Case: in.Case.ID}, nil)
}

func (t *try) repair(ctx workflow.Context) error {
	in := &t.kase.in
	faults := faultsOf(&in.Case, in.RepairFirst)
	if len(faults) == 0 {
		return nil
	}
	var lab *activities.Lab
	return t.onHost(ctx, "Repair what "+in.Case.ID+" has broken", slack, lab.Repair,
		activities.RepairInput{Lab: in.Lab.Ref, Faults: faults}, nil)
}

// awaitRouters waits for those that the case has restarted.
func (t *try) awaitRouters(ctx workflow.Context) error {
	in := &t.kase.in
	nodes := restartedBy(&in.Case)
	if len(nodes) == 0 {
		return nil
	}
	var device *activities.Device
	return t.onHost(ctx, "Wait until "+strings.Join(nodes, ", ")+" can be reached again", labTimeout, device.AwaitRouters,
		activities.AwaitRoutersInput{Lab: in.Lab.Ref, Routers: nodes}, nil)
}

// afterCancel cleans up when the case was cancelled. A lab that is about to be
// destroyed needs no more than its streams stopped, which Destroy does.
func (t *try) afterCancel(ctx workflow.Context) {
	if ctx.Err() == nil || !t.kase.in.Lab.Keep {
		return
	}
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	_, err := t.phase(ctx, results.PhaseTeardown, t.kase.in.Case.Teardown, false)
	if err == nil {
		err = t.cleanUp(ctx, "Return every router to the baseline after the cancellation")
	}
	if err != nil {
		workflow.GetLogger(ctx).Warn("not cleaned up after the cancellation", "case", t.kase.in.Case.ID, "error", err)
	}
}

// everyStep are the steps of a case in all its phases.
func everyStep(c *testplans.Case) []*testplans.Step {
	var all []*testplans.Step
	for _, steps := range [][]testplans.Step{c.Setup, c.Steps, c.Teardown} {
		for i := range steps {
			all = append(all, &steps[i])
		}
	}
	return all
}

func usesStreams(c *testplans.Case) bool {
	for _, s := range everyStep(c) {
		if s.Traffic != nil && s.Traffic.Start != "" {
			return true
		}
	}
	return false
}

func usesCaptures(c *testplans.Case) bool {
	return slices.ContainsFunc(everyStep(c), func(s *testplans.Step) bool { return s.Capture != nil && s.Capture.Start != "" })
}

func usesRoutes(c *testplans.Case) bool {
	return slices.ContainsFunc(everyStep(c), func(s *testplans.Step) bool { return s.Routes != nil && s.Routes.Start != "" })
}

// faultsOf are the links, processes and nodes that a case may break, and others that
// are known to be broken, each once.
func faultsOf(c *testplans.Case, others []testplans.Fault) []testplans.Fault {
	all := others
	for _, s := range everyStep(c) {
		if s.Fault != nil && s.Fault.Whole() != "" {
			all = append(all, *s.Fault)
		}
		if s.Benchmark != nil && s.Benchmark.Process != nil {
			all = append(all, testplans.Fault{Process: s.Benchmark.Process})
		}
	}
	var faults []testplans.Fault
	seen := map[string]bool{}
	for _, f := range all {
		key := f.Link + f.Node // one is empty
		if f.Process != nil {
			key = f.Process.Node + " " + f.Process.Name
		}
		if !seen[key] {
			seen[key] = true
			faults = append(faults, f)
		}
	}
	return faults
}

// restartedBy are the nodes that a case restarts or switches off, each once.
func restartedBy(c *testplans.Case) []string {
	var nodes []string
	for _, s := range everyStep(c) {
		if s.Fault != nil && s.Fault.Node != "" && !slices.Contains(nodes, s.Fault.Node) {
			nodes = append(nodes, s.Fault.Node)
		}
	}
	return nodes
}

// judge is the verdict of an attempt and the sentence behind it. A step that
// could not be run makes a case that otherwise passed a skipped one: what it
// was to show has not been shown.
func judge(steps []results.Step) (check.Verdict, string) {
	var verdicts []check.Verdict
	skipped, own := false, 0
	for i := range steps {
		if steps[i].Phase != results.PhaseReset {
			own++
		}
		verdicts = append(verdicts, steps[i].Verdict)
		skipped = skipped || steps[i].Verdict == check.Skip
	}
	worst := check.Worst(verdicts...)
	if worst == check.Pass && skipped {
		worst = check.Skip
	}
	if worst == check.Pass {
		if own == 1 {
			return worst, "the step passed"
		}
		return worst, fmt.Sprintf("all %d steps passed", own)
	}
	for i := range steps {
		if steps[i].Verdict == worst {
			return worst, steps[i].Branch.Within(steps[i].Round, steps[i].Reason)
		}
	}
	return check.Error, "the case has no steps"
}

// where is a step's place in its plan, without the directory.
func where(s *testplans.Step) string {
	pos := s.Pos
	if pos.File != "" {
		pos.File = path.Base(pos.File)
	}
	return pos.String()
}
