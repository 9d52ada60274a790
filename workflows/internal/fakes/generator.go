package fakes

import (
	"context"
	"sync"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// A Generator counts frames by the clock: all arrive, but for those of the
// outage that Cut makes.
type Generator struct {
	mu   sync.Mutex
	cut  time.Time
	lost time.Duration
}

// Cut loses frames for a time from now on.
func (g *Generator) Cut(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cut, g.lost = time.Now(), d
}

// Run is trafficgen.Generator's.
func (g *Generator) Run(ctx context.Context, streams []trafficgen.Stream, observe func([]trafficgen.Stats)) ([]trafficgen.Stats, error) {
	began := time.Now()
	if d := streams[0].Duration; d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d)
		defer cancel()
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return g.count(streams, began), nil
		case <-tick.C:
			if observe != nil {
				observe(g.count(streams, began))
			}
		}
	}
}

func (g *Generator) count(streams []trafficgen.Stream, began time.Time) []trafficgen.Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	all := make([]trafficgen.Stats, len(streams))
	for i, s := range streams {
		st := trafficgen.Stats{
			Stream: s.Name, FrameBytes: s.Size, WantedFPS: s.Rate, OfferedFPS: s.Rate, Started: began, Engine: "fake",
			Duration: now.Sub(began), Sent: uint64(now.Sub(began).Seconds() * s.Rate),
			Uncertainty: time.Duration(float64(time.Second) / s.Rate),
			Latency:     trafficgen.Latency{P99: time.Millisecond},
		}
		if g.cut.After(began) {
			lost := min(g.lost, now.Sub(g.cut))
			st.Lost = uint64(lost.Seconds() * s.Rate)
			st.Outages = []trafficgen.Outage{{Frames: st.Lost, Start: g.cut, Duration: lost}}
		}
		st.Received = st.Sent - st.Lost
		all[i] = st
	}
	return all
}
