package results_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/testplans/results"
)

func TestEvidencePath(t *testing.T) {
	for _, c := range []struct {
		caseID, id, ext, want string
	}{
		{"OSPF-001", "r1-ospf", "xml", "OSPF-001/1/03/r1-ospf.xml"},
		{"POL-001[pref=50,mtu=1500]", "diff", ".txt", "POL-001@pref=50,mtu=1500/1/03/diff.txt"},
		{"OSPF-001", "noext", "", "OSPF-001/1/03/noext"},
	} {
		if got := results.EvidencePath(c.caseID, 1, 3, c.id, c.ext); got != c.want {
			t.Errorf("EvidencePath(%q, %q) = %s, want %s", c.caseID, c.id, got, c.want)
		}
	}
	seen := map[string]string{}
	for _, id := range []string{"a b", "a/b", "a_b", "..", ".", "../x", "-rf", "é", "show bgp summary | no-more", strings.Repeat("x", 300), strings.Repeat("x", 301)} {
		got := results.EvidencePath("C", 1, 1, id, "")
		if !filepath.IsLocal(got) || strings.Count(got, "/") != 3 {
			t.Errorf("EvidencePath of %q = %s: leaves its directory", id, got)
		}
		if strings.ContainsAny(got, " |'\"$*?[]#%") || len(got) > 130 {
			t.Errorf("EvidencePath of %q = %s: not a plain name", id, got)
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%q and %q share %s", id, other, got)
		}
		seen[got] = id
	}
}

func FuzzEvidencePath(f *testing.F) {
	f.Add("POL-001[pref=50]", "r1-diff", "xml")
	f.Add("..", "/", "../x")
	f.Fuzz(func(t *testing.T, caseID, id, ext string) {
		got := results.EvidencePath(caseID, 1, 1, id, ext)
		if !filepath.IsLocal(got) || strings.Count(got, "/") != 3 || strings.ContainsAny(got, " |'\"$*?[]#%\\\n\x00") {
			t.Errorf("EvidencePath(%q, %q, %q) = %q", caseID, id, ext, got)
		}
	})
}
