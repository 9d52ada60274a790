package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// changes are edits of the small configuration, as set commands.
var changes = map[string]string{
	"leaf":               "set system host-name r2",
	"new container":      "set system services netconf ssh",
	"values":             "set protocols bgp group mesh export c\ndelete protocols bgp group mesh export a",
	"entry at the end":   "set protocols bgp group mesh neighbor 10.0.0.3 passive",
	"entry in between":   "set protocols bgp group mesh neighbor 10.0.0.3\ninsert protocols bgp group mesh neighbor 10.0.0.3 before neighbor 10.0.0.2",
	"entry at the top":   "set protocols bgp group mesh neighbor 10.0.0.3\ninsert protocols bgp group mesh neighbor 10.0.0.3 before neighbor 10.0.0.1",
	"several at the top": "set protocols bgp group mesh neighbor 10.0.0.3\nset protocols bgp group mesh neighbor 10.0.0.4\ninsert protocols bgp group mesh neighbor 10.0.0.3 before neighbor 10.0.0.1\ninsert protocols bgp group mesh neighbor 10.0.0.4 after neighbor 10.0.0.3",
	"moved":              "insert protocols bgp group mesh neighbor 10.0.0.2 before neighbor 10.0.0.1",
	"entry gone":         "delete protocols bgp group mesh neighbor 10.0.0.1",
	"all gone":           "delete protocols\ndelete system",
	"deactivated":        "deactivate protocols bgp group mesh neighbor 10.0.0.2\ndeactivate system host-name",
	"protected":          "protect protocols bgp group mesh",
	"family":             "set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/30\nset interfaces ge-0/0/0 unit 0 family inet6 address 2001:db8::1/64",
	"two keys":           "set policy-options policy-statement p term t from route-filter 10.0.0.0/8 upto /24\nset policy-options policy-statement p term t from route-filter 10.0.0.0/8 exact\nset policy-options policy-statement p term t then accept",
	"grouped":            "set system name-server 192.0.2.53\nset system name-server 192.0.2.54",
	"choice":             "set routing-options static route 192.0.2.0/24 discard\nset routing-options static route 198.51.100.0/24 next-hop 10.0.0.1",
	"group of wildcard":  "set groups g interfaces <ge-*> mtu 9000\nset apply-groups g",
}

// TestPatchAndEdit: what Compare prints turns the old configuration into the
// new one by load patch, and what CompareXML prints does so by edit-config;
// and back.
func TestPatchAndEdit(t *testing.T) {
	for name, commands := range changes {
		t.Run(name, func(t *testing.T) {
			old := mustParse(t, small)
			changed := old.Clone()
			if _, err := changed.Load(FormatSet, SetMode, commands); err != nil {
				t.Fatal(err)
			}
			sameByChange(t, old, changed)
			sameByChange(t, changed, withoutProtection(changed, old))
		})
	}
}

// withoutProtection returns to, so that what protects from does not keep the
// way back from being gone.
func withoutProtection(from, to *Tree) *Tree {
	if hasProtected(from.root) {
		return from
	}
	return to
}

// sameByChange does what the two forms of a comparison say.
func sameByChange(t *testing.T, old, changed *Tree) {
	t.Helper()
	patch, xml := Compare(old, changed), CompareXML(old, changed)
	patched := old.Clone()
	warnings, err := patched.Load(FormatText, Patch, patch)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("patch: %v %v\n%s", warnings, err, patch)
	}
	if d := Compare(changed, patched); d != "" {
		t.Errorf("the patch\n%sleads elsewhere:\n%s", patch, d)
	}
	edited := old.Clone()
	warnings, err = edited.Edit(Edit{Strict: true}, "<configuration>"+xml+"</configuration>")
	if err != nil || len(warnings) > 0 {
		t.Fatalf("edit: %v %v\n%s", warnings, err, xml)
	}
	if d := Compare(changed, edited); d != "" {
		t.Errorf("the edit\n%sleads elsewhere:\n%s", xml, d)
	}
}

func TestPatchErrors(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		line int
		want string
	}{
		"unknown statement": {"[edit system]\n-  host-name r1;\n+  hostname r2;\n", 3, "syntax error"},
		"unknown level":     {"[edit sistem]\n+  host-name r2;\n", 1, "syntax error"},
		"no sign":           {"[edit system]\nhost-name r2;\n", 2, "syntax error"},
		"unknown mark":      {"[edit system]\n!  sleepy: host-name r1;\n", 2, "syntax error"},
	} {
		t.Run(name, func(t *testing.T) {
			tree := mustParse(t, small)
			before := tree.Clone()
			_, err := tree.Load(FormatText, Patch, c.text)
			e, ok := err.(*LoadError)
			if !ok || e.Line != c.line || !strings.Contains(e.Message, c.want) {
				t.Errorf("error %v, want %q in line %d", err, c.want, c.line)
			}
			if !tree.Equal(before) {
				t.Error("the failed patch changed the tree")
			}
		})
	}
	tree := mustParse(t, small)
	warnings, err := tree.Load(FormatText, Patch, "[edit protocols bgp group mesh]\n-    neighbor 192.0.2.1;\n")
	if err != nil || len(warnings) != 1 || warnings[0].Message != "statement not found" {
		t.Errorf("deleting nothing: %v %v", warnings, err)
	}
	warnings, err = tree.Load(FormatText, Patch, "[edit system]\n-  host-name r7;\n[edit protocols bgp group mesh]\n-    type external;\n+    type external;\n")
	want := []string{"statement does not match patch; 'host-name r7' != 'host-name r1'", "statement does not match patch; 'type external' != 'type internal'"}
	var got []string
	for _, w := range warnings {
		got = append(got, w.Message)
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("a patch of another configuration: %v %s", err, d)
	}
	if root := tree.Root(); root.Value("system", "host-name") != "r1" || root.Value("protocols", "bgp", "group", "mesh", "type") != "external" {
		t.Error("what did not match went, or what was added did not come")
	}
}

