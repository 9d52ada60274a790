package workflows_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows"
)

// deployFailing refuses as many deployments.
func deployFailing(failures *int) func(context.Context, string) error {
	return func(_ context.Context, op string) error {
		if op == "deploy" && *failures > 0 {
			*failures--
			return errors.New("no room on this host")
		}
		return nil
	}
}

func TestHundredCases(t *testing.T) {
	matrix := "  - {id: M-001, title: 'Case {a}{b}', matrix: {a: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], b: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]}, steps: [{command: {node: r1, run: show version}}]}\n"
	t.Run("in one submission of two plans", func(t *testing.T) {
		d := newDeal(t, many(1, 60))
		forty, more := d.plan("forty", many(1, 40)), d.plan("more", many(1, 41))
		d.submit(days(1), "refused: this makes 101 cases after expansion, the cap is 100; leave out 1", d.in.Definition.Plans[0], more)
		d.submit(days(2), "revision 1 of the scope: 100 of 100 cases", d.in.Definition.Plans[0], forty)
		d.play()
	})
	t.Run("over several submissions", func(t *testing.T) {
		d := newDeal(t, many(1, 60))
		d.submit(days(1), "60 of 100 cases", d.in.Definition.Plans[0])
		more := d.plan("more", many(1, 41))
		d.submit(days(2), "refused: this makes 101 cases", d.in.Definition.Plans[0], more)
		d.submit(days(3), "41 of 100 cases", more)
		s := d.play()
		if s.Revision != 2 {
			t.Errorf("revision %d, want 2: one that is refused has no number", s.Revision)
		}
	})
	t.Run("by matrix", func(t *testing.T) {
		d := newDeal(t, matrix)
		one := d.plan("one", many(1, 1))
		d.submit(days(1), "refused: this makes 101 cases after expansion", d.in.Definition.Plans[0], one)
		d.submit(days(2), "100 of 100 cases", d.in.Definition.Plans[0])
		d.do(days(2.5), func() { d.plan("one", matrix+many(1, 1)) })
		d.submit(days(3), "refused: this makes 101 cases after expansion, the cap is 100; leave out 1", one)
		d.submit(days(3.1), "refused: this makes 201 cases after expansion, the cap is 100: one.yaml has 101, pair.yaml has 100; leave out 101", one, d.in.Definition.Plans[0])
		d.play()
	})
	t.Run("by amendment", func(t *testing.T) {
		d := newDeal(t, many(1, 3))
		d.agree(days(1))
		most, more := d.plan("most", many(1, 97)), d.plan("more", many(1, 98))
		d.amend(days(2), "refused: this makes 101 cases after expansion", d.in.Definition.Plans[0], more)
		d.amend(days(3), "amendment 1: 97 added (most/CASE-001, most/CASE-002, most/CASE-003, most/CASE-004, most/CASE-005, …); 100 of 100 cases", d.in.Definition.Plans[0], most)
		d.sign(days(4), "Bob", "amendment 1 is signed: 100 cases, 100 of 100 used")
		d.do(days(4.5), func() { d.plan("most", many(1, 101)) })
		d.amend(days(5), "refused: this makes 104 cases after expansion, the cap is 100: pair.yaml has 3, most.yaml has 101; leave out at least 4")
		s := d.play()
		if !strings.Contains(about(s, "warning"), "100 of 100 cases are used") {
			t.Errorf("warnings %q, want one of the cases", about(s, "warning"))
		}
	})
}

func TestAmendments(t *testing.T) {
	d := newDeal(t, many(1, 3))
	plan := d.in.Definition.Plans[0]
	d.amend(days(0.5), "refused: the scope is not signed yet", plan)
	d.agree(days(1))
	d.amend(days(1.5), "refused: the plans are those that were signed")
	// CASE-001 to 003 have run; they stay spent when they go.
	d.do(days(2), func() { d.plan("pair", many(2, 5)) })
	d.run(days(2.1), "begins") // of what was signed, not of what lies there
	d.amend(days(2.5), "amendment 1: 2 added (pair/CASE-004, pair/CASE-005), 1 removed (pair/CASE-001); 5 of 100 cases")
	d.run(days(2.6), "refused: no case is called CASE-004", "CASE-004")
	d.sign(days(3), "Ann", "amendment 1 is signed: 4 cases, 5 of 100 used")
	d.run(days(3.5), "begins", "CASE-004")
	// CASE-005 never ran; its slot is free again.
	d.do(days(4), func() { d.plan("pair", many(2, 4)) })
	d.amend(days(4.5), "1 removed (pair/CASE-005); 4 of 100 cases")
	d.sign(days(5), "Bob", "amendment 2 is signed: 3 cases, 4 of 100 used")
	s := d.play()
	if len(s.Runs) != 3 || s.Runs[1].Counts.Cases != 3 || s.Runs[1].Verdict != check.Pass {
		t.Fatalf("runs %+v; want the second to be of the three cases that were signed", s.Runs)
	}
	if s.Slots.Used() != 4 || s.Amendments != 2 {
		t.Errorf("%d slots used after %d amendments", s.Slots.Used(), s.Amendments)
	}
	var diffs []string
	for _, l := range s.Ledger {
		if l.Diff != nil {
			diffs = append(diffs, l.Diff.String())
		}
	}
	if want := "2 added (pair/CASE-004, pair/CASE-005), 1 removed (pair/CASE-001); 1 removed (pair/CASE-005)"; strings.Join(diffs, "; ") != want {
		t.Errorf("the ledger keeps the diffs %q, want %s", diffs, want)
	}
	for _, c := range s.Cases {
		if want := map[string]string{"CASE-002": "acme/run-02", "CASE-003": "acme/run-02", "CASE-004": "acme/run-03"}[c.Case]; c.Run != want || c.Verdict != check.Pass {
			t.Errorf("%s stands as %+v, want a pass of %s", c.Case, c, want)
		}
	}
}

