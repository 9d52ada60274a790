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
		within := time.Duration(c.Within)
		if within <= 0 {
			within = defaultConverge
		}
		stats, err := st.snapshot()
		if err != nil {
			return err
		}
		cause := in.Cause
		if cause == nil {
			cause = &results.Event{At: stats.Started, Text: "the start of the stream"}
		}
		stats, settled, err := settle(ctx, st, cause.At, r.Started.Add(within))
		if err != nil {
			return err
		}
		r.Stats = append(r.Stats, stats)
		since := check.OutagesSince(stats, cause.At)
		r.outageEvents(st.unreported(since.Outages), c.Stream)
		r.Convergence = convergence(since, cause.Text, string(c.Outage))
		outcomes := []check.Outcome{check.JudgeRecovery(c.Stream, settled, within)}
		if settled {
			outcomes = append(outcomes, check.JudgeOutage(c.Outage, since))
		}
		r.judge(check.Join(outcomes...))
		return nil
	})
}

// settle waits until the stream flows or the deadline has passed, and returns
// its counts then and whether it flows. Before any loss was seen the fault may
// still be about to bite: it is given its time.
func settle(ctx context.Context, st *stream, cause, deadline time.Time) (trafficgen.Stats, bool, error) {
	var past history
	for {
		now, err := st.snapshot()
		if err == nil && st.ended() {
			err = troubleWith(st.name, errEnded)
		}
		if err != nil {
			return now, false, err
		}
		past.add(now)
		bitten := len(check.OutagesSince(now, cause).Outages) > 0
		if past.flowing() && (bitten || time.Since(cause) > patience) {
			return now, true, nil
		}
		if time.Now().After(deadline) {
			return now, false, nil
		}
		if err := sleepUntil(ctx, time.Now().Add(lookEvery)); err != nil {
			return now, false, err
		}
	}
}

// A history is a stream's counters over the last while, oldest first.
type history []moment

type moment struct {
	at                   time.Time
	sent, received, lost uint64
}

// add notes the counters of now, and forgets all but one from before the
// quiet period.
func (h *history) add(s trafficgen.Stats) {
	now := moment{time.Now(), s.Sent, s.Received, s.Lost}
	*h = append(*h, now)
	for len(*h) > 1 && now.at.Sub((*h)[1].at) >= quiet {
		*h = (*h)[1:]
	}
}

// flowing reports whether, over the quiet period, frames were sent, nearly all
// arrived, and none was found to be lost. Nearly: some are still on their way.
func (h history) flowing() bool {
	then, now := h[0], h[len(h)-1]
	if now.at.Sub(then.at) < quiet {
		return false
	}
	sent, received := now.sent-then.sent, now.received-then.received
	return sent > 0 && now.lost == then.lost && float64(received) >= 0.9*float64(sent)
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
