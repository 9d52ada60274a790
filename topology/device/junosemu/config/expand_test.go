package config

import (
	"strings"
	"testing"
)

func TestExpand(t *testing.T) {
	for typed, want := range map[string]string{
		"prot ospf ar 0 int ge-0/0/0.0 interface-t p2p":  "protocols ospf area 0 interface ge-0/0/0.0 interface-type p2p",
		"prot ospf area 0 interface ge-0/0/0.0 met 5":    "protocols ospf area 0 interface ge-0/0/0.0 metric 5",
		"interf ge-0/0/0 uni 0 fam inet addr 10.0.0.1/8": "interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/8",
		"protocols bgp grou a ty int":                    "protocols bgp group a type internal",
		"p":                                              "p",
		"flux 9":                                         "flux 9",
		"sys host r1":                                    "system host-name r1",
		"routing-o auton 65000":                          "routing-options autonomous-system 65000",
		"policy-o prefix-list x 10.0.0.0/8":              "policy-options prefix-list x 10.0.0.0/8",
		"protocols bgp group a export [ x y ]":           "protocols bgp group a export [ x y ]",
	} {
		if got := strings.Join(Expand(strings.Fields(typed)), " "); got != want {
			t.Errorf("%s: %s, want %s", typed, got, want)
		}
	}
}

// TestExpandLeavesWhole: whatever the corpus prints as set commands stays.
func TestExpandLeavesWhole(t *testing.T) {
	for file, text := range corpus(t) {
		set, _ := mustParse(t, text).Set()
		for _, line := range strings.Split(set, "\n") {
			words := strings.Fields(strings.TrimPrefix(line, "set "))
			if strings.Contains(line, `"`) || !strings.HasPrefix(line, "set ") {
				continue
			}
			if got := strings.Join(Expand(words), " "); got != strings.Join(words, " ") {
				t.Errorf("%s: %s became %s", file, line, got)
			}
		}
	}
}
