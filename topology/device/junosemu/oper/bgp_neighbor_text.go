package oper

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

func bgpNeighborsText(_, reply *xmltree.Element) string {
	var b strings.Builder
	for i, p := range reply.All("bgp-peer") {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "Peer: %s AS %-5s Local: %s AS %s\n", p.Value("peer-address"), p.Value("peer-as"),
			cmp.Or(p.Value("local-address"), "unspecified"), p.Value("local-as"))
		line(&b, "Description", p.Value("description"))
		fmt.Fprintf(&b, "  Group: %-21s Routing-Instance: %s\n  Forwarding routing-instance: %s\n",
			p.Value("peer-group"), p.Value("peer-cfg-rti"), p.Value("peer-fwd-rti"))
		fmt.Fprintf(&b, "  Type: %s    State: %s    Flags: <%s>\n", p.Value("peer-type"), p.Value("peer-state"), p.Value("peer-flags"))
		line(&b, "Last State", p.Value("last-state"))
		line(&b, "Last Error", p.Value("last-error"))
		bgpOptionsText(&b, p.Child("bgp-option-information"))
		fmt.Fprintf(&b, "  Number of flaps: %s\n", p.Value("flap-count"))
		if p.Has("peer-id") {
			bgpSessionText(&b, p)
		}
		for _, rib := range p.All("bgp-rib") {
			ribText(&b, rib)
		}
		for _, way := range [][2]string{{"Input messages: ", "input"}, {"Output messages:", "output"}} {
			fmt.Fprintf(&b, "  %s Total %s\tUpdates %s\tRefreshes %s\n", way[0],
				p.Value(way[1]+"-messages"), p.Value(way[1]+"-updates"), p.Value(way[1]+"-refreshes"))
		}
	}
	return b.String()
}

// bgpOptionsText is what the neighbor is configured with.
func bgpOptionsText(b *strings.Builder, options *xmltree.Element) {
	var policies []string
	for _, way := range [][2]string{{"Export", "export-policy"}, {"Import", "import-policy"}} {
		if names := options.Value(way[1]); names != "" {
			policies = append(policies, way[0]+": [ "+names+" ]")
		}
	}
	if len(policies) > 0 {
		fmt.Fprintf(b, "  %s\n", strings.Join(policies, " "))
	}
	line(b, "Address families configured", options.Value("address-families"))
	fmt.Fprintf(b, "  Holdtime: %s Preference: %s\n", options.Value("holdtime"), options.Value("preference"))
}

// bgpSessionText is what was agreed on with the neighbor.
func bgpSessionText(b *strings.Builder, p *xmltree.Element) {
	fmt.Fprintf(b, "  Peer ID: %-15s Local ID: %-16s Active Holdtime: %s\n", p.Value("peer-id"), p.Value("local-id"), p.Value("active-holdtime"))
	line(b, "Keepalive Interval", p.Value("keepalive-interval"))
	fmt.Fprintf(b, "  BFD: %s, %s\n", p.Value("bgp-bfd", "bfd-configuration-state"), p.Value("bgp-bfd", "bfd-operational-state"))
	line(b, "NLRI advertised by peer", p.Value("nlri-type-peer"))
	line(b, "NLRI for this session", p.Value("nlri-type-session"))
	if code := p.Value("peer-refresh-capability"); code != "" {
		fmt.Fprintf(b, "  Peer supports Refresh capability (%s)\n", code)
	}
}
