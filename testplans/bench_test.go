package testplans

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// BenchmarkParse reads a plan of 100 cases with four steps each.
func BenchmarkParse(b *testing.B) {
	var plan strings.Builder
	plan.WriteString(head + "streams:\n  s: {from: h1, to: h2}\ncases:\n")
	for i := range MaxCases / 4 {
		fmt.Fprintf(&plan, `  - id: A-%d
    title: Case {n}
    matrix: {n: [1, 2, 3, 4]}
    steps:
      - wait-until: {within: 30s, ospf: {nodes: all, neighbors: 2}}
      - configure: {node: r1, set: ["protocols ospf area 0 interface ge-0/0/0.0 metric {n}"]}
      - check: {route: {node: r1, prefix: 10.0.2.0/24, metric: "{n}"}}
      - traffic: {run: s}
`, i)
	}
	data := []byte(plan.String())
	for b.Loop() {
		p, err := Parse("plan.yaml", data, ringLookup)
		if err != nil || len(p.Cases) != MaxCases {
			b.Fatalf("%v", err)
		}
	}
}

func BenchmarkSchema(b *testing.B) {
	for b.Loop() {
		if len(Schema()) == 0 {
			b.Fatal(os.ErrInvalid)
		}
	}
}
