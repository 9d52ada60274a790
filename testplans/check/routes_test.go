package check

import (
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
	"github.com/ccl-lab/ccl/trafficgen/routes"
)

func TestJudgeRoutes(t *testing.T) {
	stats := []trafficgen.Stats{
		{Stream: "100.64.0.0/24", Sent: 100, Received: 50, Lost: 50, Uncertainty: 5 * time.Millisecond},
		{Stream: "100.64.9.0/24", Sent: 100, Received: 50, Lost: 50, Uncertainty: 7 * time.Millisecond},
	}
	worked := procedure.Convergence{Full: 400 * time.Millisecond, Converged: true, Routes: []procedure.RouteConvergence{{Recovered: true}, {Recovered: true}}}
	stuck := procedure.Convergence{Routes: []procedure.RouteConvergence{{Recovered: true}, {}}}
	measured := func(change func(*routes.Measurement)) routes.Measurement {
		m := routes.Measurement{Routes: 10, Sample: 2, Installation: worked, Removal: routes.Removal{Full: 400 * time.Millisecond, Complete: true}, Stats: stats}
		change(&m)
		return m
	}
	same := func(*routes.Measurement) {}
	faulty := func(m *routes.Measurement) {
		m.Stats = []trafficgen.Stats{{Sent: 1, Lost: 1, Faults: []string{"it stalled"}}}
	}
	announced, withdrawn := time.Unix(100, 0), time.Unix(200, 0)
	stood := func(at time.Time) func(m *routes.Measurement) {
		return func(m *routes.Measurement) {
			m.Installation.Event, m.Withdrawal.Began = announced, withdrawn
			s := stats[1]
			s.Stalls = []trafficgen.Stall{{FirstSeq: 60, LastSeq: 70, Start: at, End: at.Add(time.Second), Late: 60 * time.Millisecond}}
			m.Stats = []trafficgen.Stats{stats[0], s}
		}
	}
	for _, test := range []struct {
		judge  func(Bound, routes.Measurement) Outcome
		bound  Bound
		change func(*routes.Measurement)
		want   Verdict
		reason string
	}{
		{JudgeInstallation, "< 1s", same, Pass, "time until traffic to 2 of 10 routes flows is 400ms ± 7ms"},
		{JudgeInstallation, "< 399ms", same, Fail, "time until traffic to 2 of 10 routes flows: expected less than 399ms, saw 400ms ± 7ms, the limit being within the uncertainty"},
		{JudgeInstallation, "< 1s", func(m *routes.Measurement) { m.Installation = stuck }, Fail, "time until traffic to 2 of 10 routes flows: expected less than 1s, saw that to 1 of them does not"},
		{JudgeInstallation, "< 1s", func(m *routes.Measurement) { m.Stats = nil }, Error, "time until traffic to 2 of 10 routes flows: expected less than 1s, saw no stream that could show it"},
		{JudgeInstallation, "< 1s", faulty, Error, "stream : expected a measurement that counts, saw the generator was at fault: it stalled; 1 of 1 frames were lost, perhaps for that"},
		{JudgeInstallation, "< 450ms", stood(announced), Error, "time until traffic to 2 of 10 routes flows: expected less than 450ms, saw 340ms to 460ms: the generator itself stood still for 60ms meanwhile"},
		{JudgeRemoval, "< 450ms", stood(announced), Pass, "time until traffic to 2 of 10 routes ends is 400ms ± 7ms"},
		{JudgeRemoval, "< 300ms", stood(withdrawn), Fail, "time until traffic to 2 of 10 routes ends: expected less than 300ms, saw 340ms to 460ms: the generator itself stood still for 60ms meanwhile"},
		{JudgeRemoval, "< 1s", same, Pass, "time until traffic to 2 of 10 routes ends is 400ms ± 7ms"},
		{JudgeRemoval, "< 1s", func(m *routes.Measurement) { m.Removal.Complete = false }, Fail, "time until traffic to 2 of 10 routes ends: expected less than 1s, saw some of it still flows"},
	} {
		o := test.judge(test.bound, measured(test.change))
		if o.Verdict != test.want || o.Reason != test.reason {
			t.Errorf("%s (%s)\nwant %s (%s)", o.Verdict, o.Reason, test.want, test.reason)
		}
	}
}

func TestJudgeNumber(t *testing.T) {
	if o := JudgeNumber("> 0", "frames in capture c", 3); o.Verdict != Pass || o.Reason != "frames in capture c: 3" {
		t.Errorf("%+v", o)
	}
	if o := JudgeNumber("> 3", "frames in capture c", 3); o.Verdict != Fail || o.Reason != "frames in capture c: expected more than 3, saw 3" {
		t.Errorf("%+v", o)
	}
}
