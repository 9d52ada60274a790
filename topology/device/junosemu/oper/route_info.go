package oper

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

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
		return r.exchanged(ctx, rpc, advertisedRoutes)
	}
	if rpc.Has("receive-protocol-name") {
		return r.exchanged(ctx, rpc, receivedRoutes)
	}
	q, err := newRouteQuery(rpc)
	if err != nil {
		return nil, err
	}
	reply := information("route-information", "junos-routing")
	for _, f := range families {
		if !q.means(r.table(f.table)) || q.prefix.IsValid() && q.prefix.Addr().Is6() != f.ipv6 {
			continue
		}
		t, err := r.readTable(ctx, f)
		if err != nil {
			return nil, err
		}
		if s := style(rpc); s == "detail" || s == "extensive" {
			if err := r.addPeerAS(ctx, t); err != nil {
				return nil, err
			}
		}
		if selected := q.selectFrom(t); len(selected) > 0 {
			reply.Add(q.tableElement(t, selected))
		}
	}
	return reply, nil
}

// counts are the figures that head a routing table.
func (t *table) counts() (destinations, routes, active, hidden int) {
	var last netip.Prefix
	for _, rt := range t.routes {
		if rt.prefix != last {
			destinations, last = destinations+1, rt.prefix
		}
		if rt.active {
			active++
		}
		if rt.hidden {
			hidden++
		}
	}
	return destinations, len(t.routes), active, hidden
}

// tableHeading starts a routing table's element with its figures.
func tableHeading(t *table) *xmltree.Element {
	destinations, total, active, hidden := t.counts()
	return xmltree.New("route-table").
		Leaf("table-name", t.name).
		Leaf("destination-count", strconv.Itoa(destinations)).
		Leaf("total-route-count", strconv.Itoa(total)).
		Leaf("active-route-count", strconv.Itoa(active)).
		Leaf("holddown-route-count", "0").
		Leaf("hidden-route-count", strconv.Itoa(hidden))
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
		how := "brief"
		if q.style == "terse" {
			how = "terse"
		}
		rt.Set("junos:style", how).Leaf("rt-destination", prefix.String())
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
	if id := routerID(r.Intent().FRR); id != "" && r.instance == "" {
		reply.Leaf("router-id", id)
	}
	for _, f := range families {
		if want := (routeQuery{table: rpc.Value("table")}); !want.means(r.table(f.table)) {
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
