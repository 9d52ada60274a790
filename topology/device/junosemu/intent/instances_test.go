package intent

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// The addresses of an instance stay out of the master's, and may be the same as
// others, whether the instance is there or not.
func TestInterfacesOfInstances(t *testing.T) {
	want, warnings, err := compileText(t, `
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24
set interfaces ge-0/0/1 description "to the customer"
set interfaces ge-0/0/1 unit 0 family inet address 10.0.0.1/24
set interfaces ge-0/0/2 unit 0 family inet address 10.0.2.1/24
set routing-instances red instance-type vrf
set routing-instances red interface ge-0/0/1.0
set routing-instances red vrf-target import target:64500:3
set routing-instances red routing-options static route 0.0.0.0/0 next-hop 10.0.0.2
set routing-instances bridge instance-type forwarding
set routing-instances bridge interface ge-0/0/2.0
`)
	if err != nil {
		t.Fatal(err)
	}
	addresses := map[string]int{}
	for _, i := range want.Interfaces {
		addresses[i.Junos] = len(i.Addresses)
	}
	if addresses["ge-0/0/0.0"] != 1 || addresses["ge-0/0/2.0"] != 1 {
		t.Errorf("addresses: %v", addresses)
	}
	if n, there := addresses["ge-0/0/1.0"]; n != 0 || !there {
		t.Errorf("ge-0/0/1.0 has %d addresses (%v), of an instance that is not there", n, there)
	}
	for _, path := range []string{"routing-instances red", "routing-instances bridge", "interfaces ge-0/0/1 unit 0"} {
		if !slices.ContainsFunc(warnings, func(w config.Warning) bool {
			return w.Path == path && strings.Contains(w.Message, "not acted on")
		}) {
			t.Errorf("no warning of %s in %v", path, warnings)
		}
	}
	if strings.Contains(want.FRR["staticd"], "0.0.0.0/0") {
		t.Errorf("staticd: %s", want.FRR["staticd"])
	}
}

// A virtual router is compiled as a router of its own.
func TestVirtualRouter(t *testing.T) {
	want, warnings, err := compileText(t, `
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24
set interfaces ge-0/0/1 unit 0 family inet address 10.0.0.1/24
set interfaces lo0 unit 0 family inet address 10.255.0.1/32
set interfaces lo0 unit 0 family inet filter input protect
set interfaces lo0 unit 7 family inet address 10.255.7.1/32
set firewall family inet filter protect term all then count all
set policy-options policy-statement out then accept
set routing-options router-id 10.255.0.1
set routing-options autonomous-system 65000
set protocols ospf area 0 interface ge-0/0/0.0
set protocols ospf area 0 interface ge-0/0/1.0
set routing-instances red instance-type virtual-router
set routing-instances red interface ge-0/0/1
set routing-instances red interface lo0.7
set routing-instances red routing-options static route 0.0.0.0/0 next-hop 10.0.0.2
set routing-instances red routing-options rib red.inet6.0 static route ::/0 discard
set routing-instances red routing-options aggregate route 10.0.0.0/8
set routing-instances red protocols ospf area 1 interface all
set routing-instances red protocols bgp group g type external
set routing-instances red protocols bgp group g export out
set routing-instances red protocols bgp group g neighbor 10.0.0.2 peer-as 65002
set routing-instances red protocols lldp interface all
set routing-instances empty instance-type virtual-router
`)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, i := range want.Instances {
		names = append(names, i.Name)
	}
	if !slices.Equal(names, []string{"empty", "red"}) {
		t.Fatalf("instances %q", names)
	}
	empty, red := want.Instances[0], want.Instances[1]
	for _, i := range []junosemu.Intent{*want, red.Intent} {
		if len(i.Interfaces) != 2 {
			t.Errorf("interfaces %+v", i.Interfaces)
		}
	}
	for daemon, words := range map[string][]string{
		"staticd": {"ip route 0.0.0.0/0 10.0.0.2 5", "ipv6 route ::/0 blackhole 5"},
		"ospfd":   {"interface eth2\n ip ospf cost 1\n", "ip ospf area 0.0.0.1\n", "interface lo\n", "ospf router-id 10.255.7.1"},
		"bgpd":    {"router bgp 65000", "neighbor 10.0.0.2 remote-as 65002", "route-map out"},
	} {
		for _, w := range words {
			if !strings.Contains(red.FRR[daemon], w) {
				t.Errorf("%s has no %q:\n%s", daemon, w, red.FRR[daemon])
			}
		}
	}
	if len(red.Aggregates) != 1 || len(want.Aggregates) != 0 {
		t.Errorf("aggregates %+v, the master instance's %+v", red.Aggregates, want.Aggregates)
	}
	if want.FRR["bgpd"] != "" || strings.Contains(want.FRR["ospfd"], "eth2") {
		t.Errorf("the master instance has %q and %q", want.FRR["bgpd"], want.FRR["ospfd"])
	}
	if want.Firewall == nil || red.Firewall != nil || empty.Firewall == nil {
		t.Errorf("filters: master %v, with a loopback of its own %v, without %v", want.Firewall, red.Firewall, empty.Firewall)
	}
	var warned []string
	for _, w := range warnings {
		warned = append(warned, w.Path)
	}
	if want := []string{"protocols ospf area 0.0.0.0 interface ge-0/0/1.0", "routing-instances red protocols lldp"}; !slices.Equal(warned, want) {
		t.Errorf("warnings %v, want of %q", warnings, want)
	}
}

func TestInstanceChecks(t *testing.T) {
	const interfaces = "set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24\n"
	for _, test := range []struct{ name, text, want string }{
		{"an interface in two", interfaces + `
set routing-instances blue instance-type virtual-router
set routing-instances blue interface ge-0/0/0.0
set routing-instances red instance-type vrf
set routing-instances red interface ge-0/0/0.0
`, "[edit routing-instances red] interface ge-0/0/0.0: RT Instance: Interface ge-0/0/0.0 already configured under instance blue"},
		{"no such interface", interfaces + `
set routing-instances red instance-type virtual-router
set routing-instances red interface ge-0/0/0.7
`, "[edit routing-instances red] interface ge-0/0/0.7: RT Instance: Interface ge-0/0/0.7 must already be defined under [edit interfaces]"},
		{"a reserved name", `
set routing-instances master instance-type virtual-router
`, "[edit routing-instances] master: RT Instance: 'master' is reserved and cannot be the name of a routing instance"},
		{"one address twice", interfaces + `
set interfaces ge-0/0/1 unit 0 family inet address 10.0.0.1/24
set routing-instances red instance-type virtual-router
set routing-instances red interface ge-0/0/0.0
set routing-instances red interface ge-0/0/1.0
`, "identical local address found on rt_inst red, intfs ge-0/0/1.0 and ge-0/0/0.0, family inet."},
		{"BGP without an AS", interfaces + `
set routing-instances red instance-type virtual-router
set routing-instances red interface ge-0/0/0.0
set routing-instances red protocols bgp group g neighbor 10.0.0.2 peer-as 65002
`, "[edit routing-instances red protocols bgp"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := compileText(t, test.text)
			var errs config.ValidationErrors
			if !errors.As(err, &errs) {
				t.Fatalf("error %v", err)
			}
			said := ""
			for _, e := range errs {
				said += e.Path + " " + e.Element + ": " + e.Message + "\n"
			}
			if !strings.Contains(said, test.want) {
				t.Errorf("said %q, want %q", said, test.want)
			}
		})
	}
}
