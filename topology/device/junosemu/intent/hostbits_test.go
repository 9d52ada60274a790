package intent

import (
	"strings"
	"testing"
)

// TestHostBits: where the router wants a network, and where it does not.
func TestHostBits(t *testing.T) {
	for command, refused := range map[string]bool{
		"set protocols ospf area 1 area-range 10.1.1.1/16":                                  true,
		"set protocols ospf area 1 area-range 10.1.0.0/16":                                  false,
		"set protocols ospf area 1 nssa area-range 10.1.1.1/16":                             true,
		"set protocols ospf3 area 1 area-range 2001:db8::1/32":                              true,
		"set routing-options static route 10.1.1.1/16 discard":                              true,
		"set routing-options rib inet6.0 static route 2001:db8::1/32 discard":               true,
		"set firewall filter f term t from destination-address 10.1.1.1/16":                 true,
		"set firewall family inet filter f term t from source-address 10.1.1.1/16":          true,
		"set firewall family inet filter f term t from address 10.1.1.1/16 except":          true,
		"set firewall family inet filter f term t from address 10.1.1.1":                    false,
		"set firewall family inet filter f term t then next-ip 10.1.1.1/16":                 true,
		"set firewall family inet6 filter f term t from destination-address 2001:db8::1/32": false,
		"set policy-options condition c if-route-exists 10.1.1.1/16":                        true,
		"set policy-options condition c if-route-exists 10.1.0.0/16":                        false,
		"set policy-options prefix-list p 10.1.1.1/16":                                      false,
		"set policy-options policy-statement p from route-filter 10.1.1.1/16 exact":         false,
	} {
		_, _, err := compileText(t, base+command)
		if got := err != nil && strings.Contains(err.Error(), "host bits are set"); got != refused || err != nil && !got {
			t.Errorf("%s: %v", command, err)
		}
	}
}

// TestNoISOAddress: a router commits IS-IS that cannot run, and says so here.
func TestNoISOAddress(t *testing.T) {
	want, warnings, err := compileText(t, base+"set protocols isis interface ge-0/0/0.0")
	if err != nil {
		t.Fatal(err)
	}
	if len(warnings) != 1 || warnings[0].Path != "protocols isis" || want.FRR["isisd"] != "" {
		t.Errorf("%v, %q", warnings, want.FRR["isisd"])
	}
	want, warnings, err = compileText(t, base+"set protocols isis interface ge-0/0/0.0\nset protocols isis net 49.0001.0102.5500.0001.00")
	if err != nil || len(warnings) > 0 || !strings.Contains(want.FRR["isisd"], "net 49.0001.0102.5500.0001.00") {
		t.Errorf("%v %v\n%s", warnings, err, want.FRR["isisd"])
	}
	if _, _, err = compileText(t, base+"set protocols isis net 49.1"); err == nil || !strings.Contains(err.Error(), "invalid ISO address: 49.1") {
		t.Error(err)
	}
}

// TestUnitsWithOtherTags are stored: there is no device for them.
func TestUnitsWithOtherTags(t *testing.T) {
	for _, tags := range []string{"vlan-tags outer 10 inner 20", "vlan-id-list 10-20", "vlan-id-range 10-20"} {
		want, warnings, err := compileText(t, base+"set interfaces ge-0/0/1 flexible-vlan-tagging\nset interfaces ge-0/0/1 unit 7 "+tags)
		if err != nil || len(warnings) == 0 {
			t.Errorf("%s: %v %v", tags, warnings, err)
			continue
		}
		for _, i := range want.Interfaces {
			if i.Junos == "ge-0/0/1.7" {
				t.Errorf("%s: %+v", tags, i)
			}
		}
	}
}

// TestClusterGroups: a group by the name of a cluster's member need not be there.
func TestClusterGroups(t *testing.T) {
	if _, _, err := compileText(t, base+`set apply-groups "${node}"`); err != nil {
		t.Error(err)
	}
}
