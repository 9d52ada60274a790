package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConflicts(t *testing.T) {
	cases := map[string]struct {
		mine, theirs string
		want         []string
	}{
		"the same leaf":         {"set system host-name a", "set system host-name b", []string{`[edit system] "host-name a": changed by another commit to 'host-name b'`}},
		"the same change":       {"set system host-name a", "set system host-name a", nil},
		"only here":             {"set system host-name a", "", nil},
		"only there":            {"", "set system host-name a", nil},
		"another leaf":          {"set system host-name a", "set system domain-name example.net", nil},
		"another entry":         {"set protocols bgp group mesh neighbor 10.0.0.7 description a", "set protocols bgp group mesh neighbor 10.0.0.8 description b", nil},
		"both added":            {"set protocols ospf area 0 interface lo0.0 metric 3", "set protocols ospf area 0 interface lo0.0 metric 4", []string{`[edit protocols ospf area 0.0.0.0 interface lo0.0] "metric 3": changed by another commit to 'metric 4'`}},
		"both added, in part":   {"set protocols ospf area 0 interface lo0.0 metric 3", "set protocols ospf area 0 interface lo0.0 passive", nil},
		"deleted and changed":   {"delete protocols bgp group mesh neighbor 10.0.0.1", "set protocols bgp group mesh neighbor 10.0.0.1 description x", []string{`[edit protocols bgp group mesh] "neighbor 10.0.0.1": deleted here and changed by another commit`}},
		"changed and deleted":   {"set protocols bgp group mesh neighbor 10.0.0.1 description x", "delete protocols bgp group mesh neighbor 10.0.0.1", []string{`[edit protocols bgp group mesh] "neighbor 10.0.0.1": changed here and deleted by another commit`}},
		"deleted, and the same": {"delete protocols bgp group mesh", "delete protocols bgp group mesh", nil},
		"a list of values":      {"set protocols bgp group mesh export c", "set protocols bgp group mesh export d", []string{`[edit protocols bgp group mesh] "export [a b c]": changed by another commit to 'export [a b d]'`}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			base := mustParse(t, small)
			mine, theirs := base.Clone(), base.Clone()
			for tree, commands := range map[*Tree]string{mine: c.mine, theirs: c.theirs} {
				if _, err := tree.Load(FormatSet, Merge, commands); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for _, e := range Conflicts(base, mine, theirs) {
				got = append(got, e.Error())
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
