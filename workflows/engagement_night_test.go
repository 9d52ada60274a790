package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/notice"
	"github.com/ccl-lab/ccl/workflows"
)

// nightAt is a time after the kick-off, which was at nine, at two in the night
// that follows a day, from 1.
func nightAt(day int) time.Duration { return days(float64(day-1)) + 17*time.Hour }

// outcomes are what came of the nights, in a word each.
func outcomes(s *workflows.EngagementState) string {
	var words []string
	for _, n := range s.Nights {
		words = append(words, strings.TrimPrefix(n.ID, "acme/night-")+" "+string(n.Outcome))
	}
	return strings.Join(words, ", ")
}

// A night for each test day, each on a lab of its own, compared with the first
// full run. They spend no slot and change no verdict.
func TestEngagementNights(t *testing.T) {
	d := newDeal(t, goodCase+badCase)
	d.in.Definition.Nightly = &testplans.EngagementNightly{At: "02:00"}
	d.agree(days(2))
	s := d.play()
	if len(s.Nights) != 20 || s.NextNight != 20 {
		t.Fatalf("%d nights of %d: %s", len(s.Nights), s.NextNight, outcomes(s))
	}
	for i, n := range s.Nights {
		if n.Outcome != notice.Unchanged || n.Baseline != "acme/run-01" || n.Counts.Pass != 1 || n.Counts.Fail != 1 || n.Problem != "" {
			t.Errorf("night %d: %+v, want one that is like run-01", i+1, n)
		}
		if at := kickoff.Add(nightAt(3 + i)); n.Started.Sub(at) > time.Minute || n.Started.Before(at) {
			t.Errorf("night %d began at %s, want %s", i+1, n.Started, at)
		}
	}
	if len(s.Runs) != 1 || s.Slots.Used() != 2 || s.Cases[1].Run != "acme/run-01" {
		t.Errorf("%d runs, %d slots used, cases %+v", len(s.Runs), s.Slots.Used(), s.Cases)
	}
	if got := len(d.world.Log("deploy")); got != 22 {
		t.Errorf("%d labs were deployed, want one for the replication, the run and each night", got)
	}
	if !strings.HasPrefix(about(s, "night"), "acme/night-01 of pair begins\nacme/night-01 ended: pair: all of 2 cases as in the baseline\n") ||
		about(s, "baseline") != "the nights of pair are compared with acme/run-01\n" {
		t.Errorf("the ledger says %q of the nights, %q of their baseline", about(s, "night"), about(s, "baseline"))
	}
	d.wantReport(s, "## Nights", "| acme/night-20 |", "all of 2 cases as in the baseline")
	if _, err := os.Stat(d.in.Out + "/night-01/report.html"); err != nil {
		t.Errorf("the report of a night: %v", err)
	}
}

// A night begins only if the lab is free and the window open; what is left out
// is in the ledger.
func TestEngagementNightsLeftOut(t *testing.T) {
	d := newDeal(t, goodCase+`
  - id: LONG-001
    title: It takes a while
    steps:
      - traffic: {run: flow, duration: 2s}
`)
	d.in.Definition.Nightly = &testplans.EngagementNightly{At: "02:00", Tags: []string{"smoke"}}
	failures := 0
	d.world.Before = deployFailing(&failures)
	d.agree(days(2))
	d.run(nightAt(4)-500*time.Millisecond, "acme/run-02 begins", "LONG-001")
	d.do(days(4.2), func() { failures = 1000 })
	d.do(days(5), func() { failures = 0 })
	var page string
	d.do(days(7), func() { page = about(&d.status().State, "night") })
	d.signed(days(7.1), "Bob", workflows.AcceptUpdate, workflows.SignedRequest{}, "the results are accepted")
	s := d.play()
	if want := "01 unchanged, 03 could not run, 04 unchanged, 05 unchanged"; outcomes(s) != want {
		t.Errorf("nights: %s, want %s", outcomes(s), want)
	}
	if !strings.Contains(page, "acme/night-02 is left out\n") || !strings.Contains(page, "acme/night-03 ended: pair could not run: deploying the lab: no room on this host") {
		t.Errorf("the ledger says %s", page)
	}
	for _, l := range s.Ledger {
		if strings.Contains(l.What, "is left out") && l.Why != "acme/run-02 is going on" {
			t.Errorf("left out because %q", l.Why)
		}
	}
	if n := s.Nights[0]; n.Counts.Cases != 1 || n.Baseline != "acme/run-01" {
		t.Errorf("the night of some cases: %+v; want it compared with those of the full run", n)
	}
}

