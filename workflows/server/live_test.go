package server_test

import (
	"testing"
	"time"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
)

// The counters of streams are in the heartbeats of the steps that run
// meanwhile, and whoever follows the run sees them move: those of a stream that
// the step itself runs, and those that flow in the background.
func TestCountersAreLive(t *testing.T) {
	s := newStack(t, t.TempDir(), fakes.New())
	s.start(t, "pair-1", head+`
  - id: LIVE-001
    title: Streams flow
    steps:
      - traffic: {start: flow}
      - wait-until: {within: 3s, config: {node: r1, contains: ["snmp location nowhere"]}}
  - id: LIVE-002
    title: A stream runs
    steps:
      - traffic: {run: flow, duration: 3s}
`)
	seen := map[string]map[uint64]time.Time{"LIVE-001": {}, "LIVE-002": {}}
	result, err := workflows.FollowLive(t.Context(), s.client, "pair-1", func(p workflows.Progress) {
		c := p.Current()
		if c == nil || c.Now == nil || c.Now.Live == nil {
			return
		}
		for _, now := range c.Now.Live.Streams {
			if now.Stream != "flow" || now.Received == 0 || now.Received > now.Sent || now.FPS != 1000 {
				t.Errorf("%s: %+v", c.ID, now)
			}
			if seen[c.ID][now.Sent].IsZero() {
				seen[c.ID][now.Sent] = time.Now()
			}
		}
	})
	if err != nil || result.Counts.Pass != 1 || result.Counts.Fail != 1 || result.Verdict != check.Fail {
		t.Fatalf("%+v, %v", result, err)
	}
	for id, counters := range seen {
		t.Logf("%s: counters moved %d times in 3 s; they are sent every %v", id, len(counters), activities.CountersEvery)
		if len(counters) < 6 { // a busy machine sees fewer than thirty
			t.Errorf("%s: counters moved %d times in 3 s", id, len(counters))
		}
	}
}
