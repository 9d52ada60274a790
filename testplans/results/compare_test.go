package results_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// caseOf returns a case whose attempts had these verdicts, "pass fail".
func caseOf(id, verdicts string) results.Case {
	c := results.Case{ID: id, Title: "title of " + id}
	for i, v := range strings.Fields(verdicts) {
		c.Attempts = append(c.Attempts, attempt(i+1, check.Verdict(v)))
	}
	return c
}

func TestCompareVerdicts(t *testing.T) {
	for _, c := range []struct {
		old, new string // "-": not in that run; "": did not run
		want     results.Change
		flaky    bool
		reason   string
	}{
		{"pass", "pass", results.StillPass, false, "because pass"},
		{"pass", "fail", results.NewFail, false, "because fail"},
		{"fail", "pass", results.Fixed, false, "before: because fail"},
		{"fail", "fail", results.StillFail, false, "because fail"},
		{"pass", "error", results.NotComparable, false, "because error"},
		{"error", "pass", results.NotComparable, false, "before: because error"},
		{"skip", "fail", results.NotComparable, false, "before: because skip"},
		{"fail", "skip", results.NotComparable, false, "because skip"},
		{"pass", "", results.NotComparable, false, "did not run"},
		{"", "", results.NotComparable, false, "did not run"},
		{"-", "fail", results.New, false, "because fail"},
		{"pass", "-", results.Removed, false, "because pass"},
		{"pass", "fail pass", results.StillPass, true, "because pass"},
		{"error pass", "fail", results.NewFail, true, "because fail"},
		{"pass", "pass fail", results.NewFail, false, "because fail"},
	} {
		old, new := &results.Run{}, &results.Run{}
		if c.old != "-" {
			old.Cases = []results.Case{caseOf("X", c.old)}
		}
		if c.new != "-" {
			new.Cases = []results.Case{caseOf("X", c.new)}
		}
		got := results.Compare(old, new).Cases
		if len(got) != 1 || got[0].Change != c.want || got[0].Flaky != c.flaky || got[0].Reason != c.reason {
			t.Errorf("%q then %q: %+v, want %s, flaky %t, reason %q", c.old, c.new, got, c.want, c.flaky, c.reason)
		}
	}
}

// The same plan with fewer cases chosen has lost none of them.
func TestCompareOfAChoice(t *testing.T) {
	whole := &results.Run{PlanHash: "abc", Cases: []results.Case{caseOf("A", "pass"), caseOf("B", "pass")}}
	part := &results.Run{PlanHash: "abc", Cases: []results.Case{caseOf("B", "pass")}}
	for _, c := range []struct {
		old, new *results.Run
		reason   string
	}{
		{whole, part, "not chosen for the new run"},
		{part, whole, "not chosen for the old run"},
	} {
		got := results.Compare(c.old, c.new)
		a := got.Cases[slices.IndexFunc(got.Cases, func(cc results.CaseChange) bool { return cc.ID == "A" })]
		if a.Change != results.NotComparable || a.Reason != c.reason || got.Regressed() {
			t.Errorf("%+v, want %q", a, c.reason)
		}
	}
}

