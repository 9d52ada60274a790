package check

import (
	"testing"
)

// everyKind is a check of each kind, of two nodes, that as little as possible
// is asked of.
var everyKind = []Spec{
	{BGP: &BGP{Nodes: Nodes{"r1", "r2"}}},
	{BGP: &BGP{Nodes: Nodes{"r1", "r2"}, Count: "0"}},
	{BGP: &BGP{Nodes: Nodes{"r1", "r2"}, Count: ">= 0", Received: ">= 0"}},
	{OSPF: &OSPF{Nodes: Nodes{"r1", "r2"}}},
	{OSPF: &OSPF{Nodes: Nodes{"r1", "r2"}, Version: 3, Neighbors: "0"}},
	{ISIS: &ISIS{Nodes: Nodes{"r1", "r2"}}},
	{ISIS: &ISIS{Nodes: Nodes{"r1", "r2"}, Neighbors: "0"}},
	{BFD: &BFD{Nodes: Nodes{"r1", "r2"}, Sessions: ">= 0"}},
	{VRRP: &VRRP{Nodes: Nodes{"r1", "r2"}, State: "master"}},
	{LLDP: &LLDP{Nodes: Nodes{"r1", "r2"}, Interface: "ge-0/0/0", Neighbor: "r2"}},
	{Route: &Route{Nodes: Nodes{"r1", "r2"}, Prefix: "10.0.0.0/8"}},
	{Route: &Route{Nodes: Nodes{"r1", "r2"}, Prefix: "2001:db8::/32", Absent: true, Community: "1:1"}},
	{Interface: &Interface{Nodes: Nodes{"r1", "r2"}, Name: "ge-0/0/0", State: "down", MTU: ">= 0", Errors: ">= 0"}},
	{Version: &Version{Nodes: Nodes{"r1", "r2"}, Release: ".*", Model: ""}},
	{Config: &Config{Nodes: Nodes{"r1", "r2"}, Lacks: []string{"protocols rip"}}},
	{RPC: &RPC{Nodes: Nodes{"r1", "r2"}, Name: "get-x", XPath: "//x", Test: Test{Op: "not-exists"}}},
	{RPC: &RPC{Nodes: Nodes{"r1", "r2"}, Name: "<get-x><a/></get-x>", XPath: "count(//x)", Test: Test{Op: "is-equal", Args: []string{"0"}}}},
	{Command: &Command{Nodes: Nodes{"r1", "r2"}, Run: "show x", Matches: "", Test: Test{Op: "count", Args: []string{">= 0"}}}},
	{Since: &Since{Snapshot: "before", Nodes: Nodes{"r1", "r2"}, RPC: "get-x", XPath: "//x"}},
	{Since: &Since{Snapshot: "before", Nodes: Nodes{"r1", "r2"}, Run: "show x", More: true}},
	{JSNAPy: &JSNAPy{Name: "x", File: "x.yml", Nodes: Nodes{"r1", "r2"}, RPC: "<command>show x</command>", Snapshot: "before"}},
	{JSNAPy: &JSNAPy{Name: "x", File: "x.yml", Nodes: Nodes{"r1", "r2"}, Run: "show x", Snapshot: "before"}},
	{JSNAPy: &JSNAPy{Name: "x", File: "x.yml", Nodes: Nodes{"r1", "r2"}, RPC: "<get-x/>",
		Selections: []Selection{{XPath: "//x", Tests: everyOperator("y")}}}},
	{JSNAPy: &JSNAPy{Name: "x", File: "x.yml", Nodes: Nodes{"r1", "r2"}, RPC: "<get-x/>", Snapshot: "before",
		Selections: []Selection{{XPath: "//x", Item: true, ID: []string{"id"}, Tests: everyOperator("y")}}}},
}

// everyOperator is a test by each operator of JSNAPy's.
func everyOperator(path string) []RowTest {
	var all []RowTest
	for _, op := range JSNAPyOperators {
		all = append(all, RowTest{Op: op.Name, Path: path, Args: []string{"1", "2"}[:op.least()]})
	}
	return append(all, RowTest{Op: "not", Tests: all}, RowTest{Op: "or", Tests: all})
}

// TestNothingSelected: whatever is asked of rows that are not there, or of what
// no row has, there is no pass.
func TestNothingSelected(t *testing.T) {
	for _, test := range everyOperator("none") {
		for _, since := range []string{"", "before"} {
			for reply, element := range map[string]string{"<x/>": "the rows", ports("a up"): "the element"} {
				spec := Spec{JSNAPy: onPorts(since, test)}
				evidence := append(answered(t, spec, reply), snapshotted(t, spec, reply)...)
				got := Judge(&spec, evidence)
				here := got.Verdict == Pass && element == "the element" && (test.Op == "not-exists" || test.Op == "or")
				if got.Verdict == Pass && !here || got.Verdict == Skip {
					t.Errorf("%s without %s, since %q: %s: %s", test.Op, element, since, got.Verdict, got.Reason)
				}
			}
		}
	}
}

