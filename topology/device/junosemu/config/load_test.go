package config

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const small = `system {
    host-name r1;
}
protocols {
    bgp {
        group mesh {
            type internal;
            export [ a b ];
            neighbor 10.0.0.1 {
                description one;
            }
            neighbor 10.0.0.2;
        }
    }
}
`

// TestLoad loads a text into the small configuration; want is the diff.
func TestLoad(t *testing.T) {
	tests := []struct {
		name   string
		format Format
		action Action
		text   string
		want   string
	}{
		{"merge", FormatText, Merge, `system { host-name r2; domain-name example.net; }`, `
[edit system]
-  host-name r1;
+  host-name r2;
+  domain-name example.net;
`},
		{"merge adds to a list of values", FormatText, Merge, `protocols { bgp { group mesh { export [ b c ]; } } }`, `
[edit protocols bgp group mesh]
-    export [ a b ];
+    export [ a b c ];
`},
		{"replace tag", FormatText, Replace, `protocols { bgp { replace: group mesh { type external; peer-as 65001; } } }`, `
[edit protocols bgp group mesh]
-    type internal;
+    type external;
-    export [ a b ];
+    peer-as 65001;
-     neighbor 10.0.0.1 {
-         description one;
-     }
-     neighbor 10.0.0.2;
`},
		{"merge does not honour the tag", FormatText, Merge, `protocols { bgp { replace: group mesh { type external; } } }`, `
[edit protocols bgp group mesh]
-    type internal;
+    type external;
`},
		{"replace a list of values", FormatText, Replace, `protocols { bgp { group mesh { replace: export c; } } }`, `
[edit protocols bgp group mesh]
-    export [ a b ];
+    export c;
`},
		{"override", FormatText, Override, `system { host-name r1; }`, `
[edit]
-  protocols {
-      bgp {
-          group mesh {
-              type internal;
-              export [ a b ];
-              neighbor 10.0.0.1 {
-                  description one;
-              }
-              neighbor 10.0.0.2;
-          }
-      }
-  }
`},
		{"inactive", FormatText, Merge, `protocols { bgp { inactive: group mesh; } }`, `
[edit protocols bgp]
!    inactive: group mesh { ... }
`},
		{"set, delete, several on a line", FormatSet, Merge, "set protocols bgp group mesh neighbor 10.0.0.3 description three passive\n# a remark\ndelete protocols bgp group mesh neighbor 10.0.0.1\n\ndelete protocols bgp group mesh export a\n", `
[edit protocols bgp group mesh]
-    export [ a b ];
+    export b;
-     neighbor 10.0.0.1 {
-         description one;
-     }
      neighbor 10.0.0.2 { ... }
+     neighbor 10.0.0.3 {
+         description three;
+         passive;
+     }
`},
		{"delete prunes empty parents", FormatSet, Merge, "delete system host-name", `
[edit]
-  system {
-      host-name r1;
-  }
`},
		{"deactivate", FormatSet, Merge, "deactivate protocols bgp group mesh neighbor 10.0.0.1 description", `
[edit protocols bgp group mesh neighbor 10.0.0.1]
!     inactive: description one;
`},
		{"rename", FormatSet, Merge, "rename protocols bgp group mesh neighbor 10.0.0.1 to neighbor 10.0.0.9", `
[edit protocols bgp group mesh]
-     neighbor 10.0.0.1 {
-         description one;
-     }
+     neighbor 10.0.0.9 {
+         description one;
+     }
      neighbor 10.0.0.2 { ... }
`},
		{"copy and edit", FormatSet, Merge, "edit protocols bgp\ncopy group mesh to group other\ntop\nset system host-name r3", `
[edit system]
-  host-name r1;
+  host-name r3;
[edit protocols bgp]
     group mesh { ... }
+    group other {
+        type internal;
+        export [ a b ];
+        neighbor 10.0.0.1 {
+            description one;
+        }
+        neighbor 10.0.0.2;
+    }
`},
		{"insert", FormatSet, Merge, "insert protocols bgp group mesh neighbor 10.0.0.2 before neighbor 10.0.0.1", `
[edit protocols bgp group mesh]
+     neighbor 10.0.0.2;
      neighbor 10.0.0.1 { ... }
-     neighbor 10.0.0.2;
`},
		{"xml", FormatXML, Merge, `<configuration xmlns="http://xml.juniper.net/xnm/1.1/xnm"><system><host-name>r&amp;d</host-name></system>
<protocols><bgp><group><name>mesh</name><neighbor delete="delete"><name>10.0.0.1</name></neighbor>
<neighbor inactive="inactive"><name>10.0.0.2</name></neighbor></group></bgp></protocols></configuration>`, `
[edit system]
-  host-name r1;
+  host-name "r&d";
[edit protocols bgp group mesh]
-     neighbor 10.0.0.1 {
-         description one;
-     }
!     inactive: neighbor 10.0.0.2 { ... }
`},
		{"xml operations of RFC 6241", FormatXML, Merge, `<config xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0"><configuration><system nc:operation="replace"><domain-name>x</domain-name></system>
<protocols><bgp><group><name>mesh</name><export nc:operation="delete">a</export></group></bgp></protocols></configuration></config>`, `
[edit system]
-  host-name r1;
+  domain-name x;
[edit protocols bgp group mesh]
-    export [ a b ];
+    export b;
`},
		{"xml replaces a list of values", FormatXML, Replace, `<configuration><protocols><bgp><group><name>mesh</name><export replace="replace">x</export><export replace="replace">y</export></group></bgp></protocols></configuration>`, `
[edit protocols bgp group mesh]
-    export [ a b ];
+    export [ x y ];
`},
		{"xml, a value without its name", FormatXML, Merge, `<configuration><routing-options><autonomous-system>65002<loops>2</loops></autonomous-system></routing-options></configuration>`, `
[edit]
+  routing-options {
+      autonomous-system 65002 loops 2;
+  }
`},
		{"json, compact", FormatJSON, Merge, `{"configuration": {"system": {"host-name": "r2"}, "protocols": {"bgp": {"group": [{"name": "mesh", "neighbor": [{"name": "10.0.0.2", "passive": [null]}]}]}}}}`, `
[edit system]
-  host-name r1;
+  host-name r2;
[edit protocols bgp group mesh neighbor 10.0.0.2]
+     passive;
`},
		{"json, verbose", FormatJSON, Merge, `{"configuration": [{"system": [{"host-name": [{"data": "r2"}]}], "protocols": [{"bgp": [{"group": [{"name": [{"data": "mesh"}], "attributes": {"operation": "delete"}}]}]}]}]}`, `
[edit system]
-  host-name r1;
+  host-name r2;
[edit]
-  protocols {
-      bgp {
-          group mesh {
-              type internal;
-              export [ a b ];
-              neighbor 10.0.0.1 {
-                  description one;
-              }
-              neighbor 10.0.0.2;
-          }
-      }
-  }
`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			old := mustParse(t, small)
			tree := old.Clone()
			warnings, err := tree.Load(test.format, test.action, test.text)
			if err != nil || len(warnings) > 0 {
				t.Fatalf("%v %v", warnings, err)
			}
			got := Compare(old, tree)
			if !sameHunks(test.want, got) {
				t.Errorf("diff of diffs (-want +got):\n%s", cmp.Diff(strings.TrimPrefix(test.want, "\n"), got))
			}
			back := tree.Clone()
			if text, _ := tree.Text(); mustParse(t, text).Equal(back) == false {
				t.Errorf("does not survive printing:\n%s", text)
			}
		})
	}
}

