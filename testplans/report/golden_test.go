package report_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/testplans/report"
	"github.com/ccl-lab/ccl/testplans/results"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares with a file of testdata, or rewrites it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func render(t *testing.T, f func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTextGolden(t *testing.T) {
	golden(t, "ring.txt", render(t, func(b *bytes.Buffer) error { return report.Text(b, ringRun(), report.Options{}) }))
	golden(t, "ring-color.txt", render(t, func(b *bytes.Buffer) error {
		return report.Text(b, ringRun(), report.Options{Color: true, Width: 72, Evidence: "out/demo/evidence"})
	}))
}

func TestJUnitGolden(t *testing.T) {
	golden(t, "ring.junit.xml", render(t, func(b *bytes.Buffer) error { return report.JUnit(b, ringRun()) }))
}

func TestJSONGoldenAndRoundTrip(t *testing.T) {
	run := ringRun()
	written := render(t, func(b *bytes.Buffer) error { return report.JSON(b, run) })
	golden(t, "ring.run.json", written)
	read, err := report.ReadJSON(bytes.NewReader(written))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(run, read, cmp.Comparer(equalPrefix), cmp.Comparer(equalAddr)); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
	if _, err := report.ReadJSON(bytes.NewReader([]byte(`{"format":"ccl-run/9"}`))); err == nil {
		t.Error("a file of another format was read without complaint")
	}
}

func TestComparisonGolden(t *testing.T) {
	golden(t, "compare.txt", render(t, func(b *bytes.Buffer) error {
		return report.Comparison(b, results.Compare(ringRun(), laterRun()), report.Options{})
	}))
}
