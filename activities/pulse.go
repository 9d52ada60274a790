package activities

import (
	"context"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/ccl-lab/ccl/trafficgen"
)

const (
	// heartbeatEvery is how often a running activity says that it lives, which is
	// also how soon it hears of a cancellation.
	heartbeatEvery = time.Second
	// CountersEvery is how often it does while it watches streams.
	CountersEvery = 100 * time.Millisecond
)

// A Live is what an activity is at, as its heartbeats tell.
type Live struct {
	Doing   string     `json:"doing,omitempty"`
	Streams []Counters `json:"streams,omitempty"`
}

// Counters are a stream's while it runs. What is lost is counted when it is too
// old to arrive.
type Counters struct {
	Stream    string        `json:"stream"`
	Sent      uint64        `json:"sent"`
	Received  uint64        `json:"received"`
	Lost      uint64        `json:"lost"`
	Duplicate uint64        `json:"duplicate,omitempty"`
	Reordered uint64        `json:"reordered,omitempty"`
	FPS       float64       `json:"fps"` // frames per second that leave
	P99       time.Duration `json:"p99"` // latency
}

// maxLive bounds the size of a heartbeat: of more streams the first are told.
const maxLive = 20

// A pulse is what the heartbeats of one activity say.
type pulse struct {
	doing   atomic.Pointer[string]
	streams atomic.Pointer[func() []trafficgen.Stats]
}

// is says what the activity is doing.
func (p *pulse) is(doing string) { p.doing.Store(&doing) }

// watch has the heartbeats carry counters of streams, ten times a second.
func (p *pulse) watch(streams func() []trafficgen.Stats) { p.streams.Store(&streams) }

// live is what there is to say.
func (p *pulse) live() (l Live) {
	if doing := p.doing.Load(); doing != nil {
		l.Doing = *doing
	}
	if streams := p.streams.Load(); streams != nil {
		for _, s := range (*streams)() {
			if len(l.Streams) < maxLive {
				l.Streams = append(l.Streams, Counters{
					Stream: s.Stream, Sent: s.Sent, Received: s.Received, Lost: s.Lost,
					Duplicate: s.Duplicate, Reordered: s.Reordered, FPS: s.OfferedFPS, P99: s.Latency.P99,
				})
			}
		}
	}
	return l
}

// beat sends heartbeats until the function it returns is called.
func (p *pulse) beat(ctx context.Context) (stop func()) {
	if !activity.IsActivity(ctx) {
		return func() {}
	}
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(CountersEvery)
		defer tick.Stop()
		for last := time.Now(); ; {
			select {
			case <-done:
				return
			case now := <-tick.C:
				live := p.live()
				if len(live.Streams) == 0 && now.Sub(last) < heartbeatEvery {
					continue
				}
				last = now
				activity.RecordHeartbeat(ctx, live)
			}
		}
	}()
	return func() { close(done) }
}

// heartbeat sends heartbeats until the function it returns is called.
func heartbeat(ctx context.Context) (stop func()) { return new(pulse).beat(ctx) }
