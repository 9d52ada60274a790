package metrics

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ccl-lab/ccl/trafficgen"
)

// script is a generator that says what it is told to, step by step.
type script struct {
	live  [][]trafficgen.Stats
	final []trafficgen.Stats
	then  func() // after each observation
}

func (s script) Run(_ context.Context, _ []trafficgen.Stream, observe func([]trafficgen.Stats)) ([]trafficgen.Stats, error) {
	for _, stats := range s.live {
		observe(stats)
		s.then()
	}
	return s.final, nil
}

func scrape(t *testing.T, w *Watched) string {
	t.Helper()
	if problems, err := testutil.CollectAndLint(w); err != nil || len(problems) > 0 {
		t.Errorf("lint: %v %v", problems, err)
	}
	answer := httptest.NewRecorder()
	w.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	return answer.Body.String()
}

func has(t *testing.T, page string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("no line %q in\n%s", line, page)
		}
	}
}

func TestCountersGoOn(t *testing.T) {
	s := &script{}
	w := Watch(s)
	streams := []trafficgen.Stream{{
		Name: "h1-h2", From: trafficgen.PortID{Node: "h1", Device: "eth1"}, To: trafficgen.PortID{Node: "h2", Device: "eth1"},
	}}
	stat := func(sent, received uint64) []trafficgen.Stats {
		return []trafficgen.Stats{{Stream: "h1-h2", Sent: sent, Received: received, Lost: sent - received, OfferedFPS: 1000,
			Latency: trafficgen.Latency{Mean: 2 * time.Millisecond, P50: time.Millisecond, P99: 5 * time.Millisecond},
			Outages: []trafficgen.Outage{{Duration: 50 * time.Millisecond}}}}
	}
	const who = `{from="h1:eth1",stream="h1-h2",to="h2:eth1"`
	run := func() {
		t.Helper()
		if got, err := w.Run(t.Context(), streams, nil); err != nil || len(got) != 1 {
			t.Fatal(got, err)
		}
	}

	s.live = [][]trafficgen.Stats{stat(10, 10), stat(500, 490)}
	s.final = stat(1000, 950)
	var pages []string
	s.then = func() { pages = append(pages, scrape(t, w)) }
	run()
	has(t, pages[0], "ccl_traffic_frames_sent_total"+who+"} 10", "ccl_traffic_running"+who+"} 1")
	has(t, pages[1], "ccl_traffic_frames_sent_total"+who+"} 500", "ccl_traffic_frames_lost"+who+"} 10")
	has(t, scrape(t, w), "ccl_traffic_frames_sent_total"+who+"} 1000", "ccl_traffic_frames_lost"+who+"} 50", "ccl_traffic_running"+who+"} 0",
		"ccl_traffic_longest_outage_seconds"+who+"} 0.05", `ccl_traffic_latency_seconds`+who+`,quantile="0.99"} 0.005`,
		"ccl_traffic_latency_seconds_count"+who+"} 950")

	pages = nil
	run()
	has(t, pages[0], "ccl_traffic_frames_sent_total"+who+"} 1010")
	has(t, scrape(t, w), "ccl_traffic_frames_sent_total"+who+"} 2000", "ccl_traffic_frames_received_total"+who+"} 1900")
}
