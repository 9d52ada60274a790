package cli

import (
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// Flows are named where they differ.
func TestFlowNotes(t *testing.T) {
	flow := func(name string, lost uint64, mean time.Duration) trafficgen.FlowStats {
		return trafficgen.FlowStats{Name: name, Sent: 50, Received: 50 - lost, Lost: lost, LatencyMean: mean}
	}
	s := trafficgen.Stats{Stream: "s", FlowCount: 4, FlowsLossy: 1,
		Flows:      []trafficgen.FlowStats{flow("udp.sport 7", 3, 0)},
		FlowDelays: []trafficgen.FlowStats{flow("udp.sport 5", 0, time.Millisecond), flow("udp.sport 6", 0, 3*time.Millisecond)}}
	const want = "s: 1 of 4 flows lost frames, most of them udp.sport 7: 3 of 50\n" +
		"s: flows take 1ms (udp.sport 5) to 3ms (udp.sport 6) on average\n"
	if got := trafficNotes([]trafficgen.Stats{s}); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := flowNotes(&trafficgen.Stats{Stream: "s"}); got != "" {
		t.Errorf("%q of a stream of one flow", got)
	}
}
