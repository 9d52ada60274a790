package oper

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// A kernelRoute is an entry of "ip -json route show table all": what packets do.
type kernelRoute struct {
	kernelHop
	Type        string      `json:"type"` // "": unicast
	Destination string      `json:"dst"`
	Table       string      `json:"table"`    // "": main
	Protocol    string      `json:"protocol"` // what made it: kernel, bgp, …
	NextHops    []kernelHop `json:"nexthops"` // of a route with several
}

type kernelHop struct {
	Gateway string `json:"gateway"`
	Via     struct {
		Host string `json:"host"`
	} `json:"via"` // a gateway of the other address family
	Device string   `json:"dev"`
	Flags  []string `json:"flags"`
}

// A forwardingEntry is what the kernel does with packets to a prefix, in Junos's
// words.
type forwardingEntry struct {
	prefix netip.Prefix
	kind   string // what it is: user, intf, dest
	hops   []forwardingHop
}

// A forwardingHop is a next hop: to and via are empty where it has none.
type forwardingHop struct{ to, kind, via string }

// forwardingFamilies are the tables of the kernel and their names in Junos.
var forwardingFamilies = []struct{ option, suffix, title, word string }{
	{"-4", "inet", "Internet", "inet"},
	{"-6", "inet6", "Internet6", "inet6"},
}

// forwardingTable answers get-forwarding-table-information with the kernel's
// routes. What the kernel does not have (references, indexes of next hops) is
// left out.
func (r *Router) forwardingTable(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	wanted, err := forwardingFilter(rpc)
	if err != nil {
		return nil, err
	}
	reply := information("forwarding-table-information", "junos-rtinfo")
	for _, f := range forwardingFamilies {
		name := cmp.Or(r.instance, "default")
		if want := rpc.Value("family"); want != "" && want != f.word {
			continue
		}
		if want := rpc.Value("table"); want != "" && want != name && want != name+"."+f.suffix {
			continue
		}
		entries, err := r.forwarding(ctx, f.option)
		if err != nil {
			return nil, err
		}
		if entries = wanted(entries); len(entries) == 0 {
			continue
		}
		table := xmltree.New("route-table").Leaf("table-name", name+"."+f.suffix).Leaf("address-family", f.title)
		if rpc.Has("summary") {
			table.Add(forwardingSummary(entries)...)
		} else {
			for _, e := range entries {
				table.Add(e.element())
			}
		}
		reply.Add(table)
	}
	return reply, nil
}

// forwarding reads the kernel's routes of one IP version in the order of their
// prefixes, each prefix's own kinds in the kernel's order.
func (r *Router) forwarding(ctx context.Context, version string) ([]forwardingEntry, error) {
	out, err := r.Sensor.Exec(ctx, "ip", "-json", version, "route", "show", "table", "all")
	if err != nil {
		return nil, fmt.Errorf("ip route: %w", err)
	}
	var all []kernelRoute
	if err := json.Unmarshal(out, &all); err != nil {
		return nil, fmt.Errorf("ip route: %w in %q", err, out)
	}
	links, err := r.Sensor.Links(ctx)
	if err != nil {
		return nil, err
	}
	v6 := r.unitsWithIPv6(links)
	var entries []forwardingEntry
	for _, k := range all {
		if e, ok := r.fromKernel(k, version == "-6", v6); ok {
			entries = append(entries, e)
		}
	}
	slices.SortStableFunc(entries, func(a, b forwardingEntry) int {
		return cmp.Or(a.prefix.Addr().Compare(b.prefix.Addr()), cmp.Compare(a.prefix.Bits(), b.prefix.Bits()))
	})
	return entries, nil
}