// A plan on another topology, two plans of one name, and one with a mistake.
func TestPlansThatAreNoScope(t *testing.T) {
	d := newDeal(t, goodCase)
	d.submit(days(1), "refused: pair.yaml and pair.yaml are both called pair", d.in.Definition.Plans[0], d.in.Definition.Plans[0])
	d.do(days(2), func() { d.plan("pair", "  - {id: A, title: A}\n") })
	d.submit(days(2.1), "error: case lacks the key \"steps\"")
	d.play()

	elsewhere := newDeal(t, goodCase)
	elsewhere.in.Definition.Topology += ".other"
	elsewhere.submit(days(1), "refused: plan pair runs on")
	elsewhere.play()
}

func TestAcceptance(t *testing.T) {
	d := newDeal(t, goodCase+badCase)
	d.agree(days(2))
	d.signed(days(1), "Ann", workflows.AcceptUpdate, workflows.SignedRequest{}, "refused: there are no results to accept yet")
	d.signed(days(3), "Ann", workflows.AcceptUpdate, workflows.SignedRequest{Cases: []string{"pair/CFG-002"}, Reason: "as designed"}, "accepted: pair/CFG-002")
	d.signed(days(3.1), "Ann", workflows.WaiveUpdate, workflows.SignedRequest{Cases: []string{"CFG-002"}, Reason: "too"}, "refused: case pair/CFG-002 was accepted by Ann already")
	d.signed(days(4), "Bob", workflows.AcceptUpdate, workflows.SignedRequest{Reason: "fine"}, "the results are accepted")
	s := d.play()
	if !s.Accepted || took(s).Round(time.Hour) != days(4) || s.Ending != "the results were accepted by Bob" {
		t.Errorf("accepted %v, ended after %v: %s", s.Accepted, took(s), s.Ending)
	}
}

// Whenever it is cancelled, by a contact or from outside, no lab stays.
func TestCancelInEveryPhase(t *testing.T) {
	long := "  - {id: L-001, title: Long, steps: [{traffic: {run: flow, duration: 60s}}]}\n"
	for _, c := range []struct {
		name  string
		cases string
		fail  int // deployments that fail, so that it goes on replicating
		at    time.Duration
		phase workflows.EngagementPhase
	}{
		{"scoping", badCase, 0, days(1), workflows.EngagementScoping},
		{"replication", badCase, 1000, days(3), workflows.EngagementReplication},
		{"testing", badCase, 0, days(5), workflows.EngagementTesting},
		{"a run", long, 0, days(2) + 500*time.Millisecond, workflows.EngagementTesting},
		{"reporting", badCase, 0, days(25), workflows.EngagementReporting},
	} {
		for _, outside := range []bool{false, true} {
			name := c.name + " by a contact"
			if outside {
				name = c.name + " from outside"
			}
			t.Run(name, func(t *testing.T) {
				d := newDeal(t, c.cases)
				d.world.Before = deployFailing(&c.fail)
				if c.phase == workflows.EngagementScoping {
					d.submit(days(0.5), "revision 1")
				} else {
					d.agree(days(2))
				}
				var phase workflows.EngagementPhase
				d.do(c.at-time.Millisecond, func() { phase = d.status().State.Phase })
				if outside {
					d.do(c.at, d.env.CancelWorkflow)
				} else {
					d.signed(c.at, "Bob", workflows.CancelUpdate, workflows.SignedRequest{Reason: "no budget"}, "cancelled")
				}
				d.env.ExecuteWorkflow(workflows.Engagement, d.in)
				err := d.env.GetWorkflowError()
				if temporal.IsCanceledError(err) != outside || err != nil && !outside {
					t.Fatalf("it ended with %v", err)
				}
				if phase != c.phase {
					t.Errorf("it was in %s, want %s", phase, c.phase)
				}
				if d.world.Up() {
					t.Error("a lab was left up")
				}
				s := d.status().State
				if !s.Cancelled || s.Phase != workflows.EngagementClosed || s.Report == "" || took(&s)-c.at > 10*time.Second {
					t.Errorf("cancelled %v, phase %s, %v after", s.Cancelled, s.Phase, took(&s)-c.at)
				}
			})
		}
	}
}

// A calendar that cannot be drawn up ends the intake before anything is debited.
func TestIntakeWithoutACalendar(t *testing.T) {
	d := newDeal(t, goodCase)
	d.in.Definition.TimeZone = "Mars/Olympus"
	d.env.ExecuteWorkflow(workflows.Engagement, d.in)
	var app *temporal.ApplicationError
	if err := d.env.GetWorkflowError(); !errors.As(err, &app) || app.Type() != activities.TypePlan || !strings.Contains(err.Error(), "Mars/Olympus") {
		t.Errorf("it ended with %v", err)
	}
	if _, err := d.store.Account(t.Context(), "AS-1"); err == nil {
		t.Error("credits were debited")
	}
}
