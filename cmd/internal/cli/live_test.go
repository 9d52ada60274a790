package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows"
)

// The last case is told before what comes after it, also when one update
// brings both.
func TestLiveOrder(t *testing.T) {
	var b strings.Builder
	l := newLive(&b)
	p := workflows.Progress{Run: "p-1", Title: "One", Phase: workflows.PhaseProvisioning}
	p.Cases = []workflows.CaseState{{ID: "A-001", Title: "First"}}
	l.update(p)
	begun := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	p.Phase = workflows.PhaseDestroying
	p.Cases = []workflows.CaseState{{
		ID: "A-001", Title: "First", State: workflows.CaseDone, Verdict: check.Pass,
		Started: begun, Finished: begun.Add(1500 * time.Millisecond),
	}}
	l.update(p)
	want := `p-1: One, 1 case
  provisioning
  pass  A-001                First  1.5s
  destroying the lab
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A run that waits says for whom, and again when that is another.
func TestLiveWaits(t *testing.T) {
	var b strings.Builder
	l := newLive(&b)
	p := workflows.Progress{Run: "p-1", Title: "One", Phase: workflows.PhaseDeploying}
	l.update(p)
	p.Phase = workflows.PhaseWaiting
	for _, holder := range []string{"first", "first", "second"} {
		p.Waiting = "for lab ring, held by run " + holder
		l.update(p)
	}
	p.Phase, p.Waiting = workflows.PhaseProvisioning, ""
	l.update(p)
	want := `p-1: One, 0 cases
  deploying the lab
  waiting for lab ring, held by run first
  waiting for lab ring, held by run second
  provisioning
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
