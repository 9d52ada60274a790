package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen"
)

// Traffic starts, stops and measures streams.
type Traffic struct {
	Labs    *Labs
	Streams *Streams
}

func key(in StepInput, name string) streamKey {
	return streamKey{lab: in.Lab, owner: in.At.owner(), name: name}
}

// spec returns the step's stream with its ports resolved.
func (t *Traffic) spec(in StepInput, name string) (trafficgen.Stream, error) {
	if in.Stream == nil {
		return trafficgen.Stream{}, final(TypePlan, fmt.Errorf("the plan has no stream %q", name))
	}
	lab, err := t.Labs.Lab(in.Lab)
	if err != nil {
		return trafficgen.Stream{}, err
	}
	return resolve(lab, *in.Stream)
}

// StartStream starts a stream and leaves it running.
func (t *Traffic) StartStream(ctx context.Context, in StepInput) (*results.Step, error) {
	return trafficStep(ctx, in, func(ctx context.Context, r *recorder) error {
		name := in.Step.Traffic.Start
		spec, err := t.spec(in, name)
		if err != nil {
			return err
		}
		if err := t.Streams.start(ctx, key(in, name), spec); err != nil {
			return err
		}
		r.event(time.Now(), "traffic", spec.From.Node, "stream %s started", name)
		r.verdict(check.Pass, "stream %s flows", name)
		return nil
	})
}

// StopStream stops a stream that a former step started, and judges it.
func (t *Traffic) StopStream(ctx context.Context, in StepInput) (*results.Step, error) {
	return trafficStep(ctx, in, func(ctx context.Context, r *recorder) error {
		r.pulse.watch(t.Streams.ofCase(in.Lab, in.At.owner()))
		name := in.Step.Traffic.Stop
		st, err := t.running(in, name)
		if err != nil {
			return err
		}
		if st.ended() && !repeated(ctx) {
			return troubleWith(name, errEnded)
		}
		stats, err := st.stop()
		if err != nil {
			return err
		}
		r.event(time.Now(), "traffic", "", "stream %s stopped", name)
		bounds := *in.Step.Traffic
		if bounds.Loss == "" && bounds.Latency == "" && len(bounds.Bounds) == 0 {
			bounds.Loss = anyLoss // it may have been stopped after a fault
		}
		r.judgeTraffic(stats, bounds)
		r.outageEvents(st.unreported(stats.Outages), name)
		return nil
	})
}

// anyLoss bounds nothing, yet a stream that sent nothing is an error.
const anyLoss check.Bound = ">= 0"

// noLoss is what a run that bounds nothing is held to.
const noLoss check.Bound = "= 0"

// defaultRun is how long a traffic run lasts, unless the step says.
const defaultRun = 5 * time.Second

// RunStream runs a stream for its time and judges it.
func (t *Traffic) RunStream(ctx context.Context, in StepInput) (*results.Step, error) {
	return trafficStep(ctx, in, func(ctx context.Context, r *recorder) error {
		name := in.Step.Traffic.Run
		spec, err := t.spec(in, name)
		if err != nil {
			return err
		}
		spec.Duration = time.Duration(in.Step.Traffic.Duration)
		if spec.Duration <= 0 {
			spec.Duration = defaultRun
		}
		var now atomic.Pointer[[]trafficgen.Stats]
		now.Store(&[]trafficgen.Stats{})
		others := t.Streams.ofCase(in.Lab, in.At.owner())
		r.pulse.watch(func() []trafficgen.Stats { return slices.Concat(*now.Load(), others()) })
		stats, err := t.Streams.Generator.Run(ctx, []trafficgen.Stream{spec}, func(live []trafficgen.Stats) { now.Store(&live) })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil && len(stats) != 1 {
			err = fmt.Errorf("the generator reported %d streams instead of 1", len(stats))
		}
		if err != nil {
			return troubleWith(name, err)
		}
		bounds := *in.Step.Traffic
		if bounds.Loss == "" && bounds.Latency == "" && len(bounds.Bounds) == 0 {
			bounds.Loss = noLoss
		}
		r.judgeTraffic(stats[0], bounds)
		r.outageEvents(stats[0].Outages, name)
		return nil
	})
}

// StopInput says whose streams are to be stopped.
type StopInput struct {
	Lab  LabRef `json:"lab"`
	Run  string `json:"run"`
	Case string `json:"case"`
}

// StopAll stops every stream that a case has left running.
func (t *Traffic) StopAll(ctx context.Context, in StopInput) (int, error) {
	defer heartbeat(ctx)()
	return t.Streams.StopCase(in.Lab, Place{Run: in.Run, Case: in.Case}.owner()), nil
}

// running finds the stream of a former step. One that this process does not
// know although it was started went with a former process.
func (t *Traffic) running(in StepInput, name string) (*stream, error) {
	if st := t.Streams.get(key(in, name)); st != nil {
		return st, nil
	}
	if in.Started {
		return nil, interrupted("stream %s ended with the worker that ran it", name)
	}
	return nil, troubleWith(name, errNotStarted)
}

// trafficStep is step with the generator's own troubles made a verdict.
func trafficStep(ctx context.Context, in StepInput, do func(context.Context, *recorder) error) (*results.Step, error) {
	return step(ctx, in, func(ctx context.Context, r *recorder) error {
		err := do(ctx, r)
		var trouble *streamError
		if errors.As(err, &trouble) {
			r.verdict(check.Error, "%s", trouble.text)
			return nil
		}
		return err
	})
}

// judgeTraffic keeps a stream's counts and judges what the plan bounds.
func (r *recorder) judgeTraffic(stats trafficgen.Stats, bounds testplans.Traffic) {
	r.Stats = append(r.Stats, stats)
	var outcomes []check.Outcome
	if bounds.Loss != "" {
		outcomes = append(outcomes, check.JudgeLoss(bounds.Loss, stats))
	}
	if bounds.Latency != "" {
		outcomes = append(outcomes, check.JudgeLatency(bounds.Latency, stats))
	}
	for _, m := range check.Metrics {
		if b := bounds.Bounds[m.Name]; b != "" {
			outcomes = append(outcomes, m.Judge(b, stats))
		}
	}
	r.judge(check.Join(outcomes...))
}

// outageEvents puts the edges of the longest of a stream's outages on the
// timeline.
func (r *recorder) outageEvents(outages []trafficgen.Outage, stream string) {
	const most = 5
	for _, o := range outages[:min(most, len(outages))] {
		r.event(o.Start, "first-loss", "", "stream %s: first of %d lost frames", stream, o.Frames)
		r.event(o.Start.Add(o.Duration), "last-loss", "", "stream %s: flows again after %v", stream, o.Duration)
	}
}
