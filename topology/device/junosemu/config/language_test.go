package config

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const ranges = `groups {
    jumbo {
        interfaces {
            "<ge-0/0/[!0]>" {
                mtu 9192;
            }
        }
    }
}
apply-groups jumbo;
interfaces {
    interface-range uplinks {
        member ge-0/1/0;
        member "ge-0/0/[0-1,3]";
        description uplink;
        unit 0 {
            family inet {
                mtu 1500;
            }
        }
    }
    interface-range access {
        member-range ge-0/0/3 to ge-0/0/4;
        description access;
    }
    ge-0/0/1 {
        description mine;
        unit 0 {
            family inet {
                address 10.0.0.1/30;
            }
        }
    }
}
`

func TestInterfaceRange(t *testing.T) {
	tree := mustParse(t, ranges)
	if text, _ := tree.Text(); text != ranges {
		t.Errorf("in and out differ: %s", cmp.Diff(ranges, text))
	}
	roundTrip(t, tree)
	got, _ := tree.Effective().Set()
	want := `set interfaces ge-0/0/0 description uplink
set interfaces ge-0/0/0 unit 0 family inet mtu 1500
set interfaces ge-0/0/1 description mine
set interfaces ge-0/0/1 mtu 9192
set interfaces ge-0/0/1 unit 0 family inet mtu 1500
set interfaces ge-0/0/1 unit 0 family inet address 10.0.0.1/30
set interfaces ge-0/0/3 description uplink
set interfaces ge-0/0/3 mtu 9192
set interfaces ge-0/0/3 unit 0 family inet mtu 1500
set interfaces ge-0/0/4 description access
set interfaces ge-0/0/4 mtu 9192
set interfaces ge-0/1/0 description uplink
set interfaces ge-0/1/0 unit 0 family inet mtu 1500
`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestMembers(t *testing.T) {
	for pattern, want := range map[string]int{
		"ge-0/0/7": 1, "ge-0/0/[0-3]": 4, "ge-[0,2]/0/[0-1]": 4, "ge-0/0/*": 48, "ge-*/*/*": 0, "ge-0/0/[3-1]": 0, "ge-0/0/[": 0, "ge-0/0/[a]": 0,
	} {
		got, err := expandMember(pattern)
		if len(got) != want || (err == nil) != (want > 0) {
			t.Errorf("%s: %d members, %v; want %d", pattern, len(got), err, want)
		}
	}
	got, err := spanMembers("xe-0/0/46", "xe-1/0/47")
	if want := []string{"xe-0/0/46", "xe-0/0/47", "xe-1/0/46", "xe-1/0/47"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("span: %v %v", got, err)
	}
	if _, err := Parse(`interfaces { interface-range r { member "ge-0/0/[3-1]"; } }`); err == nil {
		t.Error("a range of nothing gave no error")
	}
}

func TestDisplayInheritance(t *testing.T) {
	tree := mustParse(t, ranges)
	got, _ := tree.Inherited(GroupSource|RangeSource).Text("interfaces", "ge-0/0/1")
	want := `description mine;
##
## '9192' was inherited from group 'jumbo'
##
mtu 9192;
unit 0 {
    family inet {
        ##
        ## '1500' was expanded from interface-range 'uplinks'
        ##
        mtu 1500;
        address 10.0.0.1/30;
    }
}
`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	xml, _ := tree.Inherited(GroupSource).XML("interfaces", "ge-0/0/1")
	if !strings.Contains(xml, `<mtu junos:group="jumbo">9192</mtu>`) || strings.Contains(xml, "interface-range") {
		t.Errorf("xml:\n%s", xml)
	}
	if text, _ := tree.Inherited(NoSources).Text(); strings.Contains(text, "##") || strings.Contains(text, "groups") || strings.Contains(text, "interface-range") {
		t.Errorf("without sources:\n%s", text)
	}
}

func TestApplyPath(t *testing.T) {
	tree := mustParse(t, `
interfaces { ge-0/0/0 { unit 0 { family inet { address 10.0.12.1/30; } } } lo0 { unit 0 { family inet { address 10.255.0.1/32; } } } }
policy-options {
    prefix-list peers { apply-path "protocols bgp group <*> neighbor <10.*>"; 192.0.2.0/24; }
    prefix-list local { apply-path "interfaces <ge-*> unit <*> family inet address <*>"; }
    prefix-list none { apply-path "protocols isis interface <*>"; }
}
protocols { bgp { group a { neighbor 10.0.12.2; neighbor 10.255.0.2; } group b { neighbor 2001:db8::1; inactive: neighbor 10.9.9.9; } } }
`)
	effective := tree.Effective()
	for list, want := range map[string][]string{
		"peers": {"10.0.12.2/32", "10.255.0.2/32", "192.0.2.0/24"},
		"local": {"10.0.12.0/30"},
		"none":  nil,
	} {
		var got []string
		for _, n := range effective.Root().Lookup("policy-options", "prefix-list", list).Children("prefix-list-item") {
			got = append(got, n.Key())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", list, got, want)
		}
	}
	got, _ := tree.Inherited(GroupSource).Text("policy-options", "prefix-list", "local")
	want := `##
## apply-path was expanded to:
##     10.0.12.0/30;
##
apply-path "interfaces <ge-*> unit <*> family inet address <*>";
`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestNestedGroups(t *testing.T) {
	tree := mustParse(t, `
groups {
    outer { apply-groups [ inner outer ]; system { domain-name outer.example; } }
    inner { system { domain-name inner.example; host-name inner; } }
    off { system { time-zone UTC; } }
}
apply-groups [ outer off ];
system { apply-groups-except off; services { ssh; } }
`)
	got, _ := tree.Effective().Set()
	want := "set system host-name inner\nset system domain-name outer.example\nset system services ssh\n"
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

// TestWildcards: what <…> of groups matches.
func TestWildcards(t *testing.T) {
	for _, c := range []struct {
		pattern, key string
		want         bool
	}{
		{"<*>", "ge-0/0/0", true}, {"<ge-*>", "xe-0/0/0", false}, {"<ge-0/0/[0-2]>", "ge-0/0/1", true},
		{"<ge-0/0/[!0-2]>", "ge-0/0/1", false}, {"<ge-0/0/[!0-2]>", "ge-0/0/3", true}, {"<*.0>", "ge-0/0/0.0", true},
		{"<1?.0.0.1>", "10.0.0.1", true}, {"<[>", "[", false}, {"ge-*", "ge-0/0/0", false},
	} {
		if got := keyMatches(c.pattern, c.key); got != c.want {
			t.Errorf("%s %s: %v", c.pattern, c.key, got)
		}
	}
}

// TestProtected: nothing changes what is protected, and each try is a warning
// that names both.
func TestProtected(t *testing.T) {
	tree := mustParse(t, small)
	if _, err := tree.Load(FormatSet, SetMode, "protect protocols bgp group mesh"); err != nil {
		t.Fatal(err)
	}
	const mesh = "protocols bgp group mesh"
	for command, want := range map[string]string{
		"set " + mesh + " hold-time 30":                                  "[" + mesh + "] is protected, '" + mesh + " hold-time 30' cannot be changed",
		"delete " + mesh + " type":                                       "[" + mesh + "] is protected, '" + mesh + " type' cannot be deleted",
		"delete protocols":                                               "[" + mesh + "] is protected, '" + mesh + "' cannot be deleted",
		"deactivate " + mesh + " neighbor 10.0.0.1":                      "[" + mesh + "] is protected, '" + mesh + " neighbor 10.0.0.1' cannot be deactivated",
		"rename " + mesh + " to group core":                              "[" + mesh + "] is protected, '" + mesh + "' cannot be renamed",
		"annotate " + mesh + ` "no"`:                                     "[" + mesh + "] is protected, '" + mesh + "' cannot be annotated",
		"insert " + mesh + " neighbor 10.0.0.2 before neighbor 10.0.0.1": "[" + mesh + "] is protected, '" + mesh + " neighbor 10.0.0.2' cannot be moved",
		"replace pattern 10.0.0.1 with 10.0.0.9":                         "[" + mesh + "] is protected, '" + mesh + " neighbor 10.0.0.1' cannot be changed",
	} {
		refusedLoad(t, tree, FormatSet, command, want)
	}
	refusedLoad(t, tree, FormatText, "protocols { bgp { group mesh { hold-time 30; neighbor 10.0.0.7 { passive; } } } }", "is protected, 'protocols bgp group mesh hold-time 30' cannot be changed")
	refusedLoad(t, tree, FormatXML, "<configuration><protocols><bgp><group><name>mesh</name><hold-time>30</hold-time></group></bgp></protocols></configuration>", "is protected, 'protocols bgp group mesh' cannot be changed")
	if _, err := tree.Load(FormatSet, SetMode, "unprotect "+mesh+"\nset "+mesh+" hold-time 30"); err != nil || tree.Root().Value(append(strings.Fields(mesh), "hold-time")...) != "30" {
		t.Errorf("unprotected: %v", err)
	}
}

// refusedLoad wants a warning, and the mesh as it was.
func refusedLoad(t *testing.T, tree *Tree, format Format, text, want string) {
	t.Helper()
	after := tree.Clone()
	warnings, err := after.Load(format, Merge, text)
	if err != nil || !slices.ContainsFunc(warnings, func(w Warning) bool { return strings.Contains(w.Message, want) }) {
		t.Errorf("%s:\n%v %v, want %s", text, warnings, err, want)
	}
	before, _ := tree.Set("protocols")
	if now, _ := after.Set("protocols"); now != before {
		t.Errorf("%s changed it:\n%s", text, cmp.Diff(before, now))
	}
}

// TestForms: ways to write the same.
func TestForms(t *testing.T) {
	want := mustParse(t, "protocols {\n    bgp {\n        group a {\n            type internal;\n            export [ x y ];\n            neighbor 10.0.0.1;\n        }\n    }\n}\n")
	for _, text := range []string{
		"protocols bgp group a { type internal; export [ x y ]; neighbor 10.0.0.1; }",
		"protocols { bgp { group a type internal; } } protocols { bgp { group a { export x; export y; } group a { neighbor 10.0.0.1; } } }",
		"protocols bgp group a type internal;\nprotocols bgp group a export [ x y ];\nprotocols bgp group a neighbor 10.0.0.1;",
		"groups { g { interfaces { <ge-0/0/[0-3]> { mtu 9000; } } } }\nprotocols bgp group a { type internal; export [ x y ]; neighbor 10.0.0.1; } delete: groups;",
		"# remark\nprotocols { /* kept */ bgp { group \"a\" { type internal; export [ x y ]; neighbor 10.0.0.1 { } } } }",
	} {
		got := New()
		if _, err := got.Load(FormatText, Replace, text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got = withoutComments(got, FormatSet)
		if d := Compare(want, got); d != "" {
			t.Errorf("%s:\n%s", text, d)
		}
	}
}

// TestExplosion: a few lines that ask for billions of statements get an
// answer, and it is said that it is not the whole one.
func TestExplosion(t *testing.T) {
	var b strings.Builder
	b.WriteString("groups { g { interfaces { <*> {\n")
	for i := range 2000 {
		b.WriteString("unit " + strings.Repeat("1", 1+i%4) + " { description x; }\nunit <*> { description y; }\n")
	}
	b.WriteString("} } } }\napply-groups g;\ninterfaces {\n")
	for i := range 40 {
		b.WriteString("interface-range r" + strings.Repeat("x", i) + " { member \"ge-" + strings.Repeat("1", 1+i%3) + "/[0-60]/[0-60]\"; unit 1 { family inet { address 10.0.0.1/24; } } unit 2 { vlan-id 7; } unit 3 { vlan-id 8; } unit 4 { vlan-id 9; } unit 5 { vlan-id 10; } unit 6; unit 7; unit 8; unit 9; unit 10; unit 11; unit 12; unit 13; unit 14; unit 15; unit 16; unit 17; unit 18; unit 19; unit 20; unit 21; unit 22; unit 23; unit 24; unit 25; unit 26; unit 27; unit 28; unit 29; unit 30; unit 31; unit 32; unit 33; unit 34; unit 35; unit 36; unit 37; unit 38; unit 39; unit 40; unit 41; unit 42; unit 43; unit 44; unit 45; unit 46; unit 47; unit 48; unit 49; unit 50; unit 51; unit 52; unit 53; unit 54; unit 55; unit 56; unit 57; unit 58; unit 59; unit 60; }\n")
	}
	b.WriteString("}\n")
	tree := mustParse(t, b.String())
	effective := tree.Effective()
	if n := size(effective.root); n > 2*maxInherited {
		t.Errorf("%d statements", n)
	}
	if !effective.Cut() {
		t.Error("not said to be cut")
	}
	if mustParse(t, ranges).Effective().Cut() {
		t.Error("a small one is said to be cut")
	}
}

func size(n *Node) int {
	all := 1
	for _, c := range n.kids {
		all += size(c)
	}
	return all
}
