package dataplane

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/netns/space"
)

// tagged is the sub-interface of a tagged unit, as it is or as it will be made;
// not ok when the router has no such port.
func (d *Dataplane) tagged(now map[string]device, i junosemu.InterfaceIntent) (dev device, ok bool) {
	for _, port := range d.id.Ports {
		parent, exists := now[port.Device]
		if !exists { // in another instance, which has made it for this one
			parent, exists = now[i.Device]
		}
		if !exists || i.Device != fmt.Sprintf("%s.%d", port.Device, i.VLAN) {
			continue
		}
		return device{name: i.Device, parent: port.Device, vlan: i.VLAN, up: true, mtu: parent.mtu}, true
	}
	return device{}, false
}

// createTagged makes an 802.1Q sub-interface. Kernels without 802.1Q are
// refused by name.
func createTagged(to device) (device, error) {
	dev, err := createTaggedIn(nil, to)
	if err == nil {
		err = disableDAD(to.name)
	}
	return dev, err
}

// createTaggedIn makes one in another namespace than its port's; nil: in the
// same.
func createTaggedIn(at *space.Space, to device) (device, error) {
	parent, err := netlink.LinkByName(to.parent)
	if err != nil {
		return device{}, fmt.Errorf("interface %s: %w", to.parent, err)
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.ParentIndex, attrs.MTU = to.name, parent.Attrs().Index, to.mtu
	if at != nil {
		attrs.Namespace = netlink.NsFd(at.FD())
	}
	err = netlink.LinkAdd(&netlink.Vlan{LinkAttrs: attrs, VlanId: to.vlan})
	if errors.Is(err, unix.EOPNOTSUPP) {
		return device{}, &topology.UnsupportedError{
			What: fmt.Sprintf("vlan-id %d on %s", to.vlan, to.parent),
			Why:  "this kernel has no 802.1Q sub-interfaces",
			Hint: "load the module with: modprobe 8021q",
		}
	}
	if err != nil {
		return device{}, fmt.Errorf("interface %s: create: %w", to.name, err)
	}
	return device{name: to.name, parent: to.parent, vlan: to.vlan, mtu: to.mtu}, nil
}

// removeDevice removes a device that was made here. One that went with its
// parent is gone already.
func removeDevice(name string) error {
	link, err := netlink.LinkByName(name)
	var gone netlink.LinkNotFoundError
	if errors.As(err, &gone) {
		return nil
	}
	if err == nil {
		err = netlink.LinkDel(link)
	}
	if err != nil {
		return fmt.Errorf("interface %s: remove: %w", name, err)
	}
	return nil
}

// mask is a prefix length as the netlink package wants it.
func mask(p netip.Prefix) net.IPMask { return net.CIDRMask(p.Bits(), p.Addr().BitLen()) }
