package check

import "testing"

func TestJudgeISIS(t *testing.T) {
	const some = "isis-adjacency.xml"
	for _, j := range []judgement{
		{"one interface", Spec{ISIS: &ISIS{Nodes: r1, Interface: "ge-0/0/0"}}, some, Pass, "every IS-IS adjacency of r1 on ge-0/0/0 is in state Up"},
		{"all", Spec{ISIS: &ISIS{Nodes: r1}}, some, Fail,
			"IS-IS adjacencies on r1: expected all Up, at least one, saw 2 Up: r2 on ge-0/0/0.0, r3 on ge-0/0/1.0, r4 on ge-0/0/2.0 Initializing"},
		{"level with both", Spec{ISIS: &ISIS{Nodes: r1, Level: 2, Neighbors: "2"}}, some, Pass, "r1 has 2 level 2 IS-IS adjacencies in state Up"},
		{"count short", Spec{ISIS: &ISIS{Nodes: r1, Level: 1, Neighbors: "2"}}, some, Fail, "expected 2 Up, saw 1 Up: r3 on ge-0/0/1.0, r4"},
		{"wanted otherwise", Spec{ISIS: &ISIS{Nodes: r1, Interface: "ge-0/0/2.0", State: "initializing"}}, some, Pass, "in state Initializing"},
		{"no such interface", Spec{ISIS: &ISIS{Nodes: r1, Interface: "ge-0/0/9"}}, some, Fail, "saw none"},
		{"none, counted", Spec{ISIS: &ISIS{Nodes: r1, Neighbors: "0"}}, "<isis-adjacency-information/>", Pass, "r1 has 0 IS-IS adjacencies"},
		{"not running", Spec{ISIS: &ISIS{Nodes: r1}}, "<output>IS-IS is not running</output>", Fail, "saw IS-IS is not running"},
		{"another reply", Spec{ISIS: &ISIS{Nodes: r1}}, "version.xml", Error, "without <isis-adjacency-information>"},
	} {
		t.Run(j.name, j.run)
	}
}

func TestJudgeBFD(t *testing.T) {
	const some = "bfd-session.xml"
	for _, j := range []judgement{
		{"one peer", Spec{BFD: &BFD{Nodes: r1, Neighbor: "10.0.12.2"}}, some, Pass, "every BFD session of r1 with 10.0.12.2 is in state Up"},
		{"all", Spec{BFD: &BFD{Nodes: r1}}, some, Fail, "BFD sessions on r1: expected all Up, at least one, saw 1 Up: 10.0.12.2 on ge-0/0/0.0, 2001:db8::2 Down"},
		{"other spelling", Spec{BFD: &BFD{Nodes: r1, Neighbor: "2001:DB8:0::2", State: "down"}}, some, Pass, "is in state Down"},
		{"counted", Spec{BFD: &BFD{Nodes: r1, Sessions: ">= 1"}}, some, Pass, "r1 has at least 1 BFD session in state Up"},
		{"unknown peer", Spec{BFD: &BFD{Nodes: r1, Neighbor: "10.9.9.9"}}, some, Fail, "saw none"},
		{"no sessions", Spec{BFD: &BFD{Nodes: r1}}, "<bfd-session-information><sessions>0</sessions></bfd-session-information>", Fail, "saw none"},
	} {
		t.Run(j.name, j.run)
	}
}

func TestJudgeVRRP(t *testing.T) {
	const some = "vrrp.xml"
	for _, j := range []judgement{
		{"one group", Spec{VRRP: &VRRP{Nodes: r1, Group: 5, State: "master"}}, some, Pass, "r1 is master in VRRP group 5"},
		{"all", Spec{VRRP: &VRRP{Nodes: r1, State: "master"}}, some, Fail,
			"VRRP groups on r1: expected all master, at least one, saw 1 master: 5 on ge-0/0/0.0, 6 on ge-0/0/1.0 backup"},
		{"one interface", Spec{VRRP: &VRRP{Nodes: r1, Interface: "ge-0/0/1", State: "backup"}}, some, Pass, "r1 is backup in every VRRP group on ge-0/0/1"},
		{"no such group", Spec{VRRP: &VRRP{Nodes: r1, Group: 9, State: "master"}}, some, Fail, "VRRP groups with number 9 on r1: expected all master, at least one, saw none"},
	} {
		t.Run(j.name, j.run)
	}
}

func TestJudgeLLDP(t *testing.T) {
	const some = "lldp-neighbors.xml"
	for _, j := range []judgement{
		{"by host name", Spec{LLDP: &LLDP{Nodes: r1, Interface: "ge-0/0/0", Neighbor: "r2"}}, some, Pass, "the LLDP neighbor at ge-0/0/0 of r1 is r2"},
		{"by full name and port", Spec{LLDP: &LLDP{Nodes: r1, Interface: "ge-0/0/0", Neighbor: "r2.lab.example", Port: "ge-0/0/1"}}, some, Pass, "is r2.lab.example at ge-0/0/1"},
		{"by description", Spec{LLDP: &LLDP{Nodes: r1, Interface: "ge-0/0/0", Neighbor: "R2", Port: "to r1"}}, some, Pass, ""},
		{"another", Spec{LLDP: &LLDP{Nodes: r1, Interface: "ge-0/0/0", Neighbor: "r4"}}, some, Fail,
			"LLDP neighbor at ge-0/0/0 on r1: expected r4, saw r2.lab.example at ge-0/0/1 (to r1)"},
		{"another port", Spec{LLDP: &LLDP{Nodes: r1, Interface: "ge-0/0/0", Neighbor: "r2", Port: "ge-0/0/7"}}, some, Fail, "expected r2 at ge-0/0/7, saw r2.lab.example at ge-0/0/1"},
		{"nameless", Spec{LLDP: &LLDP{Nodes: r1, Interface: "ge-0/0/1", Neighbor: "r4"}}, some, Fail, "saw 02:00:00:00:04:01"},
		{"nobody", Spec{LLDP: &LLDP{Nodes: r1, Interface: "ge-0/0/5", Neighbor: "r4"}}, some, Fail, "saw none"},
		{"not running", Spec{LLDP: &LLDP{Nodes: r1, Interface: "ge-0/0/0", Neighbor: "r4"}}, "<output>LLDP is not running</output>", Fail, "saw LLDP is not running"},
	} {
		t.Run(j.name, j.run)
	}
}
