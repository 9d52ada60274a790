package check

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkJudgeRoute judges one route among a thousand.
func BenchmarkJudgeRoute(b *testing.B) {
	var reply strings.Builder
	reply.WriteString("<route-information><route-table><table-name>inet.0</table-name>")
	for i := range 1000 {
		fmt.Fprintf(&reply, "<rt><rt-destination>10.%d.%d.0/24</rt-destination><rt-entry><active-tag>*</active-tag><protocol-name>OSPF</protocol-name><nh><to>10.0.0.1</to><via>ge-0/0/0.0</via></nh></rt-entry></rt>", i/256, i%256)
	}
	reply.WriteString("</route-table></route-information>")
	s := Spec{Route: &Route{Nodes: r1, Prefix: "10.3.200.0/24", NextHop: "10.0.0.1"}}
	evidence := []Evidence{{Query: s.Queries()[0], Reply: reply.String()}}
	for b.Loop() {
		if o := Judge(&s, evidence); o.Verdict != Pass {
			b.Fatal(o.Reason)
		}
	}
}

// BenchmarkJudgeOSPF judges what a small lab's router answers.
func BenchmarkJudgeOSPF(b *testing.B) {
	s := Spec{OSPF: &OSPF{Nodes: r1, Neighbors: "1"}}
	evidence := []Evidence{{Query: s.Queries()[0], Reply: "<ospf-neighbor-information><ospf-neighbor><interface-name>ge-0/0/0.0</interface-name><ospf-neighbor-state>Full</ospf-neighbor-state></ospf-neighbor></ospf-neighbor-information>"}}
	for b.Loop() {
		if o := Judge(&s, evidence); o.Verdict != Pass {
			b.Fatal(o.Reason)
		}
	}
}
