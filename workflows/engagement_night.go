package workflows

import (
	"fmt"
	"path"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/notice"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/workflows/scope"
)

// nights begins the nightly regression when its time has come, or notes why it
// is left out. It spends no slot: its cases are in the scope.
func (e *engagement) nights(ctx workflow.Context, now time.Time) {
	if e.s.LeftOut != nil && e.s.LeftOut.By != e.running {
		e.othersLeftOut(ctx)
	}
	for e.s.NextNight < len(e.s.Window.Nights) && !now.Before(e.s.Window.Nights[e.s.NextNight]) {
		due := e.s.Window.Nights[e.s.NextNight]
		e.s.NextNight++
		plan := e.nightPlan()
		why := e.nightRefused(plan, due, now)
		switch {
		case why == "":
			e.startNight(ctx, e.nightID(e.s.NextNight), plan)
		case e.s.LeftOut == nil:
			e.note(ctx, LedgerEntry{Kind: "night", What: e.nightID(e.s.NextNight) + " is left out", Why: why})
			if e.running != "" {
				e.s.LeftOut = &LeftOut{By: e.running}
			}
		case e.s.LeftOut.First == 0:
			e.s.LeftOut.First = e.s.NextNight
			fallthrough
		default:
			e.s.LeftOut.Last = e.s.NextNight
		}
	}
}

func (e *engagement) nightID(n int) string {
	return fmt.Sprintf("%s/night-%02d", e.in.Definition.ID, n)
}

// othersLeftOut notes the nights that a run has kept from beginning, after the
// first, of which it is said already.
func (e *engagement) othersLeftOut(ctx workflow.Context) {
	l := e.s.LeftOut
	e.s.LeftOut = nil
	why := l.By + " was going on"
	switch {
	case l.First == 0:
	case l.First == l.Last:
		e.note(ctx, LedgerEntry{Kind: "night", What: e.nightID(l.First) + " was left out too", Why: why})
	default:
		e.note(ctx, LedgerEntry{Kind: "night", What: fmt.Sprintf("%s to %02d were left out too", e.nightID(l.First), l.Last), Why: why})
	}
}

// nightPlan is the plan of the scope that nights run, which an amendment may have
// moved to another file; nil if it is not there any more.
func (e *engagement) nightPlan() *activities.PlanScope {
	plans := e.s.Scope.Plans
	for i := range plans {
		if want := e.in.Definition.Nightly.Plan; want == "" || plans[i].File == want || plans[i].Name == e.s.NightPlan {
			return &plans[i]
		}
	}
	return nil
}

// nightRefused says why a night that is due cannot begin now, "" if it can.
func (e *engagement) nightRefused(plan *activities.PlanScope, due, now time.Time) string {
	switch {
	case e.s.Ending != "":
		return e.s.Ending
	case e.windowClosed(now):
		return "the test window closed"
	case now.Sub(due) > e.s.Window.CatchUp():
		return "its time was " + clock(due) + ", and nobody was there to begin it"
	case e.running != "":
		return e.running + " is going on"
	case len(e.s.Queue) > 0:
		return e.s.Queue[0].ID + " waits for the lab"
	case plan == nil:
		return "an amendment took its plan out of the scope"
	}
	return ""
}

// startNight starts a night as a child and notes what comes of it.
func (e *engagement) startNight(ctx workflow.Context, id string, plan *activities.PlanScope) {
	d := &e.in.Definition
	night := EngagementNight{ID: id, Run: id + "/run", Plan: plan.Name, Started: workflow.Now(ctx), Baseline: e.baselineOf(plan)}
	e.s.Nights = append(e.s.Nights, night)
	at := len(e.s.Nights) - 1
	e.write(ctx, LedgerEntry{Kind: "night", What: id + " of " + plan.Name + " begins"})
	in := NightlyInput{
		Name: d.ID, Plan: plan.File, Cases: d.Nightly.Cases, Tags: d.Nightly.Tags,
		Backend: orElse(d.Nightly.Backend, e.in.Backend), Lab: d.ID + "-" + path.Base(id), Out: path.Join(e.in.Out, path.Base(id)),
		Within: time.Duration(d.Nightly.Within),
		Of: &NightOf{
			Engagement: d.ID, Customer: d.Customer, Release: d.Release, Run: night.Run, PlanHash: plan.Hash, PlanCopy: plan.Copy, Until: e.s.Window.Closes(),
			Baseline: orElse(night.Baseline, night.Run),
		},
	}
	if in.Within == 0 {
		in.Within = NightWithin
	}
	future := workflow.ExecuteChildWorkflow(e.child(ctx, id, "Nightly regression of "+plan.Title), Nightly, in)
	workflow.Go(ctx, func(ctx workflow.Context) {
		result := &NightlyResult{}
		if err := future.Get(ctx, result); err != nil && !nightlyResultOf(err, result) {
			result.Night = *notice.Unknown(d.ID, night.Run, plan.Name, reason(err))
		}
		e.slept(ctx, &e.s.Nights[at], plan, &result.Night)
		if result.Counts.Cases > 0 { // the plan was read
			e.edited(ctx, plan, result.Edited)
		}
		e.finished()
	})
}