// After an amendment the nights are compared with the first full run, or the
// first night, of the plan as it is signed now.
func TestNightsAfterAnAmendment(t *testing.T) {
	d := newDeal(t, goodCase)
	d.in.Definition.Nightly = &testplans.EngagementNightly{At: "02:00"}
	d.agree(days(2))
	d.do(days(4), func() { d.plan("pair", goodCase+strings.Replace(goodCase, "CFG-001", "CFG-003", 1)) })
	d.amend(days(4.1), "1 added (pair/CFG-003)")
	d.sign(days(4.2), "Bob", "amendment 1 is signed")
	d.signed(days(7), "Bob", workflows.AcceptUpdate, workflows.SignedRequest{}, "the results are accepted")
	s := d.play()
	if want := "01 unchanged, 02 unchanged, 03 became the baseline, 04 unchanged, 05 unchanged"; outcomes(s) != want {
		t.Errorf("nights: %s, want %s", outcomes(s), want)
	}
	if c := s.Cases[1]; c.Verdict != check.Pass || c.Run != "acme/night-03/run" || !s.Slots[1].Ran {
		t.Errorf("the new case stands as %+v, slots %+v; want it judged by the night, and its slot spent", c, s.Slots)
	}
	if len(s.Baselines) != 2 || s.Baselines[1].Run != "acme/night-03/run" || s.Nights[4].Baseline != "acme/night-03/run" {
		t.Errorf("baselines %+v", s.Baselines)
	}
}

