package server_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
	"github.com/ccl-lab/ccl/workflows/scope"
)

// engagementPlan has a case that passes and one that does not.
const engagementPlan = head + `
  - id: CMD-001
    title: It passes
    tags: [smoke]
    steps:
      - command: {node: r1, run: show version}
  - id: FAIL-001
    title: It fails
    steps:
      - check: {config: {node: r1, contains: ["snmp location lab"]}}
`

// engagementInput is an engagement about that plan, and the tokens of Sam, who
// is the service manager, and of the contacts.
func (s *stack) engagementInput(t *testing.T, id string, day time.Duration) (workflows.EngagementInput, map[string]string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, "pair.yaml"), []byte(engagementPlan), 0o644); err != nil {
		t.Fatal(err)
	}
	in, tokens := engagementOf(s.dir, id, day), map[string]string{}
	for i, name := range []string{"Sam", "Ann", "Bob"} {
		token, key, err := scope.NewToken()
		if err != nil {
			t.Fatal(err)
		}
		tokens[name] = token
		in.Keys = append(in.Keys, workflows.KeyHolder{Person: person(name), Key: key, Manager: i == 0})
	}
	return in, tokens
}

func person(name string) testplans.Person {
	return testplans.Person{Name: name, Email: name + "@acme.example"}
}

// engagementOf is an engagement about the plan pair.yaml in a folder, before
// tokens are issued.
func engagementOf(dir, id string, day time.Duration) workflows.EngagementInput {
	return workflows.EngagementInput{
		Backend: "fake", Out: filepath.Join(dir, "out", id), Day: day,
		Definition: testplans.Engagement{
			ID: id, Title: "The pair", Customer: "ACME", Release: "23.4R2", Care: "JC-1",
			Contract: testplans.Contract{
				Number: "AS-" + id, Activated: time.Now().AddDate(0, -3, 0).Format(time.DateOnly), Credits: 100, Price: 40,
			},
			ServiceManager: person("Sam"), Contacts: []testplans.Person{person("Ann"), person("Bob")},
			TimeZone: "UTC", Calendar: testplans.CalendarDays, Topology: filepath.Join(dir, "pair.clab.yml"), Plans: []string{filepath.Join(dir, "pair.yaml")},
		},
	}
}

func (s *stack) update(t *testing.T, id, update string, request any) {
	t.Helper()
	answer, err := workflows.UpdateEngagement(t.Context(), s.client, id, update, request)
	if err != nil {
		t.Fatalf("%s: %v", update, err)
	}
	t.Logf("%s: %s", update, answer)
}

// signed sends a request with a signature.
func (s *stack) signed(t *testing.T, id, update, token string, r workflows.SignedRequest) {
	t.Helper()
	r, err := r.Sign(token, id, update)
	if err != nil {
		t.Fatal(err)
	}
	s.update(t, id, update, r)
}

