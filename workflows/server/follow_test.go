package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
)

const oneCase = head + `
  - id: CMD-001
    title: A command
    steps:
      - command: {node: r1, run: show version}
`

func TestFollowCancelledRun(t *testing.T) {
	world := fakes.New()
	reached := world.BlockOnce("run r1 show version")
	s := newStack(t, t.TempDir(), world)
	s.start(t, "pair-1", oneCase)
	<-reached
	began := time.Now()
	if err := s.client.CancelWorkflow(t.Context(), "pair-1", ""); err != nil {
		t.Fatal(err)
	}
	result, err := workflows.Follow(t.Context(), s.client, "pair-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("from the cancellation to the end: %v", time.Since(began))
	if result.Problem != "the run was cancelled" || result.Verdict != check.Error || result.LabLeft || world.Up() {
		t.Errorf("result %+v, lab up %v", result, world.Up())
	}
}

func TestFollowRunWithAProblem(t *testing.T) {
	s := newStack(t, t.TempDir(), fakes.New())
	s.start(t, "pair-1", strings.Replace(oneCase, "node: r1", "node: r9", 1))
	result, err := workflows.Follow(t.Context(), s.client, "pair-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(result.Problem, "r9") || result.Verdict != check.Error {
		t.Errorf("result %+v, want a problem that names r9", result)
	}
}

func TestFollowTerminatedAndMissingRuns(t *testing.T) {
	world := fakes.New()
	reached := world.BlockOnce("run r1 show version")
	s := newStack(t, t.TempDir(), world)
	s.start(t, "pair-1", oneCase)
	<-reached
	if err := s.client.TerminateWorkflow(t.Context(), "pair-1", "", "test"); err != nil {
		t.Fatal(err)
	}
	for run, want := range map[string]string{"pair-1": "terminated", "pair-2": "there is no run pair-2"} {
		if result, err := workflows.Follow(t.Context(), s.client, run, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v; want an error that says %q", run, result, err, want)
		}
	}
}

// Runs and cases are found by their search attributes, and a case that failed
// is a failed workflow.
func TestLists(t *testing.T) {
	s := newStack(t, t.TempDir(), fakes.New())
	s.start(t, "pair-1", oneCase+`
  - id: CFG-001
    title: It fails
    steps:
      - check: {config: {node: r1, contains: ["snmp location lab"]}}
`)
	if _, err := workflows.Follow(t.Context(), s.client, "pair-1", nil); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		`CclPlan = 'pair' AND WorkflowType = 'PlanRun' AND CclCasesTotal = 2 AND CclCasesPassed = 1 AND CclCasesFailed = 1`: "[pair-1]",
		`CclVerdict = 'fail' AND WorkflowType = 'TestCase'`:                                                                 "[pair-1/CFG-001]",
		`ExecutionStatus = 'Failed'`: "[pair-1/CFG-001]",
		`CclPhase = 'done'`:          "[pair-1]",
	} {
		s.wantList(t, query, want)
	}
}

// wantList waits until a query finds these workflows: visibility is a little
// behind.
func (s *stack) wantList(t *testing.T, query, want string) {
	t.Helper()
	var got string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		list, err := s.client.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: query})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, w := range list.Executions {
			ids = append(ids, w.Execution.WorkflowId)
		}
		if got = fmt.Sprint(ids); got == want {
			return
		}
	}
	t.Errorf("%s finds %s, want %s", query, got, want)
}
