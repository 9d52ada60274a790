package workflows_test

import (
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/scope"
)

func TestEngagement(t *testing.T) {
	d := newDeal(t, goodCase+badCase)
	d.run(days(0.1), "refused: the scope is not signed")
	d.submit(days(1), "revision 1 of the scope: 2 of 100 cases")
	d.submit(days(1.2), "revision 1 of the scope has these plans already")
	d.at(days(1.5), workflows.SubmitUpdate, func() any { return workflows.ScopeRequest{Reason: "as discussed"} }, "revision 2 of the scope")
	d.sign(days(2), "Sam", "refused: Sam is the service manager and cannot sign for the customer; one of the contacts can: Ann, Bob")
	d.signed(days(2.2), "Ann", workflows.SignUpdate, workflows.SignedRequest{Hash: "0123456789abcdef"}, "refused: the hash 0123456789ab is not that of revision 2")
	d.sign(days(2.5), "Ann", "revision 2 of the scope is signed: 2 cases, 2 of 100 used")
	d.sign(days(2.6), "Bob", "refused: nothing waits for a signature; the scope was signed by Ann")
	d.submit(days(3), "refused: the scope was signed by Ann")
	d.run(days(4), "acme/run-02 begins", "CFG-001")
	d.run(days(4.1), "refused: no case is called CFG-003", "CFG-003")
	d.signed(days(5), "Bob", workflows.AcceptUpdate, workflows.SignedRequest{}, "refused: 1 cases did not pass (pair/CFG-002); waive or accept them")
	d.signed(days(5), "Bob", workflows.WaiveUpdate, workflows.SignedRequest{Cases: []string{"CFG-001"}, Reason: "known"}, "refused: case pair/CFG-001 has the verdict pass")
	d.signed(days(5), "Bob", workflows.WaiveUpdate, workflows.SignedRequest{Cases: []string{"CFG-002"}}, "refused: a failure is not waived without a reason")
	d.signed(days(23), "Bob", workflows.WaiveUpdate, workflows.SignedRequest{Cases: []string{"CFG-002"}, Reason: "a known defect"}, "waived: pair/CFG-002")
	d.run(days(22.6), "refused: the test window closed on 2026-12-15 21:00:00 UTC")
	s := d.play()

	if s.Phase != workflows.EngagementClosed || took(s).Round(time.Hour) != days(23) {
		t.Errorf("phase %s after %v, want closed by the last decision on day 23", s.Phase, took(s))
	}
	if s.Window == nil || s.Window.Cut || s.Window.Closes().Sub(s.Window.Days.Start()) != days(20) {
		t.Errorf("window %+v, want 20 days", s.Window)
	}
	if len(s.Runs) != 2 || s.Runs[0].Verdict != check.Fail || s.Runs[0].Counts.Pass != 1 || s.Runs[1].Counts.Cases != 1 {
		t.Errorf("runs %+v, want the first full one and one of a single case", s.Runs)
	}
	if c := s.Cases[1]; c.Verdict != check.Fail || c.Decision == nil || c.Decision.By != "Bob" || c.Decision.Kind != "waived" {
		t.Errorf("CFG-002 stands as %+v", c)
	}
	wantWarnings := "the test window ends in 5 days, on 2026-12-15 21:00:00 UTC\nthe test window ends in 2 days, on 2026-12-15 21:00:00 UTC\nthe test window ends in 1 day, on 2026-12-15 21:00:00 UTC\n"
	if got := about(s, "warning"); got != wantWarnings {
		t.Errorf("warnings\n%swant\n%s", got, wantWarnings)
	}
	d.wantReport(s, "known defect", "revision 2 of the scope is signed", "40 credits debited from contract AS-1, 60 are left")
}

// wantReport checks what is in the report.
func (d *deal) wantReport(s *workflows.EngagementState, words ...string) {
	d.t.Helper()
	text, err := os.ReadFile(s.Report)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, w := range words {
		if !strings.Contains(string(text), w) {
			d.t.Errorf("the report lacks %q:\n%s", w, text)
		}
	}
}

// Every signature in the ledger can be verified afterwards.
func TestSignaturesStayVerifiable(t *testing.T) {
	d := newDeal(t, goodCase)
	d.agree(days(2))
	s := d.play()
	for _, l := range s.Ledger {
		if l.Kind != workflows.SignUpdate {
			continue
		}
		if l.Who != "Ann <ann@acme.example>" || l.Hash != s.Scope.Hash || l.Key != d.in.Keys[1].Key || l.Signature == "" || l.Day != 3 {
			t.Errorf("the signature is on record as %+v", l)
		}
		return
	}
	t.Error("no signature on record")
}

