package dataplane

import (
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

// aggregateProtocol marks the kernel routes that are aggregates. zebra knows
// them as kernel routes and takes the upper byte of their metric for the
// distance, so that they compete with other protocols as in Junos and can be
// redistributed.
const (
	aggregateProtocol = unix.RTPROT_GATED
	preferenceShift   = 24
)

// kernelProtocols are the kernel's numbers of the protocols that contribute.
var kernelProtocols = map[netlink.RouteProtocol]string{
	unix.RTPROT_KERNEL: "direct", 186: "bgp", 187: "isis", 188: "ospf", 196: "static",
}

// setAggregates makes the aggregates those of a configuration.
func (d *Dataplane) setAggregates(wanted []junosemu.AggregateIntent) error {
	d.aggregating.Lock()
	d.aggregates = slices.Clone(wanted)
	// The longest come first: they contribute to the shorter ones.
	slices.SortStableFunc(d.aggregates, func(a, b junosemu.AggregateIntent) int { return b.Prefix.Bits() - a.Prefix.Bits() })
	d.aggregating.Unlock()
	d.poke()
	return d.aggregate()
}

// aggregate installs the aggregates that have a contributor and removes the
// others.
func (d *Dataplane) aggregate() error {
	d.aggregating.Lock()
	defer d.aggregating.Unlock()
	routes, err := readRoutes()
	if err != nil {
		return err
	}
	var present []netlink.Route
	if len(d.aggregates) == 0 && !slices.ContainsFunc(routes, isAggregate) {
		return nil
	}
	contributors, err := directRoutes()
	if err != nil {
		return err
	}
	for _, r := range routes {
		switch c, ok := contributor(r); {
		case isAggregate(r):
			present = append(present, r)
		case ok:
			contributors = append(contributors, c)
		}
	}
	wanted := d.activeAggregates(contributors)
	for _, r := range present {
		if !slices.ContainsFunc(wanted, func(w netlink.Route) bool { return sameAggregate(r, w) }) {
			if err := netlink.RouteDel(&r); err != nil {
				return fmt.Errorf("remove aggregate route %s: %w", r.Dst, err)
			}
		}
	}
	for _, w := range wanted {
		if !slices.ContainsFunc(present, func(r netlink.Route) bool { return sameAggregate(r, w) }) {
			if err := netlink.RouteAdd(&w); err != nil {
				return fmt.Errorf("add aggregate route %s: %w", w.Dst, err)
			}
		}
	}
	return nil
}

// A contributing route with the kernel's next hops.
type contributing struct {
	junosemu.Contributor
	hops []*netlink.NexthopInfo
}

// activeAggregates are the kernel routes of the aggregates that have a
// contributor.
func (d *Dataplane) activeAggregates(routes []contributing) []netlink.Route {
	var wanted []netlink.Route
	for _, a := range d.aggregates {
		primary := -1
		for i, r := range routes {
			if a.Takes(r.Contributor) && (primary < 0 || r.Prefix.Addr().Less(routes[primary].Prefix.Addr())) {
				primary = i
			}
		}
		if primary < 0 {
			continue
		}
		route := netlink.Route{
			Dst: ipNet(a.Prefix), Table: unix.RT_TABLE_MAIN, Protocol: aggregateProtocol,
			Priority: a.Preference<<preferenceShift | a.Metric, Type: unix.RTN_BLACKHOLE,
		}
		own := contributing{Contributor: junosemu.Contributor{Prefix: a.Prefix, Protocol: "aggregate"}}
		switch {
		case a.Generate:
			route.Type, route.MultiPath = unix.RTN_UNICAST, routes[primary].hops
			own.NextHops, own.hops = true, route.MultiPath
		case a.Reject:
			route.Type = unix.RTN_UNREACHABLE
		}
		wanted = append(wanted, route)
		routes = append(routes, own)
	}
	return wanted
}

func isAggregate(r netlink.Route) bool { return r.Protocol == aggregateProtocol }

func sameAggregate(a, b netlink.Route) bool {
	return prefixOf(a.Dst) == prefixOf(b.Dst) && a.Priority == b.Priority && a.Type == b.Type &&
		(a.Type != unix.RTN_UNICAST || slices.EqualFunc(nextHops(a), nextHops(b), func(x, y *netlink.NexthopInfo) bool {
			return x.LinkIndex == y.LinkIndex && x.Gw.Equal(y.Gw)
		}))
}

// readRoutes is the main table of both families. The kernel leaves the prefix
// of a default route out, the library does not.
func readRoutes() ([]netlink.Route, error) {
	var all []netlink.Route
	for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		routes, err := whole(func() ([]netlink.Route, error) {
			return netlink.RouteListFiltered(family, &netlink.Route{Table: unix.RT_TABLE_MAIN}, netlink.RT_FILTER_TABLE)
		})
		if err != nil {
			return nil, fmt.Errorf("list routes: %w", err)
		}
		all = append(all, routes...)
	}
	return all, nil
}

// contributor is a route of the kernel in Junos's terms, if it can contribute:
// one that forwards, over a link that is up, of a protocol that Junos has.
func contributor(r netlink.Route) (contributing, bool) {
	protocol, known := kernelProtocols[r.Protocol]
	p := prefixOf(r.Dst)
	hops := nextHops(r)
	dead := len(hops) > 0 && !slices.ContainsFunc(hops, func(h *netlink.NexthopInfo) bool {
		return h.Flags&(unix.RTNH_F_LINKDOWN|unix.RTNH_F_DEAD) == 0
	})
	if !known || dead || !p.IsValid() || p.Addr().IsLinkLocalUnicast() || p.Addr().IsMulticast() {
		return contributing{}, false
	}
	gateways := slices.ContainsFunc(hops, func(h *netlink.NexthopInfo) bool { return h.Gw != nil || h.Via != nil })
	return contributing{junosemu.Contributor{Prefix: p, Protocol: protocol, NextHops: gateways}, hops}, true
}

// directRoutes are the host prefixes of the router's own addresses, which the
// kernel does not keep in the main table.
func directRoutes() ([]contributing, error) {
	addresses, err := readAddresses()
	if err != nil {
		return nil, err
	}
	var out []contributing
	for _, prefixes := range addresses {
		for _, p := range prefixes {
			if p.IsSingleIP() && !p.Addr().IsLoopback() {
				out = append(out, contributing{Contributor: junosemu.Contributor{Prefix: p, Protocol: "direct"}})
			}
		}
	}
	return out, nil
}

// nextHops are those of a route with one or several.
func nextHops(r netlink.Route) []*netlink.NexthopInfo {
	if len(r.MultiPath) > 0 || r.Type != unix.RTN_UNICAST {
		return r.MultiPath
	}
	return []*netlink.NexthopInfo{{LinkIndex: r.LinkIndex, Gw: r.Gw, Via: r.Via, Flags: r.Flags}}
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

func prefixOf(n *net.IPNet) netip.Prefix {
	if n == nil {
		return netip.Prefix{}
	}
	a, _ := netip.AddrFromSlice(n.IP)
	bits, _ := n.Mask.Size()
	return netip.PrefixFrom(a, bits)
}