// The plan of the nights stays theirs when an amendment moves it to another
// file, as is wise where runs go on until it is signed.
func TestNightsOfAPlanThatMoves(t *testing.T) {
	d := newDeal(t, goodCase)
	d.in.Definition.Nightly = &testplans.EngagementNightly{At: "02:00", Plan: d.in.Definition.Plans[0]}
	d.agree(days(2))
	moved := filepath.Join(d.dir, "pair-2.yaml")
	if err := os.WriteFile(moved, []byte(planHead+goodCase+strings.Replace(goodCase, "CFG-001", "CFG-003", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	d.amend(days(4.1), "1 added (pair/CFG-003)", moved)
	d.sign(days(5.2), "Bob", "amendment 1 is signed")
	d.signed(days(7), "Bob", workflows.AcceptUpdate, workflows.SignedRequest{}, "the results are accepted")
	s := d.play()
	if want := "01 unchanged, 02 unchanged, 03 unchanged, 04 became the baseline, 05 unchanged"; outcomes(s) != want {
		t.Errorf("nights: %s, want %s\n%s", outcomes(s), want, about(s, "night"))
	}
}

// A night that goes on when the engagement is cancelled, or when its window
// closes, leaves no lab.
func TestNightIsCut(t *testing.T) {
	const long = `
  - id: LONG-001
    title: It takes a while
    steps:
      - traffic: {run: flow, duration: 1s}
`
	t.Run("by a contact", func(t *testing.T) {
		d := newDeal(t, long)
		d.in.Definition.Nightly = &testplans.EngagementNightly{At: "02:00"}
		d.agree(days(2))
		d.signed(nightAt(4)+500*time.Millisecond, "Bob", workflows.CancelUpdate, workflows.SignedRequest{Reason: "no budget"}, "cancelled")
		s := d.play()
		if len(s.Nights) != 2 || s.Nights[1].Outcome != notice.CouldNotRun || took(s)-nightAt(4) > time.Minute {
			t.Errorf("nights: %s, ended %v after the night began", outcomes(s), took(s)-nightAt(4))
		}
	})
	t.Run("by the window", func(t *testing.T) {
		d := newDeal(t, long+goodCase)
		d.in.Day = 200 * time.Millisecond // a window of four seconds, in which nights last for several days
		d.in.Definition.Nightly = &testplans.EngagementNightly{At: "23:30"}
		d.agreeSoon()
		s := d.play()
		if len(s.Nights) == 0 {
			t.Fatalf("no night began:\n%s", about(s, "night"))
		}
		last := s.Nights[len(s.Nights)-1]
		if last.Finished.After(s.Window.Closes()) && (last.Counts.Skip != 1 || last.Problem != "the test window closed before every case had its turn") {
			t.Errorf("the last night: %+v; want what did not begin in the window to be skipped", last)
		}
		if s.NextNight != 20 || s.LeftOut != nil {
			t.Errorf("%d of 20 nights were looked at, %+v is not in the ledger", s.NextNight, s.LeftOut)
		}
		// Each is in the ledger: it began, is left out, or is one of a row that
		// was left out too.
		said := 0
		for _, line := range strings.Split(about(s, "night"), "\n") {
			var from, to int
			switch {
			case strings.Contains(line, " begins"), strings.Contains(line, " is left out"), strings.Contains(line, " was left out too"):
				said++
			case strings.Contains(line, " were left out too"):
				if _, err := fmt.Sscanf(line, "acme/night-%d to %d were", &from, &to); err != nil {
					t.Error(err)
				}
				said += to - from + 1
			}
		}
		if said != 20 {
			t.Errorf("the ledger accounts for %d nights of 20:\n%s", said, about(s, "night"))
		}
	})
}

// Of a night that nobody was there to begin it is said so.
func TestEngagementNightIsMissed(t *testing.T) {
	d := newDeal(t, goodCase)
	d.in.Definition.Nightly = &testplans.EngagementNightly{At: "02:00"}
	d.agree(days(2))
	d.do(nightAt(3)+time.Hour, func() { d.env.SetContinueAsNewSuggested(true) })
	d.amend(nightAt(3)+time.Hour+time.Millisecond, "refused: the plans are those that were signed")
	d.env.ExecuteWorkflow(workflows.Engagement, d.in)
	next := continuation(t, d.env.GetWorkflowError())
	if len(next.State.Nights) != 1 || next.State.NextNight != 1 || len(next.State.Baselines) != 1 {
		t.Fatalf("carried over: %s, next %d", outcomes(next.State), next.State.NextNight)
	}
	for _, c := range []struct {
		name string
		late time.Duration
		want string
	}{{"an hour late", time.Hour, "02 unchanged"}, {"seven hours late", 7 * time.Hour, "03 unchanged"}} {
		t.Run(c.name, func(t *testing.T) {
			later := &deal{bench: d.bench, env: d.bench.env(), in: again(t, mustJSON(t, next)), tokens: d.tokens}
			later.env.SetStartTime(kickoff.Add(nightAt(4) + c.late))
			s := later.play()
			if got := outcomes(s); !strings.HasPrefix(got, "01 unchanged, "+c.want) {
				t.Errorf("nights: %s; want 01 unchanged, %s", got, c.want)
			}
			missed := false
			for _, l := range s.Ledger {
				missed = missed || l.What == "acme/night-02 is left out" && strings.Contains(l.Why, "nobody was there to begin it")
			}
			if missed != (c.late > 6*time.Hour) {
				t.Errorf("missed %v", missed)
			}
		})
	}
}

// What a case does at night is told only when it changes.
func TestNightsAreToldOnChange(t *testing.T) {
	d := newDeal(t, "  - {id: CMD-001, title: A command, steps: [{command: {node: r1, run: show version}}]}\n")
	to := d.listen()
	d.in.Definition.Nightly = &testplans.EngagementNightly{At: "02:00"}
	broken := false
	d.world.Before = func(_ context.Context, op string) error {
		if broken && strings.HasPrefix(op, "run r1") {
			return errors.New("the session broke")
		}
		return nil
	}
	d.agree(days(2))
	d.do(days(4), func() { broken = true })
	d.do(days(5), func() { broken = false })
	d.signed(days(7), "Bob", workflows.AcceptUpdate, workflows.SignedRequest{}, "the results are accepted")
	s := d.play()
	if want := "01 unchanged, 02 unchanged, 03 changed, 04 unchanged, 05 unchanged"; outcomes(s) != want {
		t.Errorf("nights: %s, want %s", outcomes(s), want)
	}
	if n := s.Nights[2]; n.NotJudged != 1 || n.NewFail+n.Fixed+n.More != 0 || len(n.Changes) != 1 || n.Changes[0].Case != "CMD-001" || !strings.Contains(n.Changes[0].Reason, "the session broke") {
		t.Errorf("night-03 is on record as %+v; want that CMD-001 was not judged", n)
	}
	var told []string
	for _, m := range to.messages() {
		if strings.Contains(m, "night-") {
			told = append(told, m)
		}
	}
	if len(told) != 1 || !strings.Contains(told[0], "ACME (acme): acme/night-03 ended: pair: 1 not-comparable") || !strings.Contains(told[0], "the session broke") {
		t.Errorf("told of nights: %s; want one message, of night-03", fmt.Sprintf("%q", told))
	}
}
