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

// An ospfRoute is an entry of "show ip ospf route json": what OSPF's own
// calculation found, whether or not the router uses it.
type ospfRoute struct {
	Type       string `json:"routeType"`  // N, N IA, N E1, N E2; R of a router
	RouterType string `json:"routerType"` // abr, asbr
	Cost       int    `json:"cost"`
	Type2Cost  int    `json:"type2cost"`
	NextHops   []struct {
		Address  string `json:"ip"` // a space if directly attached
		Via      string `json:"via"`
		Attached string `json:"directlyAttachedTo"`
	} `json:"nexthops"`
}

// ospfRoutes answers get-ospf-route-information: routers first, then networks,
// as Junos lists them.
func (r *Router) ospfRoutes(ctx context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
	var known map[string]ospfRoute
	if err := r.askRunning(ctx, "ospfd", "show ip ospf route json", ospfOff, &known); err != nil {
		return nil, err
	}
	table := xmltree.New("ospf-topology-route-table").Leaf("ospf-topology-name", "default")
	for _, name := range slices.SortedFunc(maps.Keys(known), compareDestinations) {
		table.Add(xmltree.New("ospf-route", r.ospfRoute(name, known[name])))
	}
	return information("ospf-route-information", "junos-routing").Add(table), nil
}

func (r *Router) ospfRoute(name string, route ospfRoute) *xmltree.Element {
	path, kind := route.words()
	metric := route.Cost
	if path == "Ext2" {
		metric = route.Type2Cost
	}
	e := xmltree.New("ospf-route-entry").
		Leaf("address-prefix", name).
		Leaf("route-path-type", path).
		Leaf("route-type", kind).
		Leaf("next-hop-type", "IP").
		Leaf("interface-cost", strconv.Itoa(metric))
	for _, h := range route.NextHops {
		hop := xmltree.New("ospf-next-hop").
			Add(xmltree.New("next-hop-name").Leaf("interface-name", r.junosUnit(cmp.Or(h.Via, h.Attached))))
		if address := strings.TrimSpace(h.Address); address != "" {
			hop.Add(xmltree.New("next-hop-address").Leaf("interface-address", address))
		}
		e.Add(hop)
	}
	return e
}

// words are the path type and the route type in Junos's words.
func (o ospfRoute) words() (path, kind string) {
	path, kind = "Intra", "Network"
	fields := strings.Fields(o.Type)
	if len(fields) > 1 {
		path = cmp.Or(map[string]string{"IA": "Inter", "E1": "Ext1", "E2": "Ext2"}[fields[1]], path)
	}
	if len(fields) > 0 && fields[0] == "R" {
		kind = cmp.Or(map[string]string{"abr": "Area BR", "asbr": "AS BR"}[o.RouterType], "Router")
	}
	return path, kind
}

// compareDestinations orders router IDs before prefixes, both by address.
func compareDestinations(a, b string) int {
	prefixA, errA := netip.ParsePrefix(a)
	prefixB, errB := netip.ParsePrefix(b)
	switch {
	case errA == nil && errB == nil:
		return cmp.Or(prefixA.Addr().Compare(prefixB.Addr()), cmp.Compare(prefixA.Bits(), prefixB.Bits()))
	case errA == nil:
		return 1
	case errB == nil:
		return -1
	}
	return cmp.Compare(a, b)
}

func ospfRoutesText(_, reply *xmltree.Element) string {
	var b strings.Builder
	for _, table := range reply.All("ospf-topology-route-table") {
		fmt.Fprintf(&b, "Topology %s Route Table:\n\n", table.Value("ospf-topology-name"))
		b.WriteString("Prefix             Path  Route      NH       Metric NextHop       Nexthop\n" +
			"                   Type  Type       Type            Interface     Address/LSP\n")
		for _, route := range table.All("ospf-route") {
			e := route.Child("ospf-route-entry")
			fmt.Fprintf(&b, "%-18s %-5s %-10s %-6s %8s", e.Value("address-prefix"), e.Value("route-path-type"),
				e.Value("route-type"), e.Value("next-hop-type"), e.Value("interface-cost"))
			for i, hop := range e.All("ospf-next-hop") {
				if i > 0 {
					fmt.Fprintf(&b, "\n%51s", "")
				}
				text := fmt.Sprintf(" %-13s %s", hop.Value("next-hop-name", "interface-name"), hop.Value("next-hop-address", "interface-address"))
				b.WriteString(strings.TrimRight(text, " "))
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
