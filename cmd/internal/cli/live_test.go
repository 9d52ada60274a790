package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows"
)

// What a step tells of itself is on a terminal only, and taken off again.
func TestLiveCounters(t *testing.T) {
	var b strings.Builder
	l := newLive(&b)
	l.redraw = true
	p := workflows.Progress{Run: "p-1", Phase: workflows.PhaseRunning, Cases: []workflows.CaseState{{ID: "A-001", State: workflows.CaseRunning}}}
	now := &activities.Live{Doing: "announcing 10 routes"}
	for i := range 6 {
		now.Streams = append(now.Streams, activities.Counters{Stream: fmt.Sprint("s", i), Sent: 120, Received: 118, Lost: 2, FPS: 1000, P99: 1234 * time.Microsecond})
	}
	p.Cases[0].Now = &workflows.CaseProgress{Step: 1, Steps: 2, Title: "Run it", Live: now}
	l.update(p)
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if want := "    s0  1000fps  sent 120, received 118, lost 2, p99 1.23ms"; len(lines) != 8 || lines[2] != "    announcing 10 routes" || lines[3] != want || lines[7] != "    and 2 streams more" {
		t.Errorf("%q", lines)
	}
	b.Reset()
	l.clear()
	if got, want := b.String(), strings.Repeat("\x1b[1A\x1b[2K", len(lines)); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A step is told with its number and its round; what comes after the steps has
// no number among them.
func TestLiveStep(t *testing.T) {
	for _, test := range []struct {
		step int
		want string
	}{{28, "  A-001  step 28 of 28: Round 5 of 5: Cut the link"}, {29, "  A-001  Round 5 of 5: Cut the link"}} {
		var b strings.Builder
		l := newLive(&b)
		l.redraw = true
		p := workflows.Progress{Run: "p-1", Phase: workflows.PhaseRunning, Cases: []workflows.CaseState{{ID: "A-001", State: workflows.CaseRunning}}}
		p.Cases[0].Now = &workflows.CaseProgress{Step: test.step, Steps: 28, Title: "Round 5 of 5: Cut the link"}
		l.update(p)
		if lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n"); lines[len(lines)-1] != test.want {
			t.Errorf("%q, want %q", lines[len(lines)-1], test.want)
		}
	}
}

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
