package oper

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// bgpSummary answers get-bgp-summary-information.
func (r *Router) bgpSummary(ctx context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
	all, err := r.neighbors(ctx)
	if err != nil {
		return nil, err
	}
	groups, down := map[string]bool{}, 0
	for _, n := range all {
		groups[r.configOf(n).Group] = true
		if !n.established() {
			down++
		}
	}
	reply := information("bgp-information", "junos-routing").
		Leaf("bgp-thread-mode", "BGP I/O"). // bgpd has threads for them
		Leaf("default-ebgp-advertise-mode", "accept all").
		Leaf("default-ebgp-receive-mode", "accept all").
		Leaf("group-count", strconv.Itoa(len(groups))).
		Leaf("peer-count", strconv.Itoa(len(all))).
		Leaf("down-peer-count", strconv.Itoa(down))
	for _, f := range bgpFamilies {
		reply.Add(ribTotals(r.table(f.table), f.table, all))
	}
	for _, n := range all {
		reply.Add(r.summaryPeer(n))
	}
	return reply, nil
}

// ribTotals sums the prefixes of a table, which is that of a family, over the
// neighbors of the family; nil if there are none.
func ribTotals(table, family string, all []*bgpNeighbor) *xmltree.Element {
	var sum [2]ribCounts // external, internal
	used := false
	for _, n := range all {
		counts, ok := n.ribs[family]
		used = used || ok
		s := &sum[0]
		if n.Internal {
			s = &sum[1]
		}
		s.active += counts.active
		s.received += counts.received
		s.accepted += counts.accepted
	}
	if !used {
		return nil
	}
	e := xmltree.New("bgp-rib").Set("junos:style", "brief").Leaf("name", table)
	add := func(kind string, c ribCounts) {
		e.Leaf("total-"+kind+"prefix-count", strconv.Itoa(c.received))
		if kind == "" {
			e.Leaf("received-prefix-count", strconv.Itoa(c.received))
		}
		e.Leaf("accepted-"+kind+"prefix-count", strconv.Itoa(c.accepted)).
			Leaf("active-"+kind+"prefix-count", strconv.Itoa(c.active)).
			Leaf("suppressed-"+kind+"prefix-count", "0")
	}
	external, internal := sum[0], sum[1]
	add("", ribCounts{
		active: external.active + internal.active, received: external.received + internal.received,
		accepted: external.accepted + internal.accepted,
	})
	e.Leaf("history-prefix-count", "0").Leaf("damped-prefix-count", "0")
	add("external-", external)
	add("internal-", internal)
	return e.Leaf("pending-prefix-count", "0").Leaf("bgp-rib-state", "BGP restart is complete")
}

func (r *Router) summaryPeer(n *bgpNeighbor) *xmltree.Element {
	e := xmltree.New("bgp-peer").Set("junos:style", "terse").
		Leaf("peer-address", n.address.String()).
		Leaf("peer-as", strconv.Itoa(n.RemoteAS)).
		Leaf("input-messages", strconv.Itoa(n.Messages.TotalRecv)).
		Leaf("output-messages", strconv.Itoa(n.Messages.TotalSent)).
		Leaf("route-queue-count", "0").
		Leaf("flap-count", strconv.Itoa(n.Dropped)).
		Add(spanLeaf("elapsed-time", r.sinceChange(n), elapsed)).
		LeafIf("description", n.Description)
	state := xmltree.Leaf("peer-state", n.state())
	if n.established() {
		state.Set("junos:format", "Establ")
	}
	e.Add(state)
	if !n.established() {
		return e
	}
	for _, f := range bgpFamilies {
		counts, ok := n.ribs[f.table]
		if !ok {
			continue
		}
		e.Add(xmltree.New("bgp-rib").Set("junos:style", "terse").
			Leaf("name", r.table(f.table)).
			Leaf("active-prefix-count", strconv.Itoa(counts.active)).
			Leaf("received-prefix-count", strconv.Itoa(counts.received)).
			Leaf("accepted-prefix-count", strconv.Itoa(counts.accepted)).
			Leaf("suppressed-prefix-count", "0"))
	}
	return e
}

func bgpSummaryText(_, reply *xmltree.Element) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Threading mode: %s\nDefault eBGP mode: advertise - %s, receive - %s\nGroups: %s Peers: %s Down peers: %s\n",
		reply.Value("bgp-thread-mode"), reply.Value("default-ebgp-advertise-mode"), reply.Value("default-ebgp-receive-mode"),
		reply.Value("group-count"), reply.Value("peer-count"), reply.Value("down-peer-count"))
	ribTotalsText(&b, reply)
	b.WriteString("Peer                     AS      InPkt     OutPkt    OutQ   Flaps Last Up/Dwn State|#Active/Received/Accepted/Damped...\n")
	for _, p := range reply.All("bgp-peer") {
		fmt.Fprintf(&b, "%-21s %5s %10s %10s %7s %7s %11s %s\n", p.Value("peer-address"), p.Value("peer-as"),
			p.Value("input-messages"), p.Value("output-messages"), p.Value("route-queue-count"),
			p.Value("flap-count"), p.Value("elapsed-time"), stateColumn(p))
		for _, rib := range p.All("bgp-rib") {
			fmt.Fprintf(&b, "  %s: %s\n", rib.Value("name"), ribColumn(rib))
		}
	}
	return b.String()
}

func stateColumn(p *xmltree.Element) string {
	state := p.Child("peer-state")
	if short := state.Attr("junos:format"); short != "" {
		return short
	}
	return state.Text
}

func ribColumn(rib *xmltree.Element) string {
	return fmt.Sprintf("%s/%s/%s/%s", rib.Value("active-prefix-count"), rib.Value("received-prefix-count"),
		rib.Value("accepted-prefix-count"), rib.Value("suppressed-prefix-count"))
}

// ribTotalsText is the table of tables.
func ribTotalsText(b *strings.Builder, reply *xmltree.Element) {
	b.WriteString("Table          Tot Paths  Act Paths Suppressed    History Damp State    Pending\n")
	for _, rib := range reply.All("bgp-rib") {
		fmt.Fprintf(b, "%s\n%24s %10s %10s %10s %10s %10s\n", rib.Value("name"),
			rib.Value("total-prefix-count"), rib.Value("active-prefix-count"), rib.Value("suppressed-prefix-count"),
			rib.Value("history-prefix-count"), rib.Value("damped-prefix-count"), rib.Value("pending-prefix-count"))
	}
}
