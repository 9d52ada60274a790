package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// EngagementOptions are the reader's circumstances.
type EngagementOptions struct {
	// Reports are the addresses of the runs' own reports as seen from this one,
	// by run ID. A run without one is not linked.
	Reports map[string]string
}

// An engagementPage is what the templates of an engagement show.
type engagementPage struct {
	*Engagement
	Class, Word string // the outcome
	Headline    string
	Shares      []share
	Days        *dayChart
	Phases      []phaseRow
	Plans       []string
	Revisions   []revisionRow
	Signatures  []Entry
	Slots       slotCount
	Cases       []standingRow
	Open        []standingRow // a contact has to decide about them
	Runs        []runRow
	Nights      []nightRow
	MaxCases    int
}

func newEngagementPage(e *Engagement, opts EngagementOptions) *engagementPage {
	p := &engagementPage{Engagement: e, MaxCases: maxCases}
	for _, c := range e.State.Cases {
		row := newStanding(c, opts)
		row.RunName = e.short(c.Run)
		p.Cases = append(p.Cases, row)
		if row.Undecided {
			p.Open = append(p.Open, row)
		}
	}
	p.outcome()
	p.Phases = phaseRows(e)
	p.Days = drawDays(e, p.Phases)
	p.Revisions = revisions(e)
	for _, l := range e.State.Ledger {
		if l.Signature != "" {
			p.Signatures = append(p.Signatures, l)
		}
	}
	p.Slots = countSlots(e.State.Slots)
	for _, r := range e.State.Runs {
		p.Runs = append(p.Runs, runRow{ScopeRun: r, Name: e.short(r.ID), Link: opts.Reports[r.ID], What: selection(r)})
	}
	for _, n := range e.State.Nights {
		p.Nights = append(p.Nights, nightRow{ScopeNight: n, Name: e.short(n.Run), Base: e.short(n.Baseline), Link: opts.Reports[n.Run]})
	}
	return p
}

// outcome says how the engagement ended, or stands. A failure that a contact
// has waived or accepted does not count against it, but is not hidden either.
func (p *engagementPage) outcome() {
	var n results.Counts
	decided := 0
	for _, c := range p.Cases {
		n.Cases++
		switch {
		case c.Verdict == check.Pass:
			n.Pass++
		case c.Decision != nil:
			decided++
		case c.Verdict == check.Fail:
			n.Fail++
		case c.Verdict == check.Error:
			n.Error++
		case c.Verdict == check.Skip:
			n.Skip++
		default:
			n.NotRun++
		}
	}
	p.Shares = shares(n)
	if decided > 0 {
		p.Shares = append(p.Shares, share{"flaky", "waived or accepted", decided})
	}
	p.Class, p.Word = p.standing(n)
	p.Headline = engagementHeadline(p, n, decided)
}

func (p *engagementPage) standing(n results.Counts) (class, word string) {
	switch {
	case p.State.Cancelled:
		return "error", "cancelled"
	case !p.ended():
		return "skip", p.State.Phase
	case n.Fail > 0:
		return "fail", "failures open"
	case n.Error > 0:
		return "error", "errors open"
	case n.Cases == 0 || n.Pass == 0:
		return "notrun", "not judged"
	case n.NotRun+n.Skip > 0:
		return "error", "incomplete"
	case p.State.Accepted:
		return "pass", "accepted"
	}
	return "pass", "complete"
}

func engagementHeadline(p *engagementPage, n results.Counts, decided int) string {
	if n.Cases == 0 {
		if p.ended() {
			return "No scope was signed"
		}
		return "The scope is not signed yet"
	}
	text := fmt.Sprintf("%d of %d cases passed", n.Pass, n.Cases)
	if decided > 0 {
		text += fmt.Sprintf(", %d waived or accepted", decided)
	}
	if open := n.Fail + n.Error; open > 0 {
		text += fmt.Sprintf(", %d undecided", open)
	}
	if n.NotRun > 0 {
		text += fmt.Sprintf(", %d not run", n.NotRun)
	}
	return text
}

// A phaseRow is one phase of the engagement.
type phaseRow struct {
	Name     string
	From, To time.Time // To is zero while it goes on
	FromDay  int
	ToDay    int
}

