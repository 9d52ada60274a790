package testplans

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ccl-lab/ccl/trafficgen"
)

func TestBenchmarkSteps(t *testing.T) {
	for _, test := range []struct {
		yaml string
		want Step
	}{
		{`throughput: {stream: s, sizes: 64, resolution: 0.1, at-least: 900fps, max-rate: 1kfps}`, Step{Benchmark: &Benchmark{Procedure: "throughput", Streams: []string{"s"}, Sizes: []int{64}, Resolution: 0.1, Expect: ">= 900fps", MaxRate: 1000}}},
		{`throughput: {stream: s, at-least: "> 1kfps"}`, Step{Benchmark: &Benchmark{Procedure: "throughput", Streams: []string{"s"}, Expect: "> 1kfps"}}},
		{`rfc2544: {throughput: {stream: s, sizes: [64, 512, 1518], trial: 1s, resolution: 1%, expect: "> 10kfps"}}`,
			Step{Benchmark: &Benchmark{Procedure: "throughput", Streams: []string{"s"}, Sizes: []int{64, 512, 1518}, Trial: Duration(time.Second), Resolution: 0.01, Expect: "> 10kfps"}}},
		{`rfc2544: {latency: {streams: [s], sizes: rfc2544, speed: 1Gbps, rate: 5kfps, repeats: 3, expect: "< 5ms"}}`,
			Step{Benchmark: &Benchmark{Procedure: "latency", Streams: []string{"s"}, Sizes: []int{64, 128, 256, 512, 1024, 1280, 1518}, Speed: 1e9, Rate: 5000, Repeats: 3, Expect: "< 5ms"}}},
		{`rfc2544: {frame-loss: {stream: s, sizes: RFC5180, step: 5%, rest: 0s, expect: "< 5%"}}`,
			Step{Benchmark: &Benchmark{Procedure: "frame-loss", Streams: []string{"s"}, Sizes: []int{84, 128, 256, 512, 1024, 1280, 1518}, Step: 0.05, Expect: "< 5%"}}},
		{`rfc2544: {back-to-back: {stream: s, trial: 500ms, repeats: 5, expect: ">= 100"}}`,
			Step{Benchmark: &Benchmark{Procedure: "back-to-back", Streams: []string{"s"}, Trial: Duration(500 * time.Millisecond), Repeats: 5, Expect: ">= 100"}}},
		{`rfc2544: {system-recovery: {stream: s, within: 5s, settle: 2s, expect: "< 100ms"}}`,
			Step{Benchmark: &Benchmark{Procedure: "system-recovery", Streams: []string{"s"}, Within: Duration(5 * time.Second), Settle: Duration(2 * time.Second), Expect: "< 100ms"}}},
		{`rfc2544: {reset: {stream: s, process: {node: r2, name: routing}, expect: "< 5s"}}`,
			Step{Benchmark: &Benchmark{Procedure: "reset", Streams: []string{"s"}, Process: &Process{Node: "r2", Name: "routing"}, Expect: "< 5s"}}},
		{`rfc2889: {address-caching: {stream: s, monitor: h1, addresses: 500, rest: 20s, expect: ">= 400"}}`,
			Step{Benchmark: &Benchmark{Procedure: "address-caching", Streams: []string{"s"}, Monitor: &trafficgen.PortID{Node: "h1", Device: "eth1"}, Addresses: 500, Rest: Duration(20 * time.Second), Expect: ">= 400"}}},
		{`rfc2889: {forwarding: {stream: s, max-rate: 2kfps, expect: "> 1kfps"}}`,
			Step{Benchmark: &Benchmark{Procedure: "forwarding", Streams: []string{"s"}, MaxRate: 2000, Expect: "> 1kfps"}}},
	} {
		t.Run(test.yaml, func(t *testing.T) {
			if diff := cmp.Diff(test.want, oneStepOf(t, test.yaml), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})); diff != "" {
				t.Errorf("step (-want +got):\n%s", diff)
			}
		})
	}
}
