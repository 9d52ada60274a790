package testplans

import (
	"os"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology"
)

func TestHash(t *testing.T) {
	data, err := os.ReadFile("testdata/ring.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	base := parsed(t, text).Hash
	if len(base) != 64 {
		t.Fatalf("hash is %q", base)
	}
	change := func(old, new string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("the sample plan has no %q", old)
		}
		return parsed(t, strings.Replace(text, old, new, 1)).Hash
	}
	for name, same := range map[string]string{
		"comment": change("plan: ring", "# a comment\nplan: ring"),
		"layout":  change("{start: h1-h2}", "\n          start: h1-h2"),
		"order":   change("state: down}", "state: down}  "),
		"keys":    change("title: All OSPF adjacencies are full\n    requirement: R1", "requirement: R1\n    title: All OSPF adjacencies are full"),
		"quotes":  change("state: full", `"state": "full"`),
		"title":   change("title: OSPF and BGP roll-out on the ring", "title: Another"),
	} {
		if same != base {
			t.Errorf("%s changes the hash", name)
		}
	}
	for name, other := range map[string]string{
		"step":        change("neighbors: 2", "neighbors: 3"),
		"case title":  change("All OSPF adjacencies", "Each OSPF adjacency"),
		"step title":  change("Kill it", "Kill him"),
		"stream":      change("size: 512", "size: 513"),
		"matrix":      change("150, 250", "150, 251"),
		"requirement": change("200 ms", "100 ms"),
		"case order":  change("id: MISC-001", "id: MISC-002"),
	} {
		if other == base {
			t.Errorf("%s does not change the hash", name)
		}
	}
	renamed, err := Parse("plan.yaml", data, func(path string) (*topology.Topology, error) {
		topo, err := ringLookup(path)
		if err == nil {
			topo.Name = "ring2"
		}
		return topo, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if renamed.Hash == base {
		t.Error("the topology's name does not change the hash")
	}
}

// TestHashWithoutMadeTitles: better sentences must not change a signed scope.
func TestHashWithoutMadeTitles(t *testing.T) {
	p := parsed(t, oneStep("rollback: {node: r1}"))
	if p.Cases[0].Steps[0].Title == "" {
		t.Fatal("the step has no title")
	}
	p.Cases[0].Steps[0].Title = ""
	if got := p.hash("ring", nil); got != p.Hash {
		t.Errorf("hash without made titles is %s, the plan's %s", got, p.Hash)
	}
}
