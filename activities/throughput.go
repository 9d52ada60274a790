package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen"
)

// A Search finds the throughput for each frame size of a spec; engine.Throughput
// is one. progress, which may be nil, is called after each trial.
type Search func(ctx context.Context, g trafficgen.Generator, spec trafficgen.ThroughputSpec, progress func(trafficgen.Trial)) ([]trafficgen.Throughput, error)

// Throughput runs RFC 2544 searches.
type Throughput struct {
	Labs      *Labs
	Generator trafficgen.Generator
	Search    Search
}

// RFC 2544, section 24: a trial lasts at least 60 s.
const defaultTrial = 60 * time.Second

// Measure searches the highest rate without loss for each frame size.
func (t *Throughput) Measure(ctx context.Context, in StepInput) (*results.Step, error) {
	return trafficStep(ctx, in, func(ctx context.Context, r *recorder) error {
		s := in.Step.Throughput
		if in.Stream == nil {
			return final(TypePlan, fmt.Errorf("the plan has no stream %q", s.Stream))
		}
		lab, err := t.Labs.Lab(in.Lab)
		if err != nil {
			return err
		}
		stream, err := resolve(lab, *in.Stream)
		if err != nil {
			return err
		}
		found, err := t.Search(ctx, t.Generator, throughputSpec(s, stream), nil)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return &streamError{fmt.Sprintf("throughput of %s: %v", s.Stream, err)}
		}
		r.Throughput = found
		var outcomes []check.Outcome
		for _, f := range found {
			outcomes = append(outcomes, check.JudgeThroughput(s.AtLeast, f))
		}
		r.judge(check.Join(outcomes...))
		return nil
	})
}

// throughputSpec fills in what the step leaves to its defaults.
func throughputSpec(s *testplans.Throughput, stream trafficgen.Stream) trafficgen.ThroughputSpec {
	spec := trafficgen.ThroughputSpec{
		Stream: stream, Sizes: s.Sizes, Trial: time.Duration(s.Trial), Resolution: s.Resolution,
	}
	if s.MaxRate > 0 {
		spec.Stream.Rate = s.MaxRate
	}
	if len(spec.Sizes) == 0 {
		spec.Sizes = []int{stream.Size}
	}
	if spec.Trial <= 0 {
		spec.Trial = defaultTrial
	}
	if spec.Resolution <= 0 {
		spec.Resolution = 0.01
	}
	return spec
}
