package oper

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

// A route is one entry of a routing table, in Junos's terms.
type route struct {
	prefix     netip.Prefix
	protocol   string // Direct, Local, Static, OSPF, OSPF3, IS-IS, BGP
	preference int
	active     bool
	hidden     bool // refused by an import policy
	age        time.Duration
	metric     *int
	tag        int
	hops       []hop
	kind       string   // what the next hop is: Interface, Local, Router, Discard, Reject
	path       *bgpPath // of a BGP route
}

// A hop is a next hop; to is not valid for one that is an interface only.
type hop struct {
	to  netip.Addr
	via string // ge-0/0/0.0
}

// A table is a routing table: its routes by prefix, the active one of each
// prefix first. Hidden ones (unusable, in Junos's word) are among them.
type table struct {
	name   string // inet.0
	routes []route
}

// zebraRoute is an entry of "show ip route json".
type zebraRoute struct {
	Prefix   string     `json:"prefix"`
	Protocol string     `json:"protocol"`
	Selected bool       `json:"selected"`
	Distance int        `json:"distance"`
	Metric   int        `json:"metric"`
	Tag      int        `json:"tag"`
	Uptime   string     `json:"uptime"`
	Nexthops []zebraHop `json:"nexthops"`
}

type zebraHop struct {
	FIB       bool   `json:"fib"`
	Active    bool   `json:"active"`
	Recursive bool   `json:"recursive"`
	IP        string `json:"ip"`
	Interface string `json:"interfaceName"`
	Blackhole bool   `json:"blackhole"`
	Reject    bool   `json:"reject"`
}

// A family is what differs between the two routing tables.
type family struct {
	table, zebra, bgp string
	ipv6              bool
}

var families = []family{
	{table: "inet.0", zebra: "show ip route json", bgp: "show bgp ipv4 unicast json detail"},
	{table: "inet6.0", zebra: "show ipv6 route json", bgp: "show bgp ipv6 unicast json detail", ipv6: true},
}

// readTable reads one routing table: zebra knows every protocol's routes, bgpd
// every path of a BGP destination with its attributes, and the kernel the
// addresses that Junos shows as Local routes.
func (r *Router) readTable(ctx context.Context, f family) (*table, error) {
	entries := map[string][]zebraRoute{}
	if err := r.askIfRunning(ctx, "zebra", f.zebra, &entries); err != nil {
		return nil, err
	}
	links, err := r.Sensor.Links(ctx)
	if err != nil {
		return nil, err
	}
	level1, err := r.isisLevel1(ctx)
	if err != nil {
		return nil, err
	}
	v6 := r.unitsWithIPv6(links)
	t := &table{name: r.table(f.table)}
	best := map[netip.Prefix]route{} // zebra's own BGP routes: resolved next hops
	for _, list := range entries {
		for _, entry := range list {
			rt, ok := r.fromZebra(entry, f, v6)
			switch {
			case !ok:
			case rt.protocol == "BGP":
				best[rt.prefix] = rt
			default:
				if entry.Protocol == "isis" && level1[entry.Prefix] {
					rt.preference = isisLevel1Preference
				}
				t.routes = append(t.routes, rt)
			}
		}
	}
	t.routes = append(t.routes, r.localRoutes(links, f)...)
	if err := r.addBGP(ctx, f, t, best); err != nil {
		return nil, err
	}
	if err := r.addFiltered(ctx, f, t); err != nil {
		return nil, err
	}
	slices.SortStableFunc(t.routes, compareRoutes)
	return t, nil
}

func compareRoutes(a, b route) int {
	if c := a.prefix.Addr().Compare(b.prefix.Addr()); c != 0 {
		return c
	}
	if c := cmp.Compare(a.prefix.Bits(), b.prefix.Bits()); c != 0 {
		return c
	}
	if a.active != b.active {
		if a.active {
			return -1
		}
		return 1
	}
	return cmp.Compare(a.preference, b.preference)
}

// protocols are FRR's names of protocols, with Junos's name, the daemon, Junos's
// default preference and FRR's default distance.
var protocols = map[string]struct {
	junos, daemon string
	preference    int
	distance      int
}{
	"connected": {"Direct", "zebra", 0, 0},
	"static":    {"Static", "staticd", 5, 5},
	"ospf":      {"OSPF", "ospfd", 10, 110},
	"ospf6":     {"OSPF3", "ospf6d", 10, 110},
	"isis":      {"IS-IS", "isisd", 18, 115},
	"bgp":       {"BGP", "bgpd", 170, 20},
	"kernel":    {"Kernel", "zebra", 40, 0},
}

// isisLevel1Preference is Junos's default preference of routes of level 1.
const isisLevel1Preference = 15

// ibgpDistance is FRR's default distance of routes from internal neighbors.
const ibgpDistance = 200

// preference is a route's Junos preference: the distance the configuration
// gave the daemon or, where it gave none and the distance is FRR's default,
// the default of Junos.
func (r *Router) preference(z zebraRoute) int {
	known := protocols[z.Protocol]
	byDefault := z.Distance == known.distance || z.Protocol == "bgp" && z.Distance == ibgpDistance
	if byDefault && !strings.Contains(r.Intent().FRR[known.daemon], "distance ") {
		return known.preference
	}
	return z.Distance
}

