package intent

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// A unit is a logical interface that has a kernel device.
type unit struct {
	name     string // ge-0/0/0.0
	instance string // routing instance that it is in, "" for the master one
	device   string // eth1
	v4, v6   bool   // has family inet, inet6
	iso      bool   // has family iso
	disabled bool
	prefixes []netip.Prefix // address with length
	intent   junosemu.InterfaceIntent
}

func (u unit) loopback() bool { return strings.HasPrefix(u.name, "lo0.") }

// interfaces translates [edit interfaces] and finds the devices.
func (c *compiler) interfaces() (all []unit) {
	ports := map[string]string{}
	for _, p := range c.id.Ports {
		ports[p.Junos] = p.Device
	}
	for _, n := range c.root.Lookup("interfaces").Children("interface") {
		device, ok := ports[n.Key()]
		if n.Key() == "lo0" {
			device, ok = "lo", true
		}
		if !ok {
			c.unacted(n, "this router has no such interface")
			continue
		}
		units := n.Children("unit")
		for _, u := range units {
			if one, ok := c.unit(n, u, device); ok {
				all = append(all, one)
			}
		}
		if len(units) == 0 {
			c.out.Interfaces = append(c.out.Interfaces, junosemu.InterfaceIntent{
				Junos: n.Key(), Device: device, Disabled: n.Has("disable"),
				MTU: kernelMTU(n, 0), PortDescription: n.Value("description"),
			})
		}
	}
	return all
}

// take makes the compiler that of its instance's interfaces. Those that are
// nowhere are devices of the master instance all the same.
func (c *compiler) take(all []unit) {
	for _, u := range all {
		if u.instance == c.instance {
			c.units = append(c.units, u)
		}
		if u.instance == c.instance || u.instance == nowhere && c.instance == "" {
			c.out.Interfaces = append(c.out.Interfaces, u.intent)
		}
	}
	c.checkDuplicates()
}

// otherTags is the statement that gives a unit tags without a vlan-id, or nil.
func otherTags(n *config.Node) *config.Node {
	for _, name := range []string{"vlan-tags", "vlan-id-list", "vlan-id-range"} {
		if tags := n.Child(name); tags != nil {
			return tags
		}
	}
	return nil
}

// unit translates a logical interface; not ok if it cannot be.
func (c *compiler) unit(ifd, n *config.Node, device string) (u unit, ok bool) {
	vlan, _ := strconv.Atoi(n.Value("vlan-id"))
	if vlan != 0 {
		device += "." + strconv.Itoa(vlan)
	} else if tagged := otherTags(n); tagged != nil {
		c.unacted(tagged, "units have one tag here, of vlan-id")
		return u, false
	} else if n.Key() != "0" && device != "lo" {
		c.fail(n, "vlan-id", "VLAN-ID must be specified on tagged ethernet interfaces")
		return u, false
	}
	u = unit{
		name: ifd.Key() + "." + n.Key(), device: device, disabled: ifd.Has("disable") || n.Has("disable"),
		v4: n.Has("family", "inet"), v6: n.Has("family", "inet6"), iso: n.Has("family", "iso"),
	}
	for _, family := range []string{"inet", "inet6"} {
		for _, a := range n.Lookup("family", family).Children("address") {
			if p, ok := c.address(a, family); ok {
				u.prefixes = append(u.prefixes, p)
			}
		}
	}
	if mtu := kernelMTU(ifd, vlan); u.v6 && mtu > 0 && mtu < smallestIPv6MTU {
		c.fail(n, "family inet6", fmt.Sprintf("the MTU of %d leaves packets of %d bytes, and IPv6 needs %d", intOr(ifd.Value("mtu"), 0), mtu, smallestIPv6MTU))
	}
	u.instance = c.unitInstance(u.name, n)
	if u.instance == nowhere {
		u.prefixes = nil
	}
	u.intent = junosemu.InterfaceIntent{
		Junos: u.name, Device: device, VLAN: vlan, Disabled: u.disabled,
		MTU: kernelMTU(ifd, vlan), Addresses: u.prefixes,
		Description: n.Value("description"), PortDescription: ifd.Value("description"),
	}
	return u, true
}

