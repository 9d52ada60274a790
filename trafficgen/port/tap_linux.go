package port

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/trafficgen"
)

// A Tap hears the frames that pass a network device, in both directions, and
// takes no part in them.
type Tap struct {
	name    string
	rx      *ring
	sign    int   // a socket whose name tells of this tap
	since   int64 // CLOCK_REALTIME, ns: what came earlier was not filtered yet
	closing sync.Once
}

// OpenTap listens on a network device. filter, if not empty, is a classic BPF
// program that the kernel runs on each frame: as many bytes of it are kept as
// the program returns. OpenTap needs the capabilities that Open needs.
func OpenTap(id trafficgen.PortID, ringBytes int, filter []unix.SockFilter) (*Tap, error) {
	ns, err := openNamespace(id.NetNS)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Name(id), err)
	}
	t := &Tap{name: Name(id), sign: -1}
	err = inNamespace(ns, func() error { return t.open(id.Device, ringBytes, filter) })
	if ns != nil {
		err = errors.Join(err, ns.Close())
	}
	if err != nil {
		_ = t.Close()
		if errors.Is(err, unix.EPERM) {
			err = fmt.Errorf("%w: packet sockets need the capability CAP_NET_RAW", err)
		}
		return nil, fmt.Errorf("%s: %w", t.name, err)
	}
	t.since = time.Now().UnixNano()
	return t, nil
}

func (t *Tap) open(device string, ringBytes int, filter []unix.SockFilter) error {
	index, err := deviceIndex(device)
	if err != nil {
		return err
	}
	if t.rx, err = newRing(index, ringBytes); err != nil {
		return err
	}
	if err := t.rx.tap(filter); err != nil {
		return err
	}
	t.sign, err = raiseSign(index)
	return err
}

func deviceIndex(device string) (int, error) {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, os.NewSyscallError("socket", err)
	}
	defer unix.Close(s)
	ifr, err := unix.NewIfreq(device)
	if err == nil {
		err = unix.IoctlIfreq(s, unix.SIOCGIFINDEX, ifr)
	}
	if err != nil {
		return 0, fmt.Errorf("device %q: %w", device, err)
	}
	return int(ifr.Uint32()), nil
}

// tap makes the ring hear what this host sends too, and keep what filter says.
func (r *ring) tap(filter []unix.SockFilter) error {
	if len(filter) > 0 {
		prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
		if err := unix.SetsockoptSockFprog(r.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &prog); err != nil {
			return fmt.Errorf("SO_ATTACH_FILTER: %w", err)
		}
	}
	if err := unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 0); err != nil {
		return fmt.Errorf("PACKET_IGNORE_OUTGOING: %w", err)
	}
	return nil
}

// Name is the tapped port's: node:device.
func (t *Tap) Name() string { return t.name }

// Receive calls handle with passing frames until Close, and then returns nil.
func (t *Tap) Receive(handle func([]Arrival)) error {
	return t.rx.receive(func(frames []Arrival) {
		for len(frames) > 0 && frames[0].At < t.since {
			frames = frames[1:]
		}
		if len(frames) > 0 {
			handle(frames)
		}
	})
}

// Dropped counts frames that Receive was too slow for.
func (t *Tap) Dropped() (uint64, error) { return t.rx.dropped() }

// Close ends Receive.
func (t *Tap) Close() (err error) {
	t.closing.Do(func() {
		if t.rx != nil {
			err = t.rx.close()
		}
		if t.sign >= 0 {
			err = errors.Join(err, unix.Close(t.sign))
		}
	})
	return err
}
