package workflows_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/workflows"
)

// listen makes a webhook lab-chat that the engagement tells, and returns what
// receives it.
func (d *deal) listen(answers ...int) *chat {
	d.t.Helper()
	to := newChat(d.t, answers...)
	d.webhook = func(name string) (activities.Webhook, error) {
		if name != "lab-chat" {
			return activities.Webhook{}, errors.New("no webhook named " + name)
		}
		return activities.Webhook{URL: to.URL}, nil
	}
	d.in.Definition.Notify = []string{"lab-chat"}
	return to
}

// continuation is the input of the part that follows one which ended with err.
func continuation(t *testing.T, err error) workflows.EngagementInput {
	t.Helper()
	var next *workflow.ContinueAsNewError
	if !errors.As(err, &next) {
		t.Fatalf("it ended with %v, want a continuation", err)
	}
	return again(t, next.Input.Payloads[0].Data)
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The service manager hears of phases, warnings, and what waits for a contact.
func TestManagerIsTold(t *testing.T) {
	d := newDeal(t, many(1, 90)+badCase)
	to := d.listen()
	d.agree(days(2))
	d.signed(days(25), "Bob", workflows.WaiveUpdate, workflows.SignedRequest{Cases: []string{"CFG-002"}, Reason: "a known defect"}, "waived")
	s := d.play()
	told := strings.Join(to.messages(), "\n===\n")
	for _, want := range []string{
		"ACME (acme): phase scoping begins",
		"ACME (acme): revision 1 of the scope: 91 of 100 cases\n\nIt waits for the signature of Ann, Bob on revision 1 of the scope.\n\nTo do it: ccl engagement sign acme --hash " + s.Scope.Hash[:12],
		"ACME (acme): 91 of 100 cases are used",
		"ACME (acme): phase replication begins",
		"ACME (acme): phase testing begins",
		"ACME (acme): the test window is open until 2026-12-15",
		"ACME (acme): acme/run-01 ended: fail; 90 passed, 1 failed, 0 erred, 0 skipped\n\nIt waits for Ann, Bob to waive or accept 1 cases (pair/CFG-002).\n\nTo do it: ccl engagement waive acme CASE...",
		"ACME (acme): the test window ends in 5 days",
		"ACME (acme): the test window ends in 2 days",
		"ACME (acme): the test window ends in 1 day",
		"ACME (acme): phase reporting begins",
		"Day 23 of 30, phase reporting. For Sam &lt;sam@lab.example&gt;, the service manager.",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("nobody was told %q", want)
		}
	}
	for _, quiet := range []string{"credits debited", "begins\n\nIt ends", "run-01 of pair begins"} {
		if strings.Contains(told, quiet) {
			t.Errorf("somebody was told %q", quiet)
		}
	}
	if about(s, "untold") != "" {
		t.Errorf("the ledger says %q", about(s, "untold"))
	}
	if t.Failed() {
		t.Log(told)
	}
}

// A receiver that is down for a while is tried again; one that refuses, or is
// unknown, is in the ledger. Neither holds the engagement up.
func TestNoticeThatCannotBeDelivered(t *testing.T) {
	t.Run("down for a while", func(t *testing.T) {
		d := newDeal(t, goodCase)
		to := d.listen(http.StatusServiceUnavailable, http.StatusServiceUnavailable, http.StatusServiceUnavailable)
		d.submit(days(1), "revision 1")
		s := d.play()
		if !strings.Contains(strings.Join(to.messages(), "\n"), "phase scoping begins") || about(s, "untold") != "" {
			t.Errorf("told %q, the ledger says %q", to.messages(), about(s, "untold"))
		}
	})
	t.Run("down for good", func(t *testing.T) {
		d := newDeal(t, goodCase)
		to := d.listen()
		to.Close()
		d.agree(days(2))
		var sooner workflows.EngagementState
		d.do(days(2)+time.Minute, func() { sooner = d.status().State })
		s := d.play()
		if sooner.Phase != workflows.EngagementTesting || len(sooner.Runs) != 1 || about(&sooner, "untold") == "" {
			t.Errorf("a minute after the signature it is in %s with %d runs: held up by a notice?", sooner.Phase, len(sooner.Runs))
		}
		for _, l := range s.Ledger {
			if l.Kind == "untold" && !strings.HasPrefix(l.Why, "lab-chat: ") {
				t.Errorf("untold because %q", l.Why)
			}
			if strings.Contains(l.Why, to.URL) {
				t.Errorf("the address of the webhook is in the ledger: %s", l.Why)
			}
		}
		if !strings.Contains(about(s, "untold"), "the notice of entry 2 could not be delivered") {
			t.Errorf("the ledger says %q", about(s, "untold"))
		}
	})
	t.Run("unknown to the worker", func(t *testing.T) {
		d := newDeal(t, goodCase)
		d.in.Definition.Notify = []string{"nobody"}
		s := d.play()
		why := ""
		for _, l := range s.Ledger {
			if l.Kind == "untold" {
				why = l.Why
			}
		}
		if why != "nobody: no webhook named nobody" {
			t.Errorf("untold because %q", why)
		}
	})
}
