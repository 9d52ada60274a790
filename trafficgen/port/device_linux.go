package port

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// A Device is a network interface of this host, in any network namespace. The
// zero value is none.
type Device struct {
	Index     int
	Namespace uint64 // inode of the namespace
	ns        *os.File
}

// Same says that two are the same interface.
func (d Device) Same(o Device) bool { return d.Index == o.Index && d.Namespace == o.Namespace }

// Do runs f on a thread of its own that is in the device's namespace and ends
// with f.
func (d Device) Do(f func() error) error { return onThread(d.ns, f) }

// Attach puts an XDP program on the device, in its driver, until it is closed
// or this process ends. A device has room for one.
func (d Device) Attach(program *ebpf.Program) (io.Closer, error) {
	var l link.Link
	err := d.Do(func() (err error) {
		l, err = link.AttachXDP(link.XDPOptions{Program: program, Interface: d.Index, Flags: link.XDPDriverMode})
		return err
	})
	if errors.Is(err, unix.EBUSY) || errors.Is(err, unix.EEXIST) {
		err = fmt.Errorf("another program is there: %w", err)
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

// ownDevice is the port's device.
func (k *kernel) ownDevice() (Device, error) {
	ns := k.ns
	if ns == nil {
		var err error
		if ns, err = os.Open("/proc/thread-self/ns/net"); err != nil {
			return Device{}, err
		}
		k.held = append(k.held, ns)
	}
	inode, err := inodeOf(ns)
	return Device{Index: k.index, Namespace: inode, ns: k.ns}, err
}

// Veth implements Native.
func (k *kernel) Veth() (own, peer Device, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	l, err := k.nl.LinkByIndex(k.index)
	if err != nil {
		return own, peer, fmt.Errorf("%s: %w", k.link.Name, err)
	}
	if l.Type() != "veth" {
		return own, peer, fmt.Errorf("%s is no veth device (%s)", k.link.Name, l.Type())
	}
	if own, err = k.ownDevice(); err != nil {
		return own, peer, fmt.Errorf("%s: %w", k.link.Name, err)
	}
	peer = Device{Index: l.Attrs().ParentIndex, Namespace: own.Namespace, ns: own.ns}
	if id := l.Attrs().NetNsID; id >= 0 {
		if peer.ns, err = k.namespace(id); err != nil {
			return own, peer, fmt.Errorf("%s: its other end: %w", k.link.Name, err)
		}
		k.held = append(k.held, peer.ns)
		peer.Namespace, err = inodeOf(peer.ns)
	}
	return own, peer, err
}

// namespace finds the one that the port's namespace knows by a number, among
// those that processes are in, that have a name, or that this process has open.
func (k *kernel) namespace(id int) (*os.File, error) {
	seen := map[uint64]bool{}
	for _, pattern := range []string{"/run/netns/*", "/proc/self/fd/*", "/proc/self/task/*/ns/net", "/proc/[0-9]*/ns/net"} {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			var st unix.Stat_t
			if unix.Stat(path, &st) != nil || seen[st.Ino] || !isNamespace(path) {
				continue
			}
			seen[st.Ino] = true
			f, err := os.Open(path)
			if err != nil {
				continue
			}
			if got, err := k.nl.GetNetNsIdByFd(int(f.Fd())); err == nil && got == id {
				return f, nil
			}
			_ = f.Close()
		}
	}
	return nil, errors.New("no process is in its network namespace and it has no name, so that it cannot be entered")
}

// isNamespace says that a path is a file of the kernel's namespace file system.
func isNamespace(path string) bool {
	var st unix.Statfs_t
	return unix.Statfs(path, &st) == nil && st.Type == unix.NSFS_MAGIC
}

func inodeOf(f *os.File) (uint64, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return 0, fmt.Errorf("network namespace: %w", err)
	}
	return st.Ino, nil
}

// Statistics are counters that the device's driver keeps, by their names (as
// ethtool -S shows them).
func (d Device) Statistics() (stats map[string]uint64, err error) {
	err = d.ethtool(func(e *ethtool) (err error) {
		stats, err = e.statistics()
		return err
	})
	return stats, err
}

// Queues is how many receive queues the device uses.
func (d Device) Queues() (n int, err error) {
	err = d.ethtool(func(e *ethtool) (err error) {
		n, err = e.queues()
		return err
	})
	return n, err
}

func (d Device) ethtool(f func(*ethtool) error) error {
	return d.Do(func() error {
		h, err := netlink.NewHandle(unix.NETLINK_ROUTE)
		if err != nil {
			return err
		}
		defer h.Close()
		l, err := h.LinkByIndex(d.Index)
		if err != nil {
			return err
		}
		e, err := openEthtool(l.Attrs().Name)
		if err != nil {
			return err
		}
		defer e.close()
		return f(e)
	})
}
