package dataplane

import (
	"errors"

	"github.com/vishvananda/netlink"
)

// dumpTries is how often a list of the kernel's is asked for that changes while
// it is read. The kernel says so; the list may then lack what was there all along.
const dumpTries = 20

// whole returns a list of the kernel's that did not change while it was read.
func whole[T any](list func() ([]T, error)) (all []T, err error) {
	for range dumpTries {
		if all, err = list(); !errors.Is(err, netlink.ErrDumpInterrupted) {
			break
		}
	}
	return all, err
}

// readLinks lists the devices of the namespace.
func readLinks() ([]netlink.Link, error) { return whole(netlink.LinkList) }

// addressesOf lists the addresses of a device; nil: of all.
func addressesOf(link netlink.Link) ([]netlink.Addr, error) {
	return whole(func() ([]netlink.Addr, error) { return netlink.AddrList(link, netlink.FAMILY_ALL) })
}
