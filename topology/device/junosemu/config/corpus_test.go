package config

import (
	flags "flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flags.Bool("update", false, "write the corpus as it is printed")

// corpus returns the configurations of testdata by file name.
func corpus(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/corpus/*.cfg")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d configurations, %v", len(files), err)
	}
	out := map[string]string{}
	for _, f := range append(files, "testdata/broad.cfg", "../intent/testdata/features.cfg") {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[f] = string(text)
	}
	return out
}

// TestCorpus: every configuration is as the router would print it, survives
// each format, and loading what it prints changes nothing.
func TestCorpus(t *testing.T) {
	for file, text := range corpus(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".cfg"), func(t *testing.T) {
			tree := mustParse(t, text)
			got, err := tree.Text()
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if d := cmp.Diff(text, got); d != "" {
				t.Errorf("curly in and out differ:\n%s", d)
			}
			roundTrip(t, tree)
			reloads(t, tree, got)
			known(t, text)
			changesFromNothing(t, tree)
		})
	}
}

// reloads brings a configuration's own print into it, in every way that leaves
// it as it is.
func reloads(t *testing.T, tree *Tree, text string) {
	t.Helper()
	free := tree
	if hasProtected(tree.root) { // a merge into what is protected is refused
		free = unprotected(tree)
	}
	for _, action := range []Action{Override, Update, Merge, Replace} {
		again := free.Clone()
		if warnings, err := again.Load(FormatText, action, text); err != nil || len(warnings) > 0 {
			t.Errorf("load %s: %v %v", action, warnings, err)
		}
		if d := Compare(tree, again); d != "" {
			t.Errorf("load %s of its own print changed it:\n%s", action, d)
		}
	}
}

func unprotected(t *Tree) *Tree {
	c := &Tree{root: t.root.copyTo(nil)}
	var free func(*Node)
	free = func(n *Node) {
		n.protected = false
		for _, k := range n.kids {
			free(k)
		}
	}
	free(c.root)
	return c
}

// known wants every statement in the schema.
func known(t *testing.T, text string) {
	t.Helper()
	statements, _, err := Cover(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if s.Treatment == Unknown {
			t.Errorf("line %d: %s: %s", s.Line, s.Path, s.Reason)
		}
	}
	if len(statements) < 5 {
		t.Errorf("only %d statements", len(statements))
	}
}

// changesFromNothing makes the configuration by the comparison with an empty
// one, and takes it away again.
func changesFromNothing(t *testing.T, tree *Tree) {
	t.Helper()
	tree = withoutComments(unprotected(tree), FormatSet)
	sameByChange(t, New(), tree)
	sameByChange(t, tree, New())
}
