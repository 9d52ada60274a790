// Package engine sends streams and counts what becomes of them.
//
// Run opens a port for every end of a stream and listens on all of them,
// resolves the next hops, sends learning frames until one of each stream has
// arrived (RFC 2544, section 23), and only then the first counted frame. Each
// port has one transmitter that paces all its streams; it runs on a thread of
// its own. After the last frame Run drains: until everything has arrived and
// the wire is quiet, or nothing has arrived for a while.
//
// What is counted:
//
//   - Sent: frames handed to the port. While the link of the sending port is
//     down they are sent and lost: the link is part of what is tested.
//   - Received: distinct sequences that arrived whole at the stream's To. A
//     damaged frame is corrupted and, as RFC 7680 says, lost.
//   - Lost, in the end: sent less received. While a stream runs: only frames
//     sent before the grace period (Options.Grace) and not there yet; so
//     received and lost add up to less than sent.
//   - Outages: runs of consecutive lost sequences, their duration frames over
//     rate. While a stream runs, the last may still be growing.
//   - A frame that comes more than ten seconds' worth of frames (2^24 at most)
//     behind the newest is neither received nor a duplicate: it was given up.
//   - Latency: from the stamp, taken when a frame is put into a batch of those
//     that are due, to the receiving kernel's own. At rates at which several
//     are due at once it includes the microseconds until the kernel took each.
//   - Stalls: rows of frames that left more than 10 ms late, because the machine
//     gave the processor to others. The frames that follow a stall leave a little
//     closer than they should until the stream has caught up; what was lost of
//     them, and what was dropped on this host, is in doubt (Stats.LeastLost,
//     Stats.OutageRange, Stats.LatencyLeast).
//   - Flows of a stream are counted as the stream is, each by itself, whatever
//     sends and whatever counts; their percentiles are known to a thirty-second
//     of themselves (tally.Spreads), and of their outages the longest. Listen
//     does not know of flows.
//
// What sends a port's streams is chosen when the port is open, by its rate and
// by trying: each engine sends a frame before it is relied on.
//
//   - Below 50,000 frames per second: packet sockets ("sendmmsg"), which sleep
//     between frames.
//   - From there on, where a transmitter of any kind would keep a processor
//     busy: a program in the kernel ("live", package live), on veth devices
//     whose other end can be found; else AF_XDP sockets ("af-xdp"); else packet
//     sockets. Live frames need the other end of the pair to take them off its
//     queue itself, so a program that lets everything pass is attached there
//     while they are sent, also where that end is the device under test's.
//
// What is sent and counted is the same whatever sends. Probe tells what a host
// can do, Options.Sends asks for one of them.
//
// Where the kernel lets it, a BPF program counts what arrives and this process
// reads its counters (package tally): a socket filter ("bpf"), or a program on
// the device ("xdp") where live frames of the other end come in. Where not, or
// where the program meets frames it cannot judge, this process counts for
// itself. What is counted is the same; Stats.Engine says who did,
// "sendmmsg+bpf" for example.
//
// An Engine shares this program's threads; a Process has its own and is the
// one to use in a program that does other work.
package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

// Options of an engine. The zero value is the kernel's ports.
type Options struct {
	// Open opens a port; port.Open when nil. A Wire's Open is for tests.
	Open func(trafficgen.PortID, port.Settings) (port.Port, error)
	// Sleep waits until a frame's slot, or a little less; nil is a wait on the
	// kernel's clock that is precise to microseconds. Under testing/synctest it
	// must be made of time.Sleep.
	Sleep func(until time.Time)
	// Learning bounds the wait for learning frames: 2 s when zero, time for a
	// router to ask twice for the last hop; none are sent when negative.
	Learning time.Duration
	// Drain bounds the wait for residual frames, 2 s when zero as in RFC 2544.
	Drain time.Duration
	// Grace is the age at which a frame that has not arrived counts as lost
	// while its stream is running, 200 ms when zero.
	Grace time.Duration
	// Userspace has this process count every frame, even where the kernel
	// could.
	Userspace bool
	// Sends is the engine that is to send: one of Engines. Empty leaves the
	// choice to the rates and what the kernel can do; an engine that cannot be
	// used is then no error.
	Sends string
}

// An Engine is a trafficgen.Generator.
type Engine struct{ opts Options }

var _ trafficgen.Generator = (*Engine)(nil)

const observeEvery = 100 * time.Millisecond

