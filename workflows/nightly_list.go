package workflows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
)

// NightlyInfo is a nightly in a list.
type NightlyInfo struct {
	Name     string    `json:"name"`
	Plan     string    `json:"plan"`
	PlanFile string    `json:"planFile"`
	Backend  string    `json:"backend"`
	At       string    `json:"at"`             // 22:00
	Days     string    `json:"days,omitempty"` // Mon, Tue; empty: every day
	TimeZone string    `json:"timeZone"`
	Notify   string    `json:"notify,omitempty"` // names of webhooks
	Paused   bool      `json:"paused,omitempty"`
	Note     string    `json:"note,omitempty"` // why it is paused
	Next     time.Time `json:"next,omitzero"`
	// Missed counts nights that were left out: no server was running, or the
	// night before was still going on.
	Missed int        `json:"missed,omitempty"`
	Last   *LastNight `json:"last,omitempty"`
}

// LastNight is the last night of a nightly that began.
type LastNight struct {
	Workflow string    `json:"workflow"` // ID
	Began    time.Time `json:"began"`
	// State is "running", the night's outcome, or how its workflow was ended.
	State  string         `json:"state"`
	Result *NightlyResult `json:"result,omitempty"` // once it has ended by itself
}

// ListNightlies returns every nightly by name.
func ListNightlies(ctx context.Context, c client.Client) ([]NightlyInfo, error) {
	schedules, err := c.ScheduleClient().List(ctx, client.ScheduleListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list schedules: %w", err)
	}
	var list []NightlyInfo
	for schedules.HasNext() {
		entry, err := schedules.Next()
		if err != nil {
			return nil, fmt.Errorf("list schedules: %w", err)
		}
		if !strings.HasPrefix(entry.ID, nightlyPrefix) || entry.WorkflowType.Name != "Nightly" {
			continue
		}
		info, err := describeNightly(ctx, c, entry.ID)
		if errors.Is(err, ErrNoNightly) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		list = append(list, *info)
	}
	slices.SortFunc(list, func(a, b NightlyInfo) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

func describeNightly(ctx context.Context, c client.Client, name string) (*NightlyInfo, error) {
	d, err := c.ScheduleClient().GetHandle(ctx, name).Describe(ctx)
	if err != nil {
		return nil, nightlyError(name, err)
	}
	info := &NightlyInfo{
		Name: name, Plan: memoText(d.Memo, "planName"), PlanFile: memoText(d.Memo, "plan"),
		Backend: memoText(d.Memo, "backend"), At: memoText(d.Memo, "at"), Days: memoText(d.Memo, "days"),
		TimeZone: memoText(d.Memo, "timeZone"), Notify: memoText(d.Memo, "notify"),
		Paused: d.Schedule.State.Paused, Note: d.Schedule.State.Note,
		Missed: d.Info.NumActionsMissedCatchupWindow + d.Info.NumActionsSkippedOverlap,
	}
	if next := d.Info.NextActionTimes; len(next) > 0 && !info.Paused {
		info.Next = next[0]
	}
	if recent := d.Info.RecentActions; len(recent) > 0 {
		last := recent[len(recent)-1]
		info.Last, err = lastNight(ctx, c, last.StartWorkflowResult.WorkflowID, last.ActualTime)
	}
	return info, err
}

func lastNight(ctx context.Context, c client.Client, workflowID string, began time.Time) (*LastNight, error) {
	last := &LastNight{Workflow: workflowID, Began: began}
	d, err := c.DescribeWorkflowExecution(ctx, workflowID, "")
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		last.State = "gone" // its retention is over
		return last, nil
	}
	if err != nil {
		return nil, fmt.Errorf("describe %s: %w", workflowID, err)
	}
	status := d.GetWorkflowExecutionInfo().GetStatus()
	last.State = strings.ToLower(status.String())
	if status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return last, nil
	}
	result := &NightlyResult{}
	err = c.GetWorkflow(ctx, workflowID, "").Get(ctx, result)
	var ended *temporal.WorkflowExecutionError
	switch {
	case err == nil, nightlyResultOf(err, result):
		last.Result, last.State = result, string(result.Outcome)
	case !errors.As(err, &ended):
		return nil, fmt.Errorf("result of %s: %w", workflowID, err)
	}
	return last, nil
}

// memoText is a text in a memo, empty if it is not there.
func memoText(m *commonpb.Memo, key string) string {
	var s string
	if p, ok := m.GetFields()[key]; !ok || converter.GetDefaultDataConverter().FromPayload(p, &s) != nil {
		return ""
	}
	return s
}
