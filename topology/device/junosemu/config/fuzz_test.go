package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// fuzz loads text; what loads must survive printing and loading again, and
// comparisons must lead from one configuration to the other.
func fuzz(f *testing.F, format Format, seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
	}
	old := mustParse(f, small)
	f.Fuzz(func(t *testing.T, text string) {
		tree := New()
		if _, err := tree.Load(format, Merge, text); err != nil {
			if !tree.Empty() {
				t.Fatal("a failed load changed the tree")
			}
			return
		}
		_ = tree.Effective()
		_ = tree.Inherited(GroupSource | RangeSource)
		changed := old.Clone()
		if _, err := changed.Load(format, Merge, text); err == nil && (Compare(old, changed) == "") != old.Equal(changed) {
			t.Fatalf("compare and equal do not agree:\n%s", Compare(old, changed))
		}
		if ragged(tree.Root()) {
			return
		}
		roundTrip(t, tree)
		if plain := withoutComments(unprotected(tree), FormatSet); !bare(plain.root) {
			sameByChange(t, old, plain)
		}
	})
}

// bare finds containers without anything in them, which no comparison keeps.
func bare(n *Node) bool {
	if n.parent != nil && len(n.kids) == 0 && n.def.kind == container && !n.def.presence {
		return true
	}
	return slices.ContainsFunc(n.kids, bare)
}

// maxSeed is how long a seed may be, in bytes of curly text: mutations of short
// ones are many more a second, and every feature is in a short one.
const maxSeed = 2500

// printed is the corpus in a format, without what is too long for a seed.
func printed(f *testing.F, format Format) []string {
	var out []string
	for _, text := range corpus(f) {
		if len(text) > maxSeed {
			continue
		}
		tree := mustParse(f, text)
		var s string
		switch format {
		case FormatSet:
			s, _ = tree.Set()
		case FormatXML:
			s, _ = tree.XML()
			s = "<configuration>" + s + "</configuration>"
		case FormatJSON:
			s, _ = tree.JSON()
		default:
			s = text
		}
		out = append(out, s)
	}
	return out
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

// FuzzLexer: every text is cut into tokens that lie in it one after the other,
// and a word that is written by quote is read back.
func FuzzLexer(f *testing.F) {
	for _, s := range append(printed(f, FormatText), `a "b\"c\\" [ d ] /* e */ # f`, "<ge-0/0/[0-3]> x", "\"open", "/* open") {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, lines bool) {
		l := lexer{src: text, lines: lines}
		for last := -1; ; {
			tok, err := l.next()
			if err != nil || tok.kind == tokenEOF {
				break
			}
			if tok.pos <= last || l.pos <= tok.pos {
				t.Fatalf("a token from %d to %d, after one at %d", tok.pos, l.pos, last)
			}
			last = tok.pos
		}
		if !printable(text) {
			return
		}
		back := lexer{src: quote(text) + ";"}
		if tok, err := back.next(); err != nil || tok.kind != tokenWord || tok.text != text {
			t.Fatalf("%q is written as %s and read as %q, %v", text, quote(text), tok.text, err)
		}
	})
}

func FuzzCurly(f *testing.F) {
	seeds := printed(f, FormatText)
	for _, text := range ring(f) {
		seeds = append(seeds, text)
	}
	fuzz(f, FormatText, append(seeds, small, ranges, `system { host-name "a\"b"; }`, "protocols { bgp { group [ a b ]; } }", "inactive: system;")...)
}

func FuzzSet(f *testing.F) {
	fuzz(f, FormatSet, append(printed(f, FormatSet),
		"set system host-name a\ndelete system\nedit protocols\nup\nset bgp group a\nrename bgp group a to group b",
		"set protocols bgp group a\nprotect protocols\nreplace pattern a with b\nwildcard delete protocols .*\nannotate protocols x\ncopy protocols bgp group a to group c")...)
}

func FuzzXML(f *testing.F) {
	fuzz(f, FormatXML, append(printed(f, FormatXML), `<configuration><system delete="delete"/></configuration>`,
		`<configuration><protocols><bgp><group rename="rename" name="b"><name>a</name></group><group insert="before" key="[name='b']"><name>c</name></group></bgp></protocols></configuration>`)...)
}

func FuzzJSON(f *testing.F) {
	fuzz(f, FormatJSON, append(printed(f, FormatJSON), `{"configuration": {"system": {"host-name": "r2", "@": {"inactive": true}}}}`,
		`{"configuration": {"system": {"@host-name": {"operation": "delete"}}, "protocols": {"bgp": {"group": [{"name": "a", "@export": [null, {"inactive": true}], "export": ["x"]}]}}}}`)...)
}

// FuzzPatch: what is no patch leaves the tree, and nothing panics.
func FuzzPatch(f *testing.F) {
	old := mustParse(f, small)
	for _, commands := range changes {
		tree := old.Clone()
		if _, err := tree.Load(FormatSet, SetMode, commands); err != nil {
			f.Fatal(err)
		}
		f.Add(Compare(old, tree))
	}
	f.Fuzz(func(t *testing.T, text string) {
		tree := old.Clone()
		if _, err := tree.Load(FormatText, Patch, text); err != nil && !tree.Equal(old) {
			t.Fatal("a failed patch changed the tree")
		}
		if !ragged(tree.Root()) {
			roundTrip(t, tree)
		}
	})
}

// FuzzCover: a text that loads has no unknown statements, and one that is
// partly known is told apart without a panic.
func FuzzCover(f *testing.F) {
	for _, s := range append(printed(f, FormatText), printed(f, FormatSet)...) {
		f.Add(s)
	}
	f.Add("system { flux { a; b { c; } } host-name x; }")
	f.Fuzz(func(t *testing.T, text string) {
		statements, _, err := Cover(text)
		if _, loads := Parse(text); loads != nil {
			return
		}
		if err != nil {
			t.Fatalf("it loads, but: %v", err)
		}
		for _, s := range statements {
			if s.Treatment == Unknown {
				t.Fatalf("it loads, but line %d is unknown: %s: %s", s.Line, s.Path, s.Reason)
			}
		}
	})
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

// BenchmarkCompare compares two configurations of 20,000 lines that share no
// node: parsed apart, and different in two places.
func BenchmarkCompare(b *testing.B) {
	old := mustParse(b, big(20_000))
	tree := mustParse(b, big(20_000))
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
