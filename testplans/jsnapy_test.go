package testplans

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// inFolder puts the files of an archive, but for the last, which is what they
// are to lead to, into a folder of their own and goes there.
func inFolder(t *testing.T, archive *txtar.Archive) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, f := range archive.Files[:len(archive.Files)-1] {
		if err := os.MkdirAll(filepath.Dir(f.Name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.Name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func parseArchive(t *testing.T, file string) (path string, archive *txtar.Archive) {
	t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	if archive, err = txtar.ParseFile(path); err != nil {
		t.Fatal(err)
	}
	inFolder(t, archive)
	return path, archive
}

func TestJSNAPySteps(t *testing.T) {
	file, archive := parseArchive(t, "testdata/jsnapy/runs.txtar")
	c, err := CopyOf("plan.yaml", ringLookup)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, steps := range [][]Step{c.Plan.Cases[0].Setup, c.Plan.Cases[0].Steps} {
		for _, s := range steps {
			fmt.Fprintf(&b, "%d: %s: %s\n", s.Pos.Line, s.Kind(), s.Title)
			if s.Snapshot != nil {
				continue
			}
			for _, spec := range []any{s.Check, s.WaitUntil} {
				enc := json.NewEncoder(&b)
				enc.SetEscapeHTML(false)
				enc.SetIndent("\t", " ")
				if err := enc.Encode(spec); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, f := range c.Files {
		fmt.Fprintf(&b, "file %s\n", f.Name)
	}
	golden(t, file, archive, strings.ReplaceAll(b.String(), "null\n", ""))
}

// TestJSNAPyMistakes reads the plans of testdata/jsnapy/wrong with their test
// files, and every word that their authors are to be told.
func TestJSNAPyMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/jsnapy/wrong/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			path, archive := parseArchive(t, file)
			golden(t, path, archive, mistaken(t, string(archive.Files[0].Data)).Error()+"\n")
		})
	}
}

// The test files belong to what is hashed and kept; their comments do not.
func TestJSNAPyHash(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(content string) string {
		if err := os.WriteFile("t.yml", []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		p := parsed(t, oneStep("jsnapy: {node: r1, tests: t.yml}"))
		return p.Hash
	}
	const content = "a:\n  - command: show version\n  - item: {xpath: //x, tests: [{is-equal: \"y, z\"}]}\n"
	first := write(content)
	if second := write("# a comment\n" + content); second != first {
		t.Error("a comment changes the plan's hash")
	}
	if second := write(strings.Replace(content, "z\"}", "Z\"}", 1)); second == first {
		t.Error("another test does not change the plan's hash")
	}
}

// FuzzJSNAPy reads test files: they are read or refused with positions.
func FuzzJSNAPy(f *testing.F) {
	files, err := filepath.Glob("testdata/jsnapy/*/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatalf("no golden files: %v", err)
	}
	for _, file := range append(files, "testdata/jsnapy/runs.txtar") {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, one := range archive.Files[1 : len(archive.Files)-1] {
			f.Add(one.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := &decoder{file: "t.yml", document: "JSNAPy test file"}
		sections := d.testSections(data)
		if len(sections) == 0 && len(d.mistakes) == 0 {
			t.Fatal("no test, and no mistake")
		}
		for _, m := range d.mistakes {
			if m.Pos.Line < 1 || m.Pos.Column < 1 || m.Message == "" {
				t.Fatalf("a mistake without its place: %+v", m)
			}
		}
		for _, s := range sections {
			if (s.test.RPC == "") == (s.test.Run == "") {
				t.Fatalf("a test that asks %q and %q", s.test.RPC, s.test.Run)
			}
		}
	})
}
