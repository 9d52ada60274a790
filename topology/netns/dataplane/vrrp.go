package dataplane

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

// FRR's vrrpd speaks VRRP. The data plane gives it, for each virtual router, a
// device above the interface with the virtual router's MAC address, whose
// carrier vrrpd takes while it is backup and gives while it is master. Whoever is
// master has the virtual addresses; a backup that had them too would keep packets
// for them to itself.

// vrrpd is the daemon; its text is made here, for it changes with what is tracked.
const vrrpd = "vrrpd"

// FRR's limits and defaults that the text must know.
const (
	frrHighestPriority = 254
	frrPriority        = 100
	frrInterval        = 1000
)

// vrrpText is vrrpd's configuration, with priorities as they are while the given
// devices are down.
func vrrpText(routers []junosemu.VirtualRouter, down map[string]bool) string {
	blocks := map[string][]string{}
	for _, v := range routers {
		head := fmt.Sprintf(" vrrp %d", v.Group)
		group := head
		if v.Version == 2 {
			group += " version 2"
		}
		lines := []string{group}
		if p := effectivePriority(v, down); p != frrPriority {
			lines = append(lines, fmt.Sprintf("%s priority %d", head, p))
		}
		if v.Interval != frrInterval {
			lines = append(lines, fmt.Sprintf("%s advertisement-interval %d", head, v.Interval))
		}
		if !v.Preempt {
			lines = append(lines, " no"+head+" preempt")
		}
		word := "ip"
		if v.IPv6 {
			word = "ipv6"
		}
		for _, a := range v.Addresses {
			lines = append(lines, fmt.Sprintf("%s %s %s", head, word, a))
		}
		for _, l := range lines { // a group of both families is one group
			if !slices.Contains(blocks[v.Parent], l) {
				blocks[v.Parent] = append(blocks[v.Parent], l)
			}
		}
	}
	var b strings.Builder
	for _, parent := range slices.Sorted(maps.Keys(blocks)) {
		b.WriteString("interface " + parent + "\n" + strings.Join(blocks[parent], "\n") + "\nexit\n")
	}
	return b.String()
}

// effectivePriority is a virtual router's priority less the costs of what it
// tracks and is down.
func effectivePriority(v junosemu.VirtualRouter, down map[string]bool) int {
	p := min(v.Priority, frrHighestPriority)
	for _, t := range v.Tracks {
		if down[t.Device] {
			p -= t.Cost
		}
	}
	return max(p, 1)
}

// texts are the configurations of all daemons.
func (d *Dataplane) texts(want *junosemu.Intent) (map[string]string, error) {
	if len(want.VirtualRouters) == 0 {
		return want.FRR, nil
	}
	links, err := readLinks()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	down := map[string]bool{}
	for _, l := range links {
		down[l.Attrs().Name] = !usable(l)
	}
	texts := maps.Clone(want.FRR)
	texts[vrrpd] = vrrpText(want.VirtualRouters, down)
	return texts, nil
}

// usable reports whether a device is up and has a carrier.
func usable(l netlink.Link) bool {
	const both = unix.IFF_UP | unix.IFF_LOWER_UP
	return l.Attrs().RawFlags&both == both
}

// pokeVRRP has watchVRRP look again.
func (d *Dataplane) pokeVRRP() {
	select {
	case d.linksChanged <- struct{}{}:
	default: // it is about to
	}
}

// watchVRRP follows changes of links until the context ends. It returns the last
// thing that went wrong, after which it went on.
func (d *Dataplane) watchVRRP(ctx context.Context) (last error) {
	for {
		select {
		case <-ctx.Done():
			return last
		case <-d.linksChanged:
			if err := d.follow(ctx); err != nil && ctx.Err() == nil {
				last = err
			}
		}
	}
}

// follow does what VRRP asks for after some link has changed: addresses come and
// go with mastership, priorities change with what is tracked.
func (d *Dataplane) follow(ctx context.Context) error {
	d.applying.Lock()
	defer d.applying.Unlock()
	if d.applied == nil || len(d.applied.VirtualRouters) == 0 {
		return nil
	}
	texts, err := d.texts(d.applied)
	if err == nil && texts[vrrpd] != d.vrrpText {
		if err = d.suite.Apply(ctx, texts); err == nil {
			d.vrrpText = texts[vrrpd]
		}
	}
	return errors.Join(err, settleVirtual(d.applied.VirtualRouters))
}

