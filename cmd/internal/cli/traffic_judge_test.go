package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// A loop ends with 3 when a bound is missed or nothing arrived, but not when
// that was allowed.
func TestJudgeTraffic(t *testing.T) {
	streams := []trafficgen.Stream{{Name: "s", From: trafficgen.PortID{Node: "h1", Device: "eth1"}, To: trafficgen.PortID{Node: "h2", Device: "eth1"}}}
	lost := func(n uint64) trafficgen.Stats {
		return trafficgen.Stats{Stream: "s", Sent: 1000, Received: 1000 - n, Lost: n, Latency: trafficgen.Latency{P99: time.Millisecond}}
	}
	none := lost(1000)
	misrouted, damaged, elsewhere := none, none, none
	misrouted.Misrouted, damaged.Corrupted, elsewhere.Elsewhere = 7, 8, true
	for _, tc := range []struct {
		name   string
		bounds bounds
		stats  trafficgen.Stats
		code   int
		says   []string
	}{
		{"measured", bounds{}, lost(500), ExitOK, nil},
		{"within", bounds{maxLoss: "0.1%"}, lost(1), ExitOK, nil},
		{"beyond", bounds{maxLoss: "0.1"}, lost(2), ExitCasesFailed, []string{"fail: frames lost by stream s: expected at most 0.1%, saw 2 of 1000 (0.2%)"}},
		{"none lost", bounds{maxLoss: "0"}, lost(0), ExitOK, nil},
		{"one lost", bounds{maxLoss: "0"}, lost(1), ExitCasesFailed, []string{"saw 1 of 1000"}},
		{"nothing arrived", bounds{}, none, ExitCasesFailed, []string{
			"ccl: error: stream s: nothing arrived: 1000 frames left h1:eth1 and none of them whole came to h2:eth1", "ccl: hint: is every link on the way up"}},
		{"nothing arrived, of which half must", bounds{maxLoss: "50"}, none, ExitCasesFailed, []string{"saw 1000 of 1000 (100%)", "nothing arrived"}},
		{"nothing arrived whose latency is asked for", bounds{latency: "< 1s"}, none, ExitCasesFailed, []string{"nothing arrived"}},
		{"nothing need arrive", bounds{maxLoss: "100"}, none, ExitOK, nil},
		{"all misrouted", bounds{}, misrouted, ExitCasesFailed, []string{"nothing arrived", "7 of them came to another port"}},
		{"all damaged", bounds{}, damaged, ExitCasesFailed, []string{"nothing arrived", "8 of them came damaged", "ccl traffic capture h2:eth1"}},
		{"elsewhere", bounds{}, elsewhere, ExitOK, nil},
		{"nothing sent", bounds{}, trafficgen.Stats{Stream: "s"}, ExitOK, nil}, // interrupted before it began
		{"slow", bounds{latency: "< 1us"}, lost(0), ExitCasesFailed, []string{"p99 latency of stream s"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := tc.bounds.check(); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			app := App{Stdout: &out, Stderr: &out}
			code := finish(&out, app.judgeTraffic(tc.bounds, streams, []trafficgen.Stats{tc.stats}))
			if code != tc.code || tc.says == nil && out.Len() > 0 {
				t.Errorf("exit %d, want %d: %s", code, tc.code, &out)
			}
			for _, want := range tc.says {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q in %q", want, &out)
				}
			}
		})
	}
}
