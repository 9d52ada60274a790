package procedure

import (
	"context"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// A RecoveryRow is how long a device took to forward everything again after it
// was overloaded or reset.
type RecoveryRow struct {
	FPS      float64 `json:"fps"`                   // the throughput
	Overload float64 `json:"overloadFps,omitempty"` // of system-recovery
	// Time is the mean of Runs; Uncertainty is the worst of them.
	Time        time.Duration `json:"time"`
	Uncertainty time.Duration `json:"uncertainty"`
	Runs        []RecoveryRun `json:"runs"`
}

// A RecoveryRun is one measurement.
type RecoveryRun struct {
	// From is when the load fell, or when the first frame was lost to the reset;
	// To is when the last frame was lost.
	From time.Time     `json:"from"`
	To   time.Time     `json:"to"`
	Time time.Duration `json:"time"` // 0: nothing was lost after the load fell
	// Lost are the frames lost to the overload or the reset; LossDerived is
	// them over the rate (RFC 6201, section 4).
	Lost        uint64        `json:"lost"`
	LossDerived time.Duration `json:"lossDerived,omitempty"`
	Uncertainty time.Duration `json:"uncertainty"`
	// Recovered says that the device forwarded all again within the time.
	Recovered bool `json:"recovered"`
}

// Recovered says that the device came back every time. Of no run it does not.
func (r *RecoveryRow) Recovered() bool {
	for _, run := range r.Runs {
		if !run.Recovered {
			return false
		}
	}
	return len(r.Runs) > 0
}

// lost are the frames lost in all runs.
func (r *RecoveryRow) lost() (n uint64) {
	for _, run := range r.Runs {
		n += run.Lost
	}
	return n
}

func (r *RecoveryRow) conclude() {
	for _, run := range r.Runs {
		r.Time += run.Time / time.Duration(len(r.Runs))
		r.Uncertainty = max(r.Uncertainty, run.Uncertainty)
	}
}

// systemRecovery offers 110 % of the throughput (or the highest load, if that
// is lower), cuts the load to half of that, and measures until the last frame
// is lost (RFC 2544, section 26.5).
//
// A stream has one rate. So two go together, each with half of the overload,
// and one of them ends.
func (b *bench) systemRecovery(ctx context.Context) error {
	row := &RecoveryRow{}
	b.row.Recovery = row
	fps, err := b.rate(ctx)
	if err != nil || fps == 0 {
		return err
	}
	row.FPS, row.Overload = fps, min(rfcOverload*fps, b.row.MaxFPS)
	streams := b.at(row.Overload/2, 0)
	n := len(streams)
	for _, s := range b.at(row.Overload/2, b.o.Trial) {
		s.Name += " (overload)"
		streams = append(streams, s)
	}
	return b.repeat(ctx, row, func() (Trial, RecoveryRun, error) {
		var fell time.Time
		t, stats, err := b.watch(ctx, row.Overload, streams, func(live []trafficgen.Stats) (done bool) {
			if fell = lastFrame(live[n:]); fell.IsZero() || time.Since(live[0].Started) < b.o.Trial {
				return false
			}
			return b.isBack(live[:n], fell)
		})
		if err != nil {
			return t, RecoveryRun{}, err
		}
		fell = lastFrame(stats[n:])
		run := recovered(stats[:n], fell)
		run.From, run.Time, run.LossDerived = fell, max(0, run.To.Sub(fell)), 0
		run.Lost = t.Lost
		return t, run, nil
	})
}

// reset offers the throughput rate, resets the device, and measures from the
// first frame lost to the last (RFC 6201, which updates RFC 2544, section 26.6).
func (b *bench) reset(ctx context.Context) error {
	row := &RecoveryRow{}
	b.row.Recovery = row
	fps, err := b.rate(ctx)
	if err != nil || fps == 0 {
		return err
	}
	row.FPS = fps
	return b.repeat(ctx, row, func() (Trial, RecoveryRun, error) {
		var asked time.Time
		var failed error
		t, stats, err := b.watch(ctx, fps, b.at(fps, 0), func(live []trafficgen.Stats) (done bool) {
			if asked.IsZero() {
				if time.Since(live[0].Started) < b.o.Settle || !b.isBack(live, live[0].Started) {
					return false
				}
				asked = time.Now()
				failed = b.o.Reset(ctx)
				return failed != nil
			}
			return b.isBack(live, asked)
		})
		if err == nil {
			err = failed
		}
		if err != nil {
			return t, RecoveryRun{}, err
		}
		return t, recovered(stats, asked), nil
	})
}

// repeat makes the measurements of a row, each until the tester has not spoilt
// it or the attempts are used up.
func (b *bench) repeat(ctx context.Context, row *RecoveryRow, once func() (Trial, RecoveryRun, error)) error {
	defer row.conclude()
	for range b.o.Repeats {
		var t Trial
		var run RecoveryRun
		for range b.o.Attempts {
			var err error
			if t, run, err = once(); err != nil {
				return err
			}
			if t.Invalid == "" {
				break
			}
		}
		if t.Invalid != "" {
			b.row.TesterLimited = t.Invalid
			return nil
		}
		row.Runs = append(row.Runs, run)
	}
	return ctx.Err()
}

// lookEvery is how often running streams are looked at.
const lookEvery = 50 * time.Millisecond

// watch runs streams until done says so or, a while after the trial, the time
// to come back is over. It keeps the trial.
func (b *bench) watch(ctx context.Context, fps float64, streams []trafficgen.Stream, done func(live []trafficgen.Stats) bool) (Trial, []trafficgen.Stats, error) {
	if *b.number > 0 {
		if err := pause(ctx, b.o.Rest); err != nil {
			return Trial{}, nil, err
		}
	}
	*b.number++
	begin := time.Now()
	running, err := trafficgen.Start(ctx, b.gen, streams)
	if err != nil {
		return Trial{}, nil, err
	}
	b.await(ctx, fps, running, len(streams), done)
	stats, err := running.Stop()
	switch {
	case err != nil:
		return Trial{}, nil, err
	case ctx.Err() != nil:
		return Trial{}, nil, context.Cause(ctx)
	case len(stats) != len(streams):
		return Trial{}, nil, errNoStatistics
	}
	t := b.sum(fps, stats)
	t.Started, t.Took = begin, time.Since(begin)
	b.keep(t)
	return t, stats, nil
}

func (b *bench) await(ctx context.Context, fps float64, running *trafficgen.Running, n int, done func([]trafficgen.Stats) bool) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	over := time.NewTimer(b.o.Trial + b.o.Within)
	defer over.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-over.C:
			return
		case <-running.Done():
			return
		case <-tick.C:
			live := running.Stats()
			b.progress(Progress{FPS: fps, Live: live})
			if len(live) == n && live[0].Sent > 0 && done(live) {
				return
			}
		}
	}
}

