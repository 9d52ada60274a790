package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

// listenRate is the rate that a listener expects of a stream it knows nothing
// of: reordering is told from loss within ten seconds of it.
const listenRate = 100_000

// Listen counts the signed frames that generators elsewhere send to ports of
// this host, until ctx is done. observe, if not nil, is called ten times a
// second.
//
// Nobody says here what was sent: of each stream it is what lies between the
// lowest and the highest sequence that came, so that frames lost before the
// first or after the last are not known of. Latencies are as true as the
// clocks of the two hosts are one.
func Listen(ctx context.Context, o Options, ports []trafficgen.PortID, observe func([]trafficgen.Stats)) (_ []trafficgen.Stats, err error) {
	l := &listener{heard: map[source]*heard{}}
	defer func() { err = errors.Join(err, l.close()) }()
	for _, id := range ports {
		if err := l.open(New(o).opts, id); err != nil {
			return nil, err
		}
	}
	failed := make(chan error, len(l.ports))
	for i, p := range l.ports {
		host := port.NewHost(ports[i], p)
		go func() { failed <- p.Receive(func(batch []port.Arrival) { l.receive(host, batch) }) }()
	}
	tick := time.NewTicker(observeEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-failed:
			return l.stats(), err
		case <-ctx.Done():
			return l.stats(), nil
		case <-tick.C:
			if observe != nil {
				observe(l.stats())
			}
		}
	}
}

type listener struct {
	ports []port.Port
	sinks []io.Closer

	mu    sync.Mutex
	heard map[source]*heard
}

// source tells streams apart: two generators may use the same numbers.
type source struct {
	id frame.ID
	at trafficgen.PortID
}

// heard is what came of one stream.
type heard struct {
	*tracker
	origin      uint64 // the first sequence that came
	size        int    // of its frame, with FCS
	first, last int64  // send times
}

func (l *listener) open(o Options, id trafficgen.PortID) error {
	p, err := o.Open(id, port.Settings{RingBytes: 64 << 20})
	if err != nil {
		return err
	}
	l.ports = append(l.ports, p)
	stack, ok := p.(port.Stack)
	if !ok {
		return nil
	}
	for _, a := range p.Link().Addrs {
		if a.Addr().IsLinkLocalUnicast() {
			continue
		}
		sink, err := stack.Absorb(netip.AddrPortFrom(a.Addr(), frame.DefaultDstPort))
		if err != nil {
			return err
		}
		l.sinks = append(l.sinks, sink)
	}
	return nil
}

func (l *listener) receive(host *port.Host, batch []port.Arrival) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := host.ID()
	for _, a := range batch {
		sig, verdict := frame.Parse(a.Frame)
		if verdict == frame.Foreign || sig.Learning || sig.Reply {
			if verdict == frame.Foreign && frame.IsControl(a.Frame) {
				host.Handle(a.Frame)
			}
			continue
		}
		h := l.heard[source{sig.ID, at}]
		if h == nil {
			h = newHeard(sig, len(a.Frame)+frame.FCSLen)
			l.heard[source{sig.ID, at}] = h
		}
		if verdict == frame.Damaged {
			h.corrupted++
			continue
		}
		h.first, h.last = min(h.first, sig.Sent), max(h.last, sig.Sent)
		h.arrive(sig.Seq, sig.Sent, a.At, math.MaxUint64)
	}
}

// newHeard begins with a stream's first frame: what came before is not asked for.
func newHeard(sig frame.Signature, size int) *heard {
	h := &heard{tracker: newTracker(listenRate, 2), origin: uint64(sig.Seq), size: size, first: sig.Sent, last: sig.Sent}
	h.base, h.next = h.origin&^63, h.origin
	h.window[h.base/64%uint64(len(h.window))] = 1<<(h.origin%64) - 1
	return h
}

func (l *listener) stats() []trafficgen.Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]trafficgen.Stats, 0, len(l.heard))
	for s, h := range l.heard {
		all = append(all, h.stats(s))
	}
	slices.SortFunc(all, func(a, b trafficgen.Stats) int {
		return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.Stream, b.Stream))
	})
	return all
}

func (h *heard) stats(s source) trafficgen.Stats {
	h.slide(h.floor())
	lost := h.losses(h.next, false)
	st := trafficgen.Stats{
		Stream: fmt.Sprintf("%04x/%d at %s", s.id.Run, s.id.Stream, port.Name(s.at)), FrameBytes: h.size,
		Sent: h.next - h.origin, Received: h.received, Lost: lost.lost,
		Duplicate: h.duplicate, Reordered: h.reordered, ReorderExtent: h.extent, Corrupted: h.corrupted,
		Latency: h.delay.latency(), Started: time.Unix(0, h.first), Duration: time.Duration(h.last - h.first),
		Engine: "listening",
	}
	if h.last > h.first && st.Sent > 1 {
		st.OfferedFPS = float64(st.Sent-1) / st.Duration.Seconds()
	}
	return st
}

func (l *listener) close() error {
	var errs []error
	for _, p := range l.ports {
		errs = append(errs, p.Close())
	}
	for _, s := range l.sinks {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
