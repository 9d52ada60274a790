package routes

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

const (
	// steady is for how long streams must have flowed, or been cut off, until a
	// change is believed to have come through.
	steady = 500 * time.Millisecond
	look   = 20 * time.Millisecond
)

// A Measurement is how fast a router took a set of routes in, and out again, as
// traffic to some of them saw it (RFC 7747 calls the first the route
// installation, the second the withdrawal convergence time).
type Measurement struct {
	Routes       int                   `json:"routes"`
	Sample       int                   `json:"sample"` // streams, each to one of the routes
	Announcement Sending               `json:"announcement"`
	Installation procedure.Convergence `json:"installation,omitzero"`
	Withdrawal   Sending               `json:"withdrawal,omitzero"`
	Removal      Removal               `json:"removal,omitzero"`
	Stats        []trafficgen.Stats    `json:"stats,omitempty"`
}

// Uncertainty is the error of its times: the worst of the streams'.
func (m *Measurement) Uncertainty() (worst time.Duration) {
	for i := range m.Stats {
		worst = max(worst, m.Stats[i].Uncertainty)
	}
	return worst
}

// A Removal is when traffic to withdrawn routes stopped.
type Removal struct {
	First time.Duration `json:"first"` // after the withdrawal: to the first of the routes
	Full  time.Duration `json:"full"`  // to the last of them
	// Complete says that traffic to all of them stopped.
	Complete bool `json:"complete"`
}

// Sample returns copies of a stream to n routes of a set, from the first to the
// last with even steps, each to the first address that is a host's.
func Sample(s trafficgen.Stream, set Set, n int) ([]trafficgen.Stream, error) {
	prefixes, err := set.Prefixes()
	if err != nil {
		return nil, err
	}
	if n < 1 || n > len(prefixes) {
		return nil, fmt.Errorf("a sample of %d of %d routes", n, len(prefixes))
	}
	streams := make([]trafficgen.Stream, n)
	for i := range streams {
		p := prefixes[i*(len(prefixes)-1)/max(n-1, 1)]
		streams[i] = s
		streams[i].Name = p.String()
		streams[i].Dst = host(p)
		streams[i].Duration = 0
	}
	return streams, nil
}

// host is the first address of a prefix that a host can have.
func host(p netip.Prefix) netip.Addr {
	if p.IsSingleIP() {
		return p.Addr()
	}
	return p.Addr().Next()
}

// Measure announces a set while streams to some of its routes run, waits until
// all of them flow, withdraws it, and waits until none does, each within a time.
func Measure(ctx context.Context, gen trafficgen.Generator, s Session, set Set, streams []trafficgen.Stream, within time.Duration) (_ *Measurement, err error) {
	f, err := NewFeed(ctx, gen, s, set, streams)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.StopStreams()) }()
	if err := f.Announce(ctx, within); err != nil {
		return nil, err
	}
	m := f.Measured()
	if !m.Installation.Converged {
		return &m, fmt.Errorf("after the announcement, %w within %v", errUnchanged, within)
	}
	err = f.Withdraw(ctx, within)
	m = f.Measured()
	if err == nil && !m.Removal.Complete {
		err = fmt.Errorf("after the withdrawal, %w within %v", errUnchanged, within)
	}
	return &m, err
}

// cutOff says that nothing of a stream has arrived for a while.
func cutOff(st *trafficgen.Stats) bool {
	last := latest(st)
	return last.Duration >= steady && !st.CleanSince.Before(st.CountedTo)
}

// latest is the outage that a stream is in or was in last.
func latest(st *trafficgen.Stats) (last trafficgen.Outage) {
	for _, o := range st.Outages {
		if o.Start.After(last.Start) {
			last = o
		}
	}
	return last
}

func every(stats []trafficgen.Stats, is func(*trafficgen.Stats) bool) bool {
	return len(stats) > 0 && !slices.ContainsFunc(stats, func(st trafficgen.Stats) bool { return !is(&st) })
}

// errUnchanged says that streams did not become what was waited for.
var errUnchanged = errors.New("the streams did not become what they should")

func waitFor(ctx context.Context, r *trafficgen.Running, within time.Duration, so func([]trafficgen.Stats) bool) error {
	end := time.Now().Add(within)
	for !so(r.Stats()) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.Done():
			return errors.New("the generator ended")
		case <-time.After(look):
		}
		if time.Now().After(end) {
			return fmt.Errorf("%w within %v", errUnchanged, within)
		}
	}
	return nil
}

// removal reads when streams stopped that were cut off for good.
func removal(event time.Time, stats []trafficgen.Stats) Removal {
	r := Removal{Complete: len(stats) > 0}
	for i := range stats {
		last := latest(&stats[i])
		if !last.Start.After(event) || stats[i].CleanSince.Before(stats[i].CountedTo) {
			r.Complete = false
			continue
		}
		after := last.Start.Sub(event)
		if r.First == 0 || after < r.First {
			r.First = after
		}
		r.Full = max(r.Full, after)
	}
	return r
}
