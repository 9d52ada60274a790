package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows/scope"
)

const (
	// runGrace is how long a run may go on after its window has closed: the case
	// that was running then has time-outs of its own, and the lab is taken down.
	runGrace = time.Hour
	// replicationRetries is how often a day the lab is tried again.
	replicationRetries = 4
)

// advance does what the state and the time ask for. It calls wake if it did
// something that may ask for more.
func (e *engagement) advance(ctx workflow.Context) error {
	now := workflow.Now(ctx)
	e.warn(ctx, now)
	if !now.Before(e.s.Term.End()) {
		e.end(fmt.Sprintf("day %d is over", scope.EngagementDays), false)
	}
	switch e.s.Phase {
	case EngagementScoping:
		if e.s.Ending == "" && e.s.Scope != nil {
			e.enter(ctx, EngagementReplication)
		}
	case EngagementReplication:
		if e.s.Ending == "" && e.running == "" && !now.Before(e.s.RetryAt) {
			e.replicate(ctx)
		}
	case EngagementTesting:
		e.test(ctx, now)
	case EngagementReporting:
		if open, _ := e.undecided(); len(open) == 0 {
			e.end("the test window closed and no case waits for a decision", false)
		}
	}
	if e.s.Ending == "" && !e.windowClosed(now) {
		return nil
	}
	e.stopRunning(now)
	switch {
	case e.running != "":
	case e.s.Phase != EngagementReporting:
		e.s.Proposal = nil
		e.enter(ctx, EngagementReporting)
	case e.s.Ending != "":
		return e.report(ctx)
	}
	return nil
}

func (e *engagement) windowClosed(now time.Time) bool {
	return e.s.Window != nil && !now.Before(e.s.Window.Closes())
}

// test starts the next run while the window is open. When it has closed, or
// the engagement ends, what waits is dropped.
func (e *engagement) test(ctx workflow.Context, now time.Time) {
	e.nights(ctx, now)
	if e.s.Ending != "" || e.windowClosed(now) {
		for i := range e.s.Queue {
			e.note(ctx, LedgerEntry{Kind: "run", What: e.s.Queue[i].ID + " is not run any more", Why: orElse(e.s.Ending, "the test window closed")})
		}
		e.s.Queue = nil
		return
	}
	if e.running == "" && len(e.s.Queue) > 0 {
		next := e.s.Queue[0]
		e.s.Queue = e.s.Queue[1:]
		e.startRun(ctx, next)
	}
}

// stopRunning cancels what is running: at once if the engagement is cancelled
// or still replicating, otherwise after its grace.
func (e *engagement) stopRunning(now time.Time) {
	if e.running == "" || e.stopped {
		return
	}
	if e.s.Cancelled || e.s.Phase == EngagementReplication || !now.Before(e.graceEnd()) {
		e.stopped = true
		e.stop()
	}
}

func (e *engagement) graceEnd() time.Time { return e.s.Window.Closes().Add(runGrace) }

// warn announces what is ahead, once each. While the window has yet to be
// closed, nothing later than its closing is: after an outage the ledger has the
// order that it would have had without.
func (e *engagement) warn(ctx workflow.Context, now time.Time) {
	until := now
	if e.s.Phase == EngagementTesting && e.windowClosed(now) {
		until = e.s.Window.Closes()
	}
	for len(e.s.Ahead) > 0 && !until.Before(e.s.Ahead[0].At) {
		e.note(ctx, LedgerEntry{Kind: "warning", What: e.s.Ahead[0].Text})
		e.s.Ahead = e.s.Ahead[1:]
	}
	if !e.s.Nearly && e.s.Slots.NearlyUsed() {
		e.s.Nearly = true
		e.note(ctx, LedgerEntry{Kind: "warning", What: fmt.Sprintf("%d of %d cases are used", e.s.Slots.Used(), scope.MaxCases)})
	}
}

// sleep waits for the next moment at which something is due, or for an event.
func (e *engagement) sleep(ctx workflow.Context) error {
	at, what := e.next(workflow.Now(ctx))
	_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout: max(at.Sub(workflow.Now(ctx)), time.Millisecond), TimerOptions: workflow.TimerOptions{Summary: what},
	}, func() bool { return e.woken })
	return err
}

// next is the next moment at which something is due, and what.
func (e *engagement) next(now time.Time) (time.Time, string) {
	at, what := now.Add(24*time.Hour), "Look again"
	earlier := func(t time.Time, text string) {
		if t.After(now) && t.Before(at) {
			at, what = t, text
		}
	}
	if day := e.s.Term.Number(now); day > 0 && day < e.s.Term.Len() {
		earlier(e.s.Term[day], fmt.Sprintf("Day %d begins", day+1))
	}
	earlier(e.s.Term.End(), "The engagement ends")
	if w := e.s.Window; w != nil {
		earlier(w.Closes(), "The test window closes")
		if e.running != "" {
			earlier(e.graceEnd(), "The run is cut")
		}
	}
	if len(e.s.Ahead) > 0 {
		earlier(e.s.Ahead[0].At, "Announce: "+e.s.Ahead[0].Text)
	}
	if e.s.Phase == EngagementTesting && e.s.NextNight < len(e.s.Window.Nights) {
		earlier(e.s.Window.Nights[e.s.NextNight], "The nightly regression begins")
	}
	if e.s.Phase == EngagementReplication {
		earlier(e.s.RetryAt, "Try to replicate the lab again")
	}
	return at, shorten(what)
}

// openWindow begins the test days.
func (e *engagement) openWindow(ctx workflow.Context) error {
	var world *activities.Engagement
	var w scope.Window
	err := workflow.ExecuteActivity(record(ctx, "Draw up the days of the test window"), world.OpenWindow, activities.WindowInput{
		Definition: e.in.Definition, Day: e.in.Day, Term: e.s.Term, At: workflow.Now(ctx),
	}).Get(ctx, &w)
	if err != nil {
		return err
	}
	e.s.Window = &w
	e.s.Ahead = ordered(append(e.s.Ahead, scope.Warnings(w.Days, "the test window")...))
	e.enter(ctx, EngagementTesting)
	e.note(ctx, LedgerEntry{Kind: "window", What: "the test window is open until " + clock(w.Closes())})
	if notice := w.Notice(e.s.Term); notice != "" {
		e.note(ctx, LedgerEntry{Kind: "notice", What: notice})
	}
	for _, p := range e.s.Scope.Plans {
		e.s.Queue = append(e.s.Queue, e.newRun(RunRequest{Plan: p.Name, By: "the engagement: the first full run"}))
	}
	return nil
}

// ordered sorts warnings by their times; there are half a dozen.
func ordered(w []scope.Warning) []scope.Warning {
	for i := range w {
		for j := i; j > 0 && w[j].At.Before(w[j-1].At); j-- {
			w[j], w[j-1] = w[j-1], w[j]
		}
	}
	return w
}

// undecided are the cases about which a contact has to decide, and those that
// have not run.
func (e *engagement) undecided() (open, notRun []string) {
	for i := range e.s.Cases {
		c := &e.s.Cases[i]
		switch {
		case c.Verdict == "":
			notRun = append(notRun, c.CaseKey.String())
		case c.Open():
			open = append(open, c.CaseKey.String())
		}
	}
	return open, notRun
}

// passedAndFailed counts the cases of the scope.
func (e *engagement) passedAndFailed() (passed, failed int) {
	for i := range e.s.Cases {
		switch e.s.Cases[i].Verdict {
		case check.Pass:
			passed++
		case check.Fail, check.Error:
			failed++
		}
	}
	return passed, failed
}