// New returns an engine. It holds nothing between runs, and runs may overlap.
func New(o Options) *Engine {
	if o.Open == nil {
		o.Open = port.Open
	}
	if o.Learning == 0 {
		o.Learning = 2 * time.Second
	}
	if o.Drain == 0 {
		o.Drain = 2 * time.Second
	}
	if o.Grace == 0 {
		o.Grace = 200 * time.Millisecond
	}
	return &Engine{opts: o}
}

// Run implements trafficgen.Generator. With an error that happened while
// frames were being sent it returns what was counted until then.
func (e *Engine) Run(ctx context.Context, streams []trafficgen.Stream, observe func([]trafficgen.Stats)) (_ []trafficgen.Stats, err error) {
	r, err := e.newRun(streams)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if err := r.open(); err != nil {
		return nil, err
	}
	if err := r.prepare(ctx); err != nil {
		if ctx.Err() != nil {
			return r.final(), nil // ended before it began
		}
		return nil, err
	}
	if err := r.choose(); err != nil {
		return nil, err
	}
	r.learn(ctx)
	err = r.transmit(ctx, observe)
	r.drain()
	return r.final(), err
}

// transmit runs the transmitters and calls observe until all have ended.
func (r *run) transmit(ctx context.Context, observe func([]trafficgen.Stats)) error {
	var group errgroup.Group
	done := make(chan error, 1)
	r.begin()
	for _, tx := range r.transmitters() {
		defer context.AfterFunc(ctx, tx.halt)()
		group.Go(tx.run)
	}
	go func() { done <- group.Wait() }()
	if observe != nil {
		observe(r.snapshot())
	}
	tick := time.NewTicker(observeEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			r.sample()
			if observe != nil {
				observe(r.snapshot())
			}
		}
	}
}

// drain waits for what is in flight.
func (r *run) drain() {
	const (
		settle  = 100 * time.Millisecond // after everything has arrived: for duplicates
		despair = 500 * time.Millisecond // without an arrival, while something is missing
		step    = 5 * time.Millisecond
	)
	start := time.Now()
	seen, since := r.arrived(), start
	for time.Since(start) < r.opts.Drain {
		time.Sleep(step)
		now := r.arrived()
		if now.count != seen.count {
			seen, since = now, time.Now()
		}
		quiet := time.Since(since)
		if now.complete && quiet >= settle || quiet >= max(despair, 4*now.slowest) {
			break
		}
	}
	r.sample()
}

// newRun checks the streams, all of them, and lays the run out.
func (e *Engine) newRun(streams []trafficgen.Stream) (*run, error) {
	var errs []error
	names := map[string]bool{}
	for _, s := range streams {
		switch {
		case names[s.Name]:
			errs = append(errs, fmt.Errorf("stream %s is given twice", s.Name))
		case s.Load < 0 || s.Load > 1:
			errs = append(errs, fmt.Errorf("stream %s: a load of %v is not a share of the port's speed, above 0 and at most 1", s.Name, s.Load))
		case s.Load > 0 && s.Capture != "":
			errs = append(errs, fmt.Errorf("stream %s: the load of a capture's frames, which differ in size, is no rate; give one in frames per second", s.Name))
		case s.Burst.Frames < 0 || s.Burst.Gap < 0:
			errs = append(errs, fmt.Errorf("stream %s: a burst of %d frames with a gap of %v", s.Name, s.Burst.Frames, s.Burst.Gap))
		case s.Load == 0 && (!(s.Rate > 0) || s.Rate > 1e9):
			errs = append(errs, fmt.Errorf("stream %s: rate %v is not within 0 to 1e9 frames per second", s.Name, s.Rate))
		case s.Duration < 0:
			errs = append(errs, fmt.Errorf("stream %s: duration %v is negative", s.Name, s.Duration))
		case s.Elsewhere() && !s.Dst.IsValid():
			errs = append(errs, fmt.Errorf("stream %s goes elsewhere and needs the address to go to", s.Name))
		case s.From.Device == "" || s.To.Device == "" && !s.Elsewhere():
			errs = append(errs, fmt.Errorf("stream %s needs two ports: from %q to %q", s.Name, port.Name(s.From), port.Name(s.To)))
		}
		names[s.Name] = true
	}
	if len(streams) == 0 {
		errs = append(errs, errors.New("no stream to run"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return layOut(e.opts, streams), nil
}