func TestWindowOfEngagement(t *testing.T) {
	for _, c := range []struct {
		name   string
		signed time.Duration
		closes time.Duration
		notice string
	}{
		{"day 3", days(2.5), days(22.5), ""},
		{"day 10", days(9.5), days(29.5), ""},
		{"day 11", days(10.5), days(30), "the test window opens on day 11, so it is cut at day 30"},
		{"day 30", days(29.5), days(30), "the test window opens on day 30, so it is cut at day 30"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDeal(t, goodCase)
			d.agree(c.signed)
			var told string
			d.do(c.signed+time.Hour, func() { told = about(&d.status().State, "notice") })
			s := d.play()
			if s.Window == nil || s.Window.Closes().Sub(kickoff).Round(time.Minute) != c.closes {
				t.Fatalf("window %+v, want it to close after %v", s.Window, c.closes)
			}
			if (told != "") != (c.notice != "") || !strings.Contains(told, c.notice) {
				t.Errorf("within an hour the customer is told %q, want %q", told, c.notice)
			}
			if len(s.Runs) != 1 || s.Runs[0].Verdict != check.Pass {
				t.Errorf("runs %+v", s.Runs)
			}
		})
	}
}

func TestWindowThatNeverOpens(t *testing.T) {
	d := newDeal(t, goodCase)
	d.submit(days(5), "revision 1")
	s := d.play()
	if s.Window != nil || took(s) != days(30) || s.Ending != "day 30 is over" || len(s.Runs) != 0 {
		t.Errorf("ended after %v because %s, window %v", took(s), s.Ending, s.Window)
	}
	if got := strings.Count(about(s, "warning"), "the engagement ends in"); got != 3 {
		t.Errorf("%d warnings of the engagement's end, want 3", got)
	}
	d.wantReport(s, "The test window never opened.", "The scope was never signed.")
}

// A lab that cannot be built keeps the window shut; it is tried again.
func TestReplicationThatFails(t *testing.T) {
	d := newDeal(t, goodCase)
	failures := 30
	d.world.Before = deployFailing(&failures)
	d.agree(days(2))
	var trouble string
	d.do(days(2.1), func() { trouble = d.status().State.Trouble })
	s := d.play()
	if !strings.Contains(trouble, "no room on this host") {
		t.Errorf("trouble %q", trouble)
	}
	if s.Window == nil || len(s.Runs) != 1 {
		t.Errorf("window %v, runs %+v: want both once the lab stood", s.Window, s.Runs)
	}
}

// A lab that never stands does not keep the engagement beyond its last day.
func TestReplicationThatNeverSucceeds(t *testing.T) {
	d := newDeal(t, goodCase)
	failures := math.MaxInt
	d.world.Before = deployFailing(&failures)
	d.agree(days(2))
	s := d.play()
	if s.Window != nil || took(s) != days(30) || s.Ending != "day 30 is over" || len(s.Runs) != 0 {
		t.Errorf("ended after %v because %s, window %v", took(s), s.Ending, s.Window)
	}
	if tried := strings.Count(about(s, "replication"), "no room on this host"); tried < 100 || tried > 4*28 {
		t.Errorf("the lab was tried %d times in 28 days, want four times a day", tried)
	}
	d.wantReport(s, "The test window never opened.", "signed by Ann")
}

// A run that is still going when the window closes: what runs finishes, what
// has not begun is skipped.
func TestWindowClosesDuringARun(t *testing.T) {
	d := newDeal(t, `
  - id: LONG-001
    title: It outlasts the window
    steps:
      - traffic: {run: flow, duration: 6s}
`+goodCase)
	d.in.Day = 200 * time.Millisecond // a window of four seconds
	d.agreeSoon()
	s := d.play()
	if len(s.Runs) != 1 || s.Runs[0].Counts.Pass != 1 || s.Runs[0].Counts.Skip != 1 || s.Runs[0].Problem != "" {
		t.Fatalf("runs %+v, want one pass and one skip", s.Runs)
	}
	if c := s.Cases[1]; c.Verdict != check.Skip || !strings.Contains(c.Reason, "outside the test window") {
		t.Errorf("the second case stands as %+v", c)
	}
	if s.Slots[0].Ran != true || s.Slots[1].Ran != false {
		t.Errorf("slots %+v: a skip is no run", s.Slots)
	}
}

