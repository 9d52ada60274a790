package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// fuzz loads text; what loads must survive printing and loading again.
func fuzz(f *testing.F, format Format, seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tree := New()
		if _, err := tree.Load(format, Merge, text); err != nil {
			if !tree.Empty() {
				t.Fatal("a failed load changed the tree")
			}
			return
		}
		_ = tree.Effective()
		old := mustParse(t, small)
		changed := old.Clone()
		if _, err := changed.Load(format, Merge, text); err == nil && (Compare(old, changed) == "") != old.Equal(changed) {
			t.Fatalf("compare and equal do not agree:\n%s", Compare(old, changed))
		}
		if !ragged(tree.Root()) {
			roundTrip(t, tree)
		}
	})
}

// ragged finds values and annotations with space around them, or line breaks,
// which XML does not tell from its own.
func ragged(n *Node) bool {
	for _, v := range append(append([]string{n.comment}, n.keys...), n.values...) {
		if v != strings.TrimSpace(v) || strings.ContainsAny(n.comment, "\n\r") {
			return true
		}
	}
	return slices.ContainsFunc(n.kids, ragged)
}

func FuzzCurly(f *testing.F) {
	var seeds []string
	for _, text := range ring(f) {
		seeds = append(seeds, text)
	}
	fuzz(f, FormatText, append(seeds, small, `system { host-name "a\"b"; }`, "protocols { bgp { group [ a b ]; } }", "inactive: system;")...)
}

func FuzzSet(f *testing.F) {
	tree := mustParse(f, small)
	seed, _ := tree.Set()
	fuzz(f, FormatSet, seed, "set system host-name a\ndelete system\nedit protocols\nup\nset bgp group a\nrename bgp group a to group b")
}

func FuzzXML(f *testing.F) {
	tree := mustParse(f, small)
	seed, _ := tree.XML()
	fuzz(f, FormatXML, "<configuration>"+seed+"</configuration>", `<configuration><system delete="delete"/></configuration>`)
}

func FuzzJSON(f *testing.F) {
	tree := mustParse(f, small)
	seed, _ := tree.JSON()
	fuzz(f, FormatJSON, seed, `{"configuration": {"system": {"host-name": "r2", "@": {"inactive": true}}}}`)
}

// big is a configuration of about n lines.
func big(n int) string {
	var b strings.Builder
	b.WriteString("interfaces {\n    ge-0/0/0 {\n")
	for i := range n / 10 {
		fmt.Fprintf(&b, "        unit %d {\n            vlan-id 5;\n            family inet {\n                address 10.%d.%d.1/24;\n            }\n        }\n", i, i/250, i%250)
	}
	b.WriteString("    }\n}\npolicy-options {\n    prefix-list big {\n")
	for i := range 4 * n / 10 {
		fmt.Fprintf(&b, "        10.%d.%d.0/24;\n", i/250, i%250)
	}
	b.WriteString("    }\n}\n")
	return b.String()
}

func BenchmarkParse(b *testing.B) {
	text := big(20_000)
	lines := strings.Count(text, "\n")
	b.SetBytes(int64(len(text)))
	start := time.Now()
	for b.Loop() {
		mustParse(b, text)
	}
	b.ReportMetric(float64(lines*b.N)/time.Since(start).Seconds(), "lines/s")
}

func BenchmarkCompare(b *testing.B) {
	old := mustParse(b, big(20_000))
	tree := old.Clone()
	if _, err := tree.Load(FormatSet, Merge, "set policy-options prefix-list big 192.0.2.0/24\ndelete interfaces ge-0/0/0 unit 100"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if Compare(old, tree) == "" {
			b.Fatal("no difference")
		}
	}
}

func BenchmarkSetOneLine(b *testing.B) {
	old := mustParse(b, big(20_000))
	for b.Loop() {
		if _, err := old.Clone().Load(FormatSet, Merge, "set policy-options prefix-list big 192.0.2.0/24"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPrint(b *testing.B) {
	tree := mustParse(b, big(20_000))
	for b.Loop() {
		if _, err := tree.Text(); err != nil {
			b.Fatal(err)
		}
	}
}