// smallestIPv6MTU is RFC 8200's, section 5: below it the kernel drops the
// addresses without a word.
const smallestIPv6MTU = 1280

// kernelMTU turns Junos's MTU, which counts the Ethernet header and tag, to
// the kernel's, which does not.
func kernelMTU(ifd *config.Node, vlan int) int {
	mtu, err := strconv.Atoi(ifd.Value("mtu"))
	if err != nil {
		return 0
	}
	if vlan != 0 {
		return mtu - 18
	}
	return mtu - 14
}

// address checks an interface address.
func (c *compiler) address(n *config.Node, family string) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(n.Key())
	element := "address " + n.Key()
	parent := n.Parent()
	switch {
	case err != nil:
		c.fail(parent, element, "invalid ip address: "+n.Key())
	case p.Addr().Is4() != (family == "inet"):
		c.fail(parent, element, fmt.Sprintf("invalid address '%s' for family %s", n.Key(), family))
	case p.Addr().Is4() && p.Bits() < 31 && p.Addr() == p.Masked().Addr():
		c.fail(parent, element, "Cannot assign address 0 on subnet")
	case p.Addr().Is4() && p.Bits() < 31 && p.Addr() == broadcast(p):
		c.fail(parent, element, "Cannot assign broadcast address on subnet")
	case p.Addr().IsMulticast():
		c.fail(parent, element, "Cannot assign multicast address to an interface")
	default:
		return p, true
	}
	return p, false
}

func broadcast(p netip.Prefix) netip.Addr {
	a := p.Addr().As4()
	for bit := p.Bits(); bit < 32; bit++ {
		a[bit/8] |= 0x80 >> (bit % 8)
	}
	return netip.AddrFrom4(a)
}

// checkDuplicates refuses one address on two interfaces.
func (c *compiler) checkDuplicates() {
	owner := map[netip.Addr]string{}
	for _, u := range c.units {
		for _, p := range u.prefixes {
			if p.Addr().IsLinkLocalUnicast() {
				continue
			}
			first, taken := owner[p.Addr()]
			if !taken {
				owner[p.Addr()] = u.name
				continue
			}
			family := "inet6"
			if p.Addr().Is4() {
				family = "inet"
			}
			ifd, number, _ := strings.Cut(u.name, ".")
			n := c.root.Lookup("interfaces", ifd, "unit", number, "family", family)
			c.fail(n, "address "+p.String(), fmt.Sprintf(
				"identical local address found on rt_inst %s, intfs %s and %s, family %s.", cmp.Or(c.instance, "default"), u.name, first, family))
		}
	}
}

// unitName is the logical interface that a name means: ge-0/0/0 is ge-0/0/0.0.
func unitName(name string) string {
	if !strings.Contains(name, ".") {
		name += ".0"
	}
	return name
}

// find returns the unit of a name as protocols write it; ge-0/0/0 is ge-0/0/0.0.
func (c *compiler) find(name string) (unit, bool) {
	name = unitName(name)
	for _, u := range c.units {
		if u.name == name {
			return u, true
		}
	}
	return unit{}, false
}

// routerID is what Junos takes: the configured one, the first address of lo0,
// the first address of any interface. A routing instance without any of these has
// the master instance's.
func (c *compiler) routerID() string {
	if id := c.scope.Value("routing-options", "router-id"); id != "" {
		return id
	}
	for _, loopback := range []bool{true, false} {
		for _, u := range c.units {
			for _, p := range u.prefixes {
				if u.loopback() == loopback && p.Addr().Is4() && !p.Addr().IsLoopback() {
					return p.Addr().String()
				}
			}
		}
	}
	return c.root.Value("routing-options", "router-id")
}