func TestCompareOrderCaveatsAndRegression(t *testing.T) {
	old, new := ring("ring-1", start), ring("ring-2", start.Add(time.Hour))
	old.Cases = []results.Case{caseOf("GONE", "pass"), caseOf("A", "pass"), caseOf("B", "fail")}
	new.Cases = []results.Case{caseOf("B", "pass"), caseOf("N", "pass"), caseOf("A", "pass")}
	old.Finished, new.Finished = start, start
	new.PlanHash, new.Backend = "def", "clab"
	old.Platforms = []results.Platform{{Node: "r1", Config: "a1"}, {Node: "r2", Config: "a2"}, {Node: "r3"}, {Node: "r4", Config: "a4"}}
	new.Platforms = []results.Platform{{Node: "r1", Config: "b1"}, {Node: "r2", Config: "a2"}, {Node: "r3", Config: "b3"}, {Node: "r4", Config: "b4"}, {Node: "r5", Config: "b5"}}
	got := results.Compare(old, new)
	var order []string
	for _, c := range got.Cases {
		order = append(order, c.ID+" "+string(c.Change))
	}
	if diff := cmp.Diff([]string{"B fixed", "N new", "A still-pass", "GONE removed"}, order); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
	want := []string{"the plan changed between the runs (hash abc, then def)", "different backends: netns and clab", "other configurations at the beginning: r1, r4"}
	if diff := cmp.Diff(want, got.Caveats); diff != "" {
		t.Errorf("caveats (-want +got):\n%s", diff)
	}
	if got.Regressed() {
		t.Error("nothing got worse, yet Regressed")
	}
	got.Cases[1].New = check.Fail
	if !got.Regressed() {
		t.Error("a new case fails, yet not Regressed")
	}
	got.Cases[1].KnownIssue = "PR 1234567"
	if got.Regressed() {
		t.Error("a known issue explains the failure, yet Regressed")
	}
	if n := got.Counts(); n[results.Fixed] != 1 || n[results.NewFail] != 0 {
		t.Errorf("Counts = %v", n)
	}
}

// measured is a case with an outage and a throughput.
func measured(outage time.Duration, fps float64) results.Case {
	c := caseOf("X", "pass")
	c.Attempts[0].Steps = append(c.Attempts[0].Steps, results.Step{
		Convergence: &results.Convergence{Stream: "h1-h2", Event: "link r1:ge-0/0/0 down", Outage: outage, Uncertainty: 2 * time.Millisecond},
	}, results.Step{
		Benchmark: &procedure.Result{Procedure: procedure.Throughput, Rows: []procedure.Row{
			{FrameBytes: 64, Throughput: &procedure.ThroughputRow{FPS: fps, LowestLossy: fps + 100}},
			{FrameBytes: 128, Throughput: &procedure.ThroughputRow{FPS: fps}, TesterLimited: "offered too little"},
		}},
	})
	return c
}

func TestCompareNumbers(t *testing.T) {
	run := func(c results.Case) *results.Run { return &results.Run{Cases: []results.Case{c}} }
	got := results.Compare(run(measured(180*time.Millisecond, 1000)), run(measured(250*time.Millisecond, 1150))).Cases[0].Numbers
	want := []results.Number{
		{What: "outage of h1-h2, link r1:ge-0/0/0 down", Unit: "ms", Old: 180, New: 250, Noise: 4, LowerBetter: true},
		{What: "throughput with 64-byte frames", Unit: "fps", Old: 1000, New: 1150, Noise: 200},
		{What: "throughput with 128-byte frames", Unit: "fps", Old: 1000, New: 1150, Noise: 215},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("numbers (-want +got):\n%s", diff)
	}
	if !got[0].Moved() || !got[0].Worse() {
		t.Error("the outage grew by 70 ms, noise 4 ms: want moved and worse")
	}
	if got[1].Moved() || got[1].Worse() {
		t.Error("the throughput moved within its noise, yet Moved")
	}
}

