package activities

import (
	"context"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
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

// Converge waits until streams flow again and judges what they suffered since
// the last fault or, without one, the last commit.
func (t *Traffic) Converge(ctx context.Context, in StepInput) (*results.Step, error) {
	return trafficStep(ctx, in, func(ctx context.Context, r *recorder) error {
		c := in.Step.Converge
		within := time.Duration(c.Within)
		if within <= 0 {
			within = defaultConverge
		}
		r.pulse.watch(t.Streams.ofCase(in.Lab, in.At.owner()))
		all, err := t.suffering(in, c.Names())
		if err != nil {
			return err
		}
		cause := in.Cause
		if cause == nil {
			stats, err := all[0].snapshot()
			if err != nil {
				return err
			}
			cause = &results.Event{At: stats.Started, Text: "the start of the stream"}
		}
		var outcomes []check.Outcome
		allSettled := true
		for _, st := range all {
			_, settled, err := settle(ctx, st, cause.At, r.Started.Add(within))
			if err != nil {
				return err
			}
			allSettled = allSettled && settled
			outcomes = append(outcomes, check.JudgeRecovery(st.name, settled, within))
		}
		judged, err := r.measure(all, cause, c, allSettled)
		if err != nil {
			return err
		}
		r.judge(check.Join(append(outcomes, judged...)...))
		return nil
	})
}

// suffering are the running streams of those names.
func (t *Traffic) suffering(in StepInput, names []string) ([]*stream, error) {
	var all []*stream
	for _, name := range names {
		st, err := t.running(in, name)
		if err != nil {
			return nil, err
		}
		all = append(all, st)
	}
	return all, nil
}

// measure records what streams suffered from a cause and, if they flow again,
// judges it.
func (r *recorder) measure(all []*stream, cause *results.Event, c *testplans.Converge, settled bool) ([]check.Outcome, error) {
	var outcomes []check.Outcome
	var stats []trafficgen.Stats
	r.Convergence = &results.Convergence{Stream: strings.Join(c.Names(), ", "), Event: cause.Text, Limit: string(c.Outage)}
	for _, st := range all {
		now, err := st.sampled()
		if err != nil {
			return nil, err
		}
		stats = append(stats, now)
		now.Series = nil // the whole of it comes when the stream is stopped
		r.Stats = append(r.Stats, now)
		since := check.OutagesSince(now, cause.At)
		r.outageEvents(st.unreported(since.Outages), st.name)
		addOutages(r.Convergence, since)
		if settled && c.Outage != "" {
			outcomes = append(outcomes, check.JudgeOutage(c.Outage, since))
		}
	}
	measured := procedure.Measure(cause.At, stats)
	r.Convergence.Measured = &measured
	if settled && c.ConvergenceBounds != (check.ConvergenceBounds{}) {
		outcomes = append(outcomes, check.JudgeConvergence(c.ConvergenceBounds, measured, stats))
	}
	return outcomes, nil
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

// addOutages adds a stream's outages to a convergence of one or several. Its
// uncertainty reaches as far as the generator's stalls put them in doubt.
func addOutages(c *results.Convergence, since trafficgen.Stats) {
	outage := since.MaxOutage()
	least, most := since.OutageRange()
	c.Outage = max(c.Outage, outage)
	c.Uncertainty = max(c.Uncertainty, since.Precision, outage-least, most-outage)
	if since.Precision == 0 {
		c.Uncertainty = max(c.Uncertainty, since.Uncertainty)
	}
	for _, o := range since.Outages {
		c.LostFrames += o.Frames
	}
}
