package node

import (
	"errors"
	"fmt"

	"github.com/vishvananda/netlink"
)

// setLink takes a device of this namespace up or down.
func setLink(device string, up bool) error {
	link, err := netlink.LinkByName(device)
	if err != nil {
		return fmt.Errorf("device %s: %w", device, err)
	}
	set, word := netlink.LinkSetDown, "down"
	if up {
		set, word = netlink.LinkSetUp, "up"
	}
	if err := set(link); err != nil {
		return fmt.Errorf("set %s %s: %w", device, word, err)
	}
	return nil
}

// setPort is setLink for a device that may be in a routing instance.
func (m *machine) setPort(device string, up bool) error {
	return m.device.In(device, func() error { return setLink(device, up) })
}

// setPorts takes all ports of the node up or down.
func (m *machine) setPorts(up bool) error {
	var errs []error
	for _, p := range m.spec.Ports {
		errs = append(errs, m.setPort(p.Device, up))
	}
	return errors.Join(errs...)
}

// flushAddresses removes every address from the ports, whose links are kept.
func flushAddresses(ports []Port) error {
	var errs []error
	for _, p := range ports {
		link, err := netlink.LinkByName(p.Device)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		addrs, err := netlink.AddrList(link, netlink.FAMILY_ALL)
		errs = append(errs, err)
		for _, a := range addrs {
			errs = append(errs, netlink.AddrDel(link, &a))
		}
	}
	return errors.Join(errs...)
}
