package oper

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// A routeQuery is what get-route-information was asked for.
type routeQuery struct {
	table, protocol string
	prefix          netip.Prefix // not valid: every destination
	host            bool         // an address, not a prefix: longest match
	exact, active   bool
	style           string // brief, terse, detail, extensive
}

func newRouteQuery(rpc *xmltree.Element) (routeQuery, error) {
	q := routeQuery{
		table: rpc.Value("table"), protocol: rpc.Value("protocol"),
		exact: rpc.Has("exact"), active: rpc.Has("active-path"), style: style(rpc),
	}
	destination := rpc.Value("destination")
	if destination == "" || destination == "default" {
		return q, nil
	}
	if addr, err := netip.ParseAddr(destination); err == nil {
		q.prefix, q.host = netip.PrefixFrom(addr, addr.BitLen()), true
		return q, nil
	}
	prefix, err := netip.ParsePrefix(destination)
	if err != nil {
		return q, &Refusal{Message: "invalid prefix or address", BadElement: destination}
	}
	q.prefix = prefix.Masked()
	return q, nil
}

// style is the level of detail an RPC asks for; "" for the default.
func style(rpc *xmltree.Element) string {
	for _, s := range []string{"terse", "brief", "detail", "extensive"} {
		if rpc.Has(s) || rpc.Value("level") == s {
			return s
		}
	}
	return ""
}

// routeInformation answers get-route-information.
func (r *Router) routeInformation(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	if rpc.Has("advertising-protocol-name") {
		return r.advertised(ctx, rpc)
	}
	q, err := newRouteQuery(rpc)
	if err != nil {
		return nil, err
	}
	reply := information("route-information", "junos-routing")
	for _, f := range families {
		if q.table != "" && q.table != f.table || q.prefix.IsValid() && q.prefix.Addr().Is6() != f.ipv6 {
			continue
		}
		t, err := r.readTable(ctx, f)
		if err != nil {
			return nil, err
		}
		if selected := q.selectFrom(t); len(selected) > 0 {
			reply.Add(q.tableElement(t, selected))
		}
	}
	return reply, nil
}

// selectFrom picks the routes that the query asks for. A prefix means that
// destination and all within it; if there is none, the longest match, which is
// also what a plain address means.
func (q routeQuery) selectFrom(t *table) []route {
	routes := q.atDestination(t)
	var selected []route
	for _, rt := range routes {
		if rt.protocolMatches(q.protocol) && (rt.active || !q.active) {
			selected = append(selected, rt)
		}
	}
	return selected
}

func (q routeQuery) atDestination(t *table) []route {
	if !q.prefix.IsValid() {
		return t.routes
	}
	var within []route
	for _, rt := range t.routes {
		if rt.prefix == q.prefix || !q.exact && !q.host && q.prefix.Overlaps(rt.prefix) && rt.prefix.Bits() >= q.prefix.Bits() {
			within = append(within, rt)
		}
	}
	if len(within) > 0 || q.exact {
		return within
	}
	match := netip.Prefix{}
	for _, rt := range t.routes {
		if rt.prefix.Contains(q.prefix.Addr()) && rt.prefix.Bits() <= q.prefix.Bits() && rt.prefix.Bits() >= match.Bits() {
			match = rt.prefix
		}
	}
	for _, rt := range t.routes {
		if match.IsValid() && rt.prefix == match {
			within = append(within, rt)
		}
	}
	return within
}

// counts are the figures that head a routing table.
func (t *table) counts() (destinations, routes, active int) {
	var last netip.Prefix
	for _, rt := range t.routes {
		if rt.prefix != last {
			destinations, last = destinations+1, rt.prefix
		}
		if rt.active {
			active++
		}
	}
	return destinations, len(t.routes), active
}

// tableHeading starts a routing table's element with its figures.
func tableHeading(t *table) *xmltree.Element {
	destinations, total, active := t.counts()
	return xmltree.New("route-table").
		Leaf("table-name", t.name).
		Leaf("destination-count", strconv.Itoa(destinations)).
		Leaf("total-route-count", strconv.Itoa(total+t.hidden)).
		Leaf("active-route-count", strconv.Itoa(active)).
		Leaf("holddown-route-count", "0").
		Leaf("hidden-route-count", strconv.Itoa(t.hidden))
}

func (q routeQuery) tableElement(t *table, selected []route) *xmltree.Element {
	e := tableHeading(t)
	for start := 0; start < len(selected); {
		end := start + 1
		for end < len(selected) && selected[end].prefix == selected[start].prefix {
			end++
		}
		e.Add(q.destinationElement(selected[start:end]))
		start = end
	}
	return e
}

// detailed reports whether the long form was asked for.
func (q routeQuery) detailed() bool { return q.style == "detail" || q.style == "extensive" }

// destinationElement is one rt element: a destination and its routes.
func (q routeQuery) destinationElement(routes []route) *xmltree.Element {
	prefix := routes[0].prefix
	rt := xmltree.New("rt")
	if !q.detailed() {
		rt.Set("junos:style", "brief").Leaf("rt-destination", prefix.String())
	} else {
		n := len(routes)
		rt.Set("junos:style", "detail").
			Leaf("rt-destination", prefix.Addr().String()).
			Leaf("rt-prefix-length", strconv.Itoa(prefix.Bits())).
			Add(xmltree.Leaf("rt-entry-count", strconv.Itoa(n)).Set("junos:format", entries(n)))
		if routes[0].active {
			rt.Leaf("rt-announced-count", "1")
		}
	}
	for _, one := range routes {
		if q.detailed() {
			rt.Add(detailEntry(one))
		} else {
			rt.Add(briefEntry(one))
		}
	}
	return rt
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

// routeSummary answers get-route-summary-information.
func (r *Router) routeSummary(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	reply := information("route-summary-information", "junos-routing")
	if id := routerID(r.Intent().FRR); id != "" {
		reply.Leaf("router-id", id)
	}
	for _, f := range families {
		if want := rpc.Value("table"); want != "" && want != f.table {
			continue
		}
		t, err := r.readTable(ctx, f)
		if err != nil {
			return nil, err
		}
		if len(t.routes) > 0 {
			reply.Add(t.summary())
		}
	}
	return reply, nil
}

// summary counts a table's routes by protocol, in the order of first sight of
// Junos: Direct and Local first.
func (t *table) summary() *xmltree.Element {
	e := tableHeading(t)
	for _, protocol := range []string{"Direct", "Local", "BGP", "IS-IS", "OSPF", "OSPF3", "Static", "Aggregate", "Kernel"} {
		all, used := 0, 0
		for _, rt := range t.routes {
			if rt.protocol == protocol {
				all++
				if rt.active {
					used++
				}
			}
		}
		if all > 0 {
			e.Add(xmltree.New("protocols").Leaf("protocol-name", protocol).
				Leaf("protocol-route-count", strconv.Itoa(all)).
				Leaf("active-route-count", strconv.Itoa(used)))
		}
	}
	return e
}

// routerID finds the router ID that the running configuration gave FRR.
func routerID(daemons map[string]string) string {
	for _, text := range daemons {
		for line := range strings.Lines(text) {
			words := strings.Fields(line)
			if n := len(words); n >= 2 && strings.HasSuffix(words[n-2], "router-id") {
				return words[n-1]
			}
		}
	}
	return ""
}