// TestEditOperations: the operations of RFC 6241, 7.2.
func TestEditOperations(t *testing.T) {
	const neighbor = `<protocols><bgp><group><name>mesh</name><neighbor operation="%s"><name>%s</name></neighbor></group></bgp></protocols>`
	for name, c := range map[string]struct {
		o    Edit
		xml  string
		tag  string // of the error, if there is one
		want string // words of the diff
	}{
		"create":                   {Edit{}, sub(neighbor, "create", "10.0.0.9"), "", "+     neighbor 10.0.0.9;"},
		"create what is there":     {Edit{}, sub(neighbor, "create", "10.0.0.1"), "data-exists", ""},
		"delete":                   {Edit{Strict: true}, sub(neighbor, "delete", "10.0.0.2"), "", "-     neighbor 10.0.0.2;"},
		"delete what is not there": {Edit{Strict: true}, sub(neighbor, "delete", "10.0.0.9"), "data-missing", ""},
		"remove what is not there": {Edit{Strict: true}, sub(neighbor, "remove", "10.0.0.9"), "", ""},
		"replace":                  {Edit{}, sub(neighbor, "replace", "10.0.0.1"), "", "-     description one;"},
		"default replace":          {Edit{Default: "replace"}, "<system><host-name>r1</host-name></system>", "", "-  protocols {"},
		"default none":             {Edit{Default: "none"}, "<system><host-name>r9</host-name></system>", "", ""},
		"none of what is not":      {Edit{Default: "none"}, "<interfaces><interface><name>ge-0/0/0</name></interface></interfaces>", "data-missing", ""},
		"none, then one create":    {Edit{Default: "none"}, sub(neighbor, "create", "10.0.0.9"), "", "+     neighbor 10.0.0.9;"},
		"insert before":            {Edit{}, `<protocols><bgp><group><name>mesh</name><neighbor insert="before" name="10.0.0.1"><name>10.0.0.2</name></neighbor></group></bgp></protocols>`, "", "+     neighbor 10.0.0.2;"},
		"insert beside nothing":    {Edit{}, `<protocols><bgp><group><name>mesh</name><neighbor insert="after" name="10.0.0.7"><name>10.0.0.2</name></neighbor></group></bgp></protocols>`, "data-missing", ""},
		"rename":                   {Edit{}, `<protocols><bgp><group rename="rename" name="core"><name>mesh</name></group></bgp></protocols>`, "", "+    group core {"},
	} {
		t.Run(name, func(t *testing.T) {
			old := mustParse(t, small)
			tree := old.Clone()
			_, err := tree.Edit(c.o, "<configuration>"+c.xml+"</configuration>")
			if c.tag != "" {
				if e, ok := err.(*LoadError); !ok || e.Tag != c.tag {
					t.Fatalf("error %v, want the tag %s", err, c.tag)
				}
				if !tree.Equal(old) {
					t.Error("the failed edit changed the tree")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			diff := Compare(old, tree)
			if !strings.Contains(diff, c.want) || (c.want == "") != (diff == "") {
				t.Errorf("want %q in\n%s", c.want, diff)
			}
		})
	}
}

func sub(pattern string, words ...string) string {
	for _, w := range words {
		pattern = strings.Replace(pattern, "%s", w, 1)
	}
	return pattern
}

func TestJSONMarks(t *testing.T) {
	old := mustParse(t, small)
	tree := old.Clone()
	_, err := tree.Load(FormatJSON, Merge, `{"configuration": {
		"system": {"@host-name": {"operation": "delete"}, "domain-name": "example.net"},
		"protocols": {"bgp": {"group": [{
			"name": "mesh", "@type": {"inactive": true},
			"export": ["a", "d"], "@export": [{"operation": "delete"}, null],
			"neighbor": [{"@": {"operation": "delete"}, "name": "10.0.0.1"}, {"name": "10.0.0.2", "@": {"insert": "first"}}]
		}]}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	want := `[edit system]
-  host-name r1;
+  domain-name example.net;
[edit protocols bgp group mesh]
!    inactive: type internal;
-    export [ a b ];
+    export [ b d ];
-     neighbor 10.0.0.1 {
-         description one;
-     }
`
	if d := cmp.Diff(want, Compare(old, tree)); d != "" {
		t.Error(d)
	}
}

func TestReplacePattern(t *testing.T) {
	for _, c := range []struct{ command, want string }{
		{"replace pattern mesh with core", "group core {"},
		{`replace pattern "10\\.0\\.0\\.([12])" with 10.9.9.\1`, "neighbor 10.9.9.2;"},
		{"replace pattern 10.0.0 with 10.1.1 upto 1", "neighbor 10.0.0.2;"},
		{"wildcard delete protocols bgp group mesh neighbor 10.*", "type internal;\n    export [ a b ];\n}"},
	} {
		tree := mustParse(t, small)
		if warnings, err := tree.Load(FormatSet, SetMode, c.command); err != nil || len(warnings) > 0 {
			t.Errorf("%s: %v %v", c.command, warnings, err)
		}
		if text, _ := tree.Text("protocols", "bgp"); !strings.Contains(text, c.want) {
			t.Errorf("%s: no %q in\n%s", c.command, c.want, text)
		}
	}
	tree := mustParse(t, small)
	if _, err := tree.Load(FormatSet, SetMode, "replace pattern 10.0.0.1 with nonsense.300/"); err == nil {
		t.Error("an address became no address without an error")
	}
}
