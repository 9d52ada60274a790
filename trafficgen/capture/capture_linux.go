// Package capture records the frames that pass ports into pcapng files, which
// Wireshark opens: everything, what a filter of pcap-filter(7) lets pass, the
// last megabytes, or what happened around a moment, the first loss for example.
//
// A capture hears what a packet socket hears. Frames of our own generator pass
// behind that where they leave, since they skip the queueing discipline, and
// are heard where they arrive: streams that begin while a port is captured are
// counted there without an XDP program that takes them off before. One that
// runs already goes on as it began, as programs of others do.
package capture

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

// Options of a capture.
type Options struct {
	Ports  []trafficgen.PortID
	Filter string // of pcap-filter(7); everything when empty
	// Ring, if not zero, is how many bytes of frames are kept in memory, the
	// oldest giving way, until Trigger or Stop writes them. Otherwise frames are
	// written as they come.
	Ring int
	// After is how long a capture with a ring goes on after Trigger.
	After time.Duration
}

// ringBytes is the kernel's ring of a port: half a second of a gigabit.
const ringBytes = 64 << 20

// A Summary is what a capture has recorded.
type Summary struct {
	Frames  uint64 `json:"frames"` // in the file
	Bytes   uint64 `json:"bytes"`  // of those frames, without FCS
	Dropped uint64 `json:"dropped,omitempty"`
	// Triggered is why Trigger was called first, empty if it was not.
	Triggered string `json:"triggered,omitempty"`
}

// A Capture is going on from Start to Stop.
type Capture struct {
	opts  Options
	taps  []*port.Tap // in the order of the ports
	group errgroup.Group

	mu        sync.Mutex // of what follows
	file      *file
	ring      *ring // nil: frames go to the file
	until     time.Time
	triggered string
	failed    error
}

// Start begins to record on all ports into w. It is ready when it returns.
func Start(ctx context.Context, w io.Writer, o Options) (*Capture, error) {
	if len(o.Ports) == 0 {
		return nil, errors.New("no port to capture on")
	}
	filter, err := compile(ctx, o.Filter)
	if err != nil {
		return nil, err
	}
	c := &Capture{opts: o}
	if c.file, err = newFile(w, o); err != nil {
		return nil, err
	}
	if o.Ring > 0 {
		c.ring = newRing(o.Ring)
	}
	for _, id := range o.Ports {
		tap, err := port.OpenTap(id, ringBytes, filter)
		if err != nil {
			return nil, errors.Join(err, c.closeTaps())
		}
		c.taps = append(c.taps, tap)
	}
	for i, tap := range c.taps {
		c.group.Go(func() error { return tap.Receive(func(frames []port.Arrival) { c.record(i, frames) }) })
	}
	return c, nil
}

func (c *Capture) record(tap int, frames []port.Arrival) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range frames {
		switch {
		case c.failed != nil:
			return
		case c.ring != nil:
			c.ring.add(tap, f.At, f.Frame)
		case c.until.IsZero() || f.At <= c.until.UnixNano():
			c.failed = c.file.write(tap, f.At, f.Frame)
		}
	}
}

// Trigger writes what the ring holds and records for Options.After more. It
// does so once; without a ring it does nothing but note the reason.
func (c *Capture) Trigger(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.triggered != "" {
		return
	}
	c.triggered = why
	if c.ring != nil {
		c.until = time.Now().Add(c.opts.After)
		c.empty()
	}
}

// empty writes the ring, which is done with.
func (c *Capture) empty() {
	for m, frame := range c.ring.all() {
		if c.failed == nil {
			c.failed = c.file.write(m.tap, m.at, frame)
		}
	}
	c.ring = nil
}

// linger is longer than the kernel keeps a frame before it hands it over.
const linger = 50 * time.Millisecond

// Stop ends the capture and completes the file: what has passed when it is
// called is in there.
func (c *Capture) Stop() (Summary, error) {
	time.Sleep(linger)
	s := Summary{}
	var errs []error
	for _, t := range c.taps {
		n, err := t.Dropped()
		s.Dropped += n
		errs = append(errs, err)
	}
	errs = append(errs, c.closeTaps(), c.group.Wait())
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ring != nil {
		c.empty()
	}
	errs = append(errs, c.failed, c.file.flush())
	s.Frames, s.Bytes, s.Triggered = c.file.frames, c.file.bytes, c.triggered
	return s, errors.Join(errs...)
}

func (c *Capture) closeTaps() error {
	var errs []error
	for _, t := range c.taps {
		errs = append(errs, t.Close())
	}
	return errors.Join(errs...)
}
