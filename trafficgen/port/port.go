// Package port is the generator's network interfaces: kernel devices, in any
// network namespace, and an in-memory wire for tests.
//
// A Port moves whole Ethernet frames, without FCS. A Host on top of it is one
// address that frames are sent from or to: emulated, in which case the Host
// answers ARP and neighbor discovery itself, or the kernel's own.
package port

import (
	"errors"
	"io"
	"net"
	"net/netip"

	"github.com/ccl-lab/ccl/trafficgen"
)

// ErrLinkDown says that frames could not leave because the link has no
// carrier or the device is down: the state of the network under test, not a
// fault of the generator.
var ErrLinkDown = errors.New("the link is down")

// An Arrival is a received frame. Frame is valid until the handler returns.
type Arrival struct {
	Frame []byte
	At    int64 // CLOCK_REALTIME in nanoseconds, taken by the kernel where there is one
}

// A Link describes a port.
type Link struct {
	Name  string           // node:device, for messages
	MAC   net.HardwareAddr // of the device
	MTU   int              // bytes of Ethernet payload
	Speed uint64           // bits per second, 0 where it is not known
	Addrs []netip.Prefix   // the kernel's own
	// How frames are moved: "sendmmsg" and "tpacket-v3", or "memory".
	Sends, Receives string
}

// A Port is one network interface of the generator.
type Port interface {
	Link() Link
	// Send hands frames to the wire in order and returns how many it took.
	// With an error, the frame after those is the one refused. It may be
	// called concurrently.
	Send(frames [][]byte) (int, error)
	// Receive calls handle with arriving frames, in order, until Close, and
	// then returns nil. It sees no frame that this port sent.
	Receive(handle func([]Arrival)) error
	// Dropped counts frames that arrived but that Receive was too slow for.
	Dropped() (uint64, error)
	Close() error
}

// A Hop is where a kernel sends packets for a destination.
type Hop struct {
	Source netip.Addr // the kernel's choice of source address
	Next   netip.Addr // the neighbor: a gateway, or the destination itself
}

// A Stack is a Port whose device has an IP stack of its own.
type Stack interface {
	// NextHop looks dst up in the stack's routes, for packets from src; an
	// invalid src leaves the choice to the stack. A route that does not leave
	// by this port is an error.
	NextHop(dst, src netip.Addr) (Hop, error)
	// Absorb takes the UDP datagrams for local and never reads them, so that
	// the stack does not answer each with an ICMP error.
	Absorb(local netip.AddrPort) (io.Closer, error)
}

// A Sieve is a Port that has the kernel run a program on what arrives: Receive
// sees only what the program lets pass.
type Sieve interface {
	// Filter takes the descriptor of a loaded BPF socket filter.
	Filter(program int) error
}

// A Sender is another way to send from a port.
type Sender interface {
	// Send hands frames to the wire as Port.Send does.
	Send(frames [][]byte) (int, error)
	// Refused counts frames that it took but the device did not, though the
	// link was up.
	Refused() uint64
	Close() error
}

// An Express is a Port that has a faster way to send than its own, though not
// for every device and frame.
type Express interface {
	Express() (Sender, error)
}

// A Native is a Port that may be on a device which programs of the kernel can
// feed, and take frames from, without the kernel's stack.
type Native interface {
	// Veth returns the port's device and the other end of its pair, wherever
	// that is, or the reason why there are no such two.
	Veth() (own, peer Device, err error)
	// Tapped says that a Tap listens on the device, which hears nothing of what
	// a program takes off it.
	Tapped() bool
}

// Name is how messages call a port: node:device.
func Name(id trafficgen.PortID) string {
	if id.Node == "" {
		return id.Device
	}
	return id.Node + ":" + id.Device
}
