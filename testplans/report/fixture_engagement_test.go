package report_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/report"
	"github.com/ccl-lab/ccl/testplans/results"
)

// kickoff is a Monday, at half past one in Berlin.
var kickoff = time.Date(2026, 11, 2, 12, 30, 0, 0, time.UTC)

// day is n days and some hours after the kick-off; day(1, 0) is the kick-off.
func day(n int, after time.Duration) time.Time { return kickoff.AddDate(0, 0, n-1).Add(after) }

func days(from time.Time, n int) []time.Time {
	all := make([]time.Time, n+1)
	for i := range all {
		all[i] = from.AddDate(0, 0, i)
	}
	return all
}

// digest is a hash of the right length, from one digit.
func digest(digit string) string { return strings.Repeat(digit, 64) }

// ringEngagement has ended after two revisions, an amendment, three runs and two
// decisions. Its window opened on day 4.
func ringEngagement() *report.Engagement {
	ann, bob := "Ann Chef <ann@acme.example>", "Bob Ring <bob@acme.example>"
	e := &report.Engagement{
		Definition: testplans.Engagement{
			ID: "acme-ring", Title: "Roll-out of OSPF and BGP on the ring", Customer: "ACME Networks", Release: "23.4R2",
			Contract: testplans.Contract{Number: "AS-1001", Activated: "2026-01-15", Credits: 100, Price: 40}, Care: "JC-77120",
			ServiceManager: testplans.Person{Name: "Sam Field", Email: "sam@lab.example"},
			Contacts:       []testplans.Person{{Name: "Ann Chef", Email: "ann@acme.example"}, {Name: "Bob Ring", Email: "bob@acme.example"}},
			TimeZone:       "Europe/Berlin", Calendar: testplans.CalendarDays,
		},
		Now: day(24, 3*time.Hour), Day: 24, TestDay: 20,
	}
	core := func(name string) report.ScopeCase { return report.ScopeCase{Plan: "ring-rollout", Case: name} }
	e.State = report.EngagementState{
		Phase: "reporting", Ending: "the results were accepted by Ann Chef", Accepted: true, Balance: 60,
		Term: days(kickoff, 30), Window: &report.TestWindow{Days: days(day(4, 5*time.Hour), 20)},
		Scope: &report.SignedScope{
			Plans: []report.ScopePlan{{Name: "ring-rollout", Title: "OSPF and BGP roll-out on the ring", Type: "feature-rollout", Hash: digest("7"), Cases: 4}},
			Hash:  digest("c"), Amendment: 1, Reason: "IS-IS is out, BFD is in", SignedBy: "Bob Ring", SignedAt: day(9, 2*time.Hour),
			Diff: report.ScopeDiff{Added: []report.ScopeCase{core("BFD-001")}, Removed: []report.ScopeCase{core("ISIS-001"), core("ISIS-002")}, Changed: []report.ScopeCase{core("POL-001[pref=50]")}},
		},
		Slots: []report.CaseSlot{
			{ScopeCase: core("OSPF-001"), Ran: true}, {ScopeCase: core("CONV-001"), Ran: true}, {ScopeCase: core("POL-001[pref=50]"), Ran: true},
			{ScopeCase: core("ISIS-001"), Ran: true, Removed: true}, {ScopeCase: core("ISIS-002"), Removed: true}, {ScopeCase: core("BFD-001")},
		},
		Cases: []report.CaseState{
			{ScopeCase: core("OSPF-001"), Title: "All OSPF adjacencies are full", Verdict: check.Pass, Run: "acme-ring/run-03"},
			{ScopeCase: core("CONV-001"), Title: "Traffic h1 → h2 survives a cut of r1–r2", Verdict: check.Fail, Reason: "outage 312 ms, expected < 200 ms", Run: "acme-ring/run-01",
				Decision: &report.CaseDecision{Kind: "waived", By: "Ann Chef", Reason: "known defect <PR 1 & 2>", At: day(6, time.Hour)}},
			{ScopeCase: core("POL-001[pref=50]"), Title: "Local preference 50 is seen on the far side", Verdict: check.Pass, Run: "acme-ring/run-03"},
			{ScopeCase: core("BFD-001"), Title: "BFD notices a silent cut"},
		},
		Runs: []report.ScopeRun{
			{ID: "acme-ring/run-01", Plan: "ring-rollout", By: "the engagement: the first full run", Started: day(4, 5*time.Hour), Finished: day(4, 6*time.Hour), Verdict: check.Fail, Counts: results.Counts{Cases: 5, Pass: 3, Fail: 1, Skip: 1}},
			{ID: "acme-ring/run-02", Plan: "ring-rollout", Cases: []string{"OSPF-001"}, By: "the lab", Started: day(7, 0), Finished: day(7, 5*time.Minute), Verdict: check.Error, Counts: results.Counts{Cases: 1, Error: 1}, Problem: "the lab could not be deployed: no space left on device"},
			{ID: "acme-ring/run-03", Plan: "ring-rollout", Tags: []string{"smoke"}, By: "the lab", Started: day(9, 3*time.Hour), Finished: day(9, 4*time.Hour), Verdict: check.Pass, Counts: results.Counts{Cases: 2, Pass: 2}},
		},
	}
	e.State.Edited = []report.EditedPlan{{
		Plan: "ring-rollout", File: "/srv/acme/ring-rollout.yaml", How: "1 changed (ring-rollout/BFD-001)", Since: day(13, time.Hour),
	}}
	e.State.Nights = []report.ScopeNight{
		{Run: "acme-ring/night-01", Plan: "ring-rollout", Started: day(10, 10*time.Hour), Finished: day(10, 11*time.Hour), Outcome: "unchanged", Verdict: check.Pass, Counts: results.Counts{Cases: 4, Pass: 4}, Baseline: "acme-ring/run-01", Headline: "unchanged: 4 cases pass", Report: "/srv/acme-ring/night-01/report.html"},
		{Run: "acme-ring/night-02", Plan: "ring-rollout", Started: day(11, 10*time.Hour), Finished: day(11, 10*time.Hour+time.Minute), Outcome: "could not run", Verdict: check.Error, Problem: "the lab could not be deployed: no space left on device"},
		{Run: "acme-ring/night-03", Plan: "ring-rollout", Started: day(12, 10*time.Hour), Finished: day(12, 11*time.Hour), Outcome: "changed", Verdict: check.Fail, Counts: results.Counts{Cases: 4, Pass: 2, Fail: 1, Error: 1}, Baseline: "acme-ring/run-01", Headline: "ring-rollout: 1 new-fail, 1 not-comparable, 1 fixed",
			NewFail: 1, NotJudged: 1, Fixed: 1, More: 2, Changes: []report.NightChange{
				{Case: "OSPF-001", Change: results.NewFail, Reason: "r3 has 1 of 2 neighbors <full>"},
				{Case: "POL-001[pref=50]", Change: results.NotComparable, Reason: "the session broke"},
				{Case: "CONV-001", Change: results.Fixed, Reason: "outage 312 ms, expected < 200 ms"},
			}},
	}
	e.State.Ledger = numbered([]report.Entry{
		{At: day(1, time.Second), Kind: "credits", Who: "Sam Field <sam@lab.example>", What: "40 credits debited from contract AS-1001, 60 are left"},
		{At: day(1, time.Second), Kind: "phase", What: "scoping"},
		{At: day(1, 2*time.Hour), Kind: "submit", What: "revision 1 of the scope: 6 of 100 cases", Hash: digest("a")},
		{At: day(2, 4*time.Hour), Kind: "submit", What: "revision 2 of the scope: 5 of 100 cases", Hash: digest("b"), Why: "without multicast"},
		{At: day(3, 20*time.Hour), Kind: "sign", Who: ann, What: "revision 2 of the scope is signed: 5 cases, 5 of 100 used", Hash: digest("b"), Signature: "c2lnbmVkLTE=", Key: "a2V5LWFubg==", Slots: 5},
		{At: day(3, 20*time.Hour), Kind: "phase", What: "replication", Slots: 5},
		{At: day(4, 5*time.Hour), Kind: "phase", What: "testing", Slots: 5},
		{At: day(6, time.Hour), Kind: "waive", Who: ann, What: "waived: ring-rollout/CONV-001", Why: "known defect <PR 1 & 2>", Hash: digest("d"), Signature: "c2lnbmVkLTI=", Key: "a2V5LWFubg==", Slots: 5},
		{At: day(8, 0), Kind: "amend", What: "amendment 1: 1 added (ring-rollout/BFD-001), 2 removed, 1 changed; 5 of 100 cases are used with it", Why: "IS-IS is out, BFD is in", Hash: digest("c"), Slots: 5},
		{At: day(9, 2*time.Hour), Kind: "sign", Who: bob, What: "amendment 1 is signed: 4 cases, 5 of 100 used", Hash: digest("c"), Signature: "c2lnbmVkLTM=", Key: "a2V5LWJvYg==", Slots: 5},
		{At: day(19, 5*time.Hour), Kind: "warning", What: "the test window ends in 5 days, on 2026-11-25 17:30:00 UTC", Slots: 5},
		{At: day(24, 3*time.Hour), Kind: "accept", Who: ann, What: "the results are accepted", Hash: digest("e"), Signature: "c2lnbmVkLTQ=", Key: "a2V5LWFubg==", Slots: 5},
		{At: day(24, 3*time.Hour), Kind: "phase", What: "reporting", Slots: 5},
		{At: day(24, 3*time.Hour), Kind: "phase", What: "closed", Why: e.State.Ending, Slots: 5},
	})
	return e
}

