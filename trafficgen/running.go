package trafficgen

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Running is streams that run in the background.
type Running struct {
	stop context.CancelFunc
	done chan struct{}

	mu     sync.Mutex
	stats  []Stats
	series [][]Sample // of the streams, while they run
	err    error
}

// maxSeries bounds the memory for a running stream's samples: ten minutes.
const maxSeries = 6000

// Start runs streams in the background until they end, Stop is called or ctx
// is done, whatever comes first. It returns when the receivers are ready and
// the transmitters have begun, or with the reason why they could not. The
// context is that of the whole run, not of the call alone.
func Start(ctx context.Context, g Generator, streams []Stream) (*Running, error) {
	ctx, cancel := context.WithCancel(ctx)
	r := &Running{stop: cancel, done: make(chan struct{})}
	ready := make(chan struct{})
	go func() {
		defer close(r.done)
		defer cancel()
		var once sync.Once
		stats, err := g.Run(ctx, streams, func(live []Stats) {
			r.set(live, nil)
			r.sample(live)
			once.Do(func() { close(ready) })
		})
		r.set(stats, err)
	}()
	select {
	case <-ready:
		return r, nil
	case <-r.done:
		if r.err != nil {
			return nil, r.err
		}
		return r, nil // over already
	}
}

func (r *Running) set(stats []Stats, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats, r.err = stats, err
}

// sample adds the counters to each stream's series.
func (r *Running) sample(live []Stats) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.series) != len(live) {
		r.series = make([][]Sample, len(live))
	}
	for i := range live {
		if live[i].Sent == 0 {
			continue
		}
		if len(r.series[i]) == maxSeries {
			r.series[i] = slices.Delete(r.series[i], 0, maxSeries/2)
		}
		r.series[i] = append(r.series[i], Sample{Offset: time.Since(live[i].Started), Sent: live[i].Sent, Received: live[i].Received})
	}
}

// Sampled are the counters so far with the series of the last five minutes or
// more, a sample for each observation, while the streams run.
func (r *Running) Sampled() []Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.Clone(r.stats)
	for i := range all {
		if len(all[i].Series) == 0 && i < len(r.series) {
			all[i].Series = slices.Clone(r.series[i])
		}
	}
	return all
}

// Stats are the counters so far, a tenth of a second old at most, or the final
// ones after Done. They are not to be changed.
func (r *Running) Stats() []Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats
}

// Done is closed when the final counters are there.
func (r *Running) Done() <-chan struct{} { return r.done }

// Stop ends the transmission, waits until what is in flight has arrived, and
// returns the final counters. It may be called again.
func (r *Running) Stop() ([]Stats, error) {
	r.stop()
	<-r.done
	return r.stats, r.err
}