// until waits until an engagement is as wanted.
func (s *stack) until(t *testing.T, id, what string, is func(*workflows.EngagementStatus) bool) *workflows.EngagementStatus {
	t.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for {
		status, err := workflows.GetEngagement(t.Context(), s.client, id)
		if err == nil && is(status) {
			return status
		}
		if time.Now().After(deadline) {
			t.Fatalf("engagement %s: not %s after three minutes: %+v, %v", id, what, status, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// toTesting brings an engagement to the end of its first run.
func (s *stack) toTesting(t *testing.T, id string, tokens map[string]string) {
	t.Helper()
	if _, err := workflows.AwaitIntake(t.Context(), s.client, id); err != nil {
		t.Fatal(err)
	}
	s.update(t, id, workflows.SubmitUpdate, workflows.ScopeRequest{})
	waiting := s.until(t, id, "proposed", func(e *workflows.EngagementStatus) bool { return e.State.Proposal != nil })
	s.signed(t, id, workflows.SignUpdate, tokens["Ann"], workflows.SignedRequest{Hash: waiting.State.Proposal.Hash})
	s.until(t, id, "run once", func(e *workflows.EngagementStatus) bool {
		return len(e.State.Runs) == 1 && !e.State.Runs[0].Finished.IsZero() && e.Running == ""
	})
}

// TestEngagementOnServer plays one engagement to its end and leaves another in
// its middle. Their histories, as an earlier release wrote them, are among those
// that the replay test of package workflows reads: they stay as they are.
func TestEngagementOnServer(t *testing.T) {
	t.Parallel()
	s := newStack(t, t.TempDir(), fakes.New())
	const day = 1500 * time.Millisecond // two runs fit into twenty of them on a busy machine too
	in, tokens := s.engagementInput(t, "acme-finished", day)
	if err := workflows.StartEngagement(t.Context(), s.client, in); err != nil {
		t.Fatal(err)
	}
	s.toTesting(t, in.Definition.ID, tokens)
	s.update(t, in.Definition.ID, workflows.RunUpdate, workflows.RunRequest{Tags: []string{"smoke"}, By: "the lab"})
	s.signed(t, in.Definition.ID, workflows.WaiveUpdate, tokens["Bob"], workflows.SignedRequest{Cases: []string{"FAIL-001"}, Reason: "a known defect"})
	closed := s.until(t, in.Definition.ID, "closed", func(e *workflows.EngagementStatus) bool { return e.State.Phase == workflows.EngagementClosed })
	if len(closed.State.Runs) != 2 || closed.State.Ending != "the test window closed and no case waits for a decision" || s.world.Up() {
		t.Errorf("ended because %s, after %d runs, lab up %v", closed.State.Ending, len(closed.State.Runs), s.world.Up())
	}
	s.wantDocuments(t, in.Out, closed)
	account, err := s.store.Account(t.Context(), in.Definition.Contract.Number)
	if err != nil || len(account.Debits) != 1 || account.Balance() != 60 {
		t.Errorf("account %+v, %v", account, err)
	}

	open, openTokens := s.engagementInput(t, "acme-open", 0)
	if err := workflows.StartEngagement(t.Context(), s.client, open); err != nil {
		t.Fatal(err)
	}
	s.toTesting(t, open.Definition.ID, openTokens)
	s.wantListed(t, "CclCustomer = 'ACME' AND CclPhase = 'testing' AND WorkflowType = 'Engagement'", open.Definition.ID)
	for _, id := range []string{in.Definition.ID, open.Definition.ID, open.Definition.ID + "/replication"} {
		t.Logf("%s: %d events", id, len(s.history(t, id).Events))
	}
	s.signed(t, open.Definition.ID, workflows.CancelUpdate, openTokens["Sam"], workflows.SignedRequest{Reason: "the test is over"})
	s.until(t, open.Definition.ID, "closed", func(e *workflows.EngagementStatus) bool { return e.State.Phase == workflows.EngagementClosed })
	if s.world.Up() {
		t.Error("the lab is still up")
	}
}

// wantListed waits until a query of the list finds a workflow.
func (s *stack) wantListed(t *testing.T, query, id string) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		n, err := s.client.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Namespace: s.server.Namespace, Query: query})
		if err == nil && n.Count == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s finds %v, %v; want %s", query, n, err, id)
		}
		time.Sleep(20 * time.Millisecond)
	}
	d, err := s.client.DescribeWorkflowExecution(t.Context(), id, "")
	if err != nil || d.WorkflowExecutionInfo.Status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		t.Errorf("%s: %v, %v", id, d, err)
	}
}