// numbered gives entries their numbers and days.
func numbered(entries []report.Entry) []report.Entry {
	for i := range entries {
		entries[i].Number = i + 1
		entries[i].Day = int(entries[i].At.Sub(kickoff)/(24*time.Hour)) + 1
	}
	return entries
}

// fullEngagement has all that an engagement can have, and waits.
func fullEngagement() *report.Engagement {
	e := ringEngagement()
	e.State.Phase, e.State.Ending, e.State.Accepted = "testing", "", false
	e.State.Trouble = "the lab could not be replicated: " + strings.Repeat("a-long-word-", 20)
	e.Waiting = "for Ann Chef or Bob Ring to waive or accept 34 cases, or for the lab to run them again"
	e.State.Window = &report.TestWindow{Days: days(day(15, 0), 16), Cut: true}
	e.State.Proposal = &report.SignedScope{Plans: e.State.Scope.Plans, Hash: digest("f"), Amendment: 2, Reason: "more", Diff: e.State.Scope.Diff}
	second := report.ScopeDiff{Removed: []report.ScopeCase{{Plan: "ring-rollout", Case: "OSPF-009[family=inet6,peer=198.51.100.17]"}}}
	e.State.Ledger = append(e.State.Ledger, report.Entry{At: day(9, 5*time.Hour), Kind: "amend", What: "amendment 2: 1 removed", Why: "more", Hash: digest("f"), Diff: &second})
	e.State.Cases, e.State.Slots = nil, nil
	verdicts := []check.Verdict{check.Pass, check.Fail, check.Error, check.Skip, ""}
	for i := range 100 {
		key := report.ScopeCase{Plan: "ring-rollout", Case: fmt.Sprintf("CASE-%03d[family=inet6,peer=198.51.100.17]", i+1)}
		c := report.CaseState{ScopeCase: key, Title: "A title of some length, as titles have it, number " + fmt.Sprint(i), Verdict: verdicts[i%5], Run: "acme-ring/run-01"}
		if c.Verdict != check.Pass {
			c.Reason = "route 198.51.100.0/24 on r1: expected next hop 10.0.41.4, saw 10.0.12.2"
		}
		e.State.Cases = append(e.State.Cases, c)
		e.State.Slots = append(e.State.Slots, report.CaseSlot{ScopeCase: key, Ran: c.Verdict != ""})
	}
	for i := range 200 {
		e.State.Ledger = append(e.State.Ledger, report.Entry{At: day(10+i/12, 0), Kind: "run", What: fmt.Sprintf("acme-ring/run-%02d ended: pass; 1 passed", i)})
	}
	e.State.Ledger = numbered(e.State.Ledger)
	return e
}
