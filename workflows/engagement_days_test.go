package workflows_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/workflows"
)

// A whole engagement to its last day: nobody decides about the failure, so that
// nothing but day 30 ends it, in calendar days and in working days.
func TestThirtyDays(t *testing.T) {
	for _, c := range []struct {
		name     string
		calendar string
		holidays []string
		closes   string // signed on Wednesday of the first week, at 21:00
		ends     string
		nights   int
	}{
		{"calendar days", testplans.CalendarDays, nil, "2026-12-15 21:00", "2026-12-23 09:00", 20},
		{"working days", testplans.WorkingDays, nil, "2026-12-23 21:00", "2027-01-04 09:00", 20},
		{"working days and holidays", testplans.WorkingDays, []string{"2026-12-08", "2026-12-25", "2027-01-01"}, "2026-12-24 21:00", "2027-01-07 09:00", 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDeal(t, goodCase+badCase)
			def := &d.in.Definition
			def.Calendar, def.Holidays, def.Nightly = c.calendar, c.holidays, &testplans.EngagementNightly{At: "02:00"}
			d.agree(days(2.5))
			d.run(days(9), "acme/run-02 begins")
			d.run(days(16), "acme/run-03 begins", "CFG-002")
			s := d.play()
			const layout = "2006-01-02 15:04"
			if got := s.Window.Closes().Format(layout); got != c.closes || s.Window.Days.Len() != 20 || s.Window.Cut {
				t.Errorf("the window closes on %s after %d days, want %s", got, s.Window.Days.Len(), c.closes)
			}
			if got := s.PhaseSince.Format(layout); got != c.ends || s.Ending != "day 30 is over" || s.Term.Len() != 30 {
				t.Errorf("it ended on %s because %s, want %s", got, s.Ending, c.ends)
			}
			if len(s.Runs) != 3 || len(s.Nights) != c.nights {
				t.Errorf("%d runs and %d nights, want 3 and %d", len(s.Runs), len(s.Nights), c.nights)
			}
			for what, want := range map[string]int{"the test window ends in": 3, "the engagement ends in": 3} {
				if got := strings.Count(about(s, "warning"), what); got != want {
					t.Errorf("%q was announced %d times, want %d", what, got, want)
				}
			}
			wantOrder(t, s)
			d.wantReport(s, "It ended on day 30 of 30: day 30 is over.", "## Nights", "CFG-002")
		})
	}
}

// wantOrder checks that the ledger is in the order of its times and numbers.
func wantOrder(t *testing.T, s *workflows.EngagementState) {
	t.Helper()
	for i := range s.Ledger {
		if s.Ledger[i].Number != i+1 || i > 0 && s.Ledger[i].At.Before(s.Ledger[i-1].At) {
			t.Errorf("entry %d of the ledger has the number %d and the time %s", i+1, s.Ledger[i].Number, s.Ledger[i].At)
		}
	}
}

// An engagement that is cancelled while it is taken in ends, with its debit on
// record.
func TestCancelInIntake(t *testing.T) {
	d := newDeal(t, goodCase)
	var phase workflows.EngagementPhase
	d.env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		if info.ActivityType.Name == "Intake" {
			phase = d.status().State.Phase
			d.env.CancelWorkflow()
		}
	})
	d.env.ExecuteWorkflow(workflows.Engagement, d.in)
	if err := d.env.GetWorkflowError(); !temporal.IsCanceledError(err) {
		t.Fatalf("it ended with %v", err)
	}
	s := d.status().State
	if phase != workflows.EngagementIntake || s.Phase != workflows.EngagementClosed || !s.Cancelled || took(&s) > time.Minute || len(d.world.Log("deploy")) > 0 {
		t.Errorf("cancelled in %q: %s after %v", phase, s.Phase, took(&s))
	}
	if account, err := d.store.Account(t.Context(), "AS-1"); err != nil || len(account.Debits) != 1 {
		t.Errorf("account %+v, %v", account, err)
	}
}

// After an outage over several of its moments, an engagement brings its ledger
// into the order that it would have had.
func TestOutageOverTheWindowsEnd(t *testing.T) {
	d := newDeal(t, badCase)
	d.agree(days(2.5))
	d.do(days(3), func() { d.env.SetContinueAsNewSuggested(true) })
	d.amend(days(3)+time.Millisecond, "refused: the plans are those that were signed")
	d.env.ExecuteWorkflow(workflows.Engagement, d.in)
	later := &deal{bench: d.bench, env: d.bench.env(), in: continuation(t, d.env.GetWorkflowError()), tokens: d.tokens}
	later.env.SetStartTime(kickoff.Add(days(28.5))) // the window closed on day 23
	s := later.play()
	var kinds []string
	for _, l := range s.Ledger {
		if what := l.Kind + ": " + l.What; l.Kind == "warning" || l.Kind == "phase" {
			what, _, _ = strings.Cut(what, ", on ")
			kinds = append(kinds, what)
		}
	}
	const want = `phase: scoping
phase: replication
phase: testing
warning: the test window ends in 5 days
warning: the test window ends in 2 days
warning: the test window ends in 1 day
phase: reporting
warning: the engagement ends in 5 days
warning: the engagement ends in 2 days
warning: the engagement ends in 1 day
phase: closed`
	if got := strings.Join(kinds, "\n"); got != want {
		t.Errorf("the ledger says\n%s\nwant\n%s", got, want)
	}
}
