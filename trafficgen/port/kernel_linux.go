package port

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/trafficgen"
)

// Settings of a kernel port.
type Settings struct {
	// RingBytes is the size of the receive ring, 16 MiB when zero.
	RingBytes int
}

// kernel is a port on a network device: packet sockets, one that sends with
// sendmmsg past the queueing discipline, one that receives into a ring.
type kernel struct {
	link   Link
	device string
	index  int
	ns     *os.File // nil: this process's own namespace

	tx *sender
	rx *ring

	held []*os.File // namespaces that were opened on the way

	closing sync.Once

	mu   sync.Mutex // of what follows
	nl   *netlink.Handle
	down time.Time // when the link was last found without carrier
}

// Open opens a network device as a port. It needs CAP_NET_RAW and
// CAP_NET_ADMIN in the namespace, and CAP_SYS_ADMIN to enter it.
func Open(id trafficgen.PortID, s Settings) (Port, error) {
	ns, err := openNamespace(id.NetNS)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Name(id), err)
	}
	k := &kernel{ns: ns, device: id.Device, link: Link{Name: Name(id), Sends: "sendmmsg", Receives: "tpacket-v3"}}
	if err := inNamespace(ns, func() error { return k.open(s) }); err != nil {
		_ = k.Close()
		if errors.Is(err, unix.EPERM) {
			err = fmt.Errorf("%w: packet sockets need the capabilities CAP_NET_RAW and CAP_NET_ADMIN", err)
		}
		return nil, fmt.Errorf("%s: %w", Name(id), err)
	}
	return k, nil
}

func (k *kernel) open(s Settings) (err error) {
	if k.nl, err = netlink.NewHandle(unix.NETLINK_ROUTE); err != nil {
		return fmt.Errorf("netlink: %w", err)
	}
	link, err := k.nl.LinkByName(k.device)
	if err != nil {
		return fmt.Errorf("device %q: %w%s", k.device, err, k.others())
	}
	attrs := link.Attrs()
	k.index, k.link.MAC, k.link.MTU = attrs.Index, attrs.HardwareAddr, attrs.MTU
	if len(k.link.MAC) != 6 {
		return fmt.Errorf("device %q is no Ethernet device (%s)", k.device, link.Type())
	}
	addrs, err := k.nl.AddrList(link, netlink.FAMILY_ALL)
	if err != nil {
		return fmt.Errorf("addresses of %q: %w", k.device, err)
	}
	for _, a := range addrs {
		if ip, ok := netip.AddrFromSlice(a.IP); ok {
			ones, _ := a.Mask.Size()
			k.link.Addrs = append(k.link.Addrs, netip.PrefixFrom(ip.Unmap(), ones))
		}
	}
	if k.tx, err = newSender(k.index); err != nil {
		return err
	}
	k.link.Speed = speed(k.tx.fd, k.device)
	k.rx, err = newRing(k.index, s.RingBytes)
	return err
}

// others names the devices that there are instead.
func (k *kernel) others() string {
	links, err := k.nl.LinkList()
	if err != nil || len(links) == 0 {
		return ""
	}
	var names []string
	for _, l := range links {
		names = append(names, l.Attrs().Name)
	}
	return " (there is " + strings.Join(names, ", ") + ")"
}

func (k *kernel) Link() Link { return k.link }

func (k *kernel) Receive(handle func([]Arrival)) error { return k.rx.receive(handle) }

// Filter implements Sieve. The program lives as long as the port is open.
func (k *kernel) Filter(program int) error { return k.rx.filter(program) }

func (k *kernel) Dropped() (uint64, error) { return k.rx.dropped() }

// Send hands frames to the driver. A full driver queue is waited for.
func (k *kernel) Send(frames [][]byte) (int, error) {
	const patience = time.Second
	done, full := 0, time.Time{}
	for done < len(frames) {
		n, err := k.tx.send(frames[done:])
		done += n
		switch {
		case err == nil:
			full = time.Time{}
		case errors.Is(err, unix.ENETDOWN):
			return done, fmt.Errorf("%s: %w", k.link.Name, ErrLinkDown)
		case errors.Is(err, unix.ENOBUFS) || errors.Is(err, unix.EAGAIN):
			if full.IsZero() {
				full = time.Now()
			}
			if waited := time.Since(full); !k.carrier(waited) {
				return done, fmt.Errorf("%s: %w", k.link.Name, ErrLinkDown)
			} else if waited > patience {
				return done, fmt.Errorf("%s: the driver took no frame for %v: %w", k.link.Name, patience, err)
			}
			time.Sleep(10 * time.Microsecond)
		default:
			return done, k.explain(err, len(frames[done]))
		}
	}
	return done, nil
}