// sameHunks compares diffs without regard to the order of their hunks.
func sameHunks(a, b string) bool {
	split := func(s string) map[string]bool {
		out := map[string]bool{}
		for _, h := range strings.Split("\n"+strings.TrimPrefix(s, "\n"), "\n[edit") {
			out[strings.TrimSpace(h)] = true
		}
		return out
	}
	return cmp.Equal(split(a), split(b))
}

func TestLoadErrors(t *testing.T) {
	tests := []struct {
		name   string
		format Format
		text   string
		want   LoadError
	}{
		{"unknown statement", FormatText, "system {\n    hostname r1;\n}", loadError("syntax error", "[edit system]", "hostname", "host-name", 2, 5)},
		{"unknown at the top", FormatSet, "set system host-name a\nset protocol bgp", loadError("syntax error", "[edit]", "protocol", "protocols", 2, 5)},
		{"no value", FormatSet, "set system host-name", loadError("missing argument", "[edit system]", "host-name", "", 1, 12)},
		{"no value in brackets", FormatSet, "set routing-options confederation members [ ]", loadError("missing argument", "[edit routing-options confederation]", "]", "", 1, 45)},
		{"no key", FormatText, "protocols { bgp { group { type internal; } } }", loadError("missing argument", "[edit protocols bgp]", "group", "", 1, 19)},
		{"bad address", FormatSet, "set protocols bgp group g neighbor 10.0.0.300", loadError("invalid ip address or hostname: 10.0.0.300", "[edit protocols bgp group g]", "10.0.0.300", "", 1, 36)},
		{"out of range", FormatSet, "set protocols ospf area 0 interface ge-0/0/0.0 metric 70000", loadError("Value 70000 is not within range (1..65535)", "[edit protocols ospf area 0.0.0.0 interface ge-0/0/0.0]", "70000", "", 1, 55)},
		{"not one of the words", FormatSet, "set protocols bgp group g type intern", loadError("syntax error", "[edit protocols bgp group g]", "intern", "", 1, 32)},
		{"no semicolon", FormatText, "system {\n    host-name r1\n}", loadError("syntax error, expecting ';' or '{'", "", "r1", "", 2, 17)},
		{"no closing brace", FormatText, "system {\n    host-name r1;", loadError("missing closing brace '}'", "", "{", "", 1, 8)},
		{"one brace too many", FormatText, "system { host-name r1; } }", loadError("syntax error", "", "}", "", 1, 26)},
		{"no closing quote", FormatText, "system { host-name \"r1; }", loadError("missing closing quote", "", "", "", 1, 20)},
		{"no end of comment", FormatText, "/* system", loadError("missing end of comment", "", "", "", 1, 1)},
		{"block on a leaf", FormatText, "system { host-name r1 { } }", loadError("syntax error", "", "{", "", 1, 23)},
		{"unknown verb", FormatSet, "get system", loadError("unknown command", "", "get", "", 1, 1)},
		{"delete of nonsense", FormatSet, "delete system hostname", loadError("syntax error", "[edit system]", "hostname", "host-name", 1, 15)},
		{"xml element", FormatXML, "<configuration>\n<system><hostname>x</hostname></system></configuration>", loadError("syntax error", "[edit system]", "hostname", "host-name", 2, 1)},
		{"xml without key", FormatXML, "<configuration><protocols><bgp><group><type>internal</type></group></bgp></protocols></configuration>", loadError("missing argument", "[edit protocols bgp]", "group", "", 1, 1)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree := mustParse(t, small)
			before := tree.Clone()
			_, err := tree.Load(test.format, Merge, test.text)
			var got *LoadError
			if !errors.As(err, &got) {
				t.Fatalf("error %v", err)
			}
			if d := cmp.Diff(test.want, *got); d != "" {
				t.Error(d)
			}
			if !tree.Equal(before) {
				t.Error("the failed load changed the tree")
			}
		})
	}
}

