package workflows

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans"
)

// StartEngagement starts an engagement; its workflow has the engagement's ID.
// If there is, or was, one of that ID, the error is a
// *serviceerror.WorkflowExecutionAlreadyStarted.
func StartEngagement(ctx context.Context, c client.Client, in EngagementInput) error {
	d := &in.Definition
	_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       d.ID,
		TaskQueue:                                TaskQueue,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		StaticSummary:                            shorten(d.Customer + ": " + d.Title),
		StaticDetails: fmt.Sprintf("Contract %s, Juniper Care %s\n\nService manager: %s\n",
			markdown(d.Contract.Number), markdown(d.Care), markdown(d.ServiceManager.String())),
		TypedSearchAttributes: attributesOf(d),
		Memo: map[string]any{
			"customer": d.Customer, "title": d.Title, "serviceManager": d.ServiceManager.String(), "contract": d.Contract.Number,
		},
	}, Engagement, in)
	if err != nil {
		return fmt.Errorf("start engagement %s: %w", d.ID, err)
	}
	return nil
}

// attributesOf are the search attributes that an engagement and its children
// have from their start.
func attributesOf(d *testplans.Engagement) temporal.SearchAttributes {
	attributes := []temporal.SearchAttributeUpdate{EngagementAttribute.ValueSet(d.ID), CustomerAttribute.ValueSet(d.Customer)}
	if d.Release != "" {
		attributes = append(attributes, ReleaseAttribute.ValueSet(d.Release))
	}
	return temporal.NewSearchAttributes(attributes...)
}

// ErrNoEngagement means that no engagement of that ID is known to the cluster.
var ErrNoEngagement = errors.New("no such engagement")

// GetEngagement returns an engagement as it is, or as it ended.
func GetEngagement(ctx context.Context, c client.Client, id string) (*EngagementStatus, error) {
	status := &EngagementStatus{}
	answer, err := c.QueryWorkflow(ctx, id, "", EngagementQuery)
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return nil, fmt.Errorf("%w: %s", ErrNoEngagement, id)
	}
	if err != nil {
		return nil, fmt.Errorf("engagement %s: %w", id, err)
	}
	return status, answer.Get(status)
}

// AwaitIntake waits until an engagement that has been started was taken in, or
// returns why it was not.
func AwaitIntake(ctx context.Context, c client.Client, id string) (*EngagementStatus, error) {
	for {
		d, err := c.DescribeWorkflowExecution(ctx, id, "")
		if err != nil {
			return nil, fmt.Errorf("engagement %s: %w", id, err)
		}
		if d.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_FAILED {
			return nil, asRefusal(c.GetWorkflow(ctx, id, "").Get(ctx, nil))
		}
		// Without a worker for a moment there is no answer.
		if status, err := GetEngagement(ctx, c, id); err == nil && status.State.Phase != EngagementIntake {
			return status, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(followEvery):
		}
	}
}

// UpdateEngagement sends an update and returns its answer. What the contract
// does not allow is a *RefusedError, mistakes in plans are testplans.Mistakes.
func UpdateEngagement(ctx context.Context, c client.Client, id, update string, request any) (string, error) {
	for {
		handle, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: id, UpdateName: update, Args: []any{request}, WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		var answer string
		if err == nil {
			err = handle.Get(ctx, &answer)
		}
		var missing *serviceerror.NotFound
		if !errors.As(err, &missing) {
			return answer, asRefusal(err)
		}
		status, statusErr := GetEngagement(ctx, c, id)
		switch {
		case statusErr != nil:
			return "", statusErr
		case status.State.Phase == EngagementClosed:
			return "", &RefusedError{fmt.Sprintf("engagement %s has ended: %s; more needs a new engagement", id, status.State.Ending)}
		}
		// It continued as new just then, without having seen the update.
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(followEvery):
		}
	}
}

// A RefusedError is what the contract of an engagement does not allow. Its
// message says what it does.
type RefusedError struct{ Message string }

func (e *RefusedError) Error() string { return e.Message }

// asRefusal leaves only the words of an error that a workflow made.
func asRefusal(err error) error {
	var app *temporal.ApplicationError
	if !errors.As(err, &app) {
		return err
	}
	if app.Type() == activities.TypeRefused {
		return &RefusedError{app.Message()}
	}
	if mistakes := mistakesOf(err); len(mistakes) > 0 {
		return mistakes
	}
	return errors.New(app.Message())
}
