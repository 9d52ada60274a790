package config

import (
	"strings"
	"testing"
)

// TestSchema reads every statement once: each has a type that is known, and a
// place for groups to be applied where it can hold statements.
func TestSchema(t *testing.T) {
	seen := map[*defSet]bool{}
	count := 0
	var visit func(path string, s *defSet)
	visit = func(path string, s *defSet) {
		if seen[s] {
			return
		}
		seen[s] = true
		for _, d := range s.defs {
			count++
			here := path + " " + d.name
			types := []valueType{d.typ}
			for _, k := range d.keys {
				types = append(types, k.typ)
				for _, typ := range k.choices {
					types = append(types, typ)
				}
			}
			for _, typ := range types {
				if msg := typ.check("x"); strings.HasPrefix(msg, "schema:") {
					t.Errorf("%s: %s", here, msg)
				}
			}
			if (d.kind == container || d.kind == list) && d.sub.element("apply-groups") == nil {
				t.Errorf("%s cannot apply groups", here)
			}
			visit(here, d.sub)
		}
	}
	visit("", rootDef().sub)
	if count < 500 {
		t.Errorf("only %d statements", count)
	}
}

func TestSchemaMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"a =string\na =string": "a is there twice",
		"a @nowhere":           "no define nowhere",
		"a\n      b":           "indented too far",
		"a what":               `what is "what"`,
	} {
		_, err := parseSchema(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
