package server_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/testplans/report"
	"github.com/ccl-lab/ccl/workflows"
)

// wantDocuments checks what an engagement that has ended leaves in its folder:
// a page that links the reports of its runs and holds its ledger.
func (s *stack) wantDocuments(t *testing.T, dir string, e *workflows.EngagementStatus) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(dir, "engagement.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<h1>The pair</h1>", "waived</b> by Bob", e.State.Scope.Hash, `href="run-01/report.html"`} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := strings.Count(string(page), `id="entry-`); n != len(e.State.Ledger) {
		t.Errorf("%d entries of the ledger on the page, want %d", n, len(e.State.Ledger))
	}
	f, err := os.Open(filepath.Join(dir, "engagement.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if read, err := report.ReadEngagement(f); err != nil || read.Definition.ID != e.Definition.ID || len(read.State.Runs) != len(e.State.Runs) {
		t.Errorf("engagement.json: %+v, %v", read, err)
	}
}
