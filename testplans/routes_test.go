package testplans

import (
	"net/netip"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/routes"
)

func TestCaptureAndRoutesSteps(t *testing.T) {
	testSteps(t, []stepTest{
		{`capture: {start: c, ports: [h1, "r1:ge-0/0/0"], filter: udp port 5001, ring: 4 kiB}`, Step{Capture: &Capture{Start: "c", Filter: "udp port 5001", Ring: 4 << 10,
			Ports: []trafficgen.PortID{{Node: "h1", Device: "eth1"}, {Node: "r1", Device: "eth1"}}}}},
		{`capture: {start: c, ports: h1, around-loss: s}`, Step{Capture: &Capture{Start: "c", Ports: []trafficgen.PortID{{Node: "h1", Device: "eth1"}}, Ring: 32 << 20, AroundLoss: []string{"s"}}}},
		{"capture: {start: c, ports: h1}\n      - " + `capture: {stop: c, frames: "> 0"}`, Step{Capture: &Capture{Stop: "c", Frames: "> 0"}}},
		{`routes: {start: f, node: h2, as: 65100, peer: 10.1.3.1, peer-as: 65000, count: 300, stream: s, works: < 2s, as-path: [65200, 65300], communities: 65100:7, med: 0}`,
			Step{Routes: &Routes{Start: "f", Node: trafficgen.PortID{Node: "h2", Device: "eth1"}, Stream: "s", Sample: 10, Works: "< 2s", Within: Duration(time.Minute),
				Session: &routes.Spec{AS: 65100, PeerAS: 65000, Peer: netip.MustParseAddr("10.1.3.1")},
				Set:     &routes.Set{First: netip.MustParsePrefix("100.64.0.0/24"), Count: 300, Path: []uint32{65200, 65300}, Communities: []uint32{65100<<16 | 7}, MED: new(uint32)}}}},
		{`routes: {start: f, node: h2, as: 1, peer: 2001:db8::1, peer-as: 4200000000, count: 1, first: 2001:db8:f::/48, local: 2001:db8::2, router-id: 192.0.2.1, multihop: 3, within: 5s}`,
			Step{Routes: &Routes{Start: "f", Node: trafficgen.PortID{Node: "h2", Device: "eth1"}, Within: Duration(5 * time.Second),
				Session: &routes.Spec{AS: 1, PeerAS: 4200000000, Peer: netip.MustParseAddr("2001:db8::1"), Local: netip.MustParseAddr("2001:db8::2"), RouterID: netip.MustParseAddr("192.0.2.1"), Multihop: 3},
				Set:     &routes.Set{First: netip.MustParsePrefix("2001:db8:f::/48"), Count: 1}}}},
		{"routes: {start: f, node: h2, as: 1, peer: 10.1.3.1, peer-as: 2, count: 3, stream: s}\n      - " + `routes: {stop: f, gone: < 2s, within: 5s}`,
			Step{Routes: &Routes{Stop: "f", Gone: "< 2s", Within: Duration(5 * time.Second)}}},
	})
}
