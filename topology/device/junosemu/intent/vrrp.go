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

// What a VRRP group has where the configuration says nothing.
const (
	vrrpPriority = 100
	vrrpInterval = 1000 // milliseconds
	vrrpOwner    = 255
)

// A vrrpFamily is what differs between VRRP for IPv4 and IPv6.
type vrrpFamily struct {
	family, group, address string
	interval               string // statement with milliseconds
	mac                    string // with the group's number to come
	device                 string // first letters of the virtual router's device
	slowest                int    // milliseconds
}

var vrrpFamilies = []vrrpFamily{
	{"inet", "vrrp-group", "virtual-address", "fast-interval", "00:00:5e:00:01:%02x", "v4-", 255_000},
	{"inet6", "vrrp-inet6-group", "virtual-inet6-address", "inet6-advertise-interval", "00:00:5e:00:02:%02x", "v6-", 40_950},
}

// vrrp translates the VRRP groups of all interfaces. Those for IPv4 speak
// version 2 unless [edit protocols vrrp] says version-3.
func (c *compiler) vrrp() {
	for _, u := range c.units {
		ifd, number, _ := strings.Cut(u.name, ".")
		for _, f := range vrrpFamilies {
			for _, a := range c.root.Lookup("interfaces", ifd, "unit", number, "family", f.family).Children("address") {
				for _, g := range a.Children(f.group) {
					c.vrrpGroup(u, f, a, g)
				}
			}
		}
	}
}

func (c *compiler) vrrpGroup(u unit, f vrrpFamily, a, g *config.Node) {
	own, err := netip.ParsePrefix(a.Key())
	if err != nil {
		return // said where addresses are read
	}
	if u.loopback() {
		c.unacted(g, "VRRP needs a link")
		return
	}
	id, _ := strconv.Atoi(g.Key())
	v := junosemu.VirtualRouter{
		Junos: u.name, Parent: u.device, Device: f.device + strings.TrimPrefix(u.device, "eth") + "-" + g.Key(),
		MAC: fmt.Sprintf(f.mac, id), Group: id, Version: 2, IPv6: f.family == "inet6", Own: own,
		Priority: intOr(g.Value("priority"), vrrpPriority), Interval: c.vrrpTimer(g, f),
		Preempt: !g.Has("no-preempt"), Accept: g.Has("accept-data"), Tracks: c.vrrpTracks(g),
	}
	if v.IPv6 || c.root.Has("protocols", "vrrp", "version-3") {
		v.Version = 3
	}
	if v.Version == 2 && v.Interval%1000 != 0 {
		c.unacted(g.Child(f.interval), "version 2 counts seconds here; use [edit protocols vrrp version-3]")
		v.Interval = max(1000, v.Interval/1000*1000)
	}
	if v.Owner() {
		c.warn(g.Child("priority"), "the owner's priority is 254 here, the highest that FRR has")
	}
	v.Addresses = c.vrrpAddresses(&v, f, g)
	if other := c.sameGroup(v); other != nil && (other.Version != v.Version || other.Priority != v.Priority ||
		other.Interval != v.Interval || other.Preempt != v.Preempt) {
		c.unacted(g, "a group of both address families needs version 3, and one priority, interval and preemption, here")
		return
	}
	c.out.VirtualRouters = append(c.out.VirtualRouters, v)
}

// intOr is the number in a text, or another one if there is no text.
func intOr(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return otherwise
}

// vrrpTimer is the interval of advertisements in milliseconds.
func (c *compiler) vrrpTimer(g *config.Node, f vrrpFamily) int {
	ms := vrrpInterval
	if s := g.Value("advertise-interval"); s != "" {
		ms = 1000 * intOr(s, 1)
	}
	for _, statement := range []string{"fast-interval", f.interval} {
		ms = intOr(g.Value(statement), ms)
	}
	return min(max(ms/10*10, 10), f.slowest) // centiseconds, as version 3 counts
}

// vrrpTracks are the interfaces whose fall lowers the priority.
func (c *compiler) vrrpTracks(g *config.Node) (tracks []junosemu.VRRPTrack) {
	for _, i := range g.Lookup("track").Children("interface") {
		u, ok := c.find(i.Key())
		if !ok {
			c.unacted(i, "this router has no such interface")
			continue
		}
		tracks = append(tracks, junosemu.VRRPTrack{Junos: u.name, Device: u.device, Cost: intOr(i.Value("priority-cost"), 0)})
	}
	return tracks
}

// vrrpAddresses checks a group's virtual addresses.
func (c *compiler) vrrpAddresses(v *junosemu.VirtualRouter, f vrrpFamily, g *config.Node) (addresses []netip.Addr) {
	texts := g.Values(f.address)
	if len(texts) == 0 {
		c.fail(g, f.address, fmt.Sprintf("Missing mandatory statement: '%s'", f.address))
	}
	if v.IPv6 { // the first address is the link-local one (RFC 5798, 5.2.9)
		link := fmt.Sprintf("fe80::200:5eff:fe00:2%02x", v.Group)
		texts = append([]string{cmp.Or(g.Value("virtual-link-local-address"), link)}, texts...)
	}
	for _, text := range texts {
		a, err := netip.ParseAddr(text)
		switch {
		case err != nil || a.Is6() != v.IPv6:
			c.fail(g, f.address, "invalid address '"+text+"' for this family")
		case !v.Own.Contains(a) && !a.IsLinkLocalUnicast():
			c.fail(g, f.address, "virtual address must share same mask with interface ip")
		case a == v.Own.Addr() && v.Priority != vrrpOwner:
			c.fail(g, "priority", "priority must be 255 for the owner of the virtual address")
		case a != v.Own.Addr() && v.Priority == vrrpOwner:
			c.fail(g, "priority", "priority 255 is for the owner of the virtual address")
		}
		addresses = append(addresses, a)
	}
	return addresses
}

// sameGroup is the group of the same number on the same interface that is there
// already: FRR has one for both address families.
func (c *compiler) sameGroup(v junosemu.VirtualRouter) *junosemu.VirtualRouter {
	for i, other := range c.out.VirtualRouters {
		if other.Parent == v.Parent && other.Group == v.Group {
			return &c.out.VirtualRouters[i]
		}
	}
	return nil
}
