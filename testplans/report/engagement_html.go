package report

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
)

// EngagementHTML writes an engagement as one document that needs nothing else,
// as HTML does with a run: it prints on A4 and follows the reader's light or
// dark setting. Only the links to the runs' reports lead outside.
func EngagementHTML(w io.Writer, e *Engagement, opts EngagementOptions) error {
	p := newEngagementPage(e, opts)
	st := &e.State
	for _, s := range []struct {
		id, title string
		empty     bool // nothing to say: left out
	}{
		{"attention", "What needs attention", len(p.Open) == 0 && st.Trouble == "" && e.Waiting == ""},
		{"parties", "Customer, contract and contacts", false},
		{"days", "Phases and days", p.Days == nil},
		{"scope", "Scope", st.Scope == nil && st.Proposal == nil},
		{"revisions", "Submissions and amendments", len(p.Revisions) == 0},
		{"slots", "Cases and credits spent", p.Days == nil},
		{"standing", "Test cases", len(p.Cases) == 0},
		{"runs", "Runs", len(p.Runs) == 0},
		{"nights", "Nights", len(p.Nights) == 0},
		{"signatures", "Signatures", len(p.Signatures) == 0},
		{"ledger", "Ledger", len(st.Ledger) == 0},
	} {
		if s.empty {
			continue
		}
		var body bytes.Buffer
		if err := templates.ExecuteTemplate(&body, "engagement-"+s.id+".html", p); err != nil {
			return fmt.Errorf("report of an engagement: section %s: %w", s.id, err)
		}
		// The body has been escaped by its own template just now.
		p.Contents = append(p.Contents, section{ID: s.id, Title: s.title, Body: template.HTML(body.String())})
	}
	return templates.ExecuteTemplate(w, "engagement.html", p)
}
