package workflows

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

// The search attributes of runs, by which the Web UI lists and filters them.
// A cluster on SQL has room for ten keywords and three integers; these are the
// integers, so whatever else is to be counted must be a keyword.
var (
	PlanAttribute    = temporal.NewSearchAttributeKeyKeyword("CclPlan")
	PhaseAttribute   = temporal.NewSearchAttributeKeyKeyword("CclPhase")
	VerdictAttribute = temporal.NewSearchAttributeKeyKeyword("CclVerdict") // runs and cases
	TotalAttribute   = temporal.NewSearchAttributeKeyInt64("CclCasesTotal")
	PassedAttribute  = temporal.NewSearchAttributeKeyInt64("CclCasesPassed")
	FailedAttribute  = temporal.NewSearchAttributeKeyInt64("CclCasesFailed") // fail and error

	// Those of engagements and of their runs. The day is a keyword of two
	// digits, 07, for want of another integer.
	EngagementAttribute = temporal.NewSearchAttributeKeyKeyword("CclEngagement")
	CustomerAttribute   = temporal.NewSearchAttributeKeyKeyword("CclCustomer")
	ReleaseAttribute    = temporal.NewSearchAttributeKeyKeyword("CclRelease")
	DayAttribute        = temporal.NewSearchAttributeKeyKeyword("CclDay")
	DeadlineAttribute   = temporal.NewSearchAttributeKeyTime("CclDeadline") // the window's end, or the engagement's
)

// SearchAttributes are the names and types that a namespace must know.
func SearchAttributes() map[string]enumspb.IndexedValueType {
	return map[string]enumspb.IndexedValueType{
		PlanAttribute.GetName():    enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		PhaseAttribute.GetName():   enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		VerdictAttribute.GetName(): enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		TotalAttribute.GetName():   enumspb.INDEXED_VALUE_TYPE_INT,
		PassedAttribute.GetName():  enumspb.INDEXED_VALUE_TYPE_INT,
		FailedAttribute.GetName():  enumspb.INDEXED_VALUE_TYPE_INT,

		EngagementAttribute.GetName(): enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		CustomerAttribute.GetName():   enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		ReleaseAttribute.GetName():    enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		DayAttribute.GetName():        enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		DeadlineAttribute.GetName():   enumspb.INDEXED_VALUE_TYPE_DATETIME,
	}
}

// RegisterSearchAttributes adds what a namespace lacks and waits until the
// cluster knows it. It must be called before a worker starts, on any cluster
// and at every start: a workflow that sets an unknown attribute is stuck for
// ever. Where it is not permitted, an administrator must have done it.
func RegisterSearchAttributes(ctx context.Context, c client.Client, namespace string) error {
	missing, err := missingAttributes(ctx, c, namespace)
	if err != nil || len(missing) == 0 {
		return err
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: missing,
	})
	if err != nil {
		return fmt.Errorf("add the search attributes %s to namespace %s: %w", names(missing), namespace, err)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		if missing, err = missingAttributes(ctx, c, namespace); err != nil || len(missing) == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("namespace %s still lacks the search attributes %s: %w", namespace, names(missing), ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func missingAttributes(ctx context.Context, c client.Client, namespace string) (map[string]enumspb.IndexedValueType, error) {
	known, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return nil, fmt.Errorf("list the search attributes of namespace %s: %w", namespace, err)
	}
	missing := map[string]enumspb.IndexedValueType{}
	for name, want := range SearchAttributes() {
		have, ok := known.CustomAttributes[name]
		if !ok {
			missing[name] = want
		} else if have != want {
			return nil, fmt.Errorf("search attribute %s of namespace %s is of type %s, not %s", name, namespace, have, want)
		}
	}
	return missing, nil
}

func names(attributes map[string]enumspb.IndexedValueType) string {
	return strings.Join(slices.Sorted(maps.Keys(attributes)), ", ")
}
