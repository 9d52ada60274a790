package activities

import (
	"context"
	"errors"
	"maps"
	"slices"

	"go.temporal.io/sdk/temporal"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/trafficgen"
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

// Loaded is a plan, the name of its topology, and its streams in the order of
// their names: a workflow may look into a map but not walk it.
type Loaded struct {
	Plan    *testplans.Plan     `json:"plan"`
	Lab     string              `json:"lab"`
	Streams []trafficgen.Stream `json:"streams,omitempty"`
}

// LoadPlan reads a plan, expands it and selects its cases. Every mistake in
// it is in the message of the TypePlan error, one a line.
func (p *Plan) LoadPlan(ctx context.Context, in PlanInput) (*Loaded, error) {
	plan, err := testplans.Load(in.File, p.Topology)
	if err == nil {
		plan, err = plan.Select(in.Cases, in.Tags)
	}
	if err != nil {
		return nil, planError(err)
	}
	t, err := p.Topology(plan.Topology)
	if err != nil {
		return nil, final(TypePlan, err)
	}
	loaded := &Loaded{Plan: plan, Lab: t.Name}
	for _, name := range slices.Sorted(maps.Keys(plan.Streams)) {
		loaded.Streams = append(loaded.Streams, plan.Streams[name])
	}
	return loaded, nil
}

// planError is the TypePlan error of a plan that could not be read. The mistakes
// in it are its detail.
func planError(err error) error {
	var mistakes testplans.Mistakes
	if !errors.As(err, &mistakes) {
		return final(TypePlan, err)
	}
	return temporal.NewApplicationErrorWithOptions(err.Error(), TypePlan, temporal.ApplicationErrorOptions{
		NonRetryable: true, Details: []any{mistakes},
	})
}
