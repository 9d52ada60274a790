package intent

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// base is what the mistakes below are added to.
const base = `
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24
set interfaces lo0 unit 0 family inet address 10.255.0.1/32
set routing-options autonomous-system 65000
set policy-options policy-statement ok then accept
set protocols bgp group g type external
set protocols bgp group g peer-as 65001
set protocols bgp group g neighbor 10.0.0.2
`

func TestRefusedConfigurations(t *testing.T) {
	tests := []struct {
		name, commands, path, element, message string
	}{
		{"undefined export policy", "set protocols bgp group g export [ ok nowhere ]",
			"[edit protocols bgp group g]", "export", "Policy error: Policy nowhere referenced but not defined"},
		{"undefined OSPF export policy", "set protocols ospf export nowhere",
			"[edit protocols ospf]", "export", "Policy error: Policy nowhere referenced but not defined"},
		{"undefined prefix list", "set policy-options policy-statement ok term t from prefix-list nowhere",
			"[edit policy-options policy-statement ok term t from]", "prefix-list nowhere", "Policy error: Prefix list nowhere referenced but not defined"},
		{"undefined community", "set policy-options policy-statement ok term t then community add nowhere",
			"[edit policy-options policy-statement ok term t then]", "community", "Policy error: Community nowhere referenced but not defined"},
		{"undefined AS path", "set policy-options policy-statement ok from as-path nowhere",
			"[edit policy-options policy-statement ok from]", "as-path", "Policy error: AS path nowhere referenced but not defined"},
		{"policy that asks itself", "set policy-options policy-statement ok from policy other\nset policy-options policy-statement other from policy ok\nset policy-options policy-statement other then accept\nset protocols ospf export ok\nset protocols bgp group g export ok",
			"[edit policy-options]", "policy-statement ok", "Policy error: Policy ok refers to itself"},
		{"undefined policy of an expression", "set protocols bgp group g export ( ok && !nowhere )",
			"[edit protocols bgp group g]", "export", "Policy error: Policy nowhere referenced but not defined"},
		{"policy that asks itself in an expression", "set policy-options policy-statement ok from policy ( other || ok )\nset policy-options policy-statement other then accept",
			"[edit policy-options]", "policy-statement ok", "Policy error: Policy ok refers to itself"},
		{"undefined AS path group", "set policy-options policy-statement ok from as-path-group nowhere",
			"[edit policy-options policy-statement ok from]", "as-path-group", "Policy error: AS path group nowhere referenced but not defined"},
		{"aggregate with host bits", "set routing-options aggregate route 10.0.0.1/8",
			"[edit routing-options aggregate]", "route 10.0.0.1/8", "host bits are set in the prefix: 10.0.0.1/8"},
		{"no peer AS", "delete protocols bgp group g peer-as",
			"[edit protocols bgp group g]", "neighbor 10.0.0.2", "peer AS number must be configured for an external peer"},
		{"no AS", "delete routing-options autonomous-system",
			"[edit protocols bgp group g]", "neighbor 10.0.0.2", "must define local autonomous system when enabling BGP"},
		{"duplicate address", "set interfaces ge-0/0/1 unit 0 family inet address 10.0.0.1/30",
			"[edit interfaces ge-0/0/1 unit 0 family inet]", "address 10.0.0.1/30", "identical local address found on rt_inst default, intfs ge-0/0/1.0 and ge-0/0/0.0, family inet."},
		{"network address", "set interfaces ge-0/0/1 unit 0 family inet address 10.0.1.0/24",
			"[edit interfaces ge-0/0/1 unit 0 family inet]", "address 10.0.1.0/24", "Cannot assign address 0 on subnet"},
		{"broadcast address", "set interfaces ge-0/0/1 unit 0 family inet address 10.0.1.255/24",
			"[edit interfaces ge-0/0/1 unit 0 family inet]", "address 10.0.1.255/24", "Cannot assign broadcast address on subnet"},
		{"address of the other family", "set interfaces ge-0/0/1 unit 0 family inet address 2001:db8::1/64",
			"[edit interfaces ge-0/0/1 unit 0 family inet]", "address 2001:db8::1/64", "invalid address '2001:db8::1/64' for family inet"},
		{"an MTU too small for IPv6", "set interfaces ge-0/0/1 mtu 1200\nset interfaces ge-0/0/1 unit 0 family inet6 address 2001:db8::1/64",
			"[edit interfaces ge-0/0/1 unit 0]", "family inet6", "the MTU of 1200 leaves packets of 1186 bytes, and IPv6 needs 1280"},
		{"unit without a tag", "set interfaces ge-0/0/1 unit 5 family inet address 10.0.1.1/24",
			"[edit interfaces ge-0/0/1 unit 5]", "vlan-id", "VLAN-ID must be specified on tagged ethernet interfaces"},
		{"static route to nowhere", "set routing-options static route 192.0.2.0/24 preference 7",
			"[edit routing-options static]", "route 192.0.2.0/24", "next-hop, discard, reject or another target must be configured"},
		{"next hop of the other family", "set routing-options static route 192.0.2.0/24 next-hop 2001:db8::1",
			"[edit routing-options static route 192.0.2.0/24]", "next-hop", "next hop 2001:db8::1 is not of the family of 192.0.2.0/24"},
		{"undefined group", "set protocols apply-groups nowhere",
			"[edit protocols]", "apply-groups", "configuration group 'nowhere' is not defined"},
		{"neighbor in two groups", "set protocols bgp group h peer-as 65001\nset protocols bgp group h neighbor 10.0.0.2",
			"[edit protocols bgp group h]", "neighbor 10.0.0.2", "Neighbor is already configured in group g"},
	}
	if _, _, err := compileText(t, base); err != nil {
		t.Fatalf("the base is refused: %v", err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := compileText(t, base+test.commands)
			var errs config.ValidationErrors
			if !errors.As(err, &errs) {
				t.Fatalf("error %v", err)
			}
			if !slices.ContainsFunc(errs, func(e config.ValidationError) bool {
				return e.Path == test.path && e.Element == test.element && strings.HasSuffix(e.Message, test.message)
			}) {
				t.Errorf("got %+v", errs)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	_, warnings, err := compileText(t, base+`
set system ntp server 10.9.9.9
set interfaces ge-0/0/9 unit 0 family inet address 10.9.0.1/24
set routing-options static route 192.0.2.0/24 discard
set routing-options static route 192.0.2.0/24 preference 1000
deactivate system ntp
set snmp location here
set policy-options policy-statement odd term a from protocol ldp
set policy-options policy-statement odd term a then accept
set policy-options policy-statement odd term b from protocol ospf
set policy-options policy-statement odd term b from route-type external
set policy-options policy-statement odd term b then accept
set protocols bgp group g export odd
`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range warnings {
		got = append(got, w.Path)
	}
	want := []string{
		"snmp", "interfaces ge-0/0/9",
		"routing-options static route 192.0.2.0/24 preference",
		"policy-options policy-statement odd term a from protocol", "policy-options policy-statement odd term b from route-type",
	}
	if !slices.Equal(got, want) {
		t.Errorf("warnings %q, want %q", got, want)
	}
}

func TestASPathRegex(t *testing.T) {
	for junos, frr := range map[string]string{
		"65000":         "^((^| )65000)$",
		"65000 .*":      "^((^| )65000)((^| )[0-9]+)*$",
		".* 65001":      "^((^| )[0-9]+)*((^| )65001)$",
		".{50,}":        "^((^| )[0-9]+){50,}$",
		"65000+":        "^((^| )65000)+$",
		"(65000|65001)": "^(((^| )65000)|((^| )65001))$",
		"()":            "^$",
	} {
		if got := asPathRegex(junos); got != frr {
			t.Errorf("%q: %q, want %q", junos, got, frr)
		}
	}
}

// TestASRanges holds the expression of a range against each number around it.
func TestASRanges(t *testing.T) {
	for _, r := range [][2]int{{7, 9}, {1, 23}, {64512, 65535}, {0, 100}, {99, 101}, {5, 5}, {1000, 1999}, {23, 4567}} {
		pattern := asPathRegex(fmt.Sprintf("%d-%d", r[0], r[1]))
		re, err := regexp.Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for n := max(0, r[0]-1200); n <= r[1]+1200; n++ {
			if got, want := re.MatchString(strconv.Itoa(n)), n >= r[0] && n <= r[1]; got != want {
				t.Fatalf("%v: %s: %d: %v, want %v", r, pattern, n, got, want)
			}
		}
	}
}

// TestSecret reads secrets made by other implementations of $9$.
func TestSecret(t *testing.T) {
	for in, want := range map[string]string{
		"clear":        "clear",
		"$9$":          "$9$",
		"$9$x":         "$9$x",
		"$9$~~~~":      "$9$~~~~",
		"$9$LbHX-wg4Z": "lc",
	} {
		if got := secret(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}
