package oper

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// actionWords are what became of a packet that was logged.
var actionWords = map[string]string{"A": "accept", "D": "discard", "R": "reject"}

// protocolWords are IANA's protocol numbers in the words of Junos's log.
var protocolWords = map[uint8]string{
	1: "ICMP", 2: "IGMP", 4: "IPIP", 6: "TCP", 17: "UDP", 41: "IPV6", 46: "RSVP", 47: "GRE", 50: "ESP", 51: "AH",
	58: "ICMP6", 89: "OSPF", 103: "PIM", 112: "VRRP", 132: "SCTP",
}

// firewallLog answers get-firewall-log-information.
func (r *Router) firewallLog(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	reply := information("firewall-log-information", "junos-filter")
	style := level(rpc)
	reply.Set("junos:style", style)
	logger, ok := r.Sensor.(junosemu.FirewallLogger)
	if !ok {
		return reply, nil
	}
	entries, err := logger.FirewallLog(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		unit := r.junosUnit(e.Device)
		if want := rpc.Value("interface"); want != "" && want != unit {
			continue
		}
		protocol, ok := protocolWords[e.Protocol]
		if !ok {
			protocol = strconv.Itoa(int(e.Protocol))
		}
		when, action := e.Time.Format("15:04:05"), e.Action
		if style == "detail" {
			when, action = stamp(e.Time), actionWords[e.Action]
		}
		reply.Add(xmltree.New("log-information").
			Leaf("time", when).Leaf("filter-name", e.Filter).Leaf("action-name", action).Leaf("interface-name", unit).
			Leaf("protocol-name", protocol).Leaf("packet-length", strconv.Itoa(e.Length)).
			Leaf("destination-address", endpoint(e.Destination)).Leaf("source-address", endpoint(e.Source)))
	}
	return reply, nil
}

// endpoint is an address with its port, if it has one.
func endpoint(a netip.AddrPort) string {
	if a.Port() == 0 {
		return a.Addr().String()
	}
	return a.Addr().String() + ":" + strconv.Itoa(int(a.Port()))
}

func firewallLogText(_, reply *xmltree.Element) string {
	var b strings.Builder
	if reply.Attr("junos:style") == "detail" {
		for _, e := range reply.All("log-information") {
			fmt.Fprintf(&b, "Time of Log: %s, Filter: %s, Filter action: %s, Name of interface: %s\n"+
				"Name of protocol: %s, Packet Length: %s, Source address: %s,\nDestination address: %s\n",
				e.Value("time"), e.Value("filter-name"), e.Value("action-name"), e.Value("interface-name"),
				e.Value("protocol-name"), e.Value("packet-length"), e.Value("source-address"), e.Value("destination-address"))
		}
		return b.String()
	}
	const line = "%-9s %-9s %-6s %-19s %-15s %-32s %s\n"
	b.WriteString("Log :\n")
	fmt.Fprintf(&b, line, "Time", "Filter", "Action", "Interface", "Protocol", "Src Addr", "Dest Addr")
	for _, e := range reply.All("log-information") {
		fmt.Fprintf(&b, line, e.Value("time"), e.Value("filter-name"), e.Value("action-name"), e.Value("interface-name"),
			e.Value("protocol-name"), e.Value("source-address"), e.Value("destination-address"))
	}
	return b.String()
}

// clearFirewallLog performs clear-firewall-log.
func (r *Router) clearFirewallLog(ctx context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
	if logger, ok := r.Sensor.(junosemu.FirewallLogger); ok {
		return nil, logger.ClearFirewallLog(ctx)
	}
	return nil, nil
}
