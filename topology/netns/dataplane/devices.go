package dataplane

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

// A device is the state of a kernel device, as far as a configuration can
// change it.
type device struct {
	name      string
	parent    string // of a device that is made here
	vlan      int    // 802.1Q ID of a tagged sub-interface
	mac       string // of a virtual router's device
	carrier   bool   // as it was read; no configuration changes it
	up        bool
	mtu       int // bytes
	addresses []netip.Prefix
}

const loopback = "lo"

// made reports whether a device is one that configurations make and remove.
func (d device) made() bool { return d.vlan != 0 || d.mac != "" }

// owns reports whether the device was made for a configuration of this router.
func (d *Dataplane) owns(dev device, all map[string]device) bool {
	return dev.made() && (d.manages(dev.parent) || d.owns(all[dev.parent], all))
}

// readDevices reads every device of the namespace, by name.
func (d *Dataplane) readDevices() (map[string]device, error) {
	links, err := readLinks()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	names := map[int]string{}
	for _, l := range links {
		names[l.Attrs().Index] = l.Attrs().Name
	}
	addresses, err := readAddresses()
	if err != nil {
		return nil, err
	}
	devices := map[string]device{}
	for _, l := range links {
		a := l.Attrs()
		dev := device{name: a.Name, up: a.RawFlags&unix.IFF_UP != 0, carrier: usable(l), mtu: a.MTU}
		for _, p := range addresses[a.Index] {
			if !d.kernelOwns(a.Name, p) {
				dev.addresses = append(dev.addresses, p)
			}
		}
		if v, ok := l.(*netlink.Vlan); ok {
			dev.vlan, dev.parent = v.VlanId, names[a.ParentIndex]
			if a.NetNsID >= 0 { // of a port that is in another instance
				dev.parent, _, _ = strings.Cut(a.Name, ".")
			}
		}
		if _, ok := l.(*netlink.Macvlan); ok {
			dev.mac, dev.parent = a.HardwareAddr.String(), names[a.ParentIndex]
		}
		devices[a.Name] = dev
	}
	return devices, nil
}

// readAddresses reads every address, by the index of its device.
func readAddresses() (map[int][]netip.Prefix, error) {
	list, err := addressesOf(nil)
	if err != nil {
		return nil, fmt.Errorf("list addresses: %w", err)
	}
	addresses := map[int][]netip.Prefix{}
	for _, a := range list {
		ip, ok := netip.AddrFromSlice(a.IP)
		if !ok {
			continue
		}
		bits, _ := a.Mask.Size()
		addresses[a.LinkIndex] = append(addresses[a.LinkIndex], netip.PrefixFrom(ip.Unmap(), bits))
	}
	return addresses, nil
}

// wanted is what the intent makes of the devices that are there now. A device
// that is not managed stays as it is; a port that the configuration does not
// mention has no addresses; an interface that the router does not have is left
// out, as Junos takes configuration for absent hardware.
func (d *Dataplane) wanted(now map[string]device, want *junosemu.Intent) map[string]device {
	devices := map[string]device{}
	for name, dev := range now {
		switch {
		case d.manages(name):
			devices[name] = device{name: name, up: d.enabled(dev), mtu: d.originalMTU(dev)}
		case !d.owns(dev, now):
			devices[name] = dev
		}
	}
	for _, i := range want.Interfaces {
		dev, ok := devices[i.Device]
		if i.VLAN != 0 {
			dev, ok = d.tagged(now, i)
		}
		if !ok || (i.VLAN == 0 && !d.manages(i.Device)) {
			continue
		}
		dev.up = dev.up && !i.Disabled
		dev.mtu = cmp.Or(i.MTU, dev.mtu)
		for _, a := range i.Addresses {
			if !slices.Contains(dev.addresses, a) && !d.kernelOwns(i.Device, a) {
				dev.addresses = append(dev.addresses, a)
			}
		}
		devices[i.Device] = dev
	}
	addVirtual(now, devices, want.VirtualRouters)
	return devices
}

// manages reports whether the configuration rules over the device.
func (d *Dataplane) manages(name string) bool {
	return name == loopback || slices.ContainsFunc(d.id.Ports, func(p junosemu.Port) bool { return p.Device == name })
}

// enabled is whether a device is up where no configuration disables it. One that
// is down although no configuration disabled it is a cable somebody cut; a
// commit does not mend it.
func (d *Dataplane) enabled(dev device) bool {
	return dev.up || d.disabled == nil || d.disabled[dev.name]
}

