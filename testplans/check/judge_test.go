package check

import (
	"os"
	"strings"
	"testing"
)

// sample is a reply of testdata, or the text itself if it is not a file's name.
func sample(t *testing.T, name string) string {
	t.Helper()
	if !strings.HasSuffix(name, ".xml") {
		return name
	}
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// answered is the evidence for a check in which every query got the reply of
// the same place; one reply serves all.
func answered(t *testing.T, s Spec, replies ...string) []Evidence {
	t.Helper()
	var evidence []Evidence
	for i, q := range s.Queries() {
		evidence = append(evidence, Evidence{Query: q, Reply: sample(t, replies[min(i, len(replies)-1)])})
	}
	return evidence
}

// A judgement is a check, the replies to its queries, and what must follow.
type judgement struct {
	name    string
	spec    Spec
	replies string // names of samples, or one text
	want    Verdict
	reason  string // part of the reason
}

func (j judgement) run(t *testing.T) {
	t.Helper()
	replies := []string{j.replies}
	if strings.HasSuffix(j.replies, ".xml") {
		replies = strings.Fields(j.replies)
	}
	got := Judge(&j.spec, answered(t, j.spec, replies...))
	if got.Verdict != j.want || !strings.Contains(got.Reason, j.reason) {
		t.Errorf("got %s: %s\nwant %s: … %s …", got.Verdict, got.Reason, j.want, j.reason)
	}
	if len(got.Findings) == 0 {
		t.Error("no findings")
	}
	for _, f := range got.Findings {
		if f.Subject == "" || f.Expected == "" || f.Seen == "" || f.Node == "" || f.Evidence == "" {
			t.Errorf("a finding says too little: %+v", f)
		}
	}
}

var r1 = Nodes{"r1"}

func TestJudgeBGP(t *testing.T) {
	for _, j := range []judgement{
		{"one up", Spec{BGP: &BGP{Nodes: r1, Neighbor: "10.255.0.2"}}, "bgp-neighbor.xml", Pass, "the BGP session of r1 with 10.255.0.2 is Established"},
		{"one down", Spec{BGP: &BGP{Nodes: r1, Neighbor: "10.0.41.1"}}, "bgp-neighbor.xml", Fail,
			"BGP neighbor 10.0.41.1 on r1: expected Established, saw Active (last error: Open Message Error)"},
		{"all", Spec{BGP: &BGP{Nodes: r1}}, "bgp-neighbor.xml", Fail, "BGP neighbor 10.0.41.1 on r1"},
		{"summary form", Spec{BGP: &BGP{Nodes: r1}}, "bgp-summary.xml", Pass, "every BGP session of r1 is Established"},
		{"other spelling of an address", Spec{BGP: &BGP{Nodes: r1, Neighbor: "2001:db8:0:41:0:0:0:1"}}, "bgp-summary.xml", Pass, ""},
		{"wanted down", Spec{BGP: &BGP{Nodes: r1, Neighbor: "10.0.41.1", State: "active"}}, "bgp-neighbor.xml", Pass, "is Active"},
		{"unknown peer", Spec{BGP: &BGP{Nodes: r1, Neighbor: "10.9.9.9"}}, "bgp-neighbor.xml", Fail, "saw no such neighbor; there is 10.0.41.1 and 10.255.0.2"},
		{"count", Spec{BGP: &BGP{Nodes: r1, Count: "2"}}, "bgp-summary.xml", Pass, "r1 has 2 BGP sessions in state Established"},
		{"count short", Spec{BGP: &BGP{Nodes: r1, Count: "2"}}, "bgp-neighbor.xml", Fail,
			"BGP sessions on r1: expected 2 Established, saw 1; 10.0.41.1 Active (last error: Open Message Error)"},
		{"received", Spec{BGP: &BGP{Nodes: r1, Neighbor: "10.255.0.2", Received: "3"}}, "bgp-neighbor.xml", Pass, "has received 3 inet prefixes"},
		{"received too few", Spec{BGP: &BGP{Nodes: r1, Neighbor: "10.255.0.2", Received: ">= 4"}}, "bgp-neighbor.xml", Fail,
			"inet prefixes received from BGP neighbor 10.255.0.2 on r1: expected at least 4, saw 3"},
		{"family not there", Spec{BGP: &BGP{Nodes: r1, Neighbor: "10.255.0.2", Received: "< 5", Family: "inet6"}}, "bgp-neighbor.xml", Fail, "saw no inet6 routes"},
		{"not running", Spec{BGP: &BGP{Nodes: r1}}, "not-running.xml", Fail, "saw BGP is not running"},
		{"no peers", Spec{BGP: &BGP{Nodes: r1}}, "<bgp-information/>", Fail, "saw none"},
		{"no peers counted", Spec{BGP: &BGP{Nodes: r1, Count: ">= 1"}}, "<bgp-information/>", Fail, "saw none"},
		{"refused", Spec{BGP: &BGP{Nodes: r1}}, "refused.xml", Error, "syntax error"},
		{"another reply", Spec{BGP: &BGP{Nodes: r1}}, "version.xml", Error, "without <bgp-information>"},
		{"empty reply", Spec{BGP: &BGP{Nodes: r1}}, " ", Error, "the reply is empty"},
		{"cut reply", Spec{BGP: &BGP{Nodes: r1}}, "<bgp-information><bgp-peer>", Error, "not XML"},
	} {
		t.Run(j.name, j.run)
	}
}

func TestJudgeOSPF(t *testing.T) {
	for _, j := range []judgement{
		{"count", Spec{OSPF: &OSPF{Nodes: r1, Neighbors: "1"}}, "ospf-neighbor.xml", Pass, "r1 has 1 OSPF neighbor in state Full"},
		{"count short", Spec{OSPF: &OSPF{Nodes: r1, Neighbors: "2"}}, "ospf-neighbor.xml", Fail,
			"OSPF neighbors on r1: expected 2 Full, saw 1 Full: 10.255.0.2 on ge-0/0/0.0, 10.255.0.4 on ge-0/0/1.0 ExStart"},
		{"all", Spec{OSPF: &OSPF{Nodes: r1}}, "ospf-neighbor.xml", Fail, "expected all Full, at least one"},
		{"interface", Spec{OSPF: &OSPF{Nodes: r1, Interface: "ge-0/0/0"}}, "ospf-neighbor.xml", Pass, ""},
		{"unit", Spec{OSPF: &OSPF{Nodes: r1, Interface: "ge-0/0/0.1"}}, "ospf-neighbor.xml", Fail, "saw none"},
		{"state", Spec{OSPF: &OSPF{Nodes: r1, Interface: "ge-0/0/1.0", State: "exstart"}}, "ospf-neighbor.xml", Pass, "in state ExStart"},
		{"zero wanted", Spec{OSPF: &OSPF{Nodes: r1, Neighbors: "0"}}, "<ospf-neighbor-information/>", Pass, ""},
		{"none seen", Spec{OSPF: &OSPF{Nodes: r1}}, "<ospf-neighbor-information/>", Fail, "saw none"},
		{"v3", Spec{OSPF: &OSPF{Nodes: r1, Version: 3, Neighbors: ">= 1"}}, "ospf3-neighbor.xml", Pass, "OSPFv3 neighbor"},
		{"v3 asked, v2 answered", Spec{OSPF: &OSPF{Nodes: r1, Version: 3}}, "ospf-neighbor.xml", Error, "without <ospf3-neighbor-information>"},
		{"not running", Spec{OSPF: &OSPF{Nodes: r1, Neighbors: "0"}}, "<output>OSPF instance is not running</output>", Fail, "OSPF instance is not running"},
	} {
		t.Run(j.name, j.run)
	}
}

func TestJudgeRoute(t *testing.T) {
	ospf := func(r Route) Spec { r.Nodes, r.Prefix = r1, "10.0.2.0/24"; return Spec{Route: &r} }
	bgp := func(r Route) Spec { r.Nodes, r.Prefix = r1, "203.0.113.0/24"; return Spec{Route: &r} }
	for _, j := range []judgement{
		{"there", ospf(Route{}), "route-brief.xml", Pass, "r1 reaches 10.0.2.0/24"},
		{"protocol and next hop", ospf(Route{Protocol: "ospf", NextHop: "10.0.41.4"}), "route-brief.xml", Pass, "by OSPF through 10.0.41.4"},
		{"second of equal ones", ospf(Route{NextHop: "10.0.12.2", Via: "ge-0/0/0"}), "route-brief.xml", Pass, ""},
		{"wrong next hop", ospf(Route{NextHop: "10.0.9.9"}), "route-brief.xml", Fail,
			"route 10.0.2.0/24 on r1: expected an active route through 10.0.9.9, saw OSPF through 10.0.41.4 and 10.0.12.2 out of ge-0/0/1.0 and ge-0/0/0.0"},
		{"inactive path", ospf(Route{Protocol: "bgp"}), "route-brief.xml", Fail, "expected an active route by BGP"},
		{"metric", ospf(Route{Metric: "3"}), "route-brief.xml", Pass, "with metric 3"},
		{"metric wrong", ospf(Route{Metric: "< 3"}), "route-brief.xml", Fail, "metric of 10.0.2.0/24 on r1: expected less than 3, saw 3"},
		{"no local preference", ospf(Route{LocalPref: "100"}), "route-brief.xml", Fail, "saw none"},
		{"local preference", bgp(Route{LocalPref: "200", ASPath: "^65004 I$", Metric: "0"}), "route-brief.xml", Pass, ""},
		{"as path", bgp(Route{ASPath: "^65005"}), "route-brief.xml", Fail, "saw 65004 I"},
		{"detail", bgp(Route{Community: "65004:100", ASPath: "^65004 I$", LocalPref: ">= 200", NextHop: "10.0.41.1"}), "route-detail.xml", Pass, ""},
		{"community missing", bgp(Route{Community: "65004:101"}), "route-detail.xml", Fail, "saw 65004:100 no-export"},
		{"discard", Spec{Route: &Route{Nodes: r1, Prefix: "198.51.100.0/24", NextHop: "discard", Protocol: "static"}}, "route-brief.xml", Pass, ""},
		{"absent", Spec{Route: &Route{Nodes: r1, Prefix: "192.0.2.0/24", Absent: true}}, "<route-information></route-information>", Pass, "r1 has no route to 192.0.2.0/24"},
		{"absent by protocol", ospf(Route{Protocol: "bgp", Absent: true}), "route-brief.xml", Pass, ""},
		{"not absent", ospf(Route{Absent: true}), "route-brief.xml", Fail, "expected no active route, saw OSPF"},
		{"absent, no answer", Spec{Route: &Route{Nodes: r1, Prefix: "192.0.2.0/24", Absent: true}}, "<x/>", Error, ""},
		{"missing", Spec{Route: &Route{Nodes: r1, Prefix: "192.0.2.0/24"}}, "route-brief.xml", Fail, "saw no active route in inet.0"},
		{"other table", ospf(Route{Table: "blue.inet.0"}), "route-brief.xml", Fail, "saw no active route in blue.inet.0"},
	} {
		t.Run(j.name, j.run)
	}
}

func TestJudgeSystem(t *testing.T) {
	iface := func(i Interface) Spec { i.Nodes = r1; return Spec{Interface: &i} }
	config := func(c Config) Spec { c.Nodes = r1; return Spec{Config: &c} }
	for _, j := range []judgement{
		{"up", iface(Interface{Name: "ge-0/0/0", Address: "10.0.12.1/30"}), "interface-terse.xml", Pass, "interface ge-0/0/0 on r1 is up"},
		{"unit", iface(Interface{Name: "ge-0/0/0.0", Address: "2001:db8:0:12::1"}), "interface-terse.xml", Pass, ""},
		{"down", iface(Interface{Name: "ge-0/0/1"}), "interface-terse.xml", Fail, "expected up, saw down (configured up, link down)"},
		{"down wanted", iface(Interface{Name: "ge-0/0/1", State: "down"}), "interface-terse.xml", Pass, ""},
		{"no such", iface(Interface{Name: "ge-0/0/7", State: "down"}), "interface-terse.xml", Fail, "no such interface"},
		{"wrong length", iface(Interface{Name: "ge-0/0/0", Address: "10.0.12.1/24"}), "interface-terse.xml", Fail, "saw 10.0.12.1/30, 2001:db8:0:12::1/64"},
		{"mtu", iface(Interface{Name: "ge-0/0/0", MTU: "1514"}), "interface-terse.xml interface.xml", Pass, ""},
		{"unit's mtu", iface(Interface{Name: "ge-0/0/0.0", MTU: "> 1500"}), "interface-terse.xml interface.xml", Fail, "expected more than 1500, saw 1500"},
		{"errors", iface(Interface{Name: "ge-0/0/0", Errors: "0"}), "interface-terse.xml interface-extensive.xml", Fail, "expected 0, saw 2 input, 1 output"},
		{"errors allowed", iface(Interface{Name: "ge-0/0/0", Errors: "<= 3"}), "interface-terse.xml interface-extensive.xml", Pass, ""},
		{"no counters", iface(Interface{Name: "ge-0/0/0", Errors: "0"}), "interface-terse.xml interface.xml", Error, "without error counters"},
		{"release", Spec{Version: &Version{Nodes: r1, Release: `^24\.2`, Model: "vjunos"}}, "version.xml", Pass, ""},
		{"old release", Spec{Version: &Version{Nodes: r1, Release: `^12\.3R6\.6$`}}, "version-old.xml", Pass, ""},
		{"wrong release", Spec{Version: &Version{Nodes: r1, Release: `^23`}}, "version.xml", Fail, "saw 24.2R1.17"},
		{"no release", Spec{Version: &Version{Nodes: r1, Release: `^23`}}, "<software-information/>", Error, "without it"},
		{"contains", config(Config{Contains: []string{"protocols bgp group customer", "system host-name r1"}, Lacks: []string{"protocols bgp group cust", "protocols rip"}}), "config.xml", Pass, ""},
		{"contains not", config(Config{Contains: []string{"protocols bgp group peers"}}), "config.xml", Fail, "expected protocols bgp group peers, saw no such statement"},
		{"deactivated", config(Config{Contains: []string{"protocols ospf area 0.0.0.0 interface lo0.0"}}), "config.xml", Fail, "deactivated"},
		{"lacks deactivated", config(Config{Lacks: []string{"protocols ospf area 0.0.0.0"}}), "config.xml", Pass, ""},
		{"lacks not", config(Config{Lacks: []string{"protocols bgp"}}), "config.xml", Fail, "saw protocols bgp group customer type external"},
		{"empty configuration", config(Config{Lacks: []string{"protocols bgp"}}), "<configuration-set/>", Error, "empty configuration"},
	} {
		t.Run(j.name, j.run)
	}
}

// TestJudgeInterfaceNotFound: Junos answers with an error that there is no such
// interface. It is an answer nonetheless.
func TestJudgeInterfaceNotFound(t *testing.T) {
	s := Spec{Interface: &Interface{Nodes: r1, Name: "ge-0/0/9"}}
	evidence := []Evidence{{Query: s.Queries()[0], Problem: "r1 refused the rpc: device ge-0/0/9 not found"}}
	if got := Judge(&s, evidence); got.Verdict != Fail || !strings.Contains(got.Reason, "no such interface") {
		t.Errorf("got %s: %s", got.Verdict, got.Reason)
	}
}

// TestNamespaces: replies are read with the namespaces and prefixes that some
// devices and transports leave in them.
func TestNamespaces(t *testing.T) {
	s := Spec{OSPF: &OSPF{Nodes: r1, Neighbors: "1"}}
	reply := `<ospf-neighbor-information xmlns="http://xml.juniper.net/junos/24.2R1/junos-routing" xmlns:junos="http://xml.juniper.net/junos/24.2R1/junos">
<ospf-neighbor><interface-name>ge-0/0/0.0</interface-name><ospf-neighbor-state junos:format="Full">Full</ospf-neighbor-state></ospf-neighbor></ospf-neighbor-information>`
	for _, r := range []string{reply, "<rpc-reply>" + reply + "</rpc-reply>", strings.Replace(reply, `xmlns:junos="http://xml.juniper.net/junos/24.2R1/junos"`, "", 1)} {
		if got := Judge(&s, answered(t, s, r)); got.Verdict != Pass {
			t.Errorf("got %s: %s", got.Verdict, got.Reason)
		}
	}
}