func TestNotFoundIsAWarning(t *testing.T) {
	for format, text := range map[Format]string{
		FormatSet: "delete protocols bgp group nobody\nset system host-name new",
		FormatXML: `<configuration><system><host-name>new</host-name></system><protocols><bgp><group delete="delete"><name>nobody</name></group></bgp></protocols></configuration>`,
	} {
		tree := mustParse(t, small)
		warnings, err := tree.Load(format, Merge, text)
		if err != nil || len(warnings) != 1 || warnings[0].Message != "statement not found" || !strings.Contains(warnings[0].Path, "group nobody") {
			t.Errorf("%s: %v %v", format, warnings, err)
		}
		if tree.Root().Value("system", "host-name") != "new" {
			t.Errorf("%s: the rest was not loaded", format)
		}
	}
}

func TestProtect(t *testing.T) {
	tree := mustParse(t, small)
	warnings, err := tree.Load(FormatSet, SetMode, "protect protocols bgp\ndelete protocols bgp group mesh")
	if err != nil || len(warnings) != 1 || !tree.Root().Has("protocols", "bgp", "group", "mesh") {
		t.Errorf("%v %v", warnings, err)
	}
	if text, _ := tree.Text("protocols"); !strings.HasPrefix(text, "protect: bgp {\n") {
		t.Errorf("printed:\n%s", text)
	}
}

