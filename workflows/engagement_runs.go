package workflows

import (
	"fmt"
	"path"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows/scope"
)

// newRun makes a run of a request; its number counts those that wait.
func (e *engagement) newRun(r RunRequest) EngagementRun {
	number := len(e.s.Runs) + len(e.s.Queue) + 1
	return EngagementRun{
		ID: fmt.Sprintf("%s/run-%02d", e.in.Definition.ID, number), Plan: r.Plan, Cases: r.Cases, Tags: r.Tags, By: r.By,
	}
}

// child returns a context for a child workflow that is cancelled with its own
// function, and with the engagement if that is terminated: the lab must go.
func (e *engagement) child(ctx workflow.Context, id, summary string) workflow.Context {
	d := &e.in.Definition
	ctx, e.stop = workflow.WithCancel(ctx)
	e.running, e.stopped = id, false
	return workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:          id,
		WaitForCancellation: true,
		ParentClosePolicy:   enumspb.PARENT_CLOSE_POLICY_REQUEST_CANCEL,
		StaticSummary:       shorten(summary),

		TypedSearchAttributes: attributesOf(d),
		Memo:                  map[string]any{"engagement": d.ID, "customer": d.Customer},
	})
}

// finished says that nothing is running any more.
func (e *engagement) finished() {
	e.stop()
	e.running, e.waits = "", ""
	e.wake()
}

// replicate tries the lab; the window opens when it stood.
func (e *engagement) replicate(ctx workflow.Context) {
	d := &e.in.Definition
	child := e.child(ctx, d.ID+"/replication", "Replicate the network of "+d.Customer)
	future := workflow.ExecuteChildWorkflow(child, Replication, ReplicationInput{
		Backend: e.in.Backend, Topology: d.Topology, Lab: d.ID,
	})
	workflow.Go(ctx, func(ctx workflow.Context) {
		var result ReplicationResult
		err := future.Get(ctx, &result)
		if err == nil && e.s.Ending == "" {
			e.write(ctx, LedgerEntry{Kind: "replication", What: fmt.Sprintf(
				"the lab stood with %d nodes and every configuration committed, with %d warnings", result.Nodes, result.Warnings)})
			err = e.openWindow(ctx)
		}
		if err != nil && e.s.Ending == "" {
			e.s.Trouble = "the lab could not be replicated: " + reason(err)
			e.s.RetryAt = workflow.Now(ctx).Add(e.day() / replicationRetries)
			e.note(ctx, LedgerEntry{Kind: "replication", What: e.s.Trouble, Why: "it is tried again at " + clock(e.s.RetryAt)})
		}
		e.finished()
	})
}

// day is how long the first day is, as a measure.
func (e *engagement) day() time.Duration { return e.s.Term[1].Sub(e.s.Term[0]) }

// startRun starts a run as a child and notes what comes of it.
func (e *engagement) startRun(ctx workflow.Context, run EngagementRun) {
	plan := e.s.Scope.plan(run.Plan)
	if plan == nil {
		e.note(ctx, LedgerEntry{Kind: "run", What: run.Plan + " is not run", Why: "an amendment took it out of the scope"})
		return
	}
	run.Started = workflow.Now(ctx)
	e.s.Runs = append(e.s.Runs, run)
	at := len(e.s.Runs) - 1
	e.write(ctx, LedgerEntry{Kind: "run", Who: run.By, What: run.ID + " of " + run.Plan + " begins"})
	child := e.child(ctx, run.ID, "Run of "+plan.Title)
	future := workflow.ExecuteChildWorkflow(child, PlanRun, PlanRunInput{
		Run: run.ID, Plan: plan.File, Cases: run.Cases, Tags: run.Tags, Backend: e.in.Backend, Lab: e.in.Definition.ID,
		Out: path.Join(e.in.Out, path.Base(run.ID)), PlanHash: plan.Hash, PlanCopy: plan.Copy, Until: e.s.Window.Closes(),
		Wait: e.s.Window.Closes().Sub(run.Started),
	})
	workflow.Go(ctx, func(ctx workflow.Context) {
		var result RunResult
		if err := future.Get(ctx, &result); err != nil && !resultOf(err, &result) {
			result.Problem = reason(err)
		}
		e.ran(ctx, &e.s.Runs[at], &result)
		if result.Counts.Cases > 0 { // the plan was read
			e.edited(ctx, plan, result.Edited)
		}
		e.compareWith(ctx, &e.s.Runs[at], plan)
		e.finished()
	})
}

// plan is the plan of that name, or nil.
func (p *Proposal) plan(name string) *activities.PlanScope {
	for i := range p.Plans {
		if p.Plans[i].Name == name {
			return &p.Plans[i]
		}
	}
	return nil
}

// ran notes a run's end and its verdicts.
func (e *engagement) ran(ctx workflow.Context, run *EngagementRun, result *RunResult) {
	run.Finished, run.Counts, run.Problem = workflow.Now(ctx), result.Counts, result.Problem
	run.Verdict = result.Verdict
	if run.Verdict == "" {
		run.Verdict = check.Error
	}
	var world *activities.Engagement
	var verdicts []activities.CaseVerdict
	err := workflow.ExecuteActivity(record(ctx, "Read the verdicts of "+run.ID), world.Verdicts, run.ID).Get(ctx, &verdicts)
	if err != nil {
		run.Problem = orElse(run.Problem, "its verdicts could not be read: "+reason(err))
	}
	for _, v := range verdicts {
		e.stand(run, v)
	}
	n := run.Counts
	e.note(ctx, LedgerEntry{Kind: "run", What: fmt.Sprintf("%s ended: %s; %d passed, %d failed, %d erred, %d skipped",
		run.ID, run.Verdict, n.Pass, n.Fail, n.Error, n.Skip), Why: run.Problem})
}

// stand notes the verdict of a case. A skip is no run: it spends nothing and
// hides no earlier verdict.
func (e *engagement) stand(run *EngagementRun, v activities.CaseVerdict) {
	key := scope.CaseKey{Plan: run.Plan, Case: v.Case}
	if v.Verdict != check.Skip {
		e.s.Slots.MarkRan(key)
	}
	c := e.standing(key)
	if c == nil || v.Verdict == check.Skip && c.Verdict != "" {
		return
	}
	c.Verdict, c.Reason, c.Run = v.Verdict, v.Reason, run.ID
	if v.Verdict == check.Pass {
		c.Reason = ""
	}
}

// standing is the case of the scope, or nil.
func (e *engagement) standing(key scope.CaseKey) *CaseStanding {
	for i := range e.s.Cases {
		if e.s.Cases[i].CaseKey == key {
			return &e.s.Cases[i]
		}
	}
	return nil
}