// TestNothingNeverPasses: without evidence, with evidence of one node only, of
// other nodes, with problems or with empty replies there is no pass.
func TestNothingNeverPasses(t *testing.T) {
	kinds := map[string]bool{}
	for _, s := range everyKind {
		kinds[s.Kind()] = true
		queries := s.Queries()
		evidence := func(change func(*Evidence)) []Evidence {
			var all []Evidence
			for _, q := range queries {
				e := Evidence{Query: q, Reply: "<x/>"}
				change(&e)
				all = append(all, e)
			}
			return all
		}
		for name, e := range map[string][]Evidence{
			"none":        nil,
			"empty":       evidence(func(e *Evidence) { e.Reply = "" }),
			"blank":       evidence(func(e *Evidence) { e.Reply = " \n" }),
			"problem":     evidence(func(e *Evidence) { e.Problem = "connection refused" }),
			"other nodes": evidence(func(e *Evidence) { e.Node = "r9" }),
			"other IDs":   evidence(func(e *Evidence) { e.ID = "x" }),
		} {
			got := Judge(&s, e)
			if got.Verdict != Error || got.Reason == "" || len(got.Findings) == 0 {
				t.Errorf("%s with %s evidence: %s: %s", s.Sentence(), name, got.Verdict, got.Reason)
			}
		}
	}
	for _, kind := range []string{"bgp", "ospf", "isis", "bfd", "vrrp", "lldp", "route", "interface", "version", "config", "rpc", "command", "since", "jsnapy"} {
		if !kinds[kind] {
			t.Errorf("no %s check was tried", kind)
		}
	}
	if got := Judge(&Spec{}, nil); got.Verdict != Error {
		t.Errorf("a check of nothing: %s", got.Verdict)
	}
	if got := Judge(&Spec{BGP: &BGP{}}, nil); got.Verdict != Error {
		t.Errorf("a check of no node: %s", got.Verdict)
	}
}

func TestQueriesAreUnique(t *testing.T) {
	for _, s := range everyKind {
		seen := map[string]bool{}
		for _, q := range s.Queries() {
			if seen[q.ID] || unfitForFile.MatchString(q.ID) || q.ID == "" || q.Node == "" || (q.RPC == "") == (q.Command == "") {
				t.Errorf("%s: query %+v", s.Kind(), q)
			}
			seen[q.ID] = true
			if q.RPC != "" {
				if err := CheckRPC(q.RPC); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// FuzzJudge feeds arbitrary replies to every kind of check.
func FuzzJudge(f *testing.F) {
	f.Add("<bgp-information><bgp-peer><peer-address>1+</peer-address></bgp-peer></bgp-information>", "//x")
	f.Add("<route-information><route-table><rt><rt-destination>10.0.0.0</rt-destination><rt-prefix-length>8</rt-prefix-length><rt-entry><active-tag>*</active-tag></rt-entry></rt></route-table></route-information>", "sum(//x)")
	f.Add("<interface-information><physical-interface><name>ge-0/0/0</name></physical-interface></interface-information>", "substring(//x, -1)")
	f.Add("<a/><b/>text", "//a[1]/following::*")
	f.Add("<output>x</output>", "/output")
	f.Fuzz(func(t *testing.T, reply, xpath string) {
		for _, s := range append(everyKind, Spec{RPC: &RPC{Nodes: r1, Name: "get-x", XPath: xpath}},
			Spec{Since: &Since{Nodes: r1, RPC: "get-x", XPath: "//x", ID: []string{xpath}, NoDiff: []string{xpath}, Delta: map[string]Bound{xpath: "0"}}},
			Spec{Since: &Since{Nodes: r1, RPC: "get-x", XPath: xpath}},
			Spec{JSNAPy: &JSNAPy{Nodes: r1, RPC: "<get-x/>", Snapshot: "x", Selections: []Selection{{XPath: xpath, ID: []string{"x"}, Tests: everyOperator("x")}}}},
			Spec{JSNAPy: &JSNAPy{Nodes: r1, RPC: "<get-x/>", Snapshot: "x", Selections: []Selection{{XPath: "//x", ID: []string{xpath}, Tests: everyOperator(xpath)}}}}) {
			var evidence []Evidence
			for _, q := range s.Queries() {
				e := Evidence{Query: q, Reply: reply}
				evidence = append(evidence, e, Then(e))
			}
			o := Judge(&s, evidence)
			if o.Reason == "" || len(o.Findings) == 0 || (o.Verdict != Pass && o.Verdict != Fail && o.Verdict != Error) {
				t.Fatalf("%s: %+v", s.Kind(), o)
			}
		}
	})
}