// Route times are compared where as many routes were announced or withdrawn and
// as many of them watched; announcements with announcements.
func TestCompareRouteTimes(t *testing.T) {
	run := func(announced, withdrawn time.Duration, count int) *results.Run {
		c := caseOf("X", "pass")
		c.Attempts[0].Steps = append(c.Attempts[0].Steps,
			results.Step{RouteTime: &results.RouteTime{Routes: "feed", Count: count, Sample: 20, Took: announced, Uncertainty: time.Millisecond}},
			results.Step{RouteTime: &results.RouteTime{Routes: "feed", Withdrawn: true, Count: 500, Sample: 20, Took: withdrawn, Uncertainty: time.Millisecond}})
		return &results.Run{Cases: []results.Case{c}}
	}
	const ms = time.Millisecond
	got := results.Compare(run(2000*ms, 800*ms, 10_000), run(2400*ms, 900*ms, 10_000)).Cases[0].Numbers
	want := []results.Number{
		{What: "time until traffic to 20 of 10000 routes feed flows after their announcement", Unit: "ms", Old: 2000, New: 2400, Noise: 442, LowerBetter: true},
		{What: "time until traffic to 20 of 500 routes feed ends after their withdrawal", Unit: "ms", Old: 800, New: 900, Noise: 172, LowerBetter: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("numbers (-want +got):\n%s", diff)
	}
	slower := results.Compare(run(2000*ms, 800*ms, 10_000), run(2500*ms, 500*ms, 10_000)).Cases[0].Numbers
	if got[0].Moved() || !slower[0].Worse() || !slower[1].Moved() || slower[1].Worse() {
		t.Errorf("%+v", slower)
	}
	if n := results.Compare(run(2000*ms, 800*ms, 10_000), run(2400*ms, 900*ms, 9000)).Cases[0].Numbers; len(n) != 1 {
		t.Errorf("%+v", n)
	}
}

// What is measured in each round of a repeat is compared round by round.
func TestCompareRounds(t *testing.T) {
	run := func(outages ...time.Duration) *results.Run {
		c := caseOf("X", "pass")
		for i, outage := range outages {
			c.Attempts[0].Steps = append(c.Attempts[0].Steps, results.Step{
				Round:       &check.Round{Repeat: 1, Number: i + 1, Times: len(outages)},
				Convergence: &results.Convergence{Stream: "s", Event: "link down", Outage: outage},
			})
		}
		return &results.Run{Cases: []results.Case{c}}
	}
	const ms = time.Millisecond
	got := results.Compare(run(10*ms, 20*ms, 30*ms), run(10*ms, 40*ms)).Cases[0].Numbers
	want := []results.Number{
		{What: "outage of s, link down, round 1", Unit: "ms", Old: 10, New: 10, LowerBetter: true},
		{What: "outage of s, link down, round 2", Unit: "ms", Old: 20, New: 40, LowerBetter: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}

func TestSummary(t *testing.T) {
	run := &results.Run{
		Requirements: []results.Requirement{{ID: "R1"}, {ID: "R2"}},
		Cases: []results.Case{
			caseOf("A", "pass"), caseOf("B", "fail pass"), caseOf("C", "fail"), caseOf("D", "error"), caseOf("E", "skip"), caseOf("F", ""),
		},
	}
	run.Cases[0].Requirement, run.Cases[2].Requirement, run.Cases[4].Requirement = "R1", "R1", "R9"
	got := run.Summary()
	if want := (results.Counts{Cases: 6, Pass: 2, Fail: 1, Error: 1, Skip: 1, NotRun: 1, Flaky: 1}); got.Counts != want {
		t.Errorf("counts = %+v, want %+v", got.Counts, want)
	}
	if got.Coverage[0].Cases != 2 || got.Coverage[0].Counts.Verdict() != check.Fail || got.Coverage[1].Cases != 0 {
		t.Errorf("coverage = %+v", got.Coverage)
	}
	if diff := cmp.Diff([]string{"B", "D", "E", "F"}, got.Unassigned); diff != "" {
		t.Errorf("unassigned (-want +got):\n%s", diff)
	}
	for verdicts, want := range map[string]check.Verdict{
		"pass,fail,error": check.Fail, "pass,error": check.Error, "pass,": check.Error, "pass,skip": check.Pass, "skip,skip": check.Skip,
	} {
		r := &results.Run{}
		for _, v := range strings.Split(verdicts, ",") {
			r.Cases = append(r.Cases, caseOf("X"+v, v))
		}
		if got := r.Summary().Verdict; got != want {
			t.Errorf("%s: verdict %s, want %s", verdicts, got, want)
		}
		r.Problem = "the lab did not deploy"
		if got := r.Summary().Verdict; got == check.Pass || got == check.Skip {
			t.Errorf("%s and a problem: verdict %s", verdicts, got)
		}
	}
}
