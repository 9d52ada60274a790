package routes

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// A Session announces and withdraws routes; a Speaker is one.
type Session interface {
	Announce(Set) (Sending, error)
	Withdraw(Set) (Sending, error)
	Close() error
}

// A Feed is a set of routes on a session, and streams to some of them that show
// how fast a router takes them in and out. Its methods are for one goroutine,
// but for Live.
type Feed struct {
	session Session
	set     Set
	running *trafficgen.Running // nil without streams

	m Measurement
}

// NewFeed begins to send the streams, if there are any, until StopStreams or
// until ctx is done.
func NewFeed(ctx context.Context, gen trafficgen.Generator, s Session, set Set, streams []trafficgen.Stream) (*Feed, error) {
	f := &Feed{session: s, set: set, m: Measurement{Routes: set.Count, Sample: len(streams)}}
	if len(streams) == 0 {
		return f, nil
	}
	var err error
	f.running, err = trafficgen.Start(ctx, gen, streams)
	return f, err
}

// Announce announces the set and waits until all streams flow. If they do not
// within the time, the installation did not converge. Streams that flow before
// it are an error: some other route carries them.
func (f *Feed) Announce(ctx context.Context, within time.Duration) (err error) {
	if f.running == nil {
		f.m.Announcement, err = f.session.Announce(f.set)
		return err
	}
	if err := f.wait(ctx, within, cutOff); err != nil {
		return fmt.Errorf("before the announcement, %w: does another route carry them?", err)
	}
	if f.m.Announcement, err = f.session.Announce(f.set); err != nil {
		return err
	}
	began := f.m.Announcement.Began
	err = f.wait(ctx, within, func(st *trafficgen.Stats) bool { return st.CleanFor(began) >= steady })
	f.m.Stats = f.running.Stats()
	f.m.Installation = procedure.Measure(began, f.m.Stats)
	if errors.Is(err, errUnchanged) {
		f.m.Installation.Converged, err = false, nil
	}
	return err
}

// Withdraw withdraws the set, waits until no stream flows and stops them. If
// some still flow after the time, the removal is not complete.
func (f *Feed) Withdraw(ctx context.Context, within time.Duration) (err error) {
	if f.m.Withdrawal, err = f.session.Withdraw(f.set); err != nil || f.running == nil {
		return err
	}
	began := f.m.Withdrawal.Began
	err = f.wait(ctx, within, func(st *trafficgen.Stats) bool { return cutOff(st) && st.CleanSince.After(began) })
	unchanged := errors.Is(err, errUnchanged)
	if err != nil && !unchanged {
		return err
	}
	if f.m.Stats, err = f.running.Stop(); err != nil {
		return err
	}
	f.m.Removal = removal(began, f.m.Stats)
	f.m.Removal.Complete = f.m.Removal.Complete && !unchanged
	return nil
}

// wait waits until every stream is so.
func (f *Feed) wait(ctx context.Context, within time.Duration, so func(*trafficgen.Stats) bool) error {
	return waitFor(ctx, f.running, within, func(stats []trafficgen.Stats) bool { return every(stats, so) })
}

// Measured is what has been measured so far.
func (f *Feed) Measured() Measurement { return f.m }

// Live are the counters of the streams, a tenth of a second old at most.
func (f *Feed) Live() []trafficgen.Stats {
	if f.running == nil {
		return nil
	}
	return f.running.Stats()
}

// StopStreams stops them. It may be called again.
func (f *Feed) StopStreams() error {
	if f.running == nil {
		return nil
	}
	_, err := f.running.Stop()
	return err
}

// Close stops the streams and ends the session, which withdraws what it has
// announced.
func (f *Feed) Close() error { return errors.Join(f.StopStreams(), f.session.Close()) }