// originalMTU is what a device had before any configuration.
func (d *Dataplane) originalMTU(dev device) int {
	if mtu, changed := d.mtu[dev.name]; changed {
		return mtu
	}
	return dev.mtu
}

// deviceAddr is an address on a device.
type deviceAddr struct {
	device  string
	address netip.Addr
}

// kernelOwns reports an address that no configuration gave: the loopback's own,
// and link-local ones that the kernel made, without which there is no IPv6.
func (d *Dataplane) kernelOwns(device string, p netip.Prefix) bool {
	a := p.Addr()
	switch {
	case a.IsLoopback():
		return device == loopback
	case a.Is6() && a.IsLinkLocalUnicast():
		return !d.linkLocals[deviceAddr{device, a}]
	}
	return false
}

// noteLinkLocals remembers which link-local addresses are a configuration's.
func (d *Dataplane) noteLinkLocals(want *junosemu.Intent) {
	for _, i := range want.Interfaces {
		for _, p := range i.Addresses {
			if p.Addr().IsLinkLocalUnicast() {
				d.linkLocals[deviceAddr{i.Device, p.Addr()}] = true
			}
		}
	}
}

// reconcile leads the kernel's devices to the given state, touching only what
// differs. It removes the devices made for a configuration that are not in it.
func (d *Dataplane) reconcile(to map[string]device) error {
	now, err := d.readDevices()
	if err != nil {
		return err
	}
	for name, dev := range now {
		if wanted, stays := to[name]; d.owns(dev, now) && (!stays || wanted.mac != dev.mac || wanted.parent != dev.parent) {
			if err := removeDevice(name); err != nil {
				return err
			}
			delete(now, name)
		}
	}
	// Parents before their sub-interfaces, whose names are longer.
	for _, name := range slices.SortedFunc(maps.Keys(to), shorterFirst) {
		from, exists := now[name]
		if !exists && !to[name].made() {
			continue // gone while we worked: a link that was taken away
		}
		if !exists {
			if from, err = create(to[name]); err != nil {
				return err
			}
		}
		if err := move(from, to[name]); err != nil {
			return err
		}
	}
	return nil
}

// create makes a device that a configuration asks for.
func create(to device) (device, error) {
	if to.mac != "" {
		return createVirtual(to)
	}
	return createTagged(to)
}

func shorterFirst(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// move changes one device.
func move(from, to device) error {
	if from.up == to.up && from.mtu == to.mtu && slices.Equal(from.addresses, to.addresses) {
		return nil
	}
	link, err := netlink.LinkByName(to.name)
	if err != nil {
		return fmt.Errorf("interface %s: %w", to.name, err)
	}
	if from.mtu != to.mtu {
		if err := netlink.LinkSetMTU(link, to.mtu); err != nil {
			return fmt.Errorf("interface %s: set MTU %d: %w", to.name, to.mtu, err)
		}
	}
	if err := moveAddresses(link, from, to); err != nil {
		return err
	}
	switch {
	case to.up && !from.up:
		err = netlink.LinkSetUp(link)
	case !to.up && from.up:
		err = netlink.LinkSetDown(link)
	}
	if err != nil {
		return fmt.Errorf("interface %s: set up %v: %w", to.name, to.up, err)
	}
	return nil
}

// moveAddresses removes before it adds: ospfd knows an address without its
// length, and would lose an interface whose 10.0.0.1/29 comes before its
// 10.0.0.1/30 goes.
func moveAddresses(link netlink.Link, from, to device) error {
	for _, p := range from.addresses {
		if slices.Contains(to.addresses, p) {
			continue
		}
		if err := netlink.AddrDel(link, kernelAddress(p)); err != nil && !errors.Is(err, unix.EADDRNOTAVAIL) {
			return fmt.Errorf("interface %s: remove address %s: %w", to.name, p, err)
		}
	}
	for _, p := range to.addresses {
		if slices.Contains(from.addresses, p) {
			continue
		}
		if err := netlink.AddrReplace(link, kernelAddress(p)); err != nil {
			return fmt.Errorf("interface %s: add address %s: %w", to.name, p, err)
		}
	}
	return nil
}

// kernelAddress is an address usable at once, without duplicate detection.
func kernelAddress(p netip.Prefix) *netlink.Addr {
	addr := &netlink.Addr{IPNet: netlink.NewIPNet(p.Addr().AsSlice())}
	addr.Mask = mask(p)
	if p.Addr().Is6() {
		addr.Flags = unix.IFA_F_NODAD
	}
	return addr
}