// isBack says that all of the streams have flowed without loss for a while.
func (b *bench) isBack(live []trafficgen.Stats, since time.Time) bool {
	for i := range live {
		if live[i].CleanFor(since) < b.o.Settle {
			return false
		}
	}
	return true
}

// lastFrame is when the last of the streams sent its last frame, the zero time
// if one has sent none.
func lastFrame(stats []trafficgen.Stats) (last time.Time) {
	for i := range stats {
		if stats[i].Sent == 0 {
			return time.Time{}
		}
		if end := stats[i].Started.Add(stats[i].Duration); end.After(last) {
			last = end
		}
	}
	return last
}

// recovered measures what streams lost that ran through an event.
func recovered(stats []trafficgen.Stats, event time.Time) RecoveryRun {
	run := RecoveryRun{Recovered: true}
	for i := range stats {
		c := lossOf(&stats[i], event)
		run.Lost += c.Lost
		run.LossDerived = max(run.LossDerived, c.LossDerived)
		run.Uncertainty = max(run.Uncertainty, stats[i].Uncertainty)
		run.Recovered = run.Recovered && c.Recovered
		if c.Lost == 0 {
			continue
		}
		if run.From.IsZero() || c.First.Before(run.From) {
			run.From = c.First
		}
		if c.Last.After(run.To) {
			run.To = c.Last
		}
	}
	if !run.From.IsZero() {
		run.Time = run.To.Sub(run.From)
	}
	return run
}
