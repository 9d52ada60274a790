package workflows

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows/scope"
)

// A page of a hundred cases with long titles and reasons.
func longStatus(t *testing.T) *EngagementStatus {
	t.Helper()
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	calendar := scope.Calendar{Zone: "UTC"}
	term, err := calendar.Days(start, scope.EngagementDays)
	if err != nil {
		t.Fatal(err)
	}
	window, err := calendar.Open(term, start.AddDate(0, 0, 12))
	if err != nil {
		t.Fatal(err)
	}
	s := &EngagementStatus{
		Definition: testplans.Engagement{ID: "acme-ring", Customer: "ACME | Networks", Title: "The ring"},
		Day:        14, TestDay: 2, Waiting: "for the signature of Ann",
		State: EngagementState{Phase: EngagementTesting, Term: term, Window: window},
	}
	s.State.Proposal = &Proposal{Amendment: 3}
	s.State.Proposal.Hash = strings.Repeat("ab", 32)
	for i := range scope.MaxCases {
		s.State.Cases = append(s.State.Cases, CaseStanding{
			CaseKey: scope.CaseKey{Plan: "ring", Case: fmt.Sprintf("CONV-%03d[node=r1]", i)},
			Title:   strings.Repeat("A long title ", 10), Verdict: check.Fail, Reason: strings.Repeat("because of this ", 20), Run: "acme-ring/run-01",
		})
		s.State.Ledger = append(s.State.Ledger, LedgerEntry{Number: i + 1, Kind: "run", What: strings.Repeat("Something happened. ", 10)})
	}
	s.State.Cases[0].Decision = &Decision{Kind: "waived", By: "Ann", Reason: "known | PR"}
	return s
}

func TestEngagementDetails(t *testing.T) {
	s := longStatus(t)
	page := engagementDetails(s, "default")
	if len(page) > 20_000 {
		t.Errorf("the page has %d bytes, the server takes 20,000", len(page))
	}
	for _, want := range []string{
		`## ACME \| Networks: The ring`, "**Phase**: testing · **day 14 of 30** · **test day 2 of 18**", "**(cut)**",
		"**Waiting** for the signature of Ann", "To sign amendment 3: `ccl engagement sign acme-ring --hash abababababab",
		`[CONV-000\[node=r1\]](/namespaces/default/workflows/acme-ring%2Frun-01%2FCONV-000%5Bnode=r1%5D)`, "fail, waived", `Ann: known \| PR`,
		"**fail**", "Cases run ████████████████████ 100 of 100", "more: `ccl engagement status acme-ring`",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(page[:3000])
	}
}

// The page shows the latest nights, the last first, and what happened besides
// notices that could not be delivered.
func TestEngagementDetailsOfNights(t *testing.T) {
	s := longStatus(t)
	for i := range 20 {
		s.State.Nights = append(s.State.Nights, EngagementNight{ID: fmt.Sprintf("acme-ring/night-%02d", i+1), Headline: strings.Repeat("ring: 1 new-fail ", 20)})
	}
	s.State.Nights[19].Headline = ""
	for i := range 10 {
		s.State.Ledger = append(s.State.Ledger, LedgerEntry{Number: 101 + i, Kind: "untold", What: "the notice could not be delivered"})
	}
	page := engagementDetails(s, "default")
	if len(page) > 20_000 {
		t.Errorf("the page has %d bytes, the server takes 20,000", len(page))
	}
	last, before := strings.Index(page, "* night-20, 0001-01-01 00:00:00 UTC: is going on\n"), strings.Index(page, "* night-19, ")
	if last < 0 || before < last || strings.Contains(page, "night-15,") {
		t.Errorf("nights are at %d and %d of the page:\n%s", last, before, page[max(0, len(page)-3000):])
	}
	if strings.Contains(page, "could not be delivered") || strings.Count(page, ": Something happened.") != 8 {
		t.Errorf("the latest entries:\n%s", page[strings.Index(page, "**Latest**"):])
	}
}

// The report has every case and the whole ledger.
func TestEngagementReport(t *testing.T) {
	text := engagementReport(longStatus(t))
	if got := strings.Count(text, "| ring/CONV-"); got != scope.MaxCases {
		t.Errorf("%d cases in the report, want %d", got, scope.MaxCases)
	}
	if got := strings.Count(text, "| run: Something happened."); got != scope.MaxCases {
		t.Errorf("%d entries of the ledger in the report, want %d", got, scope.MaxCases)
	}
}
