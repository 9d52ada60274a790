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

// advertisedRoute is an entry of "show bgp … advertised-routes json": what is
// sent to a neighbor, after policy.
type advertisedRoute struct {
	NextHop   string `json:"nextHop"`
	MED       *int   `json:"metric"`
	LocalPref *int   `json:"locPrf"`
	Path      string `json:"path"`
	Origin    string `json:"bgpOriginCode"`
}

// advertised answers "show route advertising-protocol bgp NEIGHBOR".
func (r *Router) advertised(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	text := cmp.Or(rpc.Value("neighbor"), rpc.Value("peer"))
	neighbor, err := netip.ParseAddr(text)
	if err != nil {
		return nil, &Refusal{Message: "invalid ip address or hostname", BadElement: text}
	}
	if rpc.Value("advertising-protocol-name") != "bgp" {
		return nil, &Refusal{Message: "only BGP advertises routes here", BadElement: "advertising-protocol-name"}
	}
	known := map[string]*bgpNeighbor{}
	if err := r.askRunning(ctx, "bgpd", "show bgp neighbors json", bgpOff, &known); err != nil {
		return nil, err
	}
	n, ok := known[neighbor.String()]
	if !ok {
		return nil, &Refusal{Message: "no such BGP neighbor", BadElement: text}
	}
	reply := information("route-information", "junos-routing")
	for i, f := range families {
		if want := rpc.Value("table"); want != "" && want != f.table {
			continue
		}
		var sent struct {
			Routes map[string]advertisedRoute `json:"advertisedRoutes"`
		}
		question := "show bgp " + bgpFamilies[i].command + " neighbors " + neighbor.String() + " advertised-routes json"
		if err := r.ask(ctx, "bgpd", question, &sent); err != nil {
			return nil, err
		}
		if len(sent.Routes) == 0 {
			continue
		}
		t, err := r.readTable(ctx, f)
		if err != nil {
			return nil, err
		}
		table := tableHeading(t)
		for _, destination := range slices.SortedFunc(maps.Keys(sent.Routes), comparePrefixes) {
			table.Add(sent.Routes[destination].element(destination, n.Internal))
		}
		reply.Add(table)
	}
	return reply, nil
}

// comparePrefixes orders prefixes in text form by address and length.
func comparePrefixes(a, b string) int {
	x, _ := netip.ParsePrefix(a)
	y, _ := netip.ParsePrefix(b)
	return cmp.Or(x.Addr().Compare(y.Addr()), cmp.Compare(x.Bits(), y.Bits()), cmp.Compare(a, b))
}

// element is the route as Junos shows it. FRR tells the local preference that
// the route has here, which only internal neighbors are sent.
func (a advertisedRoute) element(destination string, internal bool) *xmltree.Element {
	address, length, _ := strings.Cut(destination, "/")
	nextHop := a.NextHop
	if addr, err := netip.ParseAddr(nextHop); err != nil || addr.IsUnspecified() {
		nextHop = "Self" // FRR fills it in when it sends
	}
	entry := xmltree.New("rt-entry").
		Leaf("active-tag", "*").
		Leaf("protocol-name", "BGP").
		Add(xmltree.New("nh").Leaf("to", nextHop))
	if a.MED != nil {
		entry.Leaf("med", strconv.Itoa(*a.MED))
	}
	if a.LocalPref != nil && internal {
		entry.Leaf("local-preference", strconv.Itoa(*a.LocalPref))
	}
	origin := map[string]string{"i": "IGP", "e": "EGP"}[a.Origin]
	entry.Leaf("as-path", junosASPath(a.Path, origin))
	return xmltree.New("rt").Set("junos:style", "brief").
		Leaf("rt-destination", address).Leaf("rt-prefix-length", length).
		Add(entry)
}

func advertisedText(reply *xmltree.Element) string {
	var b strings.Builder
	for _, t := range reply.All("route-table") {
		tableHead(&b, t)
		fmt.Fprintf(&b, "  %-23s %-20s %-7s %-10s %s\n", "Prefix", "Nexthop", "MED", "Lclpref", "AS path")
		for _, rt := range t.All("rt") {
			e := rt.Child("rt-entry")
			fmt.Fprintf(&b, "* %-23s %-20s %-7s %-10s %s\n", rt.Value("rt-destination")+"/"+rt.Value("rt-prefix-length"),
				e.Value("nh", "to"), e.Value("med"), e.Value("local-preference"), e.Value("as-path"))
		}
	}
	return b.String()
}
