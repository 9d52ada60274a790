package yamltext

import (
	"errors"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestDiagnose has what people do wrong, as the parser itself reports it.
func TestDiagnose(t *testing.T) {
	tests := []struct {
		name, text string
		line, col  int
		message    string
		hint       string
	}{
		{"tab", "cases:\n\t- id: A\n", 2, 1, "a tab indents this line", "YAML is indented with spaces"},
		{"tab after spaces", "cases:\n  \tid: A\n", 2, 3, "a tab indents this line", "YAML is indented with spaces"},
		{"second colon", "a: b\ncases:\n  - id: A\n    title: Test: OSPF\n", 4, 16,
			`the text after "title:" has a colon of its own`, `put it in quotes: title: "Test: OSPF"`},
		{"too deep", "cases:\n  - id: A\n    title: x\n     steps:\n", 4, 6,
			"this line is indented deeper than title above it, which has its value already", "begin it in column 5, below title"},
		{"too deep in a list", "steps:\n  - ping: x\n      to: h2\n", 3, 7,
			"this line is indented deeper than ping above it, which has its value already", "begin it in column 5, below ping"},
		{"percent", "cases:\n  - x: %foo\n", 2, 8, "a value cannot begin with %", "put the value in quotes"},
		{"percent in braces", "cases:\n  - x: {a: b, c: @foo}\n", 2, 18, "a value cannot begin with @", "put the value in quotes"},
		{"bare brace", "plan: p\nsteps:\n  - configure: {node: r3, set: then local-preference {pref}}\n", 3, 54,
			"inside brackets a text that contains { needs quotes", `write it as "…{…"`},
		{"more than", "cases:\n  - x: {a: b, c: > 200ms}\n", 2, 18, "a value cannot begin with >", "put the value in quotes"},
		{"star", "a: b\ncases:\n  - x: {a: b, c: *foo}\n", 3, 18, "*foo stands for an anchor &foo, which there is not", "put a text that begins with * in quotes"},
		{"no colon", "cases:\n  - id: A\n    title t\n    steps:\n", 3, 10, "there is no colon after title", "write title: t"},
		{"no space", "cases:\n  - id: A\n    title:t\n    steps:\n", 3, 10, "the colon after title lacks a space", "write title: t"},
		{"no comma", "plan: p\nsteps:\n  - ping: {from: \"h1\" to: \"h2\"}\n", 2, 0,
			"did not find expected ',' or '}'", "a comma, a quote or a closing bracket is missing on this line or the next"},
		{"open quote", "plan: p\ntitle: \"x\ncases: 1\n", 2, 8,
			"the quote that is opened here is not closed on this line", `close it with "`},
		{"open quote far below", "plan: p\ncases:\n  - id: A\n    title: \"OSPF\n    steps:\n      - ping: {to: \"x\"}\n", 4, 12,
			"the quote that is opened here is not closed on this line", `close it with "`},
		{"open quote in braces", "a: b\nsteps:\n  - traffic: {run: \"x\", loss: \"= 0}\n  - ping: {to: \"x\"}\n", 3, 31,
			"the quote that is opened here is not closed on this line", `close it with "`},
		{"not deep enough", "cases:\n  - id: A\n    title: x\n   requirement: R1\n    steps: []\n", 4, 4,
			"this line begins in column 4, where nothing above it begins", "begin it in column 5, as the lines do that it belongs to"},
		{"dash not deep enough", "cases:\n  - id: A\n    steps:\n      - ping: {from: a}\n     - ping: {from: b}\n", 5, 6,
			"this line begins in column 6, where nothing above it begins", "begin it in column 7, as the lines do that it belongs to"},
		{"not deep enough after a text", "a: |\n  x\n y\nlist:\n  - b: {c: 1,\n d: 2}\n    e: 3\n   f: 4\n", 8, 4,
			"this line begins in column 4, where nothing above it begins", "begin it in column 5, as the lines do that it belongs to"},
		{"braces, then text", "cases:\n  - id: A\n    title: {stream} passes\n    steps: []\n", 3, 21,
			"the value of title ends with }, and a text follows", `put all of it in quotes: title: "{stream} passes"`},
		{"quote inside quotes", "plan: p\ncases:\n  - id: A\n    title: 'OSPF isn't up'\n", 4, 22,
			"the value of title ends with ', and a text follows", `put all of it in quotes: title: "OSPF isn't up"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var v any
			err := yaml.Unmarshal([]byte(test.text), &v)
			if err == nil {
				t.Fatal("this is YAML")
			}
			f := Diagnose(test.text, err)
			if want := (Fault{test.line, test.col, test.message, test.hint}); f != want {
				t.Errorf("the parser says %v\n got %+v\nwant %+v", err, f, want)
			}
		})
	}
}

// TestDiagnoseUnknown keeps the parser's words where nothing usual is seen.
func TestDiagnoseUnknown(t *testing.T) {
	f := Diagnose("a: b\n", errors.New("yaml: something else"))
	if f.Line != 0 || f.Message != "something else" || f.Hint == "" {
		t.Errorf("got %+v", f)
	}
}

// FuzzDiagnose: any text that is not YAML gets a fault inside of it.
func FuzzDiagnose(f *testing.F) {
	for _, seed := range []string{"a: b: c", "\ta", "{a: b{", "a:\n  b: c\n   d: e", "- %", "'", "\"\\"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var v any
		err := yaml.Unmarshal([]byte(text), &v)
		if err == nil {
			return
		}
		if got := Diagnose(text, err); got.Message == "" || got.Line < 0 || got.Column < 0 {
			t.Errorf("%q: %+v", text, got)
		}
	})
}
