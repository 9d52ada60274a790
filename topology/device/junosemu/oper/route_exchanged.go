package oper

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// An exchange is what a BGP neighbor and the router tell each other.
type exchange struct {
	argument string // that asks for it
	frr      string // what FRR calls it
}

var (
	advertisedRoutes = exchange{"advertising-protocol-name", "advertised-routes"} // after policy
	receivedRoutes   = exchange{"receive-protocol-name", "received-routes"}       // before policy
)

// An exchangedRoute is an entry of "show bgp … advertised-routes json", or of
// received or filtered ones.
type exchangedRoute struct {
	NextHop   string `json:"nextHop"`
	NextHop6  string `json:"nextHopGlobal"`
	MED       *int   `json:"metric"`
	LocalPref *int   `json:"locPrf"`
	Path      string `json:"path"`
	Origin    string `json:"bgpOriginCode"`
}

// exchanged answers "show route advertising-protocol bgp NEIGHBOR" and its
// counterpart.
func (r *Router) exchanged(ctx context.Context, rpc *xmltree.Element, x exchange) (*xmltree.Element, error) {
	text := cmp.Or(rpc.Value("neighbor"), rpc.Value("peer"))
	neighbor, err := netip.ParseAddr(text)
	if err != nil {
		return nil, &Refusal{Message: "invalid ip address or hostname", BadElement: text}
	}
	if rpc.Value(x.argument) != "bgp" {
		return nil, &Refusal{Message: "only BGP exchanges routes with neighbors here", BadElement: x.argument}
	}
	known := map[string]*bgpNeighbor{}
	if err := r.askRunning(ctx, "bgpd", "show bgp neighbors json", bgpOff, &known); err != nil {
		return nil, err
	}
	n, ok := known[neighbor.String()]
	if !ok {
		return nil, &Refusal{Message: "no such BGP neighbor", BadElement: text}
	}
	n.address = neighbor
	q, err := newRouteQuery(rpc)
	if err != nil {
		return nil, err
	}
	reply := information("route-information", "junos-routing")
	for i, f := range families {
		if _, carries := n.Families[bgpFamilies[i].frr]; !carries || !q.means(r.table(f.table)) {
			continue
		}
		table, err := r.exchangedTable(ctx, q, x, n, i)
		if err != nil {
			return nil, err
		}
		reply.Add(table)
	}
	return reply, nil
}

// exchangedTable is what was exchanged of one family; nil if nothing.
func (r *Router) exchangedTable(ctx context.Context, q routeQuery, x exchange, n *bgpNeighbor, family int) (*xmltree.Element, error) {
	routes, err := r.exchangedRoutes(ctx, n.address, family, x.frr)
	if err != nil || len(routes) == 0 {
		return nil, err
	}
	t, err := r.readTable(ctx, families[family])
	if err != nil {
		return nil, err
	}
	e := tableHeading(t)
	for _, destination := range slices.SortedFunc(maps.Keys(routes), comparePrefixes) {
		p, err := netip.ParsePrefix(destination)
		if err != nil || !q.covers(p) {
			continue
		}
		used := "*"
		if x == receivedRoutes {
			own, ok := t.from(p, n.address)
			if ok && own.hidden != q.hidden || !ok {
				continue
			}
			if !own.active {
				used = " "
			}
		}
		e.Add(routes[destination].element(q, p, used, n, x))
	}
	if !e.Has("rt") {
		return nil, nil
	}
	return e, nil
}

// exchangedRoutes asks bgpd for routes of a neighbor by destination.
func (r *Router) exchangedRoutes(ctx context.Context, neighbor netip.Addr, family int, what string) (map[string]exchangedRoute, error) {
	var answer struct {
		Sent     map[string]exchangedRoute `json:"advertisedRoutes"`
		Received map[string]exchangedRoute `json:"receivedRoutes"`
	}
	question := "show bgp " + bgpFamilies[family].command + " neighbors " + neighbor.String() + " " + what + " json"
	if err := r.askIfRunning(ctx, "bgpd", question, &answer); err != nil {
		return nil, err
	}
	if what == advertisedRoutes.frr {
		return answer.Sent, nil
	}
	return answer.Received, nil
}

