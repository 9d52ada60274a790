package workflows

import (
	"path"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/workflows/scope"
)

// report writes the engagement's documents and closes it.
func (e *engagement) report(ctx workflow.Context) error {
	if e.s.Report == "" {
		e.s.Report = path.Join(e.in.Out, "engagement.md")
	}
	e.note(ctx, LedgerEntry{Kind: "phase", What: string(EngagementClosed), Why: e.s.Ending})
	status := e.status(ctx)
	var world *activities.Engagement
	err := workflow.ExecuteActivity(record(ctx, "Write the report of the engagement"), world.WriteDocuments, activities.DocumentsInput{
		Report: e.s.Report, Text: engagementReport(status), JSON: path.Join(e.in.Out, "engagement.json"), Data: status,
	}).Get(ctx, nil)
	if err != nil {
		e.s.Trouble = "the report could not be written: " + reason(err)
	}
	e.s.Phase, e.s.PhaseSince = EngagementClosed, workflow.Now(ctx)
	return nil
}

// engagementReport is the document that remains: how it ended, the cases, the
// runs and the ledger.
func engagementReport(s *EngagementStatus) string {
	var b strings.Builder
	st := &s.State
	d := &s.Definition
	add(&b, "# %s: %s\n\n", markdown(d.Customer), markdown(d.Title))
	add(&b, "Engagement %s, contract %s, %d credits debited. It ended on day %d of %d: %s.\n\n",
		d.ID, markdown(d.Contract.Number), d.Contract.Price, s.Day, scope.EngagementDays, markdown(st.Ending))
	if st.Window != nil {
		add(&b, "Test window: %s to %s.\n\n", clock(st.Window.Days.Start()), clock(st.Window.Closes()))
	} else {
		b.WriteString("The test window never opened.\n\n")
	}
	if st.Scope != nil {
		add(&b, "Scope: %s, signed by %s on %s, hash `%s`.\n\n", st.Scope.name(), markdown(st.Scope.SignedBy), clock(st.Scope.SignedAt), st.Scope.Hash)
		for _, edited := range st.Edited {
			add(&b, "%s. What was signed ran.\n\n", markdown(edited.String()))
		}
		b.WriteString("## Cases\n\n| Case | Title | Verdict | Run | |\n|---|---|---|---|---|\n")
	} else {
		b.WriteString("The scope was never signed.\n\n")
	}
	for i := range st.Cases {
		c := &st.Cases[i]
		add(&b, "| %s | %s | %s | %s | %s |\n", markdown(c.CaseKey.String()), markdown(c.Title), standingWord(c), c.Run, markdown(standingNote(c)))
	}
	reportRuns(&b, st)
	reportNights(&b, st)
	b.WriteString("\n## Ledger\n\n| | Day | When | What | Who | Why | Slots | Hash |\n|---|---|---|---|---|---|---|---|\n")
	for _, l := range st.Ledger {
		add(&b, "| %d | %d | %s | %s: %s | %s | %s | %d | %.12s |\n", l.Number, l.Day, clock(l.At), l.Kind, markdown(l.What), markdown(l.Who), markdown(l.Why), l.Slots, l.Hash)
	}
	return b.String()
}

func reportRuns(b *strings.Builder, st *EngagementState) {
	if len(st.Runs) == 0 {
		return
	}
	b.WriteString("\n## Runs\n\n| Run | Plan | By | Verdict | Passed | Failed | Erred | Skipped | |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range st.Runs {
		add(b, "| %s | %s | %s | %s | %d | %d | %d | %d | %s |\n", r.ID, r.Plan, markdown(r.By), r.Verdict,
			r.Counts.Pass, r.Counts.Fail, r.Counts.Error, r.Counts.Skip, markdown(r.Problem))
	}
}

func reportNights(b *strings.Builder, st *EngagementState) {
	if len(st.Nights) == 0 {
		return
	}
	b.WriteString("\n## Nights\n\n| Night | Began | What came of it | Compared with | Passed | Failed | Erred | Skipped | |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, n := range st.Nights {
		add(b, "| %s | %s | %s | %s | %d | %d | %d | %d | %s |\n", n.ID, clock(n.Started), markdown(n.Headline), n.Baseline,
			n.Counts.Pass, n.Counts.Fail, n.Counts.Error, n.Counts.Skip, markdown(n.Problem))
	}
}
