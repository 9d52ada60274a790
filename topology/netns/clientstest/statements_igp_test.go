package clientstest

import "testing"

// ospf runs OSPF between r1 and r2, and has r1 export its statics and aggregates.
func ospf(r1, r2 string) []change {
	const both = `
set protocols ospf area 0.0.0.0 interface ge-0/0/0.0 interface-type p2p
set protocols ospf area 0.0.0.0 interface ge-0/0/0.0 hello-interval 1
set protocols ospf area 0.0.0.0 interface ge-0/0/0.0 dead-interval 4
`
	return []change{
		{"r1", both + "set protocols ospf export announce\n" + r1},
		{"r2", both + "set protocols ospf area 0.0.0.0 interface lo0.0 passive\n" + r2},
	}
}

const r1Loopback = "set protocols ospf area 0.0.0.0 interface lo0.0 passive\n"

// igpCases are statements of OSPF and IS-IS and what the routers then see.
var igpCases = []statement{
	{"OSPF externals and database", ospf(r1Loopback, ""), []sight{
		{node: "r2", ask: "show route protocol ospf 198.51.100.0/24", want: []string{"[OSPF/150]", "metric 0"}},
		{node: "r2", ask: "show ospf database", want: []string{"OSPF database, Area 0.0.0.0", "Router  *10.255.0.2", "Extern   192.0.2.0 "}},
		{node: "r1", ask: "show ospf database external advertising-router self", want: []string{"Extern  *203.0.113.0"}, not: []string{"Router "}},
		{node: "r2", ask: "show route 10.255.0.1/32 exact", want: []string{"*[OSPF/10]"}},
		{node: "r1", ask: "show ospf interface detail", want: []string{"Type: P2P", "Hello: 1, Dead: 4"}},
	}},
	{"OSPF preferences", ospf(r1Loopback, "set protocols ospf preference 12\nset protocols ospf external-preference 180\n"), []sight{
		{node: "r2", ask: "show route 10.255.0.1/32 exact", want: []string{"*[OSPF/12]"}},
		{node: "r2", ask: "show route protocol ospf 198.51.100.0/24", want: []string{"[OSPF/180]"}},
	}},
	{"OSPF metric, tag and type of externals", ospf(r1Loopback+`
set policy-options policy-statement announce term ours then metric 33
set policy-options policy-statement announce term ours then tag 9
set policy-options policy-statement announce term ours then external type 1`, ""), []sight{
		{node: "r2", ask: "show route protocol ospf 198.51.100.0/24", want: []string{"metric 34", "tag 9"}},
	}},
	{"OSPF area range", ospf("set protocols ospf area 0.0.0.1 interface lo0.0 passive\nset protocols ospf area 0.0.0.1 area-range 10.255.0.0/29", ""), []sight{
		{node: "r2", ask: "show route 10.255.0.0/29 exact", want: []string{"*[OSPF/10]"}},
	}},
	{"OSPF overload", ospf(r1Loopback+"set protocols ospf overload", ""), []sight{
		{node: "r2", ask: "ospfd: show ip ospf database router 10.255.0.1", want: []string{"Metric: 65535"}},
	}},
	{"OSPF MD5 keys that differ", ospf(r1Loopback+"set protocols ospf area 0 interface ge-0/0/0.0 authentication md5 1 key abc", ""), []sight{
		{node: "r2", ask: "show ospf interface", want: []string{"ge-0/0/0.0          PtToPt  0.0.0.0         0.0.0.0         0.0.0.0            0"}},
	}},
	{"OSPFv3", nil, []sight{
		{node: "r2", ask: "show ospf3 interface", want: []string{"ge-0/0/0.0          PtToPt  0.0.0.0", "   1\n"}},
		{node: "r1", ask: "show ospf3 database", want: []string{"OSPF3 database, Area 0.0.0.0", "Router     *0.0.0.0", "IntraArPfx  0.0.0.0          10.255.0.2", "Link"}},
		{node: "r2", ask: "show route 2001:db8:255::1/128 exact", want: []string{"*[OSPF3/10]"}},
	}},
	{"OSPFv3 externals and preferences", []change{{"r1", "set protocols ospf3 export announce"}, {"r2", "set protocols ospf3 preference 13\nset protocols ospf3 external-preference 160"}}, []sight{
		{node: "r2", ask: "show route protocol ospf3 2001:db8:100::/48", want: []string{"[OSPF3/160]"}},
		{node: "r2", ask: "show route 2001:db8:255::1/128 exact", want: []string{"*[OSPF3/13]"}},
		{node: "r2", ask: "show ospf3 database", want: []string{"Extern"}},
	}},
	{"IS-IS of level 2", nil, []sight{
		{node: "r2", ask: "show route 10.255.0.3/32 exact", want: []string{"*[IS-IS/18]", "metric 20"}},
		{node: "r2", ask: "show isis interface", want: []string{"ge-0/0/1.0            2", "Disabled           Point to Point         10/20"}},
		{node: "r2", ask: "show isis database", want: []string{"IS-IS level 2 link-state database:", "r3.00-00", "2 LSPs"}},
		{node: "r2", ask: "show isis database detail", want: []string{"IS neighbor: r3.00", "IP prefix: 10.255.0.3/32"}},
		{node: "r2", ask: "show isis hostname", want: []string{"0102.5500.0003 r3", "Static"}},
	}},
	{"IS-IS of level 1", []change{
		{"r2", "delete protocols isis level 1 disable\nset protocols isis level 2 disable\nset protocols isis interface ge-0/0/1.0 level 1 hello-interval 1"},
		{"r3", "delete protocols isis level 1 disable\nset protocols isis level 2 disable\nset protocols isis interface ge-0/0/0.0 level 1 hello-interval 1"},
	}, []sight{
		{node: "r2", ask: "show route 10.255.0.3/32 exact", want: []string{"*[IS-IS/15]"}},
	}},
	{"IS-IS authentication on one side", []change{
		{"r2", "set protocols isis level 2 authentication-key abc\nset protocols isis level 2 authentication-type md5\nset protocols isis interface ge-0/0/1.0 level 2 hold-time 3"},
		{"r3", "set protocols isis interface ge-0/0/0.0 level 2 hold-time 3"},
	}, []sight{
		{node: "r2", ask: "show isis interface detail", want: []string{"Level 2: Adjacencies: 0", "Hello: 1 s, Hold: 3 s"}},
	}},
	{"IS-IS authentication on both", []change{
		{"r2", "set protocols isis level 2 authentication-key abc\nset protocols isis level 2 authentication-type md5"},
		{"r3", "set protocols isis level 2 authentication-key abc\nset protocols isis level 2 authentication-type md5"},
	}, []sight{
		{node: "r2", ask: "show route 10.255.0.3/32 exact", want: []string{"*[IS-IS/18]"}},
	}},
	{"IS-IS overload and export", []change{{"r3", `
set protocols isis overload
set routing-options static route 100.64.0.0/16 discard
set routing-options aggregate route 100.0.0.0/8
set policy-options policy-statement out from protocol [ static aggregate ]
set policy-options policy-statement out then metric 7
set policy-options policy-statement out then accept
set protocols isis export out`}}, []sight{
		{node: "r2", ask: "show isis database", want: []string{"Overload"}},
		{node: "r2", ask: "show route 100.64.0.0/16 exact", want: []string{"*[IS-IS/18]", "metric 27"}},
		{node: "r2", ask: "show route 100.0.0.0/8 exact", want: []string{"*[IS-IS/18]"}},
	}},
	{"IS-IS reference bandwidth", []change{{"r2", "delete protocols isis interface ge-0/0/1.0 level 2 metric\nset protocols isis reference-bandwidth 40g"}}, []sight{
		{node: "r2", ask: "show route 10.255.0.3/32 exact", want: []string{"metric 40"}},
	}},
}

// TestIGPStatements configures statements of OSPF and IS-IS and looks at the
// routers.
func TestIGPStatements(t *testing.T) { testStatements(t, igpCases) }
