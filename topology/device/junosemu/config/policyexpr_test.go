package config

import (
	"strings"
	"testing"
)

func TestPolicyExpressionForms(t *testing.T) {
	for _, c := range []struct{ written, kept string }{
		{"a", "a"},
		{"( a )", "( a )"},
		{"(a)", "( a )"},
		{"(a&&b)", "( a && b )"},
		{"( a && ! b )", "( a && !b )"},
		{"!a", "!a"},
		{"! ( a || b )", "!( a || b )"},
		{"((a||b)&&c)", "( ( a || b ) && c )"},
		{`( "with space" && b )`, `( "with space" && b )`},
		{`( "a" && b )`, "( a && b )"},
	} {
		for _, text := range []string{"set protocols bgp export " + c.written, "protocols { bgp { export " + c.written + "; } }"} {
			tree, err := Parse(text)
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			if got := tree.Root().Values("protocols", "bgp", "export"); len(got) != 1 || got[0] != c.kept {
				t.Errorf("%s: %q, want %q", text, got, c.kept)
			}
			if set, _ := tree.Set(); set != "set protocols bgp export "+c.kept+"\n" {
				t.Errorf("%s prints %s", text, set)
			}
			roundTrip(t, tree)
		}
	}
}

func TestPolicyExpressionAmongPolicies(t *testing.T) {
	tree := mustParse(t, "set protocols bgp group g export [ first ( a && b ) !c last ]")
	if text, _ := tree.Text(); !strings.Contains(text, "export [ first ( a && b ) !c last ];") {
		t.Error(text)
	}
	roundTrip(t, tree)
	warnings, err := tree.Load(FormatSet, Merge, "delete protocols bgp group g export ( a && b )")
	if err != nil || len(warnings) > 0 {
		t.Fatal(warnings, err)
	}
	if got := Policies(tree.Root().Values("protocols", "bgp", "group", "g", "export")); strings.Join(got, " ") != "first c last" {
		t.Errorf("after a delete: %q", got)
	}
}

func TestPolicyExpressionErrors(t *testing.T) {
	for _, value := range []string{"( a", "( )", "( a b )", "( a && )", "( && a )", "!", "a )", "( a & b )", "( a ) )", "( a ) b", "[ a ( b ]", `( "" )`} {
		if _, err := Parse("set protocols bgp export " + value); err == nil {
			t.Errorf("%s was taken", value)
		}
	}
}

// TestFailedStatementLeavesNothing: what Cover cannot place is not half there.
func TestFailedStatementLeavesNothing(t *testing.T) {
	for _, value := range []string{"( a &&", "[ ]", "[ b ( c ]"} {
		_, tree, err := Cover("set protocols bgp export " + value + "\n")
		if err != nil || tree.Root().Has("protocols", "bgp", "export") {
			t.Errorf("%s: %v, %v", value, err, tree.Root().Values("protocols", "bgp", "export"))
		}
	}
}