// covers tells whether a destination is asked for.
func (q routeQuery) covers(p netip.Prefix) bool {
	switch {
	case !q.prefix.IsValid() || p == q.prefix && q.extent != "longer":
		return true
	case q.host:
		return p.Contains(q.prefix.Addr())
	}
	return q.extent != "exact" && q.extent != "best" && q.prefix.Overlaps(p) && p.Bits() > q.prefix.Bits()
}

// from finds what a neighbor sent for a destination.
func (t *table) from(p netip.Prefix, neighbor netip.Addr) (route, bool) {
	for _, rt := range t.routes {
		if rt.prefix == p && rt.path != nil && rt.path.peer == neighbor {
			return rt, true
		}
	}
	return route{}, false
}

// comparePrefixes orders prefixes in text form by address and length.
func comparePrefixes(a, b string) int {
	x, _ := netip.ParsePrefix(a)
	y, _ := netip.ParsePrefix(b)
	return cmp.Or(x.Addr().Compare(y.Addr()), cmp.Compare(x.Bits(), y.Bits()), cmp.Compare(a, b))
}

// element is the route as Junos shows it. FRR tells the local preference that
// the route has here, which only internal neighbors are sent.
func (a exchangedRoute) element(q routeQuery, p netip.Prefix, used string, n *bgpNeighbor, x exchange) *xmltree.Element {
	nextHop := cmp.Or(a.NextHop, a.NextHop6)
	if addr, err := netip.ParseAddr(nextHop); x == advertisedRoutes && (err != nil || addr.IsUnspecified()) {
		nextHop = "Self" // FRR fills it in when it sends
	}
	entry := xmltree.New("rt-entry").
		Leaf("active-tag", used).
		Leaf("protocol-name", "BGP").
		Add(xmltree.New("nh").Leaf("to", nextHop))
	if a.MED != nil {
		entry.Leaf("med", strconv.Itoa(*a.MED))
	}
	if a.LocalPref != nil && n.Internal {
		entry.Leaf("local-preference", strconv.Itoa(*a.LocalPref))
	}
	origin := map[string]string{"i": "IGP", "e": "EGP"}[a.Origin]
	entry.Leaf("as-path", junosASPath(a.Path, origin))
	rt := xmltree.New("rt").Set("junos:style", "brief")
	if q.detailed() {
		rt.Set("junos:style", "detail")
	}
	rt.Leaf("rt-destination", p.Addr().String()).Leaf("rt-prefix-length", strconv.Itoa(p.Bits()))
	if q.detailed() {
		rt.Add(xmltree.Leaf("rt-entry-count", "1").Set("junos:format", entries(1))).Leaf("rt-announced-count", "1")
	}
	return rt.Add(entry)
}

func exchangedText(rpc, reply *xmltree.Element) string {
	q := routeQuery{style: style(rpc)}
	var b strings.Builder
	for _, t := range reply.All("route-table") {
		tableHead(&b, t)
		if !q.detailed() {
			fmt.Fprintf(&b, "  %-23s %-20s %-7s %-10s %s\n", "Prefix", "Nexthop", "MED", "Lclpref", "AS path")
		}
		for _, rt := range t.All("rt") {
			e := rt.Child("rt-entry")
			used := cmp.Or(e.Value("active-tag"), " ")
			destination := rt.Value("rt-destination") + "/" + rt.Value("rt-prefix-length")
			if !q.detailed() {
				fmt.Fprintf(&b, "%s %-23s %-20s %-7s %-10s %s\n", used, destination,
					e.Value("nh", "to"), e.Value("med"), e.Value("local-preference"), e.Value("as-path"))
				continue
			}
			fmt.Fprintf(&b, "%s %s (1 entry, 1 announced)\n", used, destination)
			for _, item := range [][2]string{
				{"Nexthop", e.Value("nh", "to")}, {"MED", e.Value("med")},
				{"Localpref", e.Value("local-preference")}, {"AS path", e.Value("as-path")},
			} {
				if item[1] != "" {
					fmt.Fprintf(&b, "     %s: %s\n", item[0], item[1])
				}
			}
		}
	}
	return b.String()
}