// A run that does not end, whatever its steps do, is cut an hour after the window
// has closed.
func TestRunThatDoesNotEndIsCut(t *testing.T) {
	d := newDeal(t, goodCase)
	stuck := func(ctx workflow.Context, _ workflows.PlanRunInput) (*workflows.RunResult, error) {
		return nil, workflow.Sleep(ctx, days(365))
	}
	d.env = d.bench.env() // without what newDeal has put between workflows
	d.env.SetStartTime(kickoff)
	d.env.RegisterWorkflowWithOptions(stuck, workflow.RegisterOptions{Name: "PlanRun", DisableAlreadyRegisteredCheck: true})
	d.agree(days(2))
	d.run(days(21), "acme/run-02 runs when the lab is free; before it: 1")
	s := d.play()
	if len(s.Runs) != 1 || s.Runs[0].Finished.Sub(s.Window.Closes()).Round(time.Minute) != time.Hour || s.Runs[0].Verdict != check.Error {
		t.Errorf("runs %+v; want one that was cut an hour after %s", s.Runs, s.Window.Closes())
	}
	if got := about(s, "run"); !strings.Contains(got, "acme/run-02 is not run any more") {
		t.Errorf("the ledger says of the runs %q; want that the second did not begin", got)
	}
}

func TestPrerequisites(t *testing.T) {
	contacts := func(n int) []testplans.Person { return make([]testplans.Person, n) }
	for _, c := range []struct {
		name   string
		change func(*testplans.Engagement)
		want   string // "" is taken in
	}{
		{"as it is", func(*testplans.Engagement) {}, ""},
		{"one contact", func(e *testplans.Engagement) { e.Contacts = contacts(1) }, "2 to 6 senior technical contacts, not 1"},
		{"six contacts", func(e *testplans.Engagement) { e.Contacts = contacts(6) }, ""},
		{"seven contacts", func(e *testplans.Engagement) { e.Contacts = contacts(7) }, "2 to 6 senior technical contacts, not 7"},
		{"no care contract", func(e *testplans.Engagement) { e.Care = "" }, "a Juniper Care contract is the prerequisite"},
		{"no service manager", func(e *testplans.Engagement) { e.ServiceManager = testplans.Person{} }, "has a service manager"},
		{"expired credits", func(e *testplans.Engagement) { e.Contract.Activated = "2025-11-23" }, "its credits expired on 2026-11-23"},
		{"credits of tomorrow", func(e *testplans.Engagement) { e.Contract.Activated = "2026-11-24" }, "activated on 2026-11-24 only"},
		{"too few credits", func(e *testplans.Engagement) { e.Contract.Price = 101 }, "at most 100 credits can be debited"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDeal(t, goodCase)
			c.change(&d.in.Definition)
			d.env.ExecuteWorkflow(workflows.Engagement, d.in)
			err := d.env.GetWorkflowError()
			var app *temporal.ApplicationError
			if (err == nil) != (c.want == "") || err != nil && (!errors.As(err, &app) || app.Type() != activities.TypeRefused || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// Credits that expire during the engagement have been redeemed.
func TestCreditsExpireDuringTheEngagement(t *testing.T) {
	d := newDeal(t, goodCase)
	d.in.Definition.Contract.Activated = "2025-12-01"
	d.agree(days(10))
	s := d.play()
	if got := about(s, "notice"); !strings.Contains(got, "expire on 2026-12-01 00:00:00 UTC, before day 30") {
		t.Errorf("notices %q", got)
	}
	if len(s.Runs) != 1 || s.Balance != 60 {
		t.Errorf("runs %+v, balance %d", s.Runs, s.Balance)
	}
	account, err := d.store.Account(t.Context(), "AS-1")
	if err != nil || len(account.Debits) != 1 {
		t.Errorf("account %+v, %v", account, err)
	}
}

func TestTokens(t *testing.T) {
	d := newDeal(t, goodCase)
	stranger, _, err := scope.NewToken()
	if err != nil {
		t.Fatal(err)
	}
	fresh, key, err := scope.NewToken()
	if err != nil {
		t.Fatal(err)
	}
	d.tokens["Eve"], d.tokens["Ann's new"] = stranger, fresh
	replace := workflows.SignedRequest{Holder: &workflows.KeyHolder{Person: testplans.Person{Email: "ANN@acme.example"}, Key: key}}
	d.submit(days(1), "revision 1")
	d.sign(days(2), "Eve", "refused: the token belongs to nobody in this engagement, or was replaced; the contacts are Ann, Bob")
	d.signed(days(3), "Bob", workflows.ReissueUpdate, replace, "refused: Bob is not the service manager")
	d.signed(days(3), "Sam", workflows.ReissueUpdate, replace, "the former token of Ann is worth nothing any more")
	d.sign(days(4), "Ann", "refused: the token belongs to nobody")
	var captured workflows.SignedRequest
	d.at(days(5), workflows.SignUpdate, func() any {
		captured, err = workflows.SignedRequest{Hash: d.status().State.Proposal.Hash}.Sign(fresh, "acme", workflows.CancelUpdate)
		return captured
	}, "refused: the signature of Ann is not one of this request")
	d.sign(days(6), "Ann's new", "is signed")
	d.signed(days(7), "Eve", workflows.CancelUpdate, workflows.SignedRequest{Reason: "spite"}, "refused: the token belongs to nobody")
	if s := d.play(); s.Scope == nil || s.Scope.SignedBy != "Ann" {
		t.Errorf("scope %+v", s.Scope)
	}
}

// A signature that somebody has seen in a history cannot be used again.
func TestSignatureIsUsedOnce(t *testing.T) {
	d := newDeal(t, badCase)
	d.agree(days(1))
	var waiver workflows.SignedRequest
	request := func() any {
		if waiver.Signature.Value == "" {
			var err error
			waiver, err = workflows.SignedRequest{Cases: []string{"CFG-002"}, Reason: "known"}.Sign(d.tokens["Ann"], "acme", workflows.WaiveUpdate)
			if err != nil {
				t.Error(err)
			}
		}
		return waiver
	}
	d.at(days(2), workflows.WaiveUpdate, request, "waived")
	d.amend(days(3), "amendment 1", d.in.Definition.Plans[0])
	d.do(days(2.5), func() { d.plan("pair", strings.Replace(badCase, "lab", "elsewhere", 1)) })
	d.sign(days(4), "Bob", "amendment 1 is signed")
	d.run(days(5), "begins")
	d.at(days(6), workflows.WaiveUpdate, request, "refused: the signature has been used before")
	s := d.play()
	if s.Cases[0].Decision != nil || s.Cases[0].Verdict != check.Fail {
		t.Errorf("the changed case stands as %+v, want a failure without a decision", s.Cases[0])
	}
}

// The next part of a long engagement knows all that the first did.
func TestContinueAsNew(t *testing.T) {
	d := newDeal(t, goodCase+badCase)
	d.agree(days(2))
	d.do(days(5.5), func() { d.env.SetContinueAsNewSuggested(true) })
	d.amend(days(5.5)+time.Millisecond, "refused: the plans are those that were signed")
	d.at(days(5.5)+time.Millisecond, workflows.RunUpdate, func() any { return workflows.RunRequest{Cases: []string{"CFG-002"}, By: "the lab"} }, "acme/run-02 begins")
	d.env.ExecuteWorkflow(workflows.Engagement, d.in)
	var next *workflow.ContinueAsNewError
	if !errors.As(d.env.GetWorkflowError(), &next) {
		t.Fatalf("it ended with %v, want a continuation", d.env.GetWorkflowError())
	}
	if d.acts != d.due {
		t.Errorf("%d of %d updates were answered before the continuation", d.acts, d.due)
	}
	in := again(t, next.Input.Payloads[0].Data)
	if in.State == nil || in.State.Phase != workflows.EngagementTesting || len(in.State.Runs) != 2 || in.State.Runs[1].Finished.IsZero() {
		t.Fatalf("carried over: %+v; want two runs that have ended", in.State)
	}

	later := &deal{bench: d.bench, env: d.bench.env(), in: in, tokens: d.tokens}
	now := in.State.Ledger[len(in.State.Ledger)-1].At
	later.env.SetStartTime(now)
	later.signed(oneDay, "Bob", workflows.WaiveUpdate, workflows.SignedRequest{Cases: []string{"CFG-002"}, Reason: "known"}, "waived")
	later.run(2*oneDay, "acme/run-03 begins", "CFG-001")
	s := later.play()
	if s.Parts != 1 || len(s.Runs) != 3 || s.Cases[1].Decision == nil || took(s).Round(time.Hour) != days(22) {
		t.Errorf("ended after %v in part %d with %d runs", took(s), s.Parts, len(s.Runs))
	}
	for i, l := range s.Ledger {
		if l.Number != i+1 {
			t.Errorf("entry %d of the ledger has the number %d", i+1, l.Number)
		}
	}
	if account, err := d.store.Account(t.Context(), "AS-1"); err != nil || len(account.Debits) != 1 {
		t.Errorf("account %+v, %v: want one debit", account, err)
	}
}
