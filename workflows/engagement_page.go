package workflows

import (
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows/scope"
)

// shown is what the list of workflows shows; it is written when it changes.
type shown struct {
	phase                 EngagementPhase
	day, plans            string
	total, passed, failed int64
	deadline              time.Time
}

// status is the answer of the query.
func (e *engagement) status(ctx workflow.Context) *EngagementStatus {
	s := &EngagementStatus{Definition: e.in.Definition, State: e.s, Now: workflow.Now(ctx), Running: e.running}
	if e.s.Term != nil {
		s.Day = e.s.Term.Number(s.Now)
	}
	if e.s.Window != nil {
		s.TestDay = e.s.Window.Days.Number(s.Now)
	}
	s.Waiting = e.waiting()
	return s
}

// waiting says what the engagement waits for, and from whom.
func (e *engagement) waiting() string {
	switch {
	case e.s.Ending != "" && e.running != "":
		return e.waitingForRun()
	case e.s.Proposal != nil:
		return fmt.Sprintf("for the signature of %s on %s, hash %.12s", e.contacts(), e.s.Proposal.name(), e.s.Proposal.Hash)
	case e.s.Phase == EngagementScoping:
		return "for the lab to submit plans"
	case e.s.Phase == EngagementReplication:
		return "for the lab to stand"
	case e.running != "":
		return e.waitingForRun()
	case e.s.Phase == EngagementTesting || e.s.Phase == EngagementReporting:
		if open, _ := e.undecided(); len(open) > 0 {
			return fmt.Sprintf("for %s to waive or accept %d cases, or for the lab to run them again", e.contacts(), len(open))
		}
		return "for more runs, or for " + e.contacts() + " to accept the results"
	}
	return ""
}

// waitingForRun says what goes on, and what keeps it from beginning.
func (e *engagement) waitingForRun() string {
	text := "for " + e.running + " to end"
	if e.waits != "" {
		text += ", which waits " + e.waits
	}
	return text
}

// waitsForContact says what waits for a contact, and the command by which one
// ends that; "" if nothing does.
func (e *engagement) waitsForContact() (what, do string) {
	id := e.in.Definition.ID
	if p := e.s.Proposal; p != nil {
		return fmt.Sprintf("for the signature of %s on %s", e.contacts(), p.name()),
			fmt.Sprintf("ccl engagement sign %s --hash %.12s --token-file FILE", id, p.Hash)
	}
	if open, _ := e.undecided(); len(open) > 0 {
		return fmt.Sprintf("for %s to waive or accept %d cases (%s)", e.contacts(), len(open), few(open)),
			fmt.Sprintf("ccl engagement waive %s CASE... --reason WHY --token-file FILE", id)
	}
	return "", ""
}

// show brings the page and the search attributes up to date.
func (e *engagement) show(ctx workflow.Context) error {
	status := e.status(ctx)
	workflow.SetCurrentDetails(ctx, engagementDetails(status, workflow.GetInfo(ctx).Namespace))
	passed, failed := e.passedAndFailed()
	now := shown{
		phase: e.s.Phase, day: fmt.Sprintf("%02d", status.Day),
		total: int64(len(e.s.Cases)), passed: int64(passed), failed: int64(failed),
	}
	switch {
	case e.s.Window != nil:
		now.deadline = e.s.Window.Closes()
	case e.s.Term != nil:
		now.deadline = e.s.Term.End()
	}
	// Engagements that began before there was this attribute go on without.
	if plans := e.planNames(); plans != "" && workflow.GetVersion(ctx, "plan-attribute", workflow.DefaultVersion, 1) == 1 {
		now.plans = plans
	}
	if now == e.shown {
		return nil
	}
	e.shown = now
	updates := []temporal.SearchAttributeUpdate{
		PhaseAttribute.ValueSet(string(now.phase)), DayAttribute.ValueSet(now.day),
		TotalAttribute.ValueSet(now.total), PassedAttribute.ValueSet(now.passed), FailedAttribute.ValueSet(now.failed),
	}
	if now.plans != "" {
		updates = append(updates, PlanAttribute.ValueSet(now.plans))
	}
	if !now.deadline.IsZero() {
		updates = append(updates, DeadlineAttribute.ValueSet(now.deadline))
	}
	return workflow.UpsertTypedSearchAttributes(ctx, updates...)
}