// settleVirtual gives masters their virtual addresses, and takes them from the others.
func settleVirtual(routers []junosemu.VirtualRouter) error {
	var errs []error
	for _, v := range routers {
		link, err := netlink.LinkByName(v.Device)
		if err != nil {
			continue // gone with its parent
		}
		now, err := addressesOf(link)
		if err != nil {
			errs = append(errs, fmt.Errorf("interface %s: %w", v.Device, err))
			continue
		}
		master := usable(link)
		for _, p := range virtualAddresses(v) {
			has := slices.ContainsFunc(now, func(n netlink.Addr) bool { return n.IP.Equal(p.Addr().AsSlice()) })
			switch {
			case has == master:
			case master:
				err = netlink.AddrReplace(link, kernelAddress(p))
			default:
				err = netlink.AddrDel(link, kernelAddress(p))
			}
			if err != nil && !errors.Is(err, unix.EADDRNOTAVAIL) {
				errs = append(errs, fmt.Errorf("interface %s: virtual address %s: %w", v.Device, p.Addr(), err))
			}
		}
	}
	return errors.Join(errs...)
}

// linkLocalOf is the address that the kernel gives a device of that MAC address
// by itself (RFC 4291, appendix A). vrrpd speaks from it, as master or not.
func linkLocalOf(mac string) netip.Addr {
	m, err := net.ParseMAC(mac)
	if err != nil || len(m) != 6 {
		return netip.Addr{}
	}
	return netip.AddrFrom16([16]byte{0: 0xfe, 1: 0x80, 8: m[0] ^ 2, 9: m[1], 10: m[2], 11: 0xff, 12: 0xfe, 13: m[3], 14: m[4], 15: m[5]})
}

// addVirtual adds the devices of virtual routers to what is wanted.
func addVirtual(now, devices map[string]device, routers []junosemu.VirtualRouter) {
	for _, v := range routers {
		parent, ok := devices[v.Parent]
		if !ok {
			continue // a router without that interface
		}
		dev := device{name: v.Device, parent: v.Parent, mac: v.MAC, up: true, mtu: parent.mtu}
		if now[v.Device].carrier {
			dev.addresses = virtualAddresses(v)
		}
		devices[v.Device] = dev
	}
}

// virtualAddresses are the addresses that a virtual router's device has while it
// is master. The owner's are on its interface anyway; the one that the kernel
// gives the device is there always, for vrrpd speaks from it.
func virtualAddresses(v junosemu.VirtualRouter) (addresses []netip.Prefix) {
	for _, a := range v.Addresses {
		if !v.Owner() && a != linkLocalOf(v.MAC) {
			addresses = append(addresses, netip.PrefixFrom(a, a.BitLen()))
		}
	}
	return addresses
}

// forgetVirtual removes the devices of virtual routers of an earlier life of
// this node: some other vrrpd has taken or given their carrier.
func (d *Dataplane) forgetVirtual(now map[string]device) error {
	for name, dev := range now {
		if dev.mac == "" || !d.owns(dev, now) {
			continue
		}
		if err := removeDevice(name); err != nil {
			return err
		}
		delete(now, name)
	}
	return nil
}

// createVirtual makes the device of a virtual router. Kernels without macvlan
// are refused by name.
func createVirtual(to device) (device, error) {
	parent, err := netlink.LinkByName(to.parent)
	if err != nil {
		return device{}, fmt.Errorf("interface %s: %w", to.parent, err)
	}
	mac, err := net.ParseMAC(to.mac)
	if err != nil {
		return device{}, fmt.Errorf("interface %s: %w", to.name, err)
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.ParentIndex, attrs.MTU, attrs.HardwareAddr = to.name, parent.Attrs().Index, to.mtu, mac
	err = netlink.LinkAdd(&netlink.Macvlan{LinkAttrs: attrs, Mode: netlink.MACVLAN_MODE_BRIDGE})
	if errors.Is(err, unix.EOPNOTSUPP) {
		return device{}, &topology.UnsupportedError{
			What: "VRRP on " + to.parent, Why: "this kernel has no macvlan devices",
			Hint: "load the module with: modprobe macvlan",
		}
	}
	if err != nil {
		return device{}, fmt.Errorf("interface %s: create: %w", to.name, err)
	}
	if !isVRRP6(to.mac) {
		// An address of its own would be heard of beside the interface's.
		err = writeSetting(filepath.Join(sysctlRoot, "ipv6/conf", to.name, "disable_ipv6"), "1")
	} else {
		err = disableDAD(to.name)
	}
	if err != nil {
		return device{}, err
	}
	return device{name: to.name, parent: to.parent, mac: to.mac, mtu: to.mtu}, nil
}

// isVRRP6 reports a MAC address of a virtual router for IPv6 (RFC 5798, 7.3).
func isVRRP6(mac string) bool { return strings.HasPrefix(mac, "00:00:5e:00:02:") }
