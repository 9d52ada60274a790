package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/notice"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
)

// nightsEnded waits for as many nights of an engagement.
func (s *stack) nightsEnded(t *testing.T, id string, n int) *workflows.EngagementStatus {
	t.Helper()
	return s.until(t, id, "that far into its nights", func(e *workflows.EngagementStatus) bool {
		nights := e.State.Nights
		return len(nights) >= n && !nights[n-1].Finished.IsZero() && e.Running == ""
	})
}

// TestEngagementNightsOnServer plays an engagement with a nightly regression
// and notices to its end, and leaves another in its middle. With -update it
// commits their histories, one of a night and one of a notice, for the replay
// test of package workflows.
func TestEngagementNightsOnServer(t *testing.T) {
	t.Parallel()
	s := newStack(t, t.TempDir(), fakes.New())
	told := make(chan struct{}, 1000)
	chat := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told <- struct{}{} }))
	defer chat.Close()
	s.webhooks = map[string]string{"lab-chat": chat.URL} // and none that is called missing
	start := func(id string) map[string]string {
		in, tokens := s.engagementInput(t, id, 3*time.Second)
		in.Definition.Nightly = &testplans.EngagementNightly{At: "12:00", Tags: []string{"smoke"}}
		in.Definition.Notify = []string{"lab-chat", "missing"}
		if err := workflows.StartEngagement(t.Context(), s.client, in); err != nil {
			t.Fatal(err)
		}
		s.toTesting(t, id, tokens)
		return tokens
	}
	save := func(ids ...string) {
		for _, id := range ids {
			h := s.history(t, id)
			t.Logf("%s: %d events", id, len(h.Events))
			if *update {
				s.write(t, id, h)
			}
		}
	}

	tokens := start("acme-nights")
	between := s.nightsEnded(t, "acme-nights", 1)
	for _, n := range between.State.Nights {
		if n.Outcome != notice.Unchanged || n.Counts.Cases != 1 || n.Baseline != "acme-nights/run-01" {
			t.Errorf("night %+v, want one like the first run", n)
		}
	}
	s.wantListed(t, "CclEngagement = 'acme-nights' AND CclPlan = 'pair' AND CclRelease = '23.4R2' AND WorkflowType = 'Engagement'", "acme-nights")
	s.signed(t, "acme-nights", workflows.WaiveUpdate, tokens["Bob"], workflows.SignedRequest{Cases: []string{"FAIL-001"}, Reason: "a known defect"})
	s.until(t, "acme-nights", "accepted", func(e *workflows.EngagementStatus) bool {
		if e.State.Phase == workflows.EngagementClosed {
			return true // the window closed meanwhile
		}
		r, err := workflows.SignedRequest{}.Sign(tokens["Bob"], "acme-nights", workflows.AcceptUpdate)
		if err != nil {
			t.Fatal(err)
		}
		_, err = workflows.UpdateEngagement(t.Context(), s.client, "acme-nights", workflows.AcceptUpdate, r)
		return err == nil // else a night goes on
	})
	closed := s.until(t, "acme-nights", "closed", func(e *workflows.EngagementStatus) bool { return e.State.Phase == workflows.EngagementClosed })
	untold := 0
	for _, l := range closed.State.Ledger {
		if l.Kind == "untold" && strings.Contains(l.Why, "missing: ") {
			untold++
		}
	}
	if untold == 0 || len(told) == 0 || s.world.Up() {
		t.Errorf("%d notices could not be delivered, %d were, lab up %v", untold, len(told), s.world.Up())
	}
	save("acme-nights", closed.State.Nights[0].ID, "acme-nights/notice-002")

	tokens = start("acme-nights-open")
	s.nightsEnded(t, "acme-nights-open", 1)
	save("acme-nights-open")
	s.signed(t, "acme-nights-open", workflows.CancelUpdate, tokens["Sam"], workflows.SignedRequest{Reason: "the test is over"})
	s.until(t, "acme-nights-open", "closed", func(e *workflows.EngagementStatus) bool { return e.State.Phase == workflows.EngagementClosed })
	if s.world.Up() {
		t.Error("the lab is still up")
	}
}
