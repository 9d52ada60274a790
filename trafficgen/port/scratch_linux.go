package port

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/trafficgen"
)

// Scratch makes a veth pair in a network namespace that has no name and lasts
// until release is called or this process ends. It needs CAP_SYS_ADMIN and
// CAP_NET_ADMIN.
func Scratch() (a, b trafficgen.PortID, release func() error, err error) {
	done := make(chan error, 1)
	var ns *os.File
	go func() {
		runtime.LockOSThread() // the thread ends with the goroutine
		done <- func() (err error) {
			if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
				return fmt.Errorf("a network namespace to try in needs CAP_SYS_ADMIN: %w", err)
			}
			if ns, err = os.Open("/proc/thread-self/ns/net"); err != nil {
				return err
			}
			return joined("a", "b")
		}()
	}()
	if err := <-done; err != nil {
		if ns != nil {
			err = errors.Join(err, ns.Close())
		}
		return a, b, nil, err
	}
	path := fmt.Sprintf("/proc/self/fd/%d", ns.Fd())
	return trafficgen.PortID{Device: "a", NetNS: path}, trafficgen.PortID{Device: "b", NetNS: path}, ns.Close, nil
}

// joined makes a veth pair in the thread's namespace, both ends up.
func joined(a, b string) error {
	h, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("netlink: %w", err)
	}
	defer h.Close()
	if err := h.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: a}, PeerName: b}); err != nil {
		return fmt.Errorf("a veth pair to try: %w", err)
	}
	for _, name := range []string{a, b} {
		l, err := h.LinkByName(name)
		if err == nil {
			err = h.LinkSetUp(l)
		}
		if err != nil {
			return fmt.Errorf("veth device %s: %w", name, err)
		}
	}
	return nil
}