func (k *kernel) explain(err error, length int) error {
	switch {
	case errors.Is(err, unix.EMSGSIZE):
		return fmt.Errorf("%s: a frame of %d bytes does not fit the MTU of %d", k.link.Name, length, k.link.MTU)
	case errors.Is(err, unix.ENXIO) || errors.Is(err, unix.ENODEV):
		return fmt.Errorf("%s: the device is gone", k.link.Name)
	}
	return fmt.Errorf("%s: sending: %w", k.link.Name, err)
}

// carrier says whether the link is up, when the driver has refused frames for
// some time. The interface flags are read without waiting for anybody, but
// follow the carrier late; the certain answer needs the kernel's one lock for
// all network configuration, which may hold up the transmitter, and is kept
// for a while.
func (k *kernel) carrier(refused time.Duration) bool {
	const certainly, keep = 2 * time.Millisecond, 100 * time.Millisecond
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case time.Since(k.down) < keep:
		return false
	case refused < certainly:
		return k.tx.running(k.device)
	}
	link, err := k.nl.LinkByIndex(k.index)
	const lowerUp = 1 << 16 // IFF_LOWER_UP
	if err == nil && link.Attrs().RawFlags&lowerUp != 0 {
		return true
	}
	k.down = time.Now()
	return false
}

// NextHop implements Stack with the namespace's routing tables.
func (k *kernel) NextHop(dst, src netip.Addr) (Hop, error) {
	var opts netlink.RouteGetOptions
	if src.IsValid() {
		opts.SrcAddr = src.AsSlice()
	}
	k.mu.Lock()
	routes, err := k.nl.RouteGetWithOptions(dst.AsSlice(), &opts)
	k.mu.Unlock()
	if err != nil {
		return Hop{}, fmt.Errorf("%s: no route to %v: %w", k.link.Name, dst, err)
	}
	if len(routes) == 0 {
		return Hop{}, fmt.Errorf("%s: no route to %v", k.link.Name, dst)
	}
	r := routes[0] // the kernel answers with the one it would take
	if r.LinkIndex != k.index {
		return Hop{}, fmt.Errorf("%s: the route to %v does not leave by this device but by interface %d", k.link.Name, dst, r.LinkIndex)
	}
	hop := Hop{Source: src, Next: dst}
	if !src.IsValid() {
		a, ok := netip.AddrFromSlice(r.Src)
		if !ok {
			return Hop{}, fmt.Errorf("%s: no source address for %v", k.link.Name, dst)
		}
		hop.Source = a.Unmap()
	}
	gw := r.Gw
	if via, ok := r.Via.(*netlink.Via); ok {
		gw = via.Addr
	}
	if a, ok := netip.AddrFromSlice(gw); ok {
		hop.Next = a.Unmap()
	}
	return hop, nil
}

// Absorb implements Stack. Several runs may absorb the same address.
func (k *kernel) Absorb(local netip.AddrPort) (io.Closer, error) {
	listen := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		if cerr := c.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		}); cerr != nil {
			return cerr
		}
		return err
	}}
	var conn net.PacketConn
	err := inNamespace(k.ns, func() (err error) {
		conn, err = listen.ListenPacket(context.Background(), "udp", local.String())
		return err
	})
	// A program of that host takes them already, or they are none of its own:
	// what a host does not forward it drops in silence.
	if errors.Is(err, unix.EADDRINUSE) || errors.Is(err, unix.EADDRNOTAVAIL) {
		return io.NopCloser(nil), nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: taking UDP for %v: %w", k.link.Name, local, err)
	}
	_ = conn.(*net.UDPConn).SetReadBuffer(1) // the kernel's least; what does not fit is dropped in silence
	return conn, nil
}

func (k *kernel) Close() (err error) {
	k.closing.Do(func() { err = k.close() })
	return err
}

func (k *kernel) close() error {
	var errs []error
	if k.rx != nil {
		errs = append(errs, k.rx.close())
	}
	if k.tx != nil {
		errs = append(errs, k.tx.close())
	}
	if k.nl != nil {
		k.nl.Close()
	}
	if k.ns != nil {
		errs = append(errs, k.ns.Close())
	}
	for _, f := range k.held {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

func htons(v uint16) uint16 { return v<<8 | v>>8 }
