package intent

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

func TestLLDP(t *testing.T) {
	want := mustCompile(t, `
set system host-name edge
set interfaces ge-0/0/1 description "to r2"
set interfaces lo0 unit 0 family inet address 10.255.0.1/32
set protocols lldp interface all
set protocols lldp interface ge-0/0/2 disable
set protocols lldp interface ge-0/0/3.0 disable
set protocols lldp advertisement-interval 5
set protocols lldp hold-multiplier 3
set protocols lldp port-id-subtype interface-name
`)
	if diff := cmp.Diff(&junosemu.LLDP{
		System: "edge", Description: "Junos emulator, kind juniper_vjunosrouter", Chassis: "eth1",
		Management: []netip.Addr{netip.MustParseAddr("10.255.0.1")}, Interval: 5, TTL: 15, PortIDByName: true,
		Ports: []junosemu.LLDPPort{
			{Junos: "ge-0/0/0", Device: "eth1", Description: "ge-0/0/0", Index: 501},
			{Junos: "ge-0/0/1", Device: "eth2", Description: "to r2", Index: 502},
		},
	}, want.LLDP, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestLLDPPorts(t *testing.T) {
	for commands, want := range map[string]string{
		"set protocols lldp interface ge-0/0/1":                                                           "ge-0/0/1",
		"set protocols lldp interface all disable\nset protocols lldp interface ge-0/0/0":                 "ge-0/0/0",
		"set protocols lldp advertisement-interval 10":                                                    "",
		"set protocols lldp interface all\nset protocols lldp disable":                                    "silent",
		"set protocols lldp interface ge-0/0/3\nset protocols lldp interface ge-0/0/9":                    "ge-0/0/3",
		"set protocols lldp hold-multiplier 10\nset protocols lldp advertisement-interval 32768":          "",
		"set protocols lldp management-address 192.0.2.1\nset protocols lldp interface ge-0/0/0":          "ge-0/0/0",
		"set interfaces ge-0/0/0 disable\nset protocols lldp interface ge-0/0/0\nset system no-redirects": "ge-0/0/0",
	} {
		l := mustCompile(t, commands).LLDP
		if (l == nil) != (want == "silent") {
			t.Errorf("%s: %+v", commands, l)
		}
		if l == nil {
			continue
		}
		var ports []string
		for _, p := range l.Ports {
			ports = append(ports, p.Junos)
		}
		if got := strings.Join(ports, " "); got != want || l.TTL > 65535 {
			t.Errorf("%s: %q for %d s, want %q", commands, got, l.TTL, want)
		}
	}
	_, warnings, err := compileText(t, "set protocols lldp interface ge-0/0/9")
	if err != nil || !slices.ContainsFunc(warnings, func(w config.Warning) bool { return strings.Contains(w.Message, "no such interface") }) {
		t.Errorf("%v, %v", warnings, err)
	}
}
