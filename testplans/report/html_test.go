package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/ccl-lab/ccl/testplans/report"
	"github.com/ccl-lab/ccl/testplans/results"
)

func html(t *testing.T, run *results.Run) []byte {
	t.Helper()
	return render(t, func(b *bytes.Buffer) error { return report.HTML(b, run, report.Options{}) })
}

func TestHTMLIsDeterministic(t *testing.T) {
	got := html(t, ringRun())
	if dir := os.Getenv("REPORT_DIR"); dir != "" { // to look at it
		if err := os.WriteFile(filepath.Join(dir, "report.html"), got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if !bytes.Equal(got, html(t, ringRun())) {
			t.Fatal("the same run gave different documents")
		}
	}
}

func TestHTMLOfABigRun(t *testing.T) {
	got := html(t, bigRun())
	if dir := os.Getenv("REPORT_DIR"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "big.html"), got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d bytes", len(got))
}
