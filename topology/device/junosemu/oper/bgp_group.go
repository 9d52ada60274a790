package oper

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// bgpGroups answers get-bgp-group-information.
func (r *Router) bgpGroups(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	all, err := r.neighbors(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	members := map[string][]*bgpNeighbor{}
	for _, n := range all {
		name := r.configOf(n).Group
		if members[name] == nil {
			names = append(names, name)
		}
		members[name] = append(members[name], n)
	}
	reply := information("bgp-group-information", "junos-routing")
	for i, name := range names {
		if want := rpc.Value("group-name"); want == "" || want == name {
			reply.Add(r.bgpGroup(name, i, members[name]))
		}
	}
	if want := rpc.Value("group-name"); want != "" && !reply.Has("bgp-group") {
		return nil, &Refusal{Message: "no such BGP group", BadElement: want}
	}
	return reply.Add(r.groupTotals(len(names), all)), nil
}

// groupTotals is the element that sums all groups up.
func (r *Router) groupTotals(groups int, all []*bgpNeighbor) *xmltree.Element {
	external, down, flaps := 0, 0, 0
	for _, n := range all {
		if !n.Internal {
			external++
		}
		if !n.established() {
			down++
		}
		flaps += n.Dropped
	}
	e := xmltree.New("bgp-information").
		Leaf("group-count", strconv.Itoa(groups)).
		Leaf("peer-count", strconv.Itoa(len(all))).
		Leaf("external-peer-count", strconv.Itoa(external)).
		Leaf("internal-peer-count", strconv.Itoa(len(all)-external)).
		Leaf("down-peer-count", strconv.Itoa(down)).
		Leaf("flap-count", strconv.Itoa(flaps))
	for _, f := range bgpFamilies {
		e.Add(ribTotals(r.table(f.table), f.table, all))
	}
	return e
}

func (r *Router) bgpGroup(name string, index int, peers []*bgpNeighbor) *xmltree.Element {
	established := 0
	for _, n := range peers {
		if n.established() {
			established++
		}
	}
	first := peers[0]
	config := r.configOf(first)
	e := xmltree.New("bgp-group").Set("junos:style", "brief").
		Leaf("type", map[bool]string{true: "Internal", false: "External"}[first.Internal]).
		Leaf("peer-as", strconv.Itoa(first.RemoteAS)).
		Leaf("local-as", strconv.Itoa(first.LocalAS)).
		Leaf("name", name).
		Leaf("group-index", strconv.Itoa(index)).
		Leaf("group-flags", "").
		Add(xmltree.New("bgp-option-information").
			LeafIf("export-policy", strings.Join(config.Export, " ")).
			LeafIf("import-policy", strings.Join(config.Import, " ")).
			Leaf("holdtime", strconv.Itoa(first.HoldConfMsec/1000)).
			Leaf("preference", strconv.Itoa(r.bgpPreference(first.address)))).
		Leaf("peer-count", strconv.Itoa(len(peers))).
		Leaf("established-count", strconv.Itoa(established))
	for _, n := range peers {
		port := 0
		if n.established() {
			port = n.PortForeign
		}
		e.Leaf("peer-address", withPort(n.address.String(), port))
	}
	for _, f := range bgpFamilies {
		var sum ribCounts
		used := false
		for _, n := range peers {
			counts, ok := n.ribs[f.table]
			used = used || ok
			sum = ribCounts{
				sum.active + counts.active, sum.received + counts.received,
				sum.accepted + counts.accepted, sum.advertised + counts.advertised,
			}
		}
		if used {
			e.Add(xmltree.New("bgp-rib").Set("junos:style", "terse").
				Leaf("name", r.table(f.table)).
				Leaf("active-prefix-count", strconv.Itoa(sum.active)).
				Leaf("received-prefix-count", strconv.Itoa(sum.received)).
				Leaf("accepted-prefix-count", strconv.Itoa(sum.accepted)).
				Leaf("suppressed-prefix-count", "0").
				Leaf("advertised-prefix-count", strconv.Itoa(sum.advertised)))
		}
	}
	return e
}

func bgpGroupsText(_, reply *xmltree.Element) string {
	var b strings.Builder
	for _, g := range reply.All("bgp-group") {
		kind := g.Value("type")
		if kind == "Internal" {
			kind += "    AS: " + g.Value("peer-as")
		}
		fmt.Fprintf(&b, "Group Type: %-38s Local AS: %s\n", kind, g.Value("local-as"))
		fmt.Fprintf(&b, "  Name: %-15s Index: %-19s Flags: <%s>\n", g.Value("name"), g.Value("group-index"), g.Value("group-flags"))
		options := g.Child("bgp-option-information")
		line(&b, "Export", bracketed(options.Value("export-policy")))
		line(&b, "Import", bracketed(options.Value("import-policy")))
		line(&b, "Holdtime", options.Value("holdtime"))
		fmt.Fprintf(&b, "  Total peers: %-8s Established: %s\n", g.Value("peer-count"), g.Value("established-count"))
		for _, a := range g.All("peer-address") {
			fmt.Fprintf(&b, "  %s\n", a.Text)
		}
		for _, rib := range g.All("bgp-rib") {
			fmt.Fprintf(&b, "  %s: %s\n", rib.Value("name"), ribColumn(rib))
		}
		b.WriteByte('\n')
	}
	total := reply.Child("bgp-information")
	fmt.Fprintf(&b, "Groups: %-3s Peers: %-4s External: %-4s Internal: %-4s Down peers: %-3s Flaps: %s\n", total.Value("group-count"),
		total.Value("peer-count"), total.Value("external-peer-count"), total.Value("internal-peer-count"), total.Value("down-peer-count"), total.Value("flap-count"))
	ribTotalsText(&b, total)
	return b.String()
}