// fromKernel translates a route. It is not ok for what Junos does not have: the
// kernel's own loopback and multicast routes, those of units without inet6, and
// those that the kernel does not use because the link is down.
func (r *Router) fromKernel(k kernelRoute, ipv6 bool, v6 map[string]bool) (forwardingEntry, bool) {
	prefix, err := kernelPrefix(k, ipv6)
	if err != nil || prefix.Addr().IsLoopback() || prefix.Addr().IsMulticast() {
		return forwardingEntry{}, false
	}
	e := forwardingEntry{prefix: prefix, kind: "user"}
	switch k.Type {
	case "blackhole":
		e.hops = []forwardingHop{{kind: "dscd"}}
		return e, true
	case "unreachable", "prohibit":
		e.hops = []forwardingHop{{kind: "rjct"}}
		return e, true
	case "multicast":
		return e, false
	}
	hops := k.NextHops
	if len(hops) == 0 {
		hops = []kernelHop{k.kernelHop}
	}
	for _, h := range hops {
		unit := r.junosUnit(h.Device)
		if slices.Contains(h.Flags, "linkdown") || slices.Contains(h.Flags, "dead") || unit == h.Device ||
			ipv6 && prefix.Addr().IsLinkLocalUnicast() && !v6[unit] || h.Device == loopback && k.Type != "local" {
			continue
		}
		e.add(k, h, unit)
	}
	return e, len(e.hops) > 0
}

// add adds a next hop, whose kind also says what the entry is.
func (e *forwardingEntry) add(k kernelRoute, h kernelHop, unit string) {
	gateway := cmp.Or(h.Gateway, h.Via.Host)
	switch {
	case k.Type == "local":
		e.kind = "intf"
		e.hops = append(e.hops, forwardingHop{to: e.prefix.Addr().String(), kind: "locl"})
	case k.Type == "anycast": // the network's own address, RFC 4291, 2.6.1
		e.kind = "dest"
		e.hops = append(e.hops, forwardingHop{to: e.prefix.Addr().String(), kind: "recv", via: unit})
	case k.Type == "broadcast":
		e.kind = "dest"
		e.hops = append(e.hops, forwardingHop{to: e.prefix.Addr().String(), kind: "bcst", via: unit})
	case gateway != "":
		e.hops = append(e.hops, forwardingHop{to: gateway, kind: "ucst", via: unit})
	default:
		if k.Protocol == "kernel" {
			e.kind = "intf"
		}
		e.hops = append(e.hops, forwardingHop{kind: "rslv", via: unit})
	}
}

// kernelPrefix is the destination of a route: "default", an address or a
// prefix.
func kernelPrefix(k kernelRoute, ipv6 bool) (netip.Prefix, error) {
	switch {
	case k.Destination == "default" && ipv6:
		return netip.PrefixFrom(netip.IPv6Unspecified(), 0), nil
	case k.Destination == "default":
		return netip.PrefixFrom(netip.IPv4Unspecified(), 0), nil
	}
	if a, err := netip.ParseAddr(k.Destination); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(k.Destination)
}

// element is the entry as an rt-entry. Several next hops are under one that is
// their list.
func (e forwardingEntry) element() *xmltree.Element {
	destination := e.prefix.String()
	if e.prefix.Bits() == 0 {
		destination = "default"
	}
	rt := xmltree.New("rt-entry").Leaf("rt-destination", destination).Leaf("destination-type", e.kind)
	if len(e.hops) > 1 {
		rt.Add(xmltree.New("nh").Leaf("nh-type", "ulst"))
	}
	for _, h := range e.hops {
		rt.Add(xmltree.New("nh").LeafIf("to", h.to).Leaf("nh-type", h.kind).LeafIf("via", h.via))
	}
	return rt
}

// forwardingSummary counts the entries of each kind.
func forwardingSummary(entries []forwardingEntry) []*xmltree.Element {
	counts := map[string]int{}
	for _, e := range entries {
		counts[e.kind]++
	}
	var all []*xmltree.Element
	for _, kind := range []string{"user", "intf", "dest"} {
		if counts[kind] > 0 {
			all = append(all, xmltree.New("route-table-summary").
				Leaf("route-table-type", kind).Leaf("route-count", strconv.Itoa(counts[kind])))
		}
	}
	return all
}
