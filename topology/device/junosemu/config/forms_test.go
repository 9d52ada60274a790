package config

import (
	"strings"
	"testing"
)

func TestRenameWantsAName(t *testing.T) {
	const before = "set protocols bgp group g neighbor 10.0.0.1\nset interfaces ge-0/0/0 unit 0\nset firewall family inet filter f term t from source-address 10.0.0.0/8\n"
	for command, want := range map[string]string{
		"rename protocols bgp group g to [ ]":                                                                     "syntax error",
		"rename protocols bgp group g to group":                                                                   "missing argument",
		"rename protocols bgp group g to a b":                                                                     "syntax error",
		"rename protocols bgp group g neighbor 10.0.0.1 to neighbor 10.0.0.256":                                   "invalid ip address",
		"rename interfaces ge-0/0/0 unit 0 to unit x":                                                             "Invalid numeric value",
		"copy firewall family inet filter f term t from source-address 10.0.0.0/8 to source-address 10.0.0.300/8": "invalid ip address or prefix",
	} {
		tree := mustParse(t, before)
		_, err := tree.Load(FormatSet, Merge, command)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", command, err, want)
		}
	}
	tree := mustParse(t, before)
	if _, err := tree.Load(FormatSet, Merge, "rename firewall family inet filter f term t from source-address 10.0.0.0/8 to source-address 10.1.2.3"); err != nil {
		t.Fatal(err)
	}
	if set, _ := tree.Set("firewall"); !strings.HasSuffix(set, "source-address 10.1.2.3/32\n") {
		t.Errorf("the new key is not as the router keeps it: %s", set)
	}
}

// TestShortForms keeps values as the router does: prefixes whole, logical
// interfaces with their unit.
func TestShortForms(t *testing.T) {
	for typed, kept := range map[string]string{
		"set routing-options static route 10/8 discard":                         "set routing-options static route 10.0.0.0/8 discard",
		"set routing-options static route 0/0 next-hop 10.0.0.1":                "set routing-options static route 0.0.0.0/0 next-hop 10.0.0.1",
		"set policy-options prefix-list own 192.168/16":                         "set policy-options prefix-list own 192.168.0.0/16",
		"set protocols ospf area 0 interface ge-0/0/0 metric 5":                 "set protocols ospf area 0.0.0.0 interface ge-0/0/0.0 metric 5",
		"set protocols ospf area 0 interface ge-0/0/0.7 metric 5":               "set protocols ospf area 0.0.0.0 interface ge-0/0/0.7 metric 5",
		"set protocols ospf area 0 interface all metric 5":                      "set protocols ospf area 0.0.0.0 interface all metric 5",
		"set protocols isis interface lo0 passive":                              "set protocols isis interface lo0.0 passive",
		"set routing-instances red interface xe-0/0/1:2":                        "set routing-instances red interface xe-0/0/1:2.0",
		"set groups g protocols isis interface <ge-*> level 1 disable":          "set groups g protocols isis interface <ge-*> level 1 disable",
		"set protocols lldp interface ge-0/0/0":                                 "set protocols lldp interface ge-0/0/0",
		"set policy-options policy-statement a from route-filter 10.1/16 exact": "set policy-options policy-statement a from route-filter 10.1.0.0/16 exact",
	} {
		set, err := mustParse(t, typed+"\n").Set()
		if err != nil || set != kept+"\n" {
			t.Errorf("%s: kept as %s, %v, want %s", typed, set, err, kept)
		}
	}
}

func TestLooksLikeSet(t *testing.T) {
	for text, want := range map[string]bool{
		"set system host-name a":               true,
		"# saved\n\nactivate system":           true,
		"protect system":                       true,
		"edit protocols bgp\nset local-as 1":   true,
		"wildcard delete interfaces ge-*":      true,
		"system { host-name set; }":            false,
		"protect: system { host-name a; }":     false,
		"inactive: protocols { bgp { } }":      false,
		"/* set */ policy-options { }":         false,
		`"set" { }`:                            false,
		"":                                     false,
		"access { }":                           false,
		"activate":                             true,
		"top set system host-name a":           true,
		"routing-options { static { } }":       false,
		"annotate system \"what this is for\"": true,
	} {
		if got := LooksLikeSet(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// TestStatementNamedAttributes: JSON has marks of this name too.
func TestStatementNamedAttributes(t *testing.T) {
	tree := mustParse(t, "set access profile p radius attributes exclude framed-ip-address access-request\nset access profile p radius attributes ignore output-filter")
	roundTrip(t, tree)
	if _, err := tree.Load(FormatJSON, Merge, `{"configuration":{"access":{"attributes":{"inactive":"inactive"},"profile":[{"name":"p","radius":{"attributes":{"exclude":{"nas-port":["access-request"]}}}}]}}}`); err != nil {
		t.Fatal(err)
	}
	if access := tree.Root().Child("access"); !access.Inactive() || !access.Has("profile", "p", "radius", "attributes", "exclude", "nas-port") {
		text, _ := tree.Text()
		t.Error(text)
	}
}

// TestEmptyStatements: what means something without anything below it stays.
func TestEmptyStatements(t *testing.T) {
	for _, statement := range []string{
		"protocols mpls traffic-engineering",
		"protocols bgp group g family inet unicast prefix-limit teardown",
		"protocols bgp group g family inet unicast add-path send",
		"routing-options multipath",
		"protocols rstp interface ge-0/0/0 mode point-to-point",
		"interfaces ge-0/0/0 unit 0 family ethernet-switching",
		"protocols isis source-packet-routing",
		"protocols router-advertisement interface ge-0/0/0.0",
	} {
		tree := mustParse(t, "set "+statement)
		if set, _ := tree.Set(); set != "set "+statement+"\n" {
			t.Errorf("%s: %q", statement, set)
		}
		roundTrip(t, tree)
	}
}
