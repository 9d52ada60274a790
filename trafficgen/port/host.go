package port

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
)

// Times of address resolution. Questions are repeated faster than RFC 4861's
// second, for a lab's links are short.
const (
	askEvery = 200 * time.Millisecond
	AskFor   = 3 * time.Second
)

// ErrNoAnswer says that a neighbor did not answer ARP or neighbor discovery.
var ErrNoAnswer = errors.New("no answer")

// A Host is one sender and receiver of packets on a port.
type Host struct {
	id    trafficgen.PortID
	port  Port
	mac   net.HardwareAddr
	addrs []netip.Prefix

	mu      sync.Mutex
	answers []netip.Addr // addresses this Host answers for
	known   map[netip.Addr]net.HardwareAddr
	learned chan struct{} // closed and replaced when known grows
}

// NewHost returns the host that id describes on its port: an emulated one when
// id has an address, otherwise the kernel's own.
func NewHost(id trafficgen.PortID, p Port) *Host {
	h := &Host{id: id, port: p, known: map[netip.Addr]net.HardwareAddr{}, learned: make(chan struct{})}
	if !h.Emulated() {
		h.mac = p.Link().MAC
		h.addrs = p.Link().Addrs
		return h
	}
	h.mac = emulatedMAC(id)
	for _, p := range []netip.Prefix{id.Address, id.Address6} {
		if p.IsValid() {
			h.addrs = append(h.addrs, p)
			h.answers = append(h.answers, p.Addr())
		}
	}
	return h
}

// emulatedMAC is a locally administered address, the same in every run, so
// that what neighbors have cached stays true. It is not the device's own: the
// kernel then leaves the packets alone.
func emulatedMAC(id trafficgen.PortID) net.HardwareAddr {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %v %v", id.Node, id.Device, id.Address, id.Address6))
	return append(net.HardwareAddr{0x02}, sum[:5]...)
}

// Emulated says that the generator itself plays this host.
func (h *Host) Emulated() bool { return h.id.Address.IsValid() || h.id.Address6.IsValid() }

// ID is the port identity that the host was made from.
func (h *Host) ID() trafficgen.PortID { return h.id }

// MAC is the host's hardware address.
func (h *Host) MAC() net.HardwareAddr { return h.mac }

// Addr is the host's address of a family, the first that is not link-local,
// or an error that names the port.
func (h *Host) Addr(v6 bool) (netip.Addr, error) {
	for _, p := range h.addrs {
		if a := p.Addr(); a.Is6() == v6 && !a.IsLinkLocalUnicast() {
			return a, nil
		}
	}
	return netip.Addr{}, fmt.Errorf("%s has no %s address", Name(h.id), map[bool]string{false: "IPv4", true: "IPv6"}[v6])
}

// addrBeside is the host's address on the subnet of a neighbor, or any.
func (h *Host) addrBeside(next netip.Addr) (netip.Addr, error) {
	for _, p := range h.addrs {
		if p.Contains(next) {
			return p.Addr(), nil
		}
	}
	return h.Addr(next.Is6())
}

// Answer makes an emulated host answer for addr too, if it is on its link.
func (h *Host) Answer(addr netip.Addr) {
	h.mu.Lock()
	defer h.mu.Unlock()
	onLink := h.id.Address.IsValid() && h.id.Address.Contains(addr) || h.id.Address6.IsValid() && h.id.Address6.Contains(addr)
	if onLink && !slices.Contains(h.answers, addr) {
		h.answers = append(h.answers, addr)
	}
}

// Handle looks at a received frame, learns from it, and answers it if it is a
// question to this host: for its hardware address, or an echo request.
func (h *Host) Handle(b []byte) {
	n, ok := frame.ParseNeighbor(b)
	if !ok {
		if reply := frame.EchoReply(b, h.mac, h.answersFor); reply != nil {
			_, _ = h.port.Send([][]byte{reply})
		}
		return
	}
	h.mu.Lock()
	if n.Sender.IsValid() && !n.Sender.IsUnspecified() && n.MAC != nil {
		h.known[n.Sender] = n.MAC
		close(h.learned)
		h.learned = make(chan struct{})
	}
	h.mu.Unlock()
	if !n.Solicit || !h.answersFor(n.Target) {
		return
	}
	if reply, err := frame.Advertise(n, h.mac); err == nil {
		_, _ = h.port.Send([][]byte{reply}) // an answer that cannot leave is asked for again
	}
}

func (h *Host) answersFor(addr netip.Addr) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Contains(h.answers, addr)
}

// NextHop is the neighbor that packets for dst go to, and the source address
// they are to have: src if it is valid.
func (h *Host) NextHop(dst, src netip.Addr) (Hop, error) {
	if !h.Emulated() {
		stack, ok := h.port.(Stack)
		if !ok {
			return Hop{}, fmt.Errorf("%s has no address", Name(h.id))
		}
		return stack.NextHop(dst, src)
	}
	if !src.IsValid() {
		var err error
		if src, err = h.Addr(dst.Is6()); err != nil {
			return Hop{}, err
		}
	}
	link, gateway := h.id.Address, h.id.Gateway
	if dst.Is6() {
		link, gateway = h.id.Address6, h.id.Gateway6
	}
	switch {
	case link.IsValid() && link.Contains(dst):
		return Hop{Source: src, Next: dst}, nil
	case gateway.IsValid():
		return Hop{Source: src, Next: gateway}, nil
	}
	return Hop{}, fmt.Errorf("%s has no gateway for %v: it is not within %v", Name(h.id), dst, link)
}

// Resolve asks for the hardware address of a neighbor until it answers, for at
// most AskFor. Receive must be feeding Handle meanwhile. The question also
// teaches the neighbor this host's own address.
func (h *Host) Resolve(ctx context.Context, next netip.Addr) (net.HardwareAddr, error) {
	from, err := h.addrBeside(next)
	if err != nil {
		return nil, err
	}
	ask, err := frame.Solicit(h.mac, from, next)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	delete(h.known, next)
	h.mu.Unlock()
	for end := time.Now().Add(AskFor); time.Now().Before(end); {
		if _, err := h.port.Send([][]byte{ask}); err != nil && !errors.Is(err, ErrLinkDown) {
			return nil, fmt.Errorf("%s: asking for %v: %w", Name(h.id), next, err)
		}
		if mac := h.await(ctx, next); mac != nil {
			return mac, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	protocol := "ARP"
	if next.Is6() {
		protocol = "neighbor discovery"
	}
	return nil, fmt.Errorf("%s: %v did not answer %s within %v: is its side of the link up and addressed? (%w)",
		Name(h.id), next, protocol, AskFor, ErrNoAnswer)
}

// await waits for next to become known, for askEvery at most.
func (h *Host) await(ctx context.Context, next netip.Addr) net.HardwareAddr {
	timer := time.NewTimer(askEvery)
	defer timer.Stop()
	for {
		h.mu.Lock()
		mac, learned := h.known[next], h.learned
		h.mu.Unlock()
		if mac != nil {
			return mac
		}
		select {
		case <-learned:
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}
