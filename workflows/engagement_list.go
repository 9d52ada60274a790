package workflows

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
)

// EngagementInfo is an engagement in a list. It is what the list of workflows
// knows, which may be a moment behind.
type EngagementInfo struct {
	ID       string    `json:"id"`
	Customer string    `json:"customer"`
	Title    string    `json:"title"`
	Phase    string    `json:"phase"`             // the last, of one that has ended
	Day      string    `json:"day"`               // two digits
	Plan     string    `json:"plan"`              // names of the scope's plans
	Cases    int64     `json:"cases"`             // of the scope
	Passed   int64     `json:"passed"`            // of them
	Failed   int64     `json:"failed"`            // and erred
	Open     bool      `json:"open"`              // it has not ended
	Started  time.Time `json:"started"`           // kick-off
	Deadline time.Time `json:"deadline,omitzero"` // of the window, or of the engagement
}

// ListEngagements returns the engagements of a namespace: those that go on
// first, then the latest.
func ListEngagements(ctx context.Context, c client.Client, namespace string) ([]EngagementInfo, error) {
	var list []EngagementInfo
	seen := map[string]bool{} // one that continued as new is there several times, the latest first
	request := &workflowservice.ListWorkflowExecutionsRequest{Namespace: namespace, Query: "WorkflowType = 'Engagement'"}
	for {
		page, err := c.ListWorkflow(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("list engagements: %w", err)
		}
		for _, e := range page.GetExecutions() {
			if id := e.GetExecution().GetWorkflowId(); !seen[id] {
				seen[id] = true
				info, err := engagementInfo(e)
				if err != nil {
					return nil, fmt.Errorf("engagement %s: %w", id, err)
				}
				list = append(list, *info)
			}
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			break
		}
	}
	slices.SortStableFunc(list, byInterest)
	return list, nil
}

// byInterest puts engagements that go on first, then the latest.
func byInterest(a, b EngagementInfo) int {
	switch {
	case a.Open != b.Open && a.Open:
		return -1
	case a.Open != b.Open:
		return 1
	}
	return cmp.Or(b.Started.Compare(a.Started), strings.Compare(a.ID, b.ID))
}

// engagementInfo reads what the list of workflows shows.
func engagementInfo(e *workflowpb.WorkflowExecutionInfo) (*EngagementInfo, error) {
	info := &EngagementInfo{
		ID: e.GetExecution().GetWorkflowId(), Title: memoText(e.GetMemo(), "title"), Started: e.GetStartTime().AsTime(),
		Open: e.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
	}
	for name, to := range map[string]any{
		CustomerAttribute.GetName(): &info.Customer, PhaseAttribute.GetName(): &info.Phase, DayAttribute.GetName(): &info.Day,
		PlanAttribute.GetName(): &info.Plan, TotalAttribute.GetName(): &info.Cases, PassedAttribute.GetName(): &info.Passed,
		FailedAttribute.GetName(): &info.Failed, DeadlineAttribute.GetName(): &info.Deadline,
	} {
		if err := indexed(e.GetSearchAttributes().GetIndexedFields(), name, to); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return info, nil
}

// indexed reads a search attribute, if the workflow has it.
func indexed(fields map[string]*commonpb.Payload, name string, to any) error {
	p, ok := fields[name]
	if !ok {
		return nil
	}
	return converter.GetDefaultDataConverter().FromPayload(p, to)
}
