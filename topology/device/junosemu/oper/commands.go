package oper

import (
	"slices"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// levels are the words for how much to show.
var levels = []grammar.Arg{flag("brief"), flag("terse"), flag("detail"), flag("extensive")}

func args(specific ...grammar.Arg) []grammar.Arg { return append(specific, levels...) }

// bare is an argument without a keyword, flag one that is only a keyword, and
// valued a keyword with a value.
func bare(element string) grammar.Arg {
	return grammar.Arg{Element: element, Help: argumentHelp["<"+element+">"]}
}

func flag(word string) grammar.Arg {
	return grammar.Arg{Word: word, Element: word, Help: argumentHelp[word]}
}

func valued(word, elem string) grammar.Arg {
	return grammar.Arg{Word: word, Element: elem, Value: true, Help: argumentHelp[word]}
}

func values(words ...string) []grammar.Arg {
	var all []grammar.Arg
	for _, w := range words {
		all = append(all, valued(w, w))
	}
	return all
}

// inInstance narrows a request to a routing instance.
var inInstance = valued("instance", "instance")

// routeArgs are the ways to select routes.
func routeArgs(specific ...grammar.Arg) []grammar.Arg {
	return append(specific, valued("table", "table"), flag("exact"), flag("longer"), flag("best"), flag("active-path"), flag("inactive-path"),
		flag("hidden"), valued("next-hop", "next-hop"), valued("community", "community"), valued("aspath-regex", "aspath-regex"))
}

// Commands are the operational commands that Answer performs.
var Commands = slices.Concat(showCommands, actionCommands, absentCommands(), headings)

// showCommands only look.
var showCommands = grammar.Grammar{
	{Words: "show version", RPC: "get-software-information", Help: "Show software process revision levels", Args: args()},
	{Words: "show interfaces", RPC: "get-interface-information", Help: "Show interface information",
		Args: args(bare("interface-name"), flag("descriptions"), flag("media"), flag("statistics"), valued("routing-instance", "routing-instance"))},
	{Words: "show route", RPC: "get-route-information", Help: "Show routing table information",
		Args: args(routeArgs(bare("destination"), valued("protocol", "protocol"), flag("all"))...)},
	{Words: "show route summary", RPC: "get-route-summary-information", Help: "Show summary statistics about all entries in the routing table",
		Args: args(valued("table", "table"))},
	{Words: "show route advertising-protocol bgp", RPC: "get-route-information", Help: "Show routes sent to a BGP neighbor",
		Args: args(routeArgs(bare("neighbor"), bare("destination"))...), Fixed: xmltree.Leaf("advertising-protocol-name", "bgp")},
	{Words: "show route receive-protocol bgp", RPC: "get-route-information", Help: "Show routes received from a BGP neighbor",
		Args: args(routeArgs(bare("peer"), bare("destination"))...), Fixed: xmltree.Leaf("receive-protocol-name", "bgp")},
	{Words: "show route forwarding-table", RPC: "get-forwarding-table-information", Help: "Show entries in the kernel's forwarding table",
		Args: args(append(values("destination", "matching", "family", "table", "vpn", "interface-name"), flag("summary"))...)},
	{Words: "show bgp group", RPC: "get-bgp-group-information", Help: "Show the BGP group database", Args: args(bare("group-name"), inInstance)},
	{Words: "show bgp summary", RPC: "get-bgp-summary-information", Help: "Show overview of BGP information",
		Args: args(inInstance)},
	{Words: "show bgp neighbor", RPC: "get-bgp-neighbor-information", Help: "Show BGP neighbor information",
		Args: args(bare("neighbor-address"), inInstance)},
	{Words: "show ospf neighbor", RPC: "get-ospf-neighbor-information", Help: "Show OSPF neighbor status",
		Args: args(bare("neighbor"), valued("interface", "interface"), inInstance)},
	{Words: "show ospf interface", RPC: "get-ospf-interface-information", Help: "Show OSPF interface status",
		Args: args(bare("interface-name"), inInstance)},
	{Words: "show ospf overview", RPC: "get-ospf-overview-information", Help: "Show OSPF overview", Args: args(inInstance)},
	{Words: "show ospf route", RPC: "get-ospf-route-information", Help: "Show the OSPF routing table", Args: args(inInstance)},
	{Words: "show lldp", RPC: "get-lldp-information", Help: "Show LLDP information"},
	{Words: "show lldp local-information", RPC: "get-lldp-local-info", Help: "Show LLDP local information"},
	{Words: "show lldp neighbors", RPC: "get-lldp-neighbors-information", Help: "Show LLDP neighbor information"},
	{Words: "show lldp neighbors interface", RPC: "get-lldp-interface-neighbors", Help: "Interface name", Args: []grammar.Arg{bare("interface-device")}},
	{Words: "show ospf3 neighbor", RPC: "get-ospf3-neighbor-information", Help: "Show OSPFv3 neighbor status",
		Args: args(bare("neighbor"), valued("interface", "interface"), inInstance)},
	{Words: "show isis adjacency", RPC: "get-isis-adjacency-information", Help: "Show the IS-IS adjacency database",
		Args: args(bare("system-id"), inInstance)},
	{Words: "show ospf3 interface", RPC: "get-ospf3-interface-information", Help: "Show OSPFv3 interface status", Args: args(bare("interface-name"), inInstance)},
	{Words: "show ospf3 database", RPC: "get-ospf3-database-information", Help: "Show the OSPFv3 link-state database", Args: values("area", "instance")},
	{Words: "show isis interface", RPC: "get-isis-interface-information", Help: "Show IS-IS interface information", Args: args(bare("interface-name"), inInstance)},
	{Words: "show isis database", RPC: "get-isis-database-information", Help: "Show the IS-IS link-state database", Args: args(bare("system-id"), inInstance)},
	{Words: "show isis route", RPC: "get-isis-route-information", Help: "Show the IS-IS routing table", Args: []grammar.Arg{bare("destination"), inInstance}},
	{Words: "show isis spf results", RPC: "get-isis-spf-results-information", Help: "Show results of the last SPF calculation", Args: values("level", "instance")},
	{Words: "show isis spf brief", RPC: "get-isis-spf-results-brief-information", Help: "Show the nodes of the last SPF calculation", Args: values("level", "instance")},
	{Words: "show isis statistics", RPC: "get-isis-statistics-information", Help: "Show IS-IS performance statistics", Args: []grammar.Arg{inInstance}},
	{Words: "show isis overview", RPC: "get-isis-overview-information", Help: "Show overview of IS-IS information", Args: []grammar.Arg{inInstance}},
	{Words: "show ospf statistics", RPC: "get-ospf-statistics-information", Help: "Show OSPF statistics", Args: []grammar.Arg{inInstance}},
	{Words: "show ospf io-statistics", RPC: "get-ospf-io-statistics-information", Help: "Show OSPF I/O statistics"},
	{Words: "show ospf3 statistics", RPC: "get-ospf3-statistics-information", Help: "Show OSPFv3 statistics", Args: []grammar.Arg{inInstance}},
	{Words: "show ospf3 overview", RPC: "get-ospf3-overview-information", Help: "Show OSPFv3 overview", Args: args(inInstance)},
	{Words: "show isis hostname", RPC: "get-isis-hostname-information", Help: "Show IS-IS hostname database", Args: []grammar.Arg{inInstance}},
	{Words: "show ospf database", RPC: "get-ospf-database-information", Help: "Show the OSPF link-state database",
		Args: args(append([]grammar.Arg{flag("summary"), flag("router"), flag("network"), flag("netsummary"), flag("asbrsummary"), flag("nssa"), flag("external"),
			flag("opaque-area"), flag("link-local"), flag("opaque-as")}, values("area", "advertising-router", "lsa-id", "instance")...)...)},
	{Words: "show bfd session", RPC: "get-bfd-session-information", Help: "Show session information for a BFD session",
		Args: args(valued("address", "address"), flag("summary"))},
	{Words: "show arp", RPC: "get-arp-table-information", Help: "Show system Address Resolution Protocol table entries",
		Args: []grammar.Arg{flag("no-resolve"), flag("expiration-time"), valued("interface", "interface"), valued("vpn", "vpn")}},
	{Words: "show ipv6 neighbors", RPC: "get-ipv6-nd-information", Help: "Show IPv6 neighbor cache information"},
	{Words: "show system uptime", RPC: "get-system-uptime-information", Help: "Show time since system and processes started"},
	{Words: "show system alarms", RPC: "get-system-alarm-information", Help: "Show system alarm status"},
	{Words: "show system memory", RPC: "get-system-memory-information", Help: "Show system memory usage"},
	{Words: "show system statistics", RPC: "get-statistics-information", Help: "Show statistics of protocols",
		Args: []grammar.Arg{flag("tcp"), flag("udp"), flag("ip"), flag("icmp"), flag("arp"), flag("ip6"), flag("icmp6"), flag("mpls")}},
	{Words: "show system connections", RPC: "get-system-connections", Help: "Show system connection activity"},
	{Words: "show system information", RPC: "get-system-information", Help: "Show system information"},
	{Words: "show system license", RPC: "get-license-summary-information", Help: "Show feature licenses information"},
	{Words: "show system license usage", RPC: "get-license-usage-summary", Help: "Show licensed features"},
	{Words: "show task replication", RPC: "get-routing-task-replication-state", Help: "Show stateful replication of routing"},
	{Words: "show lldp neighbors detail", RPC: "get-lldp-neighbor-detail-information", Help: "Show detailed LLDP neighbor information"},
	{Words: "show system storage", RPC: "get-system-storage", Help: "Show local storage data"},
	{Words: "show route instance", RPC: "get-instance-information", Help: "Show routing instance information", Args: args(bare("instance-name"))},
	{Words: "show chassis alarms", RPC: "get-alarm-information", Help: "Show alarm status"},
	{Words: "show chassis routing-engine", RPC: "get-route-engine-information", Help: "Show Routing Engine status"},
	{Words: "show interfaces filters", RPC: "get-interface-filter-information", Help: "Show filters of interfaces", Args: []grammar.Arg{bare("interface-name")}},
	{Words: "show interfaces policers", RPC: "get-interface-policer-information", Help: "Show policers of interfaces", Args: []grammar.Arg{bare("interface-name")}},
	{Words: "show chassis hardware", RPC: "get-chassis-inventory", Help: "Show installed hardware components", Args: args()},
	{Words: "show firewall", RPC: "get-firewall-information", Help: "Show firewall information", Args: args()},
	{Words: "show firewall filter", RPC: "get-firewall-filter-information", Help: "Show firewall filter counters",
		Args: []grammar.Arg{bare("filtername"), valued("counter", "counter"), valued("regex", "regex"), flag("detail")}},
	{Words: "show firewall counter", RPC: "get-firewall-counter-information", Help: "Show firewall counter",
		Args: []grammar.Arg{bare("countername"), valued("filter", "filter"), flag("detail")}},
	{Words: "show vrrp", RPC: "get-vrrp-information", Help: "Show Virtual Router Redundancy Protocol information",
		Args: args(flag("summary"), valued("interface", "interface"))},
	{Words: "show firewall log", RPC: "get-firewall-log-information", Help: "Show firewall log entries",
		Args: []grammar.Arg{flag("detail"), valued("interface", "interface")}},
	{Words: "show system processes", RPC: "get-system-process-information", Help: "Show system process table", Args: []grammar.Arg{flag("extensive")}},
}
