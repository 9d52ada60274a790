package clientstest

// bgpCases are statements and what the neighbors then see. r1 (AS 65001)
// announces statics and an aggregate to r2 (AS 65002), which passes them on to
// r3 by IBGP.
var bgpCases = []statement{
	{"origin, aggregate, import policy", nil, []sight{
		route("r2", "203.0.113.0/24", "\n  65001\n", "Origin IGP"),
		route("r2", "192.0.2.0/24", "\n  65001\n", "Origin IGP"),
		route("r3", "192.0.2.0/25", "\n  65001\n", "10.255.0.2"),
		gone("r2", "198.51.100.0/24"),
		{node: "r1", ask: "show route protocol aggregate", want: []string{"192.0.2.0/24       *[Aggregate/130]", "Discard"}},
		{node: "r2", ask: "show bgp summary", want: []string{"inet.0: 3/4/3/0", "inet6.0: 2/2/2/0"}},
		{node: "r2", ask: "show route receive-protocol bgp 10.0.12.1", want: []string{"* 203.0.113.0/24", "1 hidden"}, not: []string{"198.51.100.0/24"}},
		{node: "r2", ask: "show route receive-protocol bgp 10.0.12.1 hidden", want: []string{"198.51.100.0/24"}, not: []string{"203.0.113.0/24"}},
		{node: "r2", ask: "show route hidden", want: []string{"198.51.100.0/24     [BGP/170]"}},
		{node: "r1", ask: "show route advertising-protocol bgp 10.0.12.2", want: []string{"203.0.113.0/24", "Self"}},
		{node: "r2", ask: "show route summary", want: []string{"BGP:      4 routes,      3 active"}},
	}},
	{"aggregate without contributor", []change{{"r1", "delete routing-options static route 192.0.2.0/25"}}, []sight{
		gone("r2", "192.0.2.0/24"),
	}},
	{"aggregate with policy, community and AS path", []change{{"r1", `
set policy-options policy-statement none then reject
set routing-options aggregate route 192.0.2.0/24 community 65001:24
set routing-options aggregate route 192.0.2.0/24 as-path path "65099"
set routing-options aggregate route 203.0.112.0/23 policy none`}}, []sight{
		route("r2", "192.0.2.0/24", "\n  65001 65099\n", "Community: 65001:24"),
		gone("r2", "203.0.112.0/23"),
	}},
	{"generated route", []change{{"r1", `
set routing-options static route 100.64.1.0/24 next-hop 10.0.12.2
set routing-options generate route 100.64.0.0/16 preference 140`}}, []sight{
		{node: "r1", ask: "show route 100.64.0.0/16 exact", want: []string{"*[Aggregate/140]", "to 10.0.12.2 via ge-0/0/0.0"}},
	}},
	{"tag", []change{{"r1", `
set policy-options policy-statement announce term ours from tag 7`}}, []sight{
		route("r2", "203.0.113.0/24", "Origin IGP"), gone("r2", "192.0.2.0/25"),
	}},
	{"communities of all kinds", []change{{"r1", `
set policy-options community all members [ 65001:1 no-peer large:65001:2:3 target:65001:4 origin:65001:5 ]
set policy-options policy-statement announce term ours then community add all`}}, []sight{
		route("r2", "203.0.113.0/24", "Community: 65001:1 no-peer", "Large Community: 65001:2:3", "Extended Community: RT:65001:4 SoO:65001:5"),
		{node: "r2", ask: "show route community large:65001:2:3", want: []string{"203.0.113.0/24"}},
		{node: "r2", ask: "show route 203.0.113.0/24 exact detail", want: []string{"Communities: 65001:1 no-peer large:65001:2:3 target:65001:4 origin:65001:5"}},
	}},
	{"community of a static route, deleted by wildcard, set, matched", []change{{"r1", `
set routing-options static route 203.0.113.0/24 community [ 65001:10 65001:20 65009:1 large:65001:9:9 ]
set routing-options static route 192.0.2.0/25 community [ 65001:10 ]`}, {"r2", `
set policy-options community tens members 65001:*
set policy-options community large members large:65001:*:*
set policy-options community both members [ 65001:10 65001:2. ]
set policy-options community mine members 65002:1
set policy-options policy-statement take term clean from community both
set policy-options policy-statement take term clean then community delete tens
set policy-options policy-statement take term clean then community delete large
set policy-options policy-statement take term clean then community add mine
set policy-options policy-statement take term clean then local-preference 300
set policy-options policy-statement take term clean then accept`}}, []sight{
		{node: "r2", ask: "bgpd: show bgp ipv4 unicast 203.0.113.0/24", want: []string{"Community: 65002:1 65009:1", "localpref 300"}, not: []string{"Large Community", "65001:"}},
		route("r2", "192.0.2.0/25", "Community: 65001:10"),
	}},
	{"community not there", []change{{"r1", "set routing-options static route 203.0.113.0/24 community 65001:10"}, {"r2", `
set policy-options community other invert-match
set policy-options community other members 65001:10
set policy-options policy-statement take term other from community other
set policy-options policy-statement take term other then local-preference 77
set policy-options policy-statement take term other then accept`}}, []sight{
		route("r2", "192.0.2.0/25", "localpref 77"),
		{node: "r2", ask: "bgpd: show bgp ipv4 unicast 203.0.113.0/24", want: []string{"Community: 65001:10"}, not: []string{"localpref 77"}},
	}},
	{"policy asks a policy", []change{{"r2", `
set policy-options route-filter-list lan 203.0.113.0/24 exact
set policy-options policy-statement is-lan term lan from route-filter-list lan
set policy-options policy-statement is-lan term lan then accept
set policy-options policy-statement is-lan then reject
set policy-options policy-statement take term asked from policy is-lan
set policy-options policy-statement take term asked then local-preference 222`}}, []sight{
		route("r2", "203.0.113.0/24", "localpref 222"),
		{node: "r2", ask: "bgpd: show bgp ipv4 unicast 192.0.2.0/25", want: []string{"valid"}, not: []string{"localpref 222"}},
	}},
	{"AS path group, prepend, expand", []change{{"r1", `
set policy-options policy-statement announce term ours then as-path-prepend "65001 65001"`}, {"r2", `
set policy-options as-path-group long as-path three "65001{3}"
set policy-options policy-statement take term long from as-path-group long
set policy-options policy-statement take term long then local-preference 50
set policy-options policy-statement self term external then as-path-expand last-as count 2`}}, []sight{
		route("r2", "203.0.113.0/24", "\n  65001 65001 65001\n", "localpref 50"),
		route("r3", "203.0.113.0/24", "\n  65001 65001 65001 65001 65001\n"),
		{node: "r2", ask: `show route aspath-regex 65001{3}`, want: []string{"203.0.113.0/24"}},
	}},
	{"metric, preference, tag", []change{{"r1", `
set routing-options static route 203.0.113.0/24 metric 40
set policy-options policy-statement announce term ours then metric add 5`}, {"r2", `
set policy-options policy-statement take then preference 180
set policy-options policy-statement take then tag 33`}}, []sight{
		route("r2", "203.0.113.0/24", "metric 45"), route("r2", "192.0.2.0/25", "metric 5"),
		{node: "r2", ask: "show route 203.0.113.0/24 exact", want: []string{"*[BGP/180]"}},
	}},
	{"a neighbor that is shut down", []change{{"r1", "set protocols bgp group v4 neighbor 10.0.12.2 shutdown"}}, []sight{
		gone("r2", "203.0.113.0/24"),
		{node: "r1", ask: "show bgp neighbor 10.0.12.2", want: []string{"State: Idle"}},
	}},
	{"preference of a group", []change{{"r2", "set protocols bgp group v4 preference 190"}}, []sight{
		{node: "r2", ask: "show route 203.0.113.0/24 exact", want: []string{"*[BGP/190]"}},
		{node: "r2", ask: "show bgp neighbor 10.0.12.1", want: []string{"Preference: 190"}},
	}},
	{"local AS", []change{{"r1", "set protocols bgp group v4 local-as 65010 no-prepend-global-as"}, {"r2", "set protocols bgp group v4 peer-as 65010"}}, []sight{
		route("r2", "203.0.113.0/24", "\n  65010\n"),
	}},
	{"local AS in front of the own", []change{{"r1", "set protocols bgp group v4 local-as 65010"}, {"r2", "set protocols bgp group v4 peer-as 65010"}}, []sight{
		route("r2", "203.0.113.0/24", "\n  65010 65001\n"),
	}},
	{"prefix limit", []change{{"r2", "set protocols bgp group v4 family inet unicast prefix-limit maximum 2 teardown idle-timeout forever"}}, []sight{
		{node: "r2", ask: "show bgp summary", want: []string{"Down peers: 1"}},
	}},
	{"MD5 key on one side", []change{{"r2", "set protocols bgp group v4 authentication-key abc\nset protocols bgp group v4 hold-time 6"}, {"r1", "set protocols bgp group v4 hold-time 6"}}, []sight{
		{node: "r2", ask: "show bgp summary", want: []string{"Down peers: 1"}},
	}},
	{"MD5 key on both", []change{{"r2", "set protocols bgp group v4 authentication-key abc"}, {"r1", "set protocols bgp group v4 authentication-key abc"}}, []sight{
		route("r2", "203.0.113.0/24", "Origin IGP"),
	}},
	{"graceful restart", []change{{"r1", "set routing-options graceful-restart restart-duration 130"}, {"r2", "set routing-options graceful-restart"}}, []sight{
		{node: "r2", ask: "bgpd: show bgp neighbors 10.0.12.1", want: []string{"Remote GR Mode: Restart", "Received Restart Time(sec): 130"}},
	}},
	{"several paths", []change{{"r2", "set protocols bgp group mesh family inet unicast add-path send path-count 2"}, {"r3", "set protocols bgp group mesh family inet unicast add-path receive"}}, []sight{
		{node: "r3", ask: "bgpd: show bgp neighbors 10.255.0.2", want: []string{"IPv4 Unicast: TX received", "IPv4 Unicast: RX advertised"}},
	}},
	{"EVPN", []change{{"r2", "set protocols bgp group mesh family evpn signaling"}, {"r3", "set protocols bgp group mesh family inet unicast\nset protocols bgp group mesh family evpn signaling"}}, []sight{
		{node: "r3", ask: "bgpd: show bgp neighbors 10.255.0.2", want: []string{"L2VPN EVPN: advertised and received"}},
	}},
	{"timers", []change{{"r1", "set protocols bgp group v4 hold-time 30"}}, []sight{
		{node: "r2", ask: "show bgp neighbor 10.0.12.1", want: []string{"Active Holdtime: 30"}},
	}},
	{"IPv6 policy", []change{{"r2", `
set policy-options policy-statement six term a from route-filter 2001:db8:100::/48 exact
set policy-options policy-statement six term a then local-preference 150
set policy-options policy-statement six term a then accept
set policy-options policy-statement six then reject
set protocols bgp group v6 import six`}}, []sight{
		route("r3", "2001:db8:100::/48", "localpref 150"), gone("r3", "2001:db8:101::/48"),
	}},
}
