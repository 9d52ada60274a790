package check

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// Every metric passes, fails and is an error where it says nothing.
func TestMetrics(t *testing.T) {
	const ms = time.Millisecond
	s := trafficgen.Stats{Stream: "s", Sent: 1000, Received: 990, Lost: 10, Duplicate: 5, Reordered: 99, ReorderExtent: 7,
		FlowCount: 100, FlowsLossy: 4, Latency: trafficgen.Latency{Min: ms, Mean: 2 * ms, P50: 3 * ms, P90: 4 * ms, P99: 5 * ms, P999: 6 * ms,
			Max: 7 * ms, Jitter: 8 * ms, PDV: 9 * ms, IPDV: 10 * ms}}
	for _, tc := range []struct {
		metric     string
		holds, not Bound
		seen       string
	}{
		{"latency-mean", "<= 2ms", "< 2ms", "2ms"},
		{"latency-p50", "3ms", "> 3ms", "3ms"},
		{"latency-p90", "<= 4ms", "< 4ms", "4ms"},
		{"latency-p99.9", "<= 6ms", "< 6ms", "6ms"},
		{"latency-max", "<= 7ms", "< 7ms", "7ms"},
		{"jitter", "<= 8ms", "< 8ms", "8ms"},
		{"pdv", "<= 9ms", "< 9ms", "9ms"},
		{"ipdv", "<= 10ms", "< 10ms", "10ms"},
		{"duplicates", "= 5", "= 0", "5 of 990 received"},
		{"reordered", "<= 10%", "< 10%", "99 of 990 received"},
		{"reorder-extent", "<= 7", "< 7", "7"},
		{"lossy-flows", "<= 4%", "<= 3", "4 of 100"},
	} {
		m := metricOf(tc.metric)
		if m == nil {
			t.Fatalf("there is no metric %s", tc.metric)
		}
		if o := m.Judge(tc.holds, s); o.Verdict != Pass || !strings.Contains(o.Reason, tc.seen) {
			t.Errorf("%s %s: %s, %s", tc.metric, tc.holds, o.Verdict, o.Reason)
		}
		if o := m.Judge(tc.not, s); o.Verdict != Fail {
			t.Errorf("%s %s: %s", tc.metric, tc.not, o.Verdict)
		}
		if o := m.Judge(tc.holds, trafficgen.Stats{Stream: "s"}); o.Verdict != Error {
			t.Errorf("%s of a stream that sent nothing: %s", tc.metric, o.Verdict)
		}
		faulty := s
		faulty.Faults = []string{"it stalled"}
		if o := m.Judge(tc.holds, faulty); o.Verdict != Error {
			t.Errorf("%s of a faulty generator: %s", tc.metric, o.Verdict)
		}
		if o := m.Judge("< 1Mbps", s); o.Verdict != Error {
			t.Errorf("%s bound by a bit rate: %s", tc.metric, o.Verdict)
		}
		deaf := trafficgen.Stats{Stream: "s", Sent: 10, Lost: 10}
		if o := m.Judge(tc.holds, deaf); o.Verdict == Pass {
			t.Errorf("%s where nothing arrived: %s", tc.metric, o.Verdict)
		}
	}
	if len(Metrics) != 12 {
		t.Errorf("%d metrics, 12 are tested", len(Metrics))
	}
}

// metricOf is the metric of that name, nil if there is none.
func metricOf(name string) *Metric {
	i := slices.IndexFunc(Metrics, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		return nil
	}
	return &Metrics[i]
}
