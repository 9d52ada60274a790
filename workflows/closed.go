package workflows

import (
	"context"
	"errors"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
)

// RunClosed returns a function that reports whether a run is known to have
// ended, as activities.Options wants it. A run that the cluster does not know
// may be another cluster's, which is not known to have ended.
func RunClosed(c client.Client) func(ctx context.Context, run string) (bool, error) {
	return func(ctx context.Context, run string) (bool, error) {
		d, err := c.DescribeWorkflowExecution(ctx, run, "")
		var unknown *serviceerror.NotFound
		if errors.As(err, &unknown) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		return d.WorkflowExecutionInfo.Status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
	}
}
