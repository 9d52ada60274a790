package intent

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// TestFeatures gives FRR everything that is acted on at once.
func TestFeatures(t *testing.T) {
	requireFRR(t)
	text, err := os.ReadFile("testdata/features.cfg")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := config.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if back, _ := tree.Text(); back != string(text) {
		t.Errorf("the file is not as the router prints it:\n%s", cmp.Diff(string(text), back))
	}
	want, warnings, err := Compile(tree, router)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range warnings {
		t.Errorf("warning: %v", w)
	}
	acceptedByFRR(t, want)
}

// TestBGP gives bgpd every kind of condition, action and neighbor statement.
func TestBGP(t *testing.T) {
	requireFRR(t)
	text, err := os.ReadFile("testdata/bgp.set")
	if err != nil {
		t.Fatal(err)
	}
	want, warnings, err := compileText(t, string(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range warnings {
		t.Errorf("warning: %v", w)
	}
	if len(want.Aggregates) != 2 {
		t.Errorf("aggregates: %+v", want.Aggregates)
	}
	acceptedByFRR(t, want)
}

// TestISIS gives isisd what is acted on of IS-IS.
func TestISIS(t *testing.T) {
	requireFRR(t)
	text, err := os.ReadFile("testdata/isis.set")
	if err != nil {
		t.Fatal(err)
	}
	acceptedByFRR(t, mustCompile(t, string(text)))
}
