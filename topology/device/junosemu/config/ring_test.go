package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ring returns the configurations of the ring lab by file name.
func ring(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../../../labs/ring/configs/*.cfg")
	if err != nil || len(files) == 0 {
		t.Fatalf("no ring configurations: %v", err)
	}
	out := map[string]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(f)] = string(text)
	}
	return out
}

func mustParse(t testing.TB, text string) *Tree {
	t.Helper()
	tree, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// roundTrip prints a tree in every format, loads that into an empty tree and
// wants the same tree back.
func roundTrip(t *testing.T, tree *Tree) {
	t.Helper()
	printers := map[Format]func(...string) (string, error){
		FormatText: tree.Text, FormatSet: tree.Set, FormatXML: tree.XML, FormatJSON: tree.JSON,
	}
	for format, print := range printers {
		text, err := print()
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		loaded := New()
		if _, err := loaded.Load(format, Override, text); err != nil {
			t.Fatalf("%s: %v\n%s", format, err, text)
		}
		if d := Compare(withoutComments(tree, format), loaded); d != "" {
			t.Errorf("%s: not the same\n%s\n%s", format, d, text)
		}
	}
}

// withoutComments drops annotations where the format cannot carry them.
func withoutComments(t *Tree, f Format) *Tree {
	if f != FormatSet {
		return t
	}
	c := &Tree{root: t.root.copyTo(nil)}
	var strip func(*Node)
	strip = func(n *Node) {
		n.comment = ""
		for _, k := range n.kids {
			strip(k)
		}
	}
	strip(c.root)
	return c
}

func TestRingConfigurations(t *testing.T) {
	for name, text := range ring(t) {
		t.Run(name, func(t *testing.T) {
			tree := mustParse(t, text)
			got, err := tree.Text()
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(text, got); d != "" {
				t.Errorf("curly in and out differ:\n%s", d)
			}
			roundTrip(t, tree)
		})
	}
}
