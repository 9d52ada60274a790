package oper

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// bgpNeighbors answers get-bgp-neighbor-information.
func (r *Router) bgpNeighbors(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	var only netip.Addr
	if want := rpc.Value("neighbor-address"); want != "" {
		var err error
		if only, err = netip.ParseAddr(want); err != nil {
			return nil, &Refusal{Message: "invalid ip address or hostname", BadElement: want}
		}
	}
	all, err := r.neighbors(ctx)
	if err != nil {
		return nil, err
	}
	reply := information("bgp-information", "junos-routing")
	for _, n := range all {
		if !only.IsValid() || n.address == only {
			reply.Add(r.neighborPeer(n))
		}
	}
	return reply, nil
}

// withPort is an address as Junos shows the ends of a TCP connection.
func withPort(address string, port int) string {
	if port == 0 {
		return address
	}
	return fmt.Sprintf("%s+%d", address, port)
}

func (r *Router) neighborPeer(n *bgpNeighbor) *xmltree.Element {
	e := xmltree.New("bgp-peer").Set("junos:style", "detail")
	peer, local := n.address.String(), n.HostLocal
	if local == "Unknown" { // FRR has no connection yet
		local = ""
	}
	if n.established() {
		peer, local = withPort(peer, n.PortForeign), withPort(local, n.PortLocal)
	}
	e.Leaf("peer-address", peer).Leaf("peer-as", strconv.Itoa(n.RemoteAS)).
		LeafIf("local-address", local).Leaf("local-as", strconv.Itoa(n.LocalAS)).
		LeafIf("description", n.Description).
		LeafIf("peer-group", r.configOf(n).Group).
		Leaf("peer-cfg-rti", r.instanceName()).Leaf("peer-fwd-rti", r.instanceName()).
		Leaf("peer-type", map[bool]string{true: "Internal", false: "External"}[n.Internal]).
		Leaf("peer-state", n.state()).
		Leaf("peer-flags", "Sync").
		Leaf("last-state", map[bool]string{true: "OpenConfirm", false: "Idle"}[n.established()]).
		Leaf("last-error", n.lastError())
	e.Add(r.bgpOptions(n))
	e.Leaf("flap-count", strconv.Itoa(n.Dropped))
	if n.established() {
		e.Leaf("peer-id", n.RemoteID).Leaf("local-id", n.LocalID).
			Leaf("active-holdtime", strconv.Itoa(n.HoldMsec/1000)).
			Leaf("keepalive-interval", strconv.Itoa(n.KeepaliveMsec/1000)).
			Add(spanLeaf("elapsed-time", r.sinceChange(n), elapsed))
		e.Add(n.bfdState())
		peer, session := n.nlri()
		e.LeafIf("nlri-type-peer", peer).LeafIf("nlri-type-session", session)
		if strings.Contains(n.Capabilities.RouteRefresh, "eceived") {
			e.Leaf("peer-refresh-capability", "2") // RFC 2918's code
		}
		for _, f := range bgpFamilies {
			if counts, ok := n.ribs[f.table]; ok {
				e.Add(neighborRib(r.table(f.table), counts))
			}
		}
	}
	return e.Leaf("input-messages", strconv.Itoa(n.Messages.TotalRecv)).
		Leaf("input-updates", strconv.Itoa(n.Messages.UpdatesRecv)).
		Leaf("input-refreshes", strconv.Itoa(n.Messages.RouteRefreshRecv)).
		Leaf("output-messages", strconv.Itoa(n.Messages.TotalSent)).
		Leaf("output-updates", strconv.Itoa(n.Messages.UpdatesSent)).
		Leaf("output-refreshes", strconv.Itoa(n.Messages.RouteRefreshSent))
}

// bfdState is whether the session is watched by BFD, and what that says.
func (n *bgpNeighbor) bfdState() *xmltree.Element {
	e := xmltree.New("bgp-bfd")
	if n.BFD == nil {
		return e.Leaf("bfd-configuration-state", "disabled").Leaf("bfd-operational-state", "down")
	}
	return e.Leaf("bfd-configuration-state", "enabled").Leaf("bfd-operational-state", strings.ToLower(n.BFD.Status))
}

// nlri are the address families that the neighbor offers, and those that both
// agreed on.
func (n *bgpNeighbor) nlri() (peer, session string) {
	var offered, agreed []string
	for _, f := range bgpFamilies {
		m := n.Capabilities.Multiprotocol[f.frr]
		if m.Both || m.Received {
			offered = append(offered, f.nlri)
		}
		if m.Both {
			agreed = append(agreed, f.nlri)
		}
	}
	return strings.Join(offered, " "), strings.Join(agreed, " ")
}

// bgpOptions is what the session is configured with.
func (r *Router) bgpOptions(n *bgpNeighbor) *xmltree.Element {
	c := r.configOf(n)
	e := xmltree.New("bgp-option-information").
		LeafIf("export-policy", strings.Join(c.Export, " ")).
		LeafIf("import-policy", strings.Join(c.Import, " "))
	var nlri []string
	for _, f := range bgpFamilies {
		if _, ok := n.Families[f.frr]; ok {
			nlri = append(nlri, f.nlri)
		}
	}
	return e.LeafIf("address-families", strings.Join(nlri, " ")).
		Leaf("holdtime", strconv.Itoa(n.HoldConfMsec/1000)).
		Leaf("preference", strconv.Itoa(r.bgpPreference(n.address)))
}

func neighborRib(table string, c ribCounts) *xmltree.Element {
	return xmltree.New("bgp-rib").Set("junos:style", "detail").
		Leaf("name", table).
		Leaf("bgp-rib-state", "BGP restart is complete").
		Leaf("send-state", "in sync").
		Leaf("active-prefix-count", strconv.Itoa(c.active)).
		Leaf("received-prefix-count", strconv.Itoa(c.received)).
		Leaf("accepted-prefix-count", strconv.Itoa(c.accepted)).
		Leaf("suppressed-prefix-count", "0").
		Leaf("advertised-prefix-count", strconv.Itoa(c.advertised))
}

func ribText(b *strings.Builder, rib *xmltree.Element) {
	fmt.Fprintf(b, "  Table %s Bit: 20000\n    RIB State: %s\n    Send state: %s\n", rib.Value("name"), rib.Value("bgp-rib-state"), rib.Value("send-state"))
	for _, l := range [][2]string{
		{"Active prefixes:", "active-prefix-count"},
		{"Received prefixes:", "received-prefix-count"},
		{"Accepted prefixes:", "accepted-prefix-count"},
		{"Suppressed due to damping:", "suppressed-prefix-count"},
		{"Advertised prefixes:", "advertised-prefix-count"},
	} {
		fmt.Fprintf(b, "    %-29s%s\n", l[0], rib.Value(l[1]))
	}
}

// line writes an indented "label: value" unless the value is empty.
func line(b *strings.Builder, label, value string) {
	if value != "" {
		fmt.Fprintf(b, "  %s: %s\n", label, value)
	}
}

func bracketed(text string) string {
	if text == "" {
		return ""
	}
	return "[ " + text + " ]"
}
