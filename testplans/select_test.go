package testplans

import (
	"strings"
	"testing"
)

func TestSelect(t *testing.T) {
	p, err := Load("testdata/ring.yaml", ringLookup)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		cases, tags, want string
	}{
		{"", "", "OSPF-001 CONV-001 POL-001[pref=50] POL-001[pref=150] POL-001[pref=250] MISC-001"},
		{"MISC-001 OSPF-001", "", "OSPF-001 MISC-001"},
		{"POL-001", "", "POL-001[pref=50] POL-001[pref=150] POL-001[pref=250]"},
		{"POL-001[pref=50]", "", "POL-001[pref=50]"},
		{"*pref=?50]", "", "POL-001[pref=150] POL-001[pref=250]"},
		{"*-001", "", "OSPF-001 CONV-001 POL-001[pref=50] POL-001[pref=150] POL-001[pref=250] MISC-001"},
		{"", "policy smoke", "OSPF-001 POL-001[pref=50] POL-001[pref=150] POL-001[pref=250]"},
		{"O*", "smoke", "OSPF-001"},
	}
	for _, test := range tests {
		got, err := p.Select(strings.Fields(test.cases), strings.Fields(test.tags))
		if err != nil {
			t.Errorf("%q %q: %v", test.cases, test.tags, err)
			continue
		}
		var ids []string
		for _, c := range got.Cases {
			ids = append(ids, c.ID)
		}
		if s := strings.Join(ids, " "); s != test.want {
			t.Errorf("%q %q: got %s, want %s", test.cases, test.tags, s, test.want)
		}
		if got.Hash != p.Hash || len(p.Cases) != 6 {
			t.Errorf("%q: the plan itself changed", test.cases)
		}
	}
	for _, test := range []struct{ cases, tags, want string }{
		{"OSPF-002", "", "no case is called OSPF-002; did you mean OSPF-001?"},
		{"X*", "", "no case is called X*"},
		{"", "smok", "no case is tagged smok; did you mean smoke?"},
		{"MISC-001", "smoke", "no case is both MISC-001 and tagged smoke"},
	} {
		_, err := p.Select(strings.Fields(test.cases), strings.Fields(test.tags))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q %q: error is %v, want %q", test.cases, test.tags, err, test.want)
		}
	}
}

func TestUnproven(t *testing.T) {
	p := parsed(t, head+`
requirements: {R1: proven, R2: infeasible, R3: forgotten}
cases:
  - {id: A-1, title: A, requirement: R1, steps: [{rollback: {node: r1}}]}
  - {id: A-2, title: B, requirement: R2, infeasible: no such hardware, steps: [{rollback: {node: r1}}]}
`)
	var ids []string
	for _, r := range p.Unproven() {
		ids = append(ids, r.ID)
	}
	if got := strings.Join(ids, " "); got != "R2 R3" {
		t.Errorf("unproven are %q", got)
	}
}
