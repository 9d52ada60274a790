package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

// prepare settles addresses and next hops and builds the frames. All streams
// are tried and every reason is reported.
func (r *run) prepare(ctx context.Context) error {
	neighbors := &neighborhood{asked: map[question]*answer{}}
	priming, cancel := context.WithCancel(ctx)
	r.unprime = cancel
	var group errgroup.Group
	errs := make([]error, len(r.flows))
	for i, f := range r.flows {
		group.Go(func() error {
			if err := f.prepare(ctx, neighbors); err != nil {
				errs[i] = fmt.Errorf("stream %s: %w", f.stream.Name, err)
				return nil
			}
			r.prime(priming, f, neighbors)
			return nil
		})
	}
	_ = group.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return r.absorb()
}

func (f *flow) prepare(ctx context.Context, n *neighborhood) error {
	from, to := f.from.host(f.stream.From), f.to.host(f.stream.To)
	s := &f.stream
	if s.Capture == "" {
		if err := f.fits(s.Largest(), tagLen(s.Layers)); err != nil {
			return err
		}
	}
	addressed := f.addressPlain
	switch {
	case s.Capture != "":
		addressed = f.addressCapture
	case s.Layers != nil:
		addressed = f.addressLayers
	}
	next, err := addressed(from, to)
	if err != nil {
		return err
	}
	mac := to.MAC() // where nobody is to be asked
	if next.IsValid() {
		if mac, err = n.resolve(ctx, from, next); err != nil {
			return err
		}
	}
	if f.deck, err = frame.New(*s, from.MAC(), mac, f.id); err != nil {
		return err
	}
	if s.Capture != "" {
		s.Size = int(f.deck.MeanSize() + 0.5)
		if err := f.fits(f.deck.Longest()+frame.FCSLen, 0); err != nil {
			return err
		}
	}
	f.to.mu.Lock()
	f.settled.perFlow(f.deck.Flows())
	f.to.mu.Unlock()
	f.delegate(f.deck)
	return nil
}

// fits says that frames of a length, with FCS, can leave, or what is in the way.
func (f *flow) fits(size, tag int) error {
	if need, mtu := size-frame.FCSLen-14-tag, f.from.port.Link().MTU; need > mtu {
		return fmt.Errorf("frames of %d bytes need an MTU of %d; %s has %d", size, need, port.Name(f.stream.From), mtu)
	}
	return nil
}

// addressCapture returns the next hop for frames that have their addresses: the
// one for the receiving port's, if that has one.
func (f *flow) addressCapture(from, to *port.Host) (netip.Addr, error) {
	if _, err := destination(to, &f.stream); err != nil {
		return netip.Addr{}, nil
	}
	return f.addressPlain(from, to)
}

// addressPlain settles the addresses of a stream without layers and returns
// the next hop.
func (f *flow) addressPlain(from, to *port.Host) (netip.Addr, error) {
	s := &f.stream
	if !s.Dst.IsValid() {
		dst, err := destination(to, s)
		if err != nil {
			return netip.Addr{}, err
		}
		s.Dst = dst
	}
	to.Answer(s.Dst)
	hop, err := from.NextHop(s.Dst, s.Src)
	if err != nil {
		return netip.Addr{}, err
	}
	s.Src = hop.Source
	from.Answer(s.Src)
	return hop.Next, nil
}

// prime lets an emulated receiver ask for its gateway, which so learns where
// the receiver is. No answer is no error: what the path to it is worth is for
// the frames to find out.
func (r *run) prime(ctx context.Context, f *flow, n *neighborhood) {
	to := f.to.host(f.stream.To)
	if !to.Emulated() {
		return
	}
	if !f.stream.Src.IsValid() {
		return
	}
	if back, err := to.NextHop(f.stream.Src, f.stream.Dst); err == nil {
		r.priming.Go(func() { _, _ = n.resolve(ctx, to, back.Next) })
	}
}

// destination is the address of the receiving host, of the family that the
// stream asks for or its source has, otherwise IPv4 before IPv6.
func destination(to *port.Host, s *trafficgen.Stream) (netip.Addr, error) {
	if s.IPv6 || s.Src.IsValid() {
		return to.Addr(s.IPv6 || s.Src.Is6())
	}
	if a, err := to.Addr(false); err == nil {
		return a, nil
	}
	if a, err := to.Addr(true); err == nil {
		return a, nil
	}
	return netip.Addr{}, fmt.Errorf("%s has no address", port.Name(to.ID()))
}

// absorb keeps the kernels of receiving hosts from answering each frame with
// an ICMP error.
func (r *run) absorb() error {
	taken := map[netip.AddrPort]*station{}
	for _, f := range r.flows {
		stack, ok := f.to.port.(port.Stack)
		if !ok || f.to.host(f.stream.To).Emulated() {
			continue
		}
		if !f.stream.Dst.IsValid() || f.deck.Card(0).Plain() == nil {
			continue
		}
		dport := f.stream.DstPort
		if dport == 0 {
			dport = frame.DefaultDstPort
		}
		local := netip.AddrPortFrom(f.stream.Dst, dport)
		if taken[local] == f.to {
			continue
		}
		taken[local] = f.to
		sink, err := stack.Absorb(local)
		if err != nil {
			return fmt.Errorf("stream %s: %w", f.stream.Name, err)
		}
		r.sinks = append(r.sinks, sink.Close)
	}
	return nil
}

// neighborhood asks each question once for all streams.
type neighborhood struct {
	mu    sync.Mutex
	asked map[question]*answer
}

type question struct {
	host *port.Host
	next netip.Addr
}

type answer struct {
	once sync.Once
	mac  net.HardwareAddr
	err  error
}

func (n *neighborhood) resolve(ctx context.Context, h *port.Host, next netip.Addr) (net.HardwareAddr, error) {
	n.mu.Lock()
	a := n.asked[question{h, next}]
	if a == nil {
		a = &answer{}
		n.asked[question{h, next}] = a
	}
	n.mu.Unlock()
	a.once.Do(func() { a.mac, a.err = h.Resolve(ctx, next) })
	return a.mac, a.err
}

// learn sends learning frames of each stream until one arrives, so that the
// caches on the way are warm. A path that carries none is not an error: that
// may be what is tested.
func (r *run) learn(ctx context.Context) {
	if r.opts.Learning < 0 {
		return
	}
	const every = 20 * time.Millisecond
	buf := make([]byte, frame.MaxSize)
	for end, n := time.Now().Add(r.opts.Learning), uint32(0); time.Now().Before(end) && ctx.Err() == nil; n++ {
		missing := false
		for _, f := range r.flows {
			if !f.learned.Load() && !f.stream.Elsewhere() {
				missing = true
				_, _ = f.from.port.Send([][]byte{f.deck.Learning().Copy(buf, n, time.Now().UnixNano())})
			}
		}
		if !missing {
			return
		}
		time.Sleep(every)
	}
}