// fromZebra translates an entry; v6 has the units with family inet6. It is not
// ok for what Junos does not show: a route to the router's own loopback learned
// from itself, link-local networks of units without inet6, and FRR's own Local
// routes of later releases, which are made from addresses instead.
func (r *Router) fromZebra(z zebraRoute, f family, v6 map[string]bool) (route, bool) {
	prefix, err := netip.ParsePrefix(z.Prefix)
	known, ok := protocols[z.Protocol]
	if err != nil || !ok {
		return route{}, false
	}
	rt := route{
		prefix: prefix, protocol: known.junos, preference: r.preference(z),
		active: z.Selected, age: parseUptime(z.Uptime), tag: z.Tag, kind: "Router",
	}
	switch z.Protocol {
	case "kernel":
		if r.isAggregate(prefix) {
			rt.protocol, rt.preference = "Aggregate", z.Distance
			if z.Metric > 0 {
				rt.metric = &z.Metric
			}
		}
	case "connected":
		if len(z.Nexthops) > 0 && r.virtualRouter(z.Nexthops[0].Interface) != nil {
			return route{}, false // a virtual address: Local
		}
		if prefix.Addr().IsLinkLocalUnicast() && f.ipv6 {
			z.Nexthops = slices.DeleteFunc(slices.Clone(z.Nexthops), func(h zebraHop) bool {
				return !v6[r.junosUnit(h.Interface)]
			})
			if len(z.Nexthops) == 0 {
				return route{}, false // the kernel's own, of a unit without inet6
			}
		}
		rt.kind = "Interface"
	case "ospf", "ospf6", "isis":
		rt.metric = &z.Metric
	}
	r.addHops(&rt, z)
	own := (z.Protocol == "ospf" || z.Protocol == "ospf6" || z.Protocol == "isis") &&
		len(rt.hops) == 1 && physical(rt.hops[0].via) == "lo0"
	return rt, !own
}

// isAggregate reports whether the configuration has an aggregate or generated
// route to a prefix: the data plane gives these to the kernel.
func (r *Router) isAggregate(prefix netip.Prefix) bool {
	return slices.ContainsFunc(r.Intent().Aggregates, func(a junosemu.AggregateIntent) bool { return a.Prefix == prefix })
}

// addHops takes the next hops that forward: of a recursive one, those that it
// resolves to.
func (r *Router) addHops(rt *route, z zebraRoute) {
	for _, nh := range z.Nexthops {
		switch {
		case nh.Reject:
			rt.kind = "Reject"
			continue
		case nh.Blackhole:
			rt.kind = "Discard"
			continue
		case nh.Recursive, z.Selected && !nh.FIB && !nh.Active:
			continue
		}
		h := hop{via: r.junosUnit(nh.Interface)}
		h.to, _ = netip.ParseAddr(nh.IP)
		if !slices.Contains(rt.hops, h) {
			rt.hops = append(rt.hops, h)
		}
	}
}

// localRoutes are Junos's Local routes: one for each address of an interface
// that is up, unless the address is a host prefix and thus Direct already, and
// one for each virtual address that the router is master of.
func (r *Router) localRoutes(links []junosemu.LinkState, f family) []route {
	var routes []route
	for _, link := range links {
		unit := r.junosUnit(link.Device)
		if !link.AdminUp || !link.CarrierUp || unit == link.Device {
			continue
		}
		for _, a := range r.unitAddresses(unit, link, f.ipv6) {
			if v := r.virtualRouter(link.Device); v == nil && a.IsSingleIP() || v != nil && !slices.Contains(v.Addresses, a.Addr()) {
				continue
			}
			routes = append(routes, route{
				prefix:   netip.PrefixFrom(a.Addr(), a.Addr().BitLen()),
				protocol: "Local", active: true, kind: "Local",
				age: r.sinceFlap(link), hops: []hop{{via: unit}},
			})
		}
	}
	return routes
}

// sinceFlap is how long a link has been as it is: since its last change, or
// since the router started.
func (r *Router) sinceFlap(link junosemu.LinkState) time.Duration {
	since := r.Started
	if link.LastFlap.After(since) {
		since = link.LastFlap
	}
	return max(0, r.Now().Sub(since))
}

// lookup finds the active route that packets to an address take.
func (t *table) lookup(to netip.Addr) (route, bool) {
	var best route
	found := false
	for _, rt := range t.routes {
		if rt.active && rt.prefix.Contains(to) && (!found || rt.prefix.Bits() > best.prefix.Bits()) {
			best, found = rt, true
		}
	}
	return best, found
}

// protocolMatches reports whether a route is of the protocol a user names:
// "ospf" means OSPF, "direct" Direct.
func (rt *route) protocolMatches(word string) bool {
	return word == "" || strings.EqualFold(strings.ReplaceAll(rt.protocol, "-", ""), strings.ReplaceAll(word, "-", ""))
}