// planNames are the plans of the scope, or of what is proposed as the scope.
func (e *engagement) planNames() string {
	of := e.s.Scope
	if of == nil {
		of = e.s.Proposal
	}
	if of == nil {
		return ""
	}
	var names []string
	for _, p := range of.Plans {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// detailsLimit is how much of the page the table of cases may take; the server
// takes 20,000 bytes.
const detailsLimit = 15_000

// engagementDetails is an engagement as Markdown, for the customer's page.
func engagementDetails(s *EngagementStatus, namespace string) string {
	var b strings.Builder
	head(&b, s)
	if len(s.State.Cases) > 0 {
		b.WriteString("| Case | Title | Verdict | Note |\n|---|---|---|---|\n")
	}
	for i := range s.State.Cases {
		if b.Len() > detailsLimit {
			add(&b, "\n… and %d more: `ccl engagement status %s`\n", len(s.State.Cases)-i, s.Definition.ID)
			break
		}
		c := &s.State.Cases[i]
		name := markdown(c.Case)
		if c.Run != "" {
			name = fmt.Sprintf("[%s](/namespaces/%s/workflows/%s)", name, url.PathEscape(namespace), url.PathEscape(caseWorkflowID(c.Run, c.Case)))
		}
		add(&b, "| %s | %s | %s | %s |\n", name, markdown(c.Title), standingWord(c), markdown(check.Shorten(standingNote(c), 120)))
	}
	nightLines(&b, s.State.Nights)
	b.WriteString("\n**Latest**\n\n")
	latest(&b, s.State.Ledger)
	return b.String()
}

// latest are the last entries of the ledger, without those about notices.
func latest(b *strings.Builder, ledger []LedgerEntry) {
	const most = 8
	first, n := len(ledger), 0
	for first > 0 && n < most {
		if first--; ledger[first].Kind != "untold" {
			n++
		}
	}
	for _, l := range ledger[first:] {
		if l.Kind != "untold" {
			add(b, "* day %d, %s: %s\n", l.Day, clock(l.At), markdown(l.What))
		}
	}
}

// nightLines are the latest nights, the last first.
func nightLines(b *strings.Builder, nights []EngagementNight) {
	const most = 5
	if len(nights) == 0 {
		return
	}
	b.WriteString("\n**Nights**\n\n")
	for i := len(nights) - 1; i >= max(0, len(nights)-most); i-- {
		add(b, "* %s, %s: %s\n", path.Base(nights[i].ID), clock(nights[i].Started), markdown(orElse(nights[i].Headline, "is going on")))
	}
}

// head is the part of the page that matters most.
func head(b *strings.Builder, s *EngagementStatus) {
	st := &s.State
	add(b, "## %s: %s\n\n", markdown(s.Definition.Customer), markdown(s.Definition.Title))
	add(b, "**Phase**: %s · **day %d of %d**", st.Phase, s.Day, scope.EngagementDays)
	if st.Window != nil {
		word := "closes"
		if !s.Now.Before(st.Window.Closes()) {
			word = "closed"
		}
		add(b, " · **test day %d of %d**, the window %s on %s", s.TestDay, st.Window.Days.Len(), word, clock(st.Window.Closes()))
		if st.Window.Cut {
			b.WriteString(" **(cut)**")
		}
	}
	b.WriteString("\n\n")
	attention(b, s)
	if p := st.Proposal; p != nil {
		proposalLines(b, p)
		add(b, "To read it: `ccl engagement plan %s --proposed`\n\n", s.Definition.ID)
		add(b, "To sign %s: `ccl engagement sign %s --hash %.12s --token-file FILE`\n\n", p.name(), s.Definition.ID, p.Hash)
	}
	burnDown(b, s)
}

// attention is what somebody may have to do something about.
func attention(b *strings.Builder, s *EngagementStatus) {
	st := &s.State
	if s.Waiting != "" {
		add(b, "**Waiting** %s\n\n", markdown(s.Waiting))
	}
	if st.Trouble != "" {
		add(b, "**Trouble**: %s\n\n", markdown(st.Trouble))
	}
	for _, edited := range st.Edited {
		add(b, "**Edited**: %s. What was signed runs on. To propose what is there now: `ccl engagement amend %s --reason WHY`\n\n",
			markdown(edited.String()), s.Definition.ID)
	}
	if st.Ending != "" {
		word := "ends"
		if st.Phase == EngagementClosed {
			word = "ended"
		}
		add(b, "**It %s** because %s\n\n", word, markdown(st.Ending))
	}
}

// burnDown shows how many days and cases are behind.
func burnDown(b *strings.Builder, s *EngagementStatus) {
	st := &s.State
	run := 0
	for i := range st.Cases {
		if v := st.Cases[i].Verdict; v != "" && v != check.Skip {
			run++
		}
	}
	add(b, "Days %s %d of %d\n\n", bar(s.Day, scope.EngagementDays), s.Day, scope.EngagementDays)
	if len(st.Cases) > 0 {
		add(b, "Cases run %s %d of %d; %d of the %d that the contract allows are used\n\n",
			bar(run, len(st.Cases)), run, len(st.Cases), st.Slots.Used(), scope.MaxCases)
	}
}

// proposalLines are what a contact is asked to sign.
func proposalLines(b *strings.Builder, p *Proposal) {
	for _, line := range p.Outline() {
		add(b, "* %s\n", markdown(line))
	}
	b.WriteString("\n")
}

func standingWord(c *CaseStanding) string {
	switch {
	case c.Verdict == "":
		return "not run"
	case c.Decision != nil && c.Verdict != check.Pass:
		return string(c.Verdict) + ", " + c.Decision.Kind
	case c.Open():
		return "**" + string(c.Verdict) + "**"
	}
	return string(c.Verdict)
}

func standingNote(c *CaseStanding) string {
	if c.Decision != nil && c.Verdict != check.Pass {
		return c.Decision.By + ": " + c.Decision.Reason
	}
	return c.Reason
}
