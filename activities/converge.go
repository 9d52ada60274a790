package activities

import (
	"context"
	"fmt"
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
		since := outagesSince(stats, cause.At)
		r.Stats = append(r.Stats, stats)
		r.outageEvents(stats, cause.At)
		r.Convergence = convergence(stats, since, cause.Text, string(c.Outage))
		if !settled {
			r.notConverged(c.Stream, within, stats)
			return nil
		}
		judged := stats
		judged.Outages = since
		r.judge(judgeOutage(&judged, r.Convergence, c.Outage))
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
		bitten := len(outagesSince(st.snapshot(), cause)) > 0
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

// outagesSince are the outages that were not over before a moment.
func outagesSince(stats trafficgen.Stats, moment time.Time) []trafficgen.Outage {
	var since []trafficgen.Outage
	for _, o := range stats.Outages {
		if o.Start.Add(o.Duration).After(moment) {
			since = append(since, o)
		}
	}
	return since
}

func convergence(stats trafficgen.Stats, since []trafficgen.Outage, event, limit string) *results.Convergence {
	c := &results.Convergence{Stream: stats.Stream, Event: event, Uncertainty: stats.Uncertainty, Limit: limit}
	for _, o := range since {
		c.Outage = max(c.Outage, o.Duration)
		c.LostFrames += o.Frames
	}
	return c
}

func (r *recorder) notConverged(stream string, within time.Duration, stats trafficgen.Stats) {
	f := check.Finding{
		Verdict: check.Fail, Subject: "stream " + stream,
		Expected: fmt.Sprintf("flows without loss within %v", within),
		Seen:     fmt.Sprintf("sent %d, received %d, still losing frames or silent", stats.Sent, stats.Received),
	}
	if stats.Sent == 0 {
		f.Verdict, f.Seen = check.Error, "the generator sent nothing"
	}
	r.Findings = []check.Finding{f}
	r.verdict(f.Verdict, "%s did not converge: expected that it %s, seen: %s", f.Subject, f.Expected, f.Seen)
}
