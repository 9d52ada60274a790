package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCorpus prints what it reads: every file is as the router would print it,
// and survives each format.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/*.cfg")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, f := range append(files, "../intent/testdata/features.cfg") {
		t.Run(filepath.Base(f), func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			tree := mustParse(t, string(text))
			got, err := tree.Text()
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(text), got); d != "" {
				t.Errorf("curly in and out differ:\n%s", d)
			}
			roundTrip(t, tree)
		})
	}
}
