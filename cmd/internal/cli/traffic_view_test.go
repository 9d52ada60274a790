package cli

import (
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// Flows are named where they differ, and the worst are shown: what was lost
// before what was slow, nothing twice.
func TestFlowNotes(t *testing.T) {
	const ms = time.Millisecond
	flow := func(name string, lost uint64, mean time.Duration) trafficgen.FlowStats {
		return trafficgen.FlowStats{Name: name, Sent: 50, Received: 50 - lost, Lost: lost,
			Latency: trafficgen.Latency{Min: mean, Mean: mean, P50: mean, P99: 2 * mean, Max: 3 * mean, Jitter: mean / 4}}
	}
	broken := flow("udp.sport 7", 50, 0)
	broken.Outage = trafficgen.Outage{Frames: 50, Duration: 200 * ms}
	fast, slow := flow("udp.sport 5", 0, ms), flow("udp.sport 6", 2, 3*ms)
	beyond := flow("udp.sport 8", 0, 0)
	beyond.Latency.Max = 9 * ms // of a flow without percentiles
	beyond.Duplicate, beyond.Reordered = 1, 2
	s := trafficgen.Stats{Stream: "s", FlowCount: 4, FlowsLossy: 2, FlowResolution: 1.0 / 32,
		Flows:      []trafficgen.FlowStats{broken, slow, beyond},
		FlowsSlow:  []trafficgen.FlowStats{slow, fast},
		FlowDelays: []trafficgen.FlowStats{fast, slow}}
	const want = `s: 2 of 4 flows lost frames, most of them udp.sport 7: 50 of 50
s: flows take 1ms (udp.sport 5) to 3ms (udp.sport 6) on average
s: the worst of 4 flows, percentiles ± 3.1%
  FLOW         SENT  LOST  OUTAGE  DUP  REORDERED  LATENCY p50 / p99 / max  JITTER
  udp.sport 7  50    50    200ms   0    0          -                        -
  udp.sport 6  50    2     -       0    0          3ms / 6ms / 9ms          750µs
  udp.sport 8  50    0     -       1    2          - / - / 9ms              0s
  udp.sport 5  50    0     -       0    0          1ms / 2ms / 3ms          250µs
`
	if got := trafficNotes([]trafficgen.Stats{s}); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := flowNotes(&trafficgen.Stats{Stream: "s"}); got != "" {
		t.Errorf("%q of a stream of one flow", got)
	}
}
