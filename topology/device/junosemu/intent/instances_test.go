package intent

import (
	"slices"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// The addresses of an instance that is not there stay out of the master's, and
// may be the same as others.
func TestInterfacesOfInstances(t *testing.T) {
	want, warnings, err := compileText(t, `
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24
set interfaces ge-0/0/1 description "to the customer"
set interfaces ge-0/0/1 unit 0 family inet address 10.0.0.1/24
set interfaces ge-0/0/2 unit 0 family inet address 10.0.2.1/24
set routing-instances red instance-type virtual-router
set routing-instances red interface ge-0/0/1.0
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
	for _, path := range []string{"routing-instances", "interfaces ge-0/0/1 unit 0"} {
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
