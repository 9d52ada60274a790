package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// Benchmarks runs the procedures of RFC 2544 and its kin.
type Benchmarks struct {
	Lab       *Lab
	Generator trafficgen.Generator
}

// keptTrials is how many trials of a frame size stay in the record, the last
// ones. A run by the book makes hundreds, and histories are not for bulk.
const keptTrials = 40

// Benchmark runs a procedure and judges what it found. All its trials are kept
// as evidence.
func (b *Benchmarks) Benchmark(ctx context.Context, in StepInput) (*results.Step, error) {
	return trafficStep(ctx, in, func(ctx context.Context, r *recorder) error {
		step := in.Step.Benchmark
		lab, err := b.Lab.Labs.Lab(in.Lab)
		if err != nil {
			return err
		}
		streams, err := benchmarkStreams(lab, step, in.Streams)
		if err != nil {
			return err
		}
		options := step.Options(streams)
		if step.Monitor != nil {
			if err := ResolvePort(lab, &options.Monitor); err != nil {
				return err
			}
		}
		options.Progress = func(p procedure.Progress) {
			r.pulse.is(p.String())
		}
		if step.Process != nil {
			options.Reset = func(ctx context.Context) error { return b.restart(ctx, r, *step.Process) }
		}
		found, err := procedure.Run(ctx, b.Generator, step.Procedure, options)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if keepErr := keepBenchmark(r, found); keepErr != nil {
			return keepErr
		}
		if err != nil {
			if isFinal(err) {
				return err
			}
			return &streamError{"traffic: " + err.Error()}
		}
		r.judge(check.JudgeBenchmark(step.Expect, found))
		return nil
	})
}

// benchmarkStreams resolves the ports of the streams that a step names.
func benchmarkStreams(lab *topology.Lab, step *testplans.Benchmark, all []trafficgen.Stream) ([]trafficgen.Stream, error) {
	var streams []trafficgen.Stream
	var errs []error
	for _, name := range step.Streams {
		found := false
		for _, s := range all {
			if s.Name != name {
				continue
			}
			found = true
			resolved, err := resolve(lab, s)
			errs = append(errs, err)
			streams = append(streams, resolved)
		}
		if !found {
			errs = append(errs, final(TypePlan, fmt.Errorf("the plan has no stream %q", name)))
		}
	}
	return streams, errors.Join(errs...)
}

// restart kills a process and starts it again, which is the software reset of
// RFC 6201, section 4.2.
func (b *Benchmarks) restart(ctx context.Context, r *recorder, p testplans.Process) error {
	for _, state := range []string{"killed", "running"} {
		at := time.Now()
		text, node, err := b.Lab.apply(ctx, r.in.Lab, testplans.Fault{Process: &p, State: state})
		if err != nil {
			return err
		}
		r.event(at, EventFault, node, "%s", text)
	}
	return nil
}

// keepBenchmark puts a result into the step's record and evidence.
func keepBenchmark(r *recorder, found *procedure.Result) error {
	if found == nil {
		return nil
	}
	r.Benchmark = found.Trimmed(keptTrials)
	all, err := json.MarshalIndent(found, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the trials: %w", err)
	}
	what := string(found.Procedure)
	if err := r.keep(what, "", what+" by "+found.Reference, "txt", found.Table().String()); err != nil {
		return err
	}
	return r.keep(what+"-trials", "", "every trial of the "+what+" benchmark", "json", string(all))
}
