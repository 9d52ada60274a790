package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
	"github.com/ccl-lab/ccl/workflows/server"
)

// revise submits the plans often, several at the same time.
func (s *stack) revise(t *testing.T, id string, rounds, together int) {
	t.Helper()
	for round := range rounds {
		var all sync.WaitGroup
		for i := range together {
			all.Go(func() {
				r := workflows.ScopeRequest{Reason: fmt.Sprintf("again %d", round*together+i)}
				if _, err := workflows.UpdateEngagement(t.Context(), s.client, id, workflows.SubmitUpdate, r); err != nil {
					t.Errorf("submit: %v", err)
				}
			})
		}
		all.Wait()
	}
}

// reasons are those of revise, which come in any order.
var reasons = regexp.MustCompile(`again \d+`)

// parts counts the workflows that an engagement consists of.
func (s *stack) parts(t *testing.T, id string) int {
	t.Helper()
	list, err := s.client.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: s.server.Namespace, Query: "WorkflowType = 'Engagement' AND WorkflowId = '" + id + "'",
	})
	if err != nil {
		t.Fatal(err)
	}
	continued := 0
	for _, e := range list.GetExecutions() {
		if e.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW {
			continued++
		}
	}
	return continued + 1
}

// An engagement that continues as new again and again while updates arrive and
// notices are on their way has the ledger of one that never did.
func TestEngagementContinuesAsNew(t *testing.T) {
	t.Parallel()
	const rounds, together, runs = 5, 6, 4
	var told [2]atomic.Int64
	var ledgers [2]string
	for i, events := range []int{0, 50} {
		chat := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told[i].Add(1) }))
		defer chat.Close()
		dir := t.TempDir()
		s := newServed(t, dir, fakes.New(), server.Options{NoUI: true, HistoryEvents: events})
		s.webhooks = map[string]string{"lab-chat": chat.URL}
		c := castIn(t, dir, runs)
		c.Input.Definition.Notify = []string{"lab-chat"}
		id := c.Input.Definition.ID
		if err := workflows.StartEngagement(t.Context(), s.client, c.Input); err != nil {
			t.Fatal(err)
		}
		if _, err := workflows.AwaitIntake(t.Context(), s.client, id); err != nil {
			t.Fatal(err)
		}
		s.revise(t, id, rounds, together)
		ledgers[i] = reasons.ReplaceAllString(s.ledger(t, c), "again")
		status, err := workflows.GetEngagement(t.Context(), s.client, id)
		if err != nil {
			t.Fatal(err)
		}
		if status.State.Revision != rounds*together {
			t.Errorf("%d revisions, want %d: each update once", status.State.Revision, rounds*together)
		}
		parts := s.parts(t, id)
		t.Logf("an engagement asked to continue after %d events has %d parts; %d entries", events, parts, len(status.State.Ledger))
		if parts != status.State.Parts+1 || (parts > 3) != (events > 0) {
			t.Errorf("%d parts, the state says %d continuations", parts, status.State.Parts)
		}
		eventually(t, "every notice", func() bool { return s.running(t, "Tell") == 0 })
	}
	if ledgers[0] != ledgers[1] {
		t.Errorf("the ledger of the one that continued:\n%s\nof the one that never did:\n%s", ledgers[1], ledgers[0])
	}
	if a, b := told[0].Load(), told[1].Load(); a != b || a == 0 {
		t.Errorf("%d notices of the one that never continued, %d of the other", a, b)
	}
}

// running counts the workflows of a type that have not ended.
func (s *stack) running(t *testing.T, kind string) int64 {
	t.Helper()
	n, err := s.client.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
		Namespace: s.server.Namespace, Query: "WorkflowType = '" + kind + "' AND ExecutionStatus = 'Running'",
	})
	if err != nil {
		t.Fatal(err)
	}
	return n.Count
}