// phaseRows are the phases in their order, from the ledger. The intake is there
// from the first moment.
func phaseRows(e *Engagement) []phaseRow {
	if len(e.State.Term) == 0 {
		return nil
	}
	rows := []phaseRow{{Name: "intake", From: e.State.Term[0], FromDay: 1}}
	for _, l := range e.State.Ledger {
		if l.Kind != entryPhase {
			continue
		}
		last := &rows[len(rows)-1]
		last.To, last.ToDay = l.At, l.Day
		if l.What == "closed" {
			break
		}
		rows = append(rows, phaseRow{Name: l.What, From: l.At, FromDay: l.Day})
	}
	return rows
}

// A revisionRow is a submission or an amendment, and who signed it.
type revisionRow struct {
	Entry
	SignedBy string
	SignedAt time.Time
}

// revisions are all that was put forward for signature. The hash ties a
// signature to what was signed; the first signature after it is meant.
func revisions(e *Engagement) []revisionRow {
	var rows []revisionRow
	for _, l := range e.State.Ledger {
		switch l.Kind {
		case entrySubmit, entryAmend:
			rows = append(rows, revisionRow{Entry: withDiff(l, e)})
		case entrySign:
			// What was put forward last is what can be signed.
			if n := len(rows); n > 0 && rows[n-1].Hash == l.Hash {
				rows[n-1].SignedBy, rows[n-1].SignedAt = l.Who, l.At
			}
		}
	}
	return rows
}

// withDiff is an entry with what it changed. Ledgers of earlier releases have
// only that of the amendment that was signed last, and of the one that waits.
func withDiff(l Entry, e *Engagement) Entry {
	for _, s := range []*SignedScope{e.State.Scope, e.State.Proposal} {
		if l.Kind == entryAmend && l.Diff == nil && s != nil && s.Amendment > 0 && s.Hash == l.Hash {
			l.Diff = &s.Diff
		}
	}
	return l
}

// slotCount says what the cases have cost.
type slotCount struct {
	Used, Free, Run, Waiting int
	Spent                    []CaseSlot // removed after they ran: spent for good
	Freed                    []CaseSlot // removed before they ran
}

func countSlots(slots []CaseSlot) slotCount {
	var n slotCount
	for _, s := range slots {
		switch {
		case s.Removed && s.Ran:
			n.Spent = append(n.Spent, s)
		case s.Removed:
			n.Freed = append(n.Freed, s)
		case s.Ran:
			n.Run++
		default:
			n.Waiting++
		}
	}
	n.Used = n.Run + n.Waiting + len(n.Spent)
	n.Free = maxCases - n.Used
	return n
}

// A standingRow is a case of the scope with what a contact decided about it.
type standingRow struct {
	CaseState
	Class     string
	Undecided bool
	RunName   string // of its last run, within the engagement
	Link      string // of the report of that run
}

func newStanding(c CaseState, opts EngagementOptions) standingRow {
	r := standingRow{CaseState: c, Class: string(c.Verdict), Link: opts.Reports[c.Run]}
	if r.Class == "" {
		r.Class = "notrun"
	}
	r.Undecided = (c.Verdict == check.Fail || c.Verdict == check.Error) && c.Decision == nil
	return r
}

// short is the name of a run within its engagement.
func (e *Engagement) short(run string) string {
	return strings.TrimSuffix(strings.TrimPrefix(run, e.Definition.ID+"/"), "/run")
}

// A runRow is a run with what was chosen for it.
type runRow struct {
	ScopeRun
	Name, Link, What string
}

// A nightRow is a night with the address of its report.
type nightRow struct {
	ScopeNight
	Name, Base string // of its run and of the one it was compared with
	Link       string
}

// Compared says that there was something to compare: a baseline of another run,
// and cases that ran.
func (r nightRow) Compared() bool {
	return r.Baseline != "" && r.Baseline != r.Run && r.Counts.Cases > r.Counts.NotRun
}

// Changed says how many cases were not as in the baseline.
func (r nightRow) Changed() string {
	n := len(r.Changes) + r.More
	return fmt.Sprintf("%d %s", n, plural(n, "case", "cases"))
}

func selection(r ScopeRun) string {
	switch {
	case len(r.Cases) > 0:
		return strings.Join(r.Cases, ", ")
	case len(r.Tags) > 0:
		return "tag " + strings.Join(r.Tags, ", ")
	}
	return "all cases"
}
