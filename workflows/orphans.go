package workflows

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/ccl-lab/ccl/activities"
)

// releaseOrphans reports the activities that a dead process of this host had
// begun as failed, so that they are done again at once and not only after
// their heartbeat time-out.
func releaseOrphans(ctx context.Context, c client.Client, namespace string) error {
	const open = `ExecutionStatus = 'Running' AND WorkflowType IN ('PlanRun', 'TestCase', 'Nightly', 'Engagement', 'Replication')`
	var page []byte
	for {
		list, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: namespace, Query: open, NextPageToken: page,
		})
		if err != nil {
			return err
		}
		for _, w := range list.Executions {
			if err := releaseOf(ctx, c, namespace, w.Execution.WorkflowId, w.Execution.RunId); err != nil {
				return err
			}
		}
		if page = list.NextPageToken; len(page) == 0 {
			return nil
		}
	}
}

// releaseOf does so for one workflow.
func releaseOf(ctx context.Context, c client.Client, namespace, workflowID, runID string) error {
	var gone *serviceerror.NotFound
	info, err := c.DescribeWorkflowExecution(ctx, workflowID, runID)
	if errors.As(err, &gone) {
		return nil // the list is a little behind
	}
	if err != nil {
		return err
	}
	for _, a := range info.PendingActivities {
		if a.State != enumspb.PENDING_ACTIVITY_STATE_STARTED || !deadHere(a.LastWorkerIdentity) {
			continue
		}
		lost := temporal.NewApplicationError(fmt.Sprintf("the worker %s died", a.LastWorkerIdentity), activities.TypeWorkerStopped)
		err := c.CompleteActivityByID(ctx, namespace, workflowID, runID, a.ActivityId, nil, lost)
		if err != nil && !errors.As(err, &gone) {
			return err
		}
	}
	return nil
}

// deadHere reports whether a worker's identity, in the SDK's form PID@HOST@, is
// that of a process of this host that is no more.
func deadHere(identity string) bool {
	pid, rest, ok := strings.Cut(identity, "@")
	host, _, ok2 := strings.Cut(rest, "@")
	here, err := os.Hostname()
	if !ok || !ok2 || err != nil || host != here {
		return false
	}
	n, err := strconv.Atoi(pid)
	return err == nil && n > 0 && n != os.Getpid() && errors.Is(syscall.Kill(n, 0), syscall.ESRCH)
}
