package oper

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// An isisRoute is a row of "show isis route": what IS-IS's own calculation
// found, whether or not the router uses it. isisd has no JSON of it.
type isisRoute struct {
	level  string // 1, 2
	family string // IPV4, IPV6
	prefix string
	metric string
	hops   []isisHop
}

type isisHop struct{ device, address string }

// readISISRoutes reads isisd's tables. A row without a prefix is one more next
// hop of the row above; one without an interface is the router's own.
func readISISRoutes(text string) []isisRoute {
	var all []isisRoute
	var current isisRoute // its level and family
	var columns textColumns
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		switch {
		case strings.Contains(line, "routing table:"):
			current = isisRoute{level: "2", family: "IPV4"}
			if strings.Contains(line, " L1 ") {
				current.level = "1"
			}
			if strings.Contains(line, "IPv6") {
				current.family = "IPV6"
			}
			columns = nil
		case strings.HasPrefix(strings.TrimSpace(line), "Prefix "):
			columns = newTextColumns(line, "Prefix", "Metric", "Interface", "Nexthop", "Label(s)")
		case columns == nil || line == "" || strings.HasPrefix(strings.TrimSpace(line), "---"):
		default:
			if prefix := columns.cell(line, "Prefix"); prefix != "" {
				current.prefix, current.metric, current.hops = prefix, columns.cell(line, "Metric"), nil
				all = append(all, current)
			}
			if device := columns.cell(line, "Interface"); device != "" && device != "-" && len(all) > 0 {
				last := &all[len(all)-1]
				last.hops = append(last.hops, isisHop{device, columns.cell(line, "Nexthop")})
			}
		}
	}
	return all
}

// isisRoutes answers get-isis-route-information, without the router's own
// prefixes, as Junos does.
func (r *Router) isisRoutes(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	summary, err := r.isisSummary(ctx)
	if err != nil {
		return nil, err
	}
	text, err := r.askISIS(ctx, "show isis route")
	if err != nil {
		return nil, err
	}
	names, err := r.isisNextHops(ctx)
	if err != nil {
		return nil, err
	}
	versions := summary.runs()
	table := xmltree.New("isis-routing-table").Leaf("isis-topology-id", "IPv4/IPv6").
		Leaf("level-one-version", strconv.Itoa(versions["1"])).
		Leaf("level-two-version", strconv.Itoa(versions["2"]))
	for _, route := range readISISRoutes(text) {
		if want := rpc.Value("destination"); len(route.hops) == 0 || want != "" && !sameDestination(want, route.prefix) {
			continue
		}
		e := xmltree.New("isis-route").Leaf("address-prefix", route.prefix).Leaf("level", route.level).
			Leaf("route-version", strconv.Itoa(versions[route.level])).Leaf("metric", route.metric).Leaf("metric-type", "int")
		for _, h := range route.hops {
			e.Leaf("interface-name", r.junosUnit(h.device)).Leaf("isis-next-hop-type", route.family)
			e.Leaf("isis-next-hop", names[h.device+"%"+h.address])
		}
		table.Add(e)
	}
	return information("isis-route-information", "junos-routing").Add(table), nil
}

// sameDestination reports whether a prefix is the one named, or the host route
// of the address named.
func sameDestination(want, prefix string) bool {
	if a, err := netip.ParseAddr(want); err == nil {
		want = netip.PrefixFrom(a, a.BitLen()).String()
	}
	return want == prefix
}

// isisNextHops are the names of the neighbors by device and address: "eth1%10.0.12.2".
func (r *Router) isisNextHops(ctx context.Context) (map[string]string, error) {
	var detail isisNeighborList
	if err := r.ask(ctx, "isisd", "show isis neighbor detail json", &detail); err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, c := range detail.circuits() {
		if d, ok := c.detail(); ok {
			names[d.Name+"%"+d.IPv4.Address] = c.Adjacency
			names[d.Name+"%"+d.IPv6.Address] = c.Adjacency
		}
	}
	return names, nil
}

func isisRoutesText(_, reply *xmltree.Element) string {
	var b strings.Builder
	for _, t := range reply.All("isis-routing-table") {
		fmt.Fprintf(&b, " IS-IS routing table             Current version: L1: %s L2: %s\n", t.Value("level-one-version"), t.Value("level-two-version"))
		b.WriteString("IPv4/IPv6 Routes\n----------------\n")
		b.WriteString("Prefix             L Version   Metric Type Interface       NH   Via                 Backup Score\n")
		for _, e := range t.All("isis-route") {
			head := fmt.Sprintf("%-18s %s %7s %8s %-4s", e.Value("address-prefix"), e.Value("level"),
				e.Value("route-version"), e.Value("metric"), e.Value("metric-type"))
			kinds, via := e.All("isis-next-hop-type"), e.All("isis-next-hop")
			for i, unit := range e.All("interface-name") {
				fmt.Fprintf(&b, "%-42s %-15s %-4s %s\n", head, unit.Text, kinds[i].Text, via[i].Text)
				head = ""
			}
		}
	}
	return b.String()
}
