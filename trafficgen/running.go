package trafficgen

import (
	"context"
	"sync"
)

// Running is streams that run in the background.
type Running struct {
	stop context.CancelFunc
	done chan struct{}

	mu    sync.Mutex
	stats []Stats
	err   error
}

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
