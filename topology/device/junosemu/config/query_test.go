package config

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTextOfPath(t *testing.T) {
	tree := mustParse(t, small)
	for path, want := range map[string]string{
		"system":                                     "host-name r1;\n",
		"system host-name":                           "host-name r1;\n",
		"protocols bgp group mesh export":            "export [ a b ];\n",
		"protocols bgp group mesh neighbor":          "neighbor 10.0.0.1 {\n    description one;\n}\nneighbor 10.0.0.2;\n",
		"protocols bgp group other":                  "",
		"interfaces":                                 "",
		"protocols bgp group mesh neighbor 10.0.0.1": "description one;\n",
	} {
		got, err := tree.Text(strings.Fields(path)...)
		if err != nil || got != want {
			t.Errorf("%s: %v\n%swant:\n%s", path, err, got, want)
		}
	}
	if _, err := tree.Text("system", "nonsense"); err == nil {
		t.Error("a path that cannot be gave no error")
	}
	if got, _ := tree.Set("protocols", "bgp", "group", "mesh", "neighbor", "10.0.0.1"); got != "set protocols bgp group mesh neighbor 10.0.0.1 description one\n" {
		t.Errorf("set: %s", got)
	}
	got, _ := tree.XML("protocols", "bgp", "group", "mesh", "type")
	want := `    <protocols>
        <bgp>
            <group>
                <name>mesh</name>
                <type>internal</type>
            </group>
        </bgp>
    </protocols>
`
	if got != want {
		t.Errorf("xml:\n%s", got)
	}
}

func TestFilter(t *testing.T) {
	tree := mustParse(t, small)
	for filter, want := range map[string]string{
		"<configuration/>":                         "system|group mesh",
		"<configuration><system/></configuration>": "set system host-name r1\n",
		"<configuration><protocols><bgp><group><name/></group></bgp></protocols></configuration>":                                    "set protocols bgp group mesh\n",
		"<filter><configuration><protocols><bgp><group><name>mesh</name><type/></group></bgp></protocols></configuration></filter>":  "set protocols bgp group mesh type internal\n",
		"<configuration><protocols><bgp><group><name>nobody</name></group></bgp></protocols></configuration>":                        "",
		"<configuration><protocols><bgp><group><neighbor><name>10.0.0.1</name></neighbor></group></bgp></protocols></configuration>": "set protocols bgp group mesh neighbor 10.0.0.1 description one\n",
	} {
		got, err := tree.Filter(filter)
		if err != nil {
			t.Errorf("%s: %v", filter, err)
			continue
		}
		text, _ := got.Set()
		if strings.Contains(want, "|") {
			want, _ = tree.Set()
		}
		if text != want {
			t.Errorf("%s:\n%swant:\n%s", filter, text, want)
		}
	}
	if _, err := tree.Filter("<configuration><sistem/></configuration>"); err == nil {
		t.Error("an element that cannot be gave no error")
	}
}

func TestGroups(t *testing.T) {
	tree := mustParse(t, `
groups {
    common { system { host-name g; domain-name example.net; } }
    links { interfaces { <ge-*> { mtu 9000; unit <*> { family inet { mtu 1500; } } } } }
    timers { protocols { bgp { group <*> { hold-time 30; neighbor <10.0.0.*> { passive; } } } } }
    extra { protocols { bgp { group added { type external; } } } }
}
apply-groups [ common links ];
system { host-name mine; }
interfaces { ge-0/0/0 { unit 0 { family inet { address 10.0.0.1/24; } } } xe-0/0/0 { unit 0; } }
protocols { bgp { apply-groups [ timers extra ]; group a { neighbor 10.0.0.2; neighbor 10.1.0.2; }
    group b { apply-groups-except timers; hold-time 60; } } }
`)
	got, err := tree.Effective().Set()
	if err != nil {
		t.Fatal(err)
	}
	want := `set system host-name mine
set system domain-name example.net
set interfaces ge-0/0/0 mtu 9000
set interfaces ge-0/0/0 unit 0 family inet mtu 1500
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24
set interfaces xe-0/0/0 unit 0
set protocols bgp group a hold-time 30
set protocols bgp group a neighbor 10.0.0.2 passive
set protocols bgp group a neighbor 10.1.0.2
set protocols bgp group b hold-time 60
set protocols bgp group added type external
set protocols bgp group added hold-time 30
`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	roundTrip(t, tree)
}

func TestEffectiveLeavesOutInactive(t *testing.T) {
	tree := mustParse(t, "system { inactive: host-name r1; domain-name x; }\ninactive: protocols { ospf { reference-bandwidth 1g; } }")
	got, _ := tree.Effective().Set()
	if got != "set system domain-name x\n" {
		t.Errorf("got %s", got)
	}
	roundTrip(t, tree)
}

func TestUnacted(t *testing.T) {
	tree := mustParse(t, "snmp { location here; contact me; }\nsystem { host-name r; ntp { server 10.0.0.1; } }")
	var paths []string
	for _, w := range tree.Unacted() {
		paths = append(paths, w.Path)
	}
	if d := cmp.Diff([]string{"system ntp", "snmp"}, paths); d != "" {
		t.Error(d)
	}
}

func TestComplete(t *testing.T) {
	tree := mustParse(t, small)
	for path, want := range map[string][]string{
		"protocols bgp group":               {"<name>", "mesh"},
		"protocols bgp group mesh type":     {"internal", "external"},
		"protocols bgp group mesh neighbor": {"<name>", "10.0.0.1", "10.0.0.2"},
		"system services":                   {"ssh", "netconf", "ftp", "telnet"},
		"policy-options policy-statement p from route-filter 10.0.0.0/8": {"exact", "orlonger", "upto"},
	} {
		got, err := tree.Complete(strings.Fields(path)...)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		for _, w := range want {
			if !slices.ContainsFunc(got, func(c Candidate) bool { return c.Word == w }) {
				t.Errorf("%s: no %s in %v", path, w, got)
			}
		}
	}
	if _, err := tree.Complete("nonsense"); err == nil {
		t.Error("a word that cannot be gave no error")
	}
}

func TestRebase(t *testing.T) {
	base := mustParse(t, small)
	mine, theirs := base.Clone(), base.Clone()
	load := func(tree *Tree, commands string) {
		t.Helper()
		if _, err := tree.Load(FormatSet, Merge, commands); err != nil {
			t.Fatal(err)
		}
	}
	load(mine, "delete protocols bgp group mesh neighbor 10.0.0.1\nset protocols bgp group mesh hold-time 30")
	load(theirs, "set protocols bgp group mesh neighbor 10.0.0.3\nset system host-name theirs")
	got, _ := Rebase(base, mine, theirs).Set()
	want := `set system host-name theirs
set protocols bgp group mesh type internal
set protocols bgp group mesh hold-time 30
set protocols bgp group mesh export a
set protocols bgp group mesh export b
set protocols bgp group mesh neighbor 10.0.0.2
set protocols bgp group mesh neighbor 10.0.0.3
`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