// Starting an engagement twice debits once and says so.
func TestEngagementIsStartedOnce(t *testing.T) {
	s := newStack(t, t.TempDir(), fakes.New())
	in, _ := s.engagementInput(t, "acme", 0)
	if err := workflows.StartEngagement(t.Context(), s.client, in); err != nil {
		t.Fatal(err)
	}
	if _, err := workflows.AwaitIntake(t.Context(), s.client, "acme"); err != nil {
		t.Fatal(err)
	}
	if err := workflows.StartEngagement(t.Context(), s.client, in); err == nil {
		t.Error("it was started twice")
	}
	poor, _ := s.engagementInput(t, "poor", 0)
	poor.Definition.Contract.Price = 101
	if err := workflows.StartEngagement(t.Context(), s.client, poor); err != nil {
		t.Fatal(err)
	}
	_, err := workflows.AwaitIntake(t.Context(), s.client, "poor")
	var refused *workflows.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(refused.Message, "at most 100 credits can be debited") {
		t.Errorf("too few credits: %v", err)
	}
	if _, err := workflows.GetEngagement(t.Context(), s.client, "nobody"); err == nil {
		t.Error("an engagement out of nothing")
	}
}

// Mistakes in plans that are submitted, or proposed as an amendment, arrive with
// their places.
func TestMistakesInASubmittedPlan(t *testing.T) {
	s := newStack(t, t.TempDir(), fakes.New())
	in, tokens := s.engagementInput(t, "acme", 0)
	if err := workflows.StartEngagement(t.Context(), s.client, in); err != nil {
		t.Fatal(err)
	}
	s.toTesting(t, "acme", tokens)
	for name, text := range map[string]string{"bad.yaml": strings.Replace(engagementPlan, "title:", "tilte:", 1), "worse.yaml": "plan: [\n"} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	request := workflows.ScopeRequest{Reason: "the network changed", Plans: []string{filepath.Join(s.dir, "bad.yaml"), filepath.Join(s.dir, "worse.yaml")}}
	_, err := workflows.UpdateEngagement(t.Context(), s.client, "acme", workflows.AmendUpdate, request)
	var mistakes testplans.Mistakes
	if !errors.As(err, &mistakes) || len(mistakes) != 2 || mistakes[0].Pos.String() != filepath.Join(s.dir, "bad.yaml")+":2:1" {
		t.Fatalf("%v, want mistakes in both plans", err)
	}
	if last := mistakes[1]; filepath.Base(last.Pos.File) != "worse.yaml" || last.Pos.Line == 0 {
		t.Errorf("the second mistake is %s", last)
	}
	s.signed(t, "acme", workflows.CancelUpdate, tokens["Sam"], workflows.SignedRequest{Reason: "the test is over"})
	s.until(t, "acme", "closed", func(e *workflows.EngagementStatus) bool { return e.State.Phase == workflows.EngagementClosed })
}

// BenchmarkOpenEngagements opens a thousand engagements, which stay open, and
// reports how fast and what they cost.
func BenchmarkOpenEngagements(b *testing.B) {
	const many = 1000
	for b.Loop() {
		s, err := openStack(b.Context(), b.TempDir(), fakes.New())
		if err != nil {
			b.Fatal(err)
		}
		before := residentMB(b)
		begun := time.Now()
		for i := range many {
			in := engagementOf(s.dir, fmt.Sprintf("acme-%04d", i), 0)
			if err := workflows.StartEngagement(b.Context(), s.client, in); err != nil {
				b.Fatal(err)
			}
		}
		scoping := "WorkflowType = 'Engagement' AND CclPhase = 'scoping'"
		for {
			n, err := s.client.CountWorkflow(b.Context(), &workflowservice.CountWorkflowExecutionsRequest{Namespace: s.server.Namespace, Query: scoping})
			if err == nil && n.Count == many {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		b.ReportMetric(many/time.Since(begun).Seconds(), "engagements/s")
		b.ReportMetric(residentMB(b), "MB-resident")
		b.ReportMetric(residentMB(b)-before, "MB-more")
		if err := s.close(); err != nil {
			b.Fatal(err)
		}
	}
}

// residentMB is the memory of this process, server and worker, in megabytes.
func residentMB(t testing.TB) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	var kilobytes float64
	if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
		t.Fatal(err)
	}
	return kilobytes / 1024
}
