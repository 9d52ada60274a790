package activities

import (
	"context"
	"errors"
	"maps"
	"slices"

	"go.temporal.io/sdk/temporal"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen"
)

// Plan reads plans.
type Plan struct {
	Topology testplans.TopologyLoader
	Store    *results.Store // has the copies of signed plans
}

// PlanInput says which plan, and which of its cases.
type PlanInput struct {
	File  string   `json:"file"`
	Cases []string `json:"cases,omitempty"` // IDs or globs; all when empty
	Tags  []string `json:"tags,omitempty"`
	// Copy, if not empty, is what the plan is kept under as it was signed: that
	// is read and not the file. Its files are unpacked into Dir.
	Copy string `json:"copy,omitempty"`
	Dir  string `json:"dir,omitempty"`
}

// Loaded is a plan, the name of its topology, and its streams in the order of
// their names: a workflow may look into a map but not walk it.
type Loaded struct {
	Plan    *testplans.Plan     `json:"plan"`
	Lab     string              `json:"lab"`
	Streams []trafficgen.Stream `json:"streams,omitempty"`
	// Edited says how the file differs from the copy that was read instead of it,
	// "" if it does not.
	Edited string `json:"edited,omitempty"`
}

// LoadPlan reads a plan, expands it and selects its cases. Every mistake in
// it is in the message of the TypePlan error, one a line.
func (p *Plan) LoadPlan(ctx context.Context, in PlanInput) (*Loaded, error) {
	plan, edited, err := p.read(ctx, in)
	if err != nil {
		return nil, err
	}
	if plan, err = plan.Select(in.Cases, in.Tags); err != nil {
		return nil, planError(err)
	}
	t, err := p.Topology(plan.Topology)
	if err != nil {
		return nil, final(TypePlan, err)
	}
	loaded := &Loaded{Plan: plan, Lab: t.Name, Edited: edited}
	for _, name := range slices.Sorted(maps.Keys(plan.Streams)) {
		loaded.Streams = append(loaded.Streams, plan.Streams[name])
	}
	return loaded, nil
}

// read returns the whole plan: the file's or, if it was signed, the copy's. A
// host whose store does not have the copy reads the file too; whether that is
// what was signed its hash tells.
func (p *Plan) read(ctx context.Context, in PlanInput) (plan *testplans.Plan, edited string, err error) {
	if in.Copy != "" {
		content, err := p.Store.Copy(ctx, in.Copy)
		if err == nil {
			return p.unpack(content, in)
		}
		if !errors.Is(err, results.ErrNoCopy) {
			return nil, "", err
		}
	}
	plan, err = testplans.Load(in.File, p.Topology)
	if err != nil {
		return nil, "", planError(err)
	}
	return plan, "", nil
}

// unpack returns the plan of a copy, its files in a folder, and how the file that
// it was made of differs by now.
func (p *Plan) unpack(content []byte, in PlanInput) (plan *testplans.Plan, edited string, err error) {
	kept, err := testplans.DecodeCopy(content)
	if err != nil {
		return nil, "", final(TypePlan, err)
	}
	if plan, err = kept.Unpack(in.Dir); err != nil {
		return nil, "", err
	}
	return plan, Edited(kept, p.Topology), nil
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
