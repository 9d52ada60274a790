package activities

import (
	"context"
	"errors"

	"go.temporal.io/sdk/temporal"

	"github.com/ccl-lab/ccl/testplans"
)

// Plan reads plans.
type Plan struct {
	Topology testplans.TopologyLoader
}

// PlanInput says which plan, and which of its cases.
type PlanInput struct {
	File  string   `json:"file"`
	Cases []string `json:"cases,omitempty"` // IDs or globs; all when empty
	Tags  []string `json:"tags,omitempty"`
}

// LoadPlan reads a plan, expands it and selects its cases. Every mistake in
// it is in the message of the TypePlan error, one a line.
func (p *Plan) LoadPlan(ctx context.Context, in PlanInput) (*testplans.Plan, error) {
	plan, err := testplans.Load(in.File, p.Topology)
	if err == nil {
		plan, err = plan.Select(in.Cases, in.Tags)
	}
	var mistakes testplans.Mistakes
	if errors.As(err, &mistakes) {
		return nil, temporal.NewApplicationErrorWithOptions(err.Error(), TypePlan, temporal.ApplicationErrorOptions{
			NonRetryable: true, Details: []any{mistakes},
		})
	}
	if err != nil {
		return nil, final(TypePlan, err)
	}
	return plan, nil
}
