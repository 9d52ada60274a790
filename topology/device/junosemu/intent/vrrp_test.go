package intent

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

const vrrpBase = `
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24 vrrp-group 5 virtual-address 10.0.0.254
set interfaces ge-0/0/1 unit 0 family inet6 address 2001:db8::1/64 vrrp-inet6-group 6 virtual-inet6-address 2001:db8::254
set interfaces ge-0/0/1 unit 0 family inet6 address 2001:db8::1/64 vrrp-inet6-group 6 virtual-link-local-address fe80::254
`

func TestVRRPGroups(t *testing.T) {
	want := mustCompile(t, vrrpBase+`
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24 vrrp-group 5 priority 200
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24 vrrp-group 5 no-preempt
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24 vrrp-group 5 advertise-interval 3
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24 vrrp-group 5 track interface ge-0/0/1 priority-cost 60
set interfaces ge-0/0/1 unit 0 family inet6 address 2001:db8::1/64 vrrp-inet6-group 6 accept-data
set interfaces ge-0/0/1 unit 0 family inet6 address 2001:db8::1/64 vrrp-inet6-group 6 inet6-advertise-interval 250
`)
	addr := netip.MustParseAddr
	if diff := cmp.Diff([]junosemu.VirtualRouter{
		{
			Junos: "ge-0/0/0.0", Parent: "eth1", Device: "v4-1-5", MAC: "00:00:5e:00:01:05", Group: 5, Version: 2,
			Own: netip.MustParsePrefix("10.0.0.1/24"), Addresses: []netip.Addr{addr("10.0.0.254")}, Priority: 200, Interval: 3000,
			Tracks: []junosemu.VRRPTrack{{Junos: "ge-0/0/1.0", Device: "eth2", Cost: 60}},
		},
		{
			Junos: "ge-0/0/1.0", Parent: "eth2", Device: "v6-2-6", MAC: "00:00:5e:00:02:06", Group: 6, Version: 3, IPv6: true,
			Own: netip.MustParsePrefix("2001:db8::1/64"), Addresses: []netip.Addr{addr("fe80::254"), addr("2001:db8::254")},
			Priority: 100, Interval: 250, Preempt: true, Accept: true,
		},
	}, want.VirtualRouters, cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	rules := want.Firewall.Chains[0].Rules
	if !slices.Equal(rules, []string{"ip daddr 10.0.0.254 drop"}) {
		t.Errorf("without accept-data: %q", rules)
	}
}

func TestRefusedVRRP(t *testing.T) {
	const group = "interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24 vrrp-group 5"
	for _, test := range []struct{ commands, element, message string }{
		{"set " + group + " virtual-address 10.0.1.254", "virtual-address", "virtual address must share same mask with interface ip"},
		{"set " + group + " virtual-address 2001:db8::254", "virtual-address", "invalid address '2001:db8::254' for this family"},
		{"delete " + group + " virtual-address\nset " + group + " priority 9", "virtual-address", "Missing mandatory statement: 'virtual-address'"},
		{"set " + group + " virtual-address 10.0.0.1", "priority", "priority must be 255 for the owner of the virtual address"},
		{"set " + group + " priority 255", "priority", "priority 255 is for the owner of the virtual address"},
	} {
		_, _, err := compileText(t, vrrpBase+test.commands)
		var errs config.ValidationErrors
		if !errors.As(err, &errs) || !slices.Contains(errs, config.ValidationError{Path: "[edit " + group + "]", Element: test.element, Message: test.message}) {
			t.Errorf("%s: %+v", test.commands, err)
		}
	}
}

func TestVRRPWarnings(t *testing.T) {
	const group = "interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24 vrrp-group 5"
	for commands, want := range map[string]string{
		"set " + group + " fast-interval 100":          "version 2 counts seconds",
		"set " + group + " authentication-type md5":    "not acted on",
		"set " + group + " track interface ge-0/0/9.0": "no such interface",
		"set " + group + " track route 0.0.0.0/0":      "not acted on",
		"set interfaces ge-0/0/0 unit 0 family inet6 address 2001:db8:1::1/64 vrrp-inet6-group 5 virtual-inet6-address 2001:db8:1::254": "both address families",
	} {
		_, warnings, err := compileText(t, vrrpBase+commands)
		if err != nil {
			t.Errorf("%s: %v", commands, err)
		}
		if !slices.ContainsFunc(warnings, func(w config.Warning) bool { return strings.Contains(w.Message, want) }) {
			t.Errorf("%s: %v", commands, warnings)
		}
	}
}
