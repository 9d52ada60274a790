package report

import (
	"fmt"
	"io"
)

// EngagementHTML writes an engagement as one document that needs nothing else,
// as HTML does with a run: it prints on A4 and follows the reader's light or
// dark setting. Only the links to the runs' reports lead outside.
func EngagementHTML(w io.Writer, e *Engagement, opts EngagementOptions) error {
	p := newEngagementPage(e, opts)
	st := &e.State
	f := frame{Title: fmt.Sprintf("%s: %s – %s", e.Definition.Customer, e.Definition.Title, p.Headline), Class: "engagement"}
	return writeFrame(w, f, "engagement-title.html", "engagement-foot.html", p, []chapter{
		{"attention", "What needs attention", "engagement-attention.html", p, len(p.Open) == 0 && st.Trouble == "" && (e.Waiting == "" || st.Ending != "")},
		{"parties", "Customer, contract and contacts", "engagement-parties.html", p, false},
		{"days", "Phases and days", "engagement-days.html", p, p.Days == nil},
		{"scope", "Scope", "engagement-scope.html", p, st.Scope == nil && st.Proposal == nil},
		{"revisions", "Submissions and amendments", "engagement-revisions.html", p, len(p.Revisions) == 0},
		{"slots", "Cases and credits spent", "engagement-slots.html", p, p.Days == nil},
		{"standing", "Test cases", "engagement-standing.html", p, len(p.Cases) == 0},
		{"runs", "Runs", "engagement-runs.html", p, len(p.Runs) == 0},
		{"nights", "Nights", "engagement-nights.html", p, len(p.Nights) == 0},
		{"signatures", "Signatures", "engagement-signatures.html", p, len(p.Signatures) == 0},
		{"ledger", "Ledger", "engagement-ledger.html", p, len(st.Ledger) == 0},
	})
}
