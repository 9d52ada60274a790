package oper

import "github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"

// actionCommands do something.
var actionCommands = grammar.Grammar{
	{Words: "clear firewall log", RPC: "clear-firewall-log", Help: "Clear firewall log entries"},
	{Words: "clear firewall all", RPC: "clear-all-firewall-conters", Help: "Clear all firewall counters"},
	{Words: "clear firewall", RPC: "clear-firewall-counters", Help: "Clear firewall counters",
		Args: []grammar.Arg{valued("filter", "filter"), valued("counter", "counter")}},
	{Words: "clear lldp neighbors", RPC: "clear-lldp-neighbors", Help: "Clear LLDP neighbor information"},
	{Words: "clear lldp neighbors interface", RPC: "clear-lldp-interface-neighbors", Help: "Interface name", Args: []grammar.Arg{bare("interface-device")}},
	{Words: "ping", RPC: "ping", Help: "Ping remote target", Args: append([]grammar.Arg{bare("host"), flag("rapid"), flag("do-not-fragment"), flag("no-resolve"), flag("inet"), flag("inet6")},
		values("count", "size", "source", "wait", "interval", "ttl", "routing-instance")...)},
	{Words: "traceroute", RPC: "traceroute", Help: "Trace route to remote host", Args: append([]grammar.Arg{bare("host"), flag("no-resolve"), flag("inet"), flag("inet6")},
		values("source", "wait", "ttl", "routing-instance")...)},
	{Words: "clear bgp neighbor", RPC: "clear-bgp-neighbor", Help: "Clear BGP neighbor sessions",
		Args: []grammar.Arg{bare("neighbor"), flag("all"), flag("soft"), flag("soft-inbound"), inInstance}},
	{Words: "clear ospf neighbor", RPC: "clear-ospf-neighbor-information", Help: "Clear OSPF neighbor adjacencies",
		Args: []grammar.Arg{bare("neighbor"), flag("all"), inInstance}},
	{Words: "clear ospf3 neighbor", RPC: "clear-ospf3-neighbor-information", Help: "Clear OSPFv3 neighbor adjacencies",
		Args: []grammar.Arg{flag("all"), valued("interface", "interface"), inInstance}},
	{Words: "clear isis adjacency", RPC: "clear-isis-adjacency-information", Help: "Clear the IS-IS adjacency database",
		Args: []grammar.Arg{bare("neighbor"), flag("all"), inInstance}},
	{Words: "clear arp", RPC: "clear-arp-table", Help: "Clear Address Resolution Protocol table entries",
		Args: []grammar.Arg{valued("hostname", "hostname"), valued("interface", "interface"), valued("vpn", "vpn")}},
	{Words: "clear ipv6 neighbors", RPC: "clear-ipv6-nd-information", Help: "Clear IPv6 neighbor cache information",
		Args: []grammar.Arg{valued("host", "host"), valued("interface", "interface"), flag("all")}},
	{Words: "clear interfaces statistics", RPC: "clear-interfaces-statistics", Help: "Set interface statistics to zero",
		Args: []grammar.Arg{bare("interface-name")}},
	{Words: "clear interfaces statistics all", RPC: "clear-interfaces-statistics-all", Help: "Set the statistics of all interfaces to zero"},
	{Words: "restart routing", RPC: "restart-routing-process", Help: "Routing protocols process",
		Args: []grammar.Arg{flag("immediately"), flag("gracefully"), flag("soft")}},
}