func TestLoadAt(t *testing.T) {
	tree := mustParse(t, small)
	group := strings.Fields("protocols bgp group")
	for _, step := range []struct {
		at           []string
		format       Format
		text, change string
	}{
		{append(group, "mesh"), FormatSet, "set hold-time 30", "[edit protocols bgp group mesh]\n+    hold-time 30;\n"},
		{append(group, "mesh"), FormatText, "neighbor 10.0.0.2 { passive; }", "[edit protocols bgp group mesh neighbor 10.0.0.2]\n+     passive;\n"},
		{append(group, "other"), FormatSet, "delete hold-time", ""},
		{append(group, "mesh"), FormatSet, "delete hold-time", "[edit protocols bgp group mesh]\n-    hold-time 30;\n"},
	} {
		before := tree.Clone()
		if _, err := tree.LoadAt(step.at, step.format, Merge, step.text); err != nil {
			t.Fatalf("%s: %v", step.text, err)
		}
		if d := cmp.Diff(step.change, Compare(before, tree)); d != "" {
			t.Errorf("%s: %s", step.text, d)
		}
	}
	if _, err := tree.LoadAt([]string{"system", "host-name"}, FormatSet, Merge, "set x"); err == nil {
		t.Error("a leaf is no place to load into")
	}
}

// TestCompareFamilies: a family is a statement of its unit, though XML has an
// element between them. The indentation is the router's.
func TestCompareFamilies(t *testing.T) {
	old := mustParse(t, "interfaces { ge-0/0/0 { unit 0 { family inet { address 10.0.0.1/24; } } } }")
	tree := old.Clone()
	commands := `set interfaces ge-0/0/0 unit 0 family inet6 address 2001:db8::1/64
set interfaces ge-0/0/0 unit 0 family inet address 10.0.1.1/24
set interfaces ge-0/0/0 description first
set interfaces ge-0/0/1 unit 0
deactivate interfaces ge-0/0/0 unit 0 family inet`
	if _, err := tree.Load(FormatSet, Merge, commands); err != nil {
		t.Fatal(err)
	}
	want := `[edit interfaces]
+   ge-0/0/1 {
+       unit 0;
+   }
[edit interfaces ge-0/0/0]
+   description first;
[edit interfaces ge-0/0/0 unit 0]
!     inactive: family inet { ... }
+     family inet6 {
+         address 2001:db8::1/64;
+     }
[edit interfaces ge-0/0/0 unit 0 family inet]
        address 10.0.0.1/24 { ... }
+       address 10.0.1.1/24;
`
	if d := cmp.Diff(want, Compare(old, tree)); d != "" {
		t.Error(d)
	}
}

func loadError(message, path, bad, hint string, line, column int) LoadError {
	return LoadError{Message: message, Path: path, BadElement: bad, Hint: hint, Line: line, Column: column}
}

// A value that XML keeps in an element of its own is written like a leaf, and
// compared like one.
func TestCompareValues(t *testing.T) {
	tree := func(text string) *Tree {
		parsed, err := Parse("set policy-options policy-statement lp term a then " + text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for _, test := range []struct{ old, new, want string }{
		{"local-preference 100", "local-preference 200", `[edit policy-options policy-statement lp term a then]
-     local-preference 100;
+     local-preference 200;
`},
		{"metric 5", "metric add 5", `[edit policy-options policy-statement lp term a then]
-     metric 5;
+     metric add 5;
`},
	} {
		if got := Compare(tree(test.old), tree(test.new)); strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(test.want), " ") {
			t.Errorf("%s, %s: got\n%s", test.old, test.new, got)
		}
	}
}
