package check

import (
	"slices"
	"testing"
)

// TestSentence holds the words that customers read.
func TestSentence(t *testing.T) {
	two := Nodes{"r1", "r2"}
	many := Nodes{"r1", "r2", "r3", "r4", "r5", "r6"}
	for want, s := range map[string]Spec{
		"every BGP session of r1 is Established":                                                      {BGP: &BGP{Nodes: r1}},
		"every BGP session of r1 is Established and has received at least 1 inet6 prefix":             {BGP: &BGP{Nodes: r1, Received: ">= 1", Family: "inet6"}},
		"the BGP session of r1 and r2 with 10.0.0.1 is OpenSent":                                      {BGP: &BGP{Nodes: two, Neighbor: "10.0.0.1", State: "opensent"}},
		"the BGP session of r1 with 10.0.0.1 is Established and has received 2 inet prefixes":         {BGP: &BGP{Nodes: r1, Neighbor: "10.0.0.1", Received: "2"}},
		"r1 has 1 BGP session in state Established":                                                   {BGP: &BGP{Nodes: r1, Count: "1"}},
		"r1 has 1 BGP session in state Established with 10.0.0.1, each with 3 inet prefixes received": {BGP: &BGP{Nodes: r1, Count: "1", Neighbor: "10.0.0.1", Received: "3"}},
		"r1, r2, r3, r4 and 2 more nodes each have at least 2 OSPF neighbors in state Full":           {OSPF: &OSPF{Nodes: many, Neighbors: ">= 2"}},
		"every OSPFv3 neighbor of r1 on ge-0/0/0.0 is in state 2Way":                                  {OSPF: &OSPF{Nodes: r1, Version: 3, Interface: "ge-0/0/0.0", State: "2way"}},
		"r1 reaches 10.0.0.0/8": {Route: &Route{Nodes: r1, Prefix: "10.0.0.0/8"}},
		"r1 and r2 reach 10.0.0.0/8 by IS-IS through 10.1.1.1 out of ge-0/0/0.0 in blue.inet.0":               {Route: &Route{Nodes: two, Prefix: "10.0.0.0/8", Protocol: "isis", NextHop: "10.1.1.1", Via: "ge-0/0/0.0", Table: "blue.inet.0"}},
		"r1 reaches 2001:db8::/32 by OSPFv3":                                                                  {Route: &Route{Nodes: r1, Prefix: "2001:db8::/32", Protocol: "ospf3"}},
		"r1 reaches 10.0.0.0/8 by Static":                                                                     {Route: &Route{Nodes: r1, Prefix: "10.0.0.0/8", Protocol: "static"}},
		"r1 reaches 10.0.0.0/8 with local preference 100, metric less than 5, AS path /^1/ and community 1:1": {Route: &Route{Nodes: r1, Prefix: "10.0.0.0/8", LocalPref: "100", Metric: "< 5", ASPath: "^1", Community: "1:1"}},
		"r1 and r2 have no BGP route to 10.0.0.0/8":                                                           {Route: &Route{Nodes: two, Prefix: "10.0.0.0/8", Protocol: "bgp", Absent: true}},
		"interface ge-0/0/0 on r1 is down":                                                                    {Interface: &Interface{Nodes: r1, Name: "ge-0/0/0", State: "down"}},
		"interface ge-0/0/0 on r1 is up with MTU 1500, at most 1 error and address 10.0.0.1":                  {Interface: &Interface{Nodes: r1, Name: "ge-0/0/0", MTU: "= 1500", Errors: "<= 1", Address: "10.0.0.1"}},
		"r1 and r2 run a release that matches /^24/ and are of a model that matches /mx/":                     {Version: &Version{Nodes: two, Release: "^24", Model: "mx"}},
		`the configuration of r1 contains "system" and 1 more and lacks "protocols rip"`:                      {Config: &Config{Nodes: r1, Contains: []string{"system", "x"}, Lacks: []string{"protocols rip"}}},
		"metric in get-x on r1 is present":                                                                    {RPC: &RPC{Nodes: r1, Name: "get-x", XPath: "//rt[1]/metric"}},
		"name in get-x on r1 and r2 is the same everywhere":                                                   {RPC: &RPC{Nodes: two, Name: "<get-x><all/></get-x>", XPath: "//a/name[text()='b']/text()", Test: Test{Op: "all-same"}}},
		"count(//rt) in get-x on r1 is outside 1 to 3":                                                        {RPC: &RPC{Nodes: r1, Name: "get-x", XPath: "count(//rt)", Test: Test{Op: "not-range", Args: []string{"1..3"}}}},
		`name in get-x on r1 contains "ge"`:                                                                   {RPC: &RPC{Nodes: r1, Name: "get-x", XPath: "//name", Test: Test{Op: "contains", Args: []string{"ge"}}}},
		`name in get-x on r1 lacks "ge"`:                                                                      {RPC: &RPC{Nodes: r1, Name: "get-x", XPath: "//name", Test: Test{Op: "not-contains", Args: []string{"ge"}}}},
		"name in get-x on r1 matches /^ge/":                                                                   {RPC: &RPC{Nodes: r1, Name: "get-x", XPath: "//name", Test: Test{Op: "regex", Args: []string{"^ge"}}}},
		"bgp_peers in bgp.yml holds on r1":                                                                    {JSNAPy: &JSNAPy{File: "bgp.yml", Name: "bgp_peers", Nodes: r1}},
		"bgp_peers in bgp.yml holds on r1 and r2 since snapshot before":                                       {JSNAPy: &JSNAPy{File: "bgp.yml", Name: "bgp_peers", Nodes: two, Snapshot: "before (bgp_peers in bgp.yml)"}},
		"name in get-x on r1 is none of a, b":                                                                 {RPC: &RPC{Nodes: r1, Name: "get-x", XPath: "//name", Test: Test{Op: "not-in", Args: []string{"a", "b"}}}},
		`the output of "show x" on r1 matches /y/`:                                                            {Command: &Command{Nodes: r1, Run: "show x", Matches: "y"}},
		`/y/ in the output of "show x" on r1 is not 5`:                                                        {Command: &Command{Nodes: r1, Run: "show x", Matches: "y", Test: Test{Op: "not-equal", Args: []string{"5"}}}},
		`the output of "show x" on r1 contains "y"`:                                                           {Command: &Command{Nodes: r1, Run: "show x", Test: Test{Op: "contains", Args: []string{"y"}}}},
		"nothing is checked":                                                                                  {},
	} {
		if got := s.Sentence(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestWords(t *testing.T) {
	if got := Shorten("ab, cdef", 5); got != "ab…" {
		t.Errorf("Shorten gives %q", got)
	}
	if got := Units(Time, Share); !slices.Equal(got, []string{"%", "ns", "us", "µs", "ms", "s", "m", "min", "h"}) {
		t.Errorf("Units gives %v", got)
	}
	for rpc, wrong := range map[string]bool{
		"get-x": false, " get-x ": false, "<get-x/>": false, "<get-x><a>b</a></get-x>": false, "<?xml version='1.0'?><get-x/>": false,
		"": true, "get x": true, "<get-x>": true, "<a/><b/>": true, "<!-- -->": true,
		"lock": true, "<lock-configuration/>": true, "commit-configuration": true, "<edit-config/>": true,
	} {
		if err := CheckRPC(rpc); (err != nil) != wrong {
			t.Errorf("CheckRPC(%q) is %v", rpc, err)
		}
	}
	for community, wrong := range map[string]bool{"65000:1": false, "no-export": false, "target:65000:1": false, "large:1:2:3": false, "65000": true, "x:y": true} {
		if err := CheckCommunity(community); (err != nil) != wrong {
			t.Errorf("CheckCommunity(%q) is %v", community, err)
		}
	}
	for xpath, wrong := range map[string]bool{"//a": false, "count(//a)": false, "//[": true, "": true, "foo(": true} {
		if err := CheckXPath(xpath); (err != nil) != wrong {
			t.Errorf("CheckXPath(%q) is %v", xpath, err)
		}
	}
}

func TestWorst(t *testing.T) {
	if Worst() != Skip || Worst(Skip, Pass) != Pass || Worst(Fail, Pass) != Fail || Worst(Fail, Error, Pass) != Error {
		t.Error("error prevails over fail over pass over skip")
	}
}
