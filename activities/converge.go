package activities

import (
	"context"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen"
)

const (
	// defaultConverge is the budget of a converge step, unless it says.
	defaultConverge = 30 * time.Second
	// quiet is how long a stream must have flowed without loss to count as
	// converged.
	quiet = time.Second
	// patience is how long after its cause a first loss is waited for.
	patience = 2 * time.Second
	// lookEvery is how often a stream is looked at.
	lookEvery = 50 * time.Millisecond
)

// Converge waits until a stream flows again and judges its longest outage
// since the last fault or, without one, the last commit.
func (t *Traffic) Converge(ctx context.Context, in StepInput) (*results.Step, error) {
	return trafficStep(ctx, in, func(ctx context.Context, r *recorder) error {
		c := in.Step.Converge
		st, err := t.running(in, c.Stream)
		if err != nil {
			return err
		}
		cause := in.Cause
		if cause == nil {
			cause = &results.Event{At: st.snapshot().Started, Text: "the start of the stream"}
		}
		within := time.Duration(c.Within)
		if within <= 0 {
			within = defaultConverge
		}
		settled, err := settle(ctx, st, cause.At, r.Started.Add(within))
		if err != nil {
			return err
		}
		stats := st.snapshot()
		r.Stats = append(r.Stats, stats)
		r.outageEvents(stats, cause.At)
		since := check.OutagesSince(stats, cause.At)
		r.Convergence = convergence(since, cause.Text, string(c.Outage))
		outcomes := []check.Outcome{check.JudgeRecovery(c.Stream, settled, within)}
		if settled {
			outcomes = append(outcomes, check.JudgeOutage(c.Outage, since))
		}
		r.judge(check.Join(outcomes...))
		return nil
	})
}

// settle waits until the stream flows or the deadline has passed, and reports
// which. Before any loss was seen the fault may still be about to bite: it is
// given its time.
func settle(ctx context.Context, st *stream, cause, deadline time.Time) (bool, error) {
	for {
		if st.ended() {
			if st.err != nil {
				return false, st.err
			}
			return false, &streamError{errStreamEnded.Error()}
		}
		bitten := len(check.OutagesSince(st.snapshot(), cause).Outages) > 0
		if st.flowing(quiet) && (bitten || time.Since(cause) > patience) {
			return true, nil
		}
		if time.Now().After(deadline) {
			return false, nil
		}
		if err := sleepUntil(ctx, time.Now().Add(lookEvery)); err != nil {
			return false, err
		}
	}
}

func convergence(since trafficgen.Stats, event, limit string) *results.Convergence {
	c := &results.Convergence{
		Stream: since.Stream, Event: event, Outage: since.MaxOutage(),
		Uncertainty: since.Uncertainty, Limit: limit,
	}
	for _, o := range since.Outages {
		c.LostFrames += o.Frames
	}
	return c
}