// slept notes what came of a night. Its verdicts spend slots that were free to
// be had back, as any run does; they stand for a case only if it has no other:
// what the contacts decide about comes of the runs that people asked for.
func (e *engagement) slept(ctx workflow.Context, night *EngagementNight, plan *activities.PlanScope, came *notice.Night) {
	night.Finished, night.Outcome, night.Verdict, night.Counts = workflow.Now(ctx), came.Outcome, came.Verdict, came.Counts
	night.Headline, night.Problem, night.Report = came.Headline(), came.Problem, came.Report
	night.compared(came.Changes)
	var world *activities.Engagement
	var verdicts []activities.CaseVerdict
	err := workflow.ExecuteActivity(record(ctx, "Read the verdicts of "+night.Run), world.Verdicts, night.Run).Get(ctx, &verdicts)
	if err != nil {
		night.Problem = orElse(night.Problem, "its verdicts could not be read: "+reason(err))
	}
	run := &EngagementRun{ID: night.Run, Plan: night.Plan}
	for _, v := range verdicts {
		key := scope.CaseKey{Plan: night.Plan, Case: v.Case}
		if c := e.standing(key); c != nil && c.Verdict != "" && c.Verdict != check.Skip {
			if v.Verdict != check.Skip {
				e.s.Slots.MarkRan(key)
			}
			continue
		}
		e.stand(run, v)
	}
	if came.Outcome == notice.FirstBaseline {
		e.s.Baselines = append(e.s.Baselines, NightBaseline{Plan: plan.Name, Hash: plan.Hash, Run: night.Run})
		night.Baseline = night.Run
	}
	entry := e.write(ctx, LedgerEntry{Kind: "night", What: night.ID + " ended: " + night.Headline, Why: night.Problem})
	if came.Tell {
		e.tell(entry, came)
	}
}

// compared notes how a night differs from its baseline: the first of the cases
// that changed, so that the nights of a whole engagement do not fill its state,
// and how many there are.
func (night *EngagementNight) compared(changes []results.CaseChange) {
	const most = 20
	for _, c := range changes {
		switch c.Change {
		case results.NewFail:
			night.NewFail++
		case results.NotComparable:
			night.NotJudged++
		case results.Fixed:
			night.Fixed++
		}
		if len(night.Changes) == most {
			night.More++
			continue
		}
		night.Changes = append(night.Changes, NightChange{Case: c.ID, Change: c.Change, Reason: check.Shorten(c.Reason, 160)})
	}
}

// baselineOf is the run that nights of a plan are compared with, "" if there
// is none.
func (e *engagement) baselineOf(plan *activities.PlanScope) string {
	for _, b := range e.s.Baselines {
		if b.Plan == plan.Name && b.Hash == plan.Hash {
			return b.Run
		}
	}
	return ""
}

// compareWith makes a run the one that nights are compared with, if it is the
// first full one of the plan as it is signed and every case was judged.
func (e *engagement) compareWith(ctx workflow.Context, run *EngagementRun, plan *activities.PlanScope) {
	full := len(run.Cases) == 0 && len(run.Tags) == 0 && run.Problem == "" && run.Counts.Cases > 0 && run.Counts.Error+run.Counts.NotRun == 0
	if e.in.Definition.Nightly == nil || !full || e.baselineOf(plan) != "" {
		return
	}
	e.s.Baselines = append(e.s.Baselines, NightBaseline{Plan: plan.Name, Hash: plan.Hash, Run: run.ID})
	e.write(ctx, LedgerEntry{Kind: "baseline", What: fmt.Sprintf("the nights of %s are compared with %s", plan.Name, run.ID)})
}
