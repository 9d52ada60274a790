package check

import (
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// stats is a stream that lost n of 1000 frames in one go.
func stats(lost uint64, change ...func(*trafficgen.Stats)) trafficgen.Stats {
	s := trafficgen.Stats{Stream: "h1-h2", Sent: 1000, Received: 1000 - lost, Lost: lost,
		Latency: trafficgen.Latency{P99: 2 * time.Millisecond}, Uncertainty: time.Millisecond}
	if lost > 0 {
		s.Outages = []trafficgen.Outage{{Frames: lost, Duration: time.Duration(lost) * time.Millisecond, Start: time.Unix(100, 0)}}
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

func silent(s *trafficgen.Stats)  { *s = trafficgen.Stats{Stream: "h1-h2"} }
func stalled(s *trafficgen.Stats) { s.Faults = []string{"transmitter stalled 12 ms"} }
func noCount(s *trafficgen.Stats) { s.Received, s.Lost, s.Outages = 0, 0, nil }
func corrupt(s *trafficgen.Stats) { s.Corrupted = 2 }
func noDelay(s *trafficgen.Stats) { s.Latency = trafficgen.Latency{} }

func TestJudgeTraffic(t *testing.T) {
	tests := []struct {
		name   string
		got    Outcome
		want   Verdict
		reason string
	}{
		{"no loss", JudgeLoss("", stats(0)), Pass, "stream h1-h2 lost 0 of 1000"},
		{"loss", JudgeLoss("", stats(3)), Fail, "frames lost by stream h1-h2: expected 0, saw 3 of 1000 (0.3%)"},
		{"loss in frames", JudgeLoss("<= 3", stats(3)), Pass, ""},
		{"loss as a share", JudgeLoss("< 0.5%", stats(3)), Pass, ""},
		{"loss as too big a share", JudgeLoss("< 0.3%", stats(3)), Fail, "expected less than 0.3%"},
		{"nothing sent", JudgeLoss("< 100%", stats(0, silent)), Error, "it sent no frame"},
		{"generator at fault", JudgeLoss("", stats(0, stalled)), Error, "transmitter stalled"},
		{"nothing counted", JudgeLoss("", stats(0, noCount)), Error, "none was counted"},
		{"corrupted", JudgeLoss("", stats(0, corrupt)), Fail, "corrupted on the way: expected 0, saw 2"},
		{"wrong bound", JudgeLoss("< 5 apples", stats(0)), Error, "not a unit"},

		{"latency", JudgeLatency("< 5ms", stats(0)), Pass, "p99 latency of stream h1-h2 is 2ms"},
		{"latency too high", JudgeLatency("< 2ms", stats(0)), Fail, "expected less than 2ms, saw 2ms"},
		{"no latency", JudgeLatency("< 2ms", stats(0, noDelay)), Error, "no frame arrived"},
		{"latency of nothing", JudgeLatency("< 2ms", stats(0, silent)), Error, "no frame"},
		{"latency of what was lost", JudgeLatency("< 2ms", stats(1000)), Fail, "saw none of 1000 frames arrived"},

		{"outage", JudgeOutage("< 200ms", stats(150)), Pass, "longest outage of stream h1-h2 is 150ms ± 1ms (150 frames in a row)"},
		{"outage too long", JudgeOutage("< 200ms", stats(250)), Fail, "expected less than 200ms, saw 250ms"},
		{"outage on the edge", JudgeOutage("< 200ms", stats(200)), Fail, "the limit being within the uncertainty"},
		{"no outage", JudgeOutage("< 200ms", stats(0)), Pass, "no frame was lost"},
		{"never arrived", JudgeOutage("< 2h", stats(1000)), Fail, "none of 1000 frames arrived"},
		{"no bound", JudgeOutage("", stats(0)), Error, "empty"},
		{"outage of nothing", JudgeOutage("< 200ms", stats(0, silent)), Error, "no frame"},
		{"outages since", JudgeOutage("< 200ms", OutagesSince(stats(250), time.Unix(101, 0))), Pass, "no frame was lost"},
		{"outages still going on", JudgeOutage("< 200ms", OutagesSince(stats(250), time.Unix(100, 1e8))), Fail, "250ms"},
		{"recovered", JudgeRecovery("s", true, time.Second), Pass, ""},
		{"not recovered", JudgeRecovery("s", false, time.Second), Fail, "expected within 1s, saw it still loses frames"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { holds(t, test.got, test.want, test.reason) })
	}
}

func holds(t *testing.T, got Outcome, want Verdict, reason string) {
	t.Helper()
	if got.Verdict != want || !strings.Contains(got.Reason, reason) || got.Reason == "" || len(got.Findings) == 0 {
		t.Errorf("got %s: %s\nwant %s: … %s …", got.Verdict, got.Reason, want, reason)
	}
}

func TestJudgeActions(t *testing.T) {
	path := Path{From: "h1", To: "h2", Hops: []string{"10.1.1.1", "", "10.0.23.2", "10.1.3.2"}, Reached: true}
	cut := Path{From: "h1", To: "h2", Hops: []string{"10.1.1.1", ""}}
	r1, r3 := Waypoint{"r1", []string{"10.0.12.1", "10.1.1.1"}}, Waypoint{"r3", []string{"10.0.23.2"}}
	tests := []struct {
		name   string
		got    Outcome
		want   Verdict
		reason string
	}{
		{"ping", JudgePing("", "h1", "h2", 5, 5), Pass, "0 of 5 lost"},
		{"ping lost", JudgePing("", "h1", "h2", 5, 4), Fail, "ping from h1 to h2: expected 0% lost, saw 1 of 5 lost (20%)"},
		{"ping lost for a reason", JudgePing("", "h1", "h2", 5, 0, "10.1.1.1 says Destination Net Unreachable"), Fail,
			"ping from h1 to h2: expected 0% lost, saw 5 of 5 lost (100%): 10.1.1.1 says Destination Net Unreachable"},
		{"ping lost some", JudgePing("<= 20%", "h1", "h2", 5, 4), Pass, ""},
		{"ping all lost", JudgePing("= 100%", "h1", "h2", 5, 0), Pass, ""},
		{"ping nothing", JudgePing("<= 100%", "h1", "h2", 0, 0), Error, "no request was sent"},
		{"ping duplicates", JudgePing("", "h1", "h2", 5, 6), Pass, ""},

		{"path", JudgePath("", []Waypoint{r1, r3}, path), Pass, "10.1.1.1 → * → 10.0.23.2 → 10.1.3.2"},
		{"path in another order", JudgePath("", []Waypoint{r3, r1}, path), Fail, "expected through r1"},
		{"path elsewhere", JudgePath("", []Waypoint{{"r4", []string{"10.0.34.2"}}}, path), Fail, "expected through r4"},
		{"hops", JudgePath("<= 4", nil, path), Pass, ""},
		{"too many hops", JudgePath("<= 3", nil, path), Fail, "hops from h1 to h2: expected at most 3, saw 4"},
		{"not reached", JudgePath("", nil, cut), Fail, "expected to reach h2, saw it ends at 10.1.1.1 → *"},
		{"no hops", JudgePath("", nil, Path{From: "h1", To: "h2", Reached: true}), Error, "none"},

		{"output", JudgeMatches("r1", "show x", "", "text"), Pass, ""},
		{"output matches", JudgeMatches("r1", "show x", "t.x", "a text"), Pass, "matches /t.x/"},
		{"output does not match", JudgeMatches("r1", "show x", "y", "a text"), Fail, `output of "show x" on r1: expected a match of /y/, saw no match in: a text`},
		{"no output", JudgeMatches("r1", "show x", "", "\n"), Error, "nothing"},
		{"wrong expression", JudgeMatches("r1", "show x", "(", "x"), Error, ""},

		{"refused", JudgeRefusal("r1", "Syntax Error", "syntax error"), Pass, "r1 refused the change"},
		{"refused otherwise", JudgeRefusal("r1", "syntax error", "lock denied"), Fail, "saw lock denied"},
		{"accepted", JudgeRefusal("r1", "syntax error", ""), Fail, "the device accepted it"},

		{"cleared", JudgeCleared("r1", "clear bgp neighbor", "Cleared 2 connections\n"), Pass, "clear bgp neighbor on r1"},
		{"cleared without a word", JudgeCleared("r1", "clear isis adjacency", ""), Pass, ""},
		{"nothing to clear", JudgeCleared("r1", "clear isis adjacency", "IS-IS instance is not running\n"), Fail, "saw IS-IS instance is not running"},

		{"joined", Join(JudgePing("", "a", "b", 1, 1), JudgeMatches("r1", "x", "", "y")), Pass, "; "},
		{"joined with a failure", Join(JudgePing("", "a", "b", 1, 1), JudgePing("", "a", "c", 1, 0)), Fail, "a to c"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { holds(t, test.got, test.want, test.reason) })
	}
	spoilt := Outcome{Verdict: Error, Reason: "stalled", Findings: []Finding{{Verdict: Error, Seen: "stalled"}}}
	if o := Join(spoilt, spoilt); o.Reason != "stalled" || len(o.Findings) != 1 {
		t.Errorf("the same twice: %+v", o)
	}
	if Join().Verdict != Error {
		t.Error("joining nothing is no error")
	}
}
