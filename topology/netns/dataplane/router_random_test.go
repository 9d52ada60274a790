package dataplane

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

// Wherever the ports of two routers are configured to be, there they are after
// each commit, and speak with each other; what is refused in between moves none.
func TestPortsAreWhereTheyBelong(t *testing.T) {
	r1, r2 := boot(t, "r1"), boot(t, "r2")
	devices := []string{"eth1", "eth2"}
	for _, device := range devices {
		frrtest.Connect(t, r1, r2, device, nil, nil)
	}
	random := rand.New(rand.NewPCG(4, 7))
	instances := []string{"", "a", "b", "c"}
	for round := range 12 {
		at := []string{instances[random.IntN(4)], instances[random.IntN(4)]}
		for own, node := range map[string]*frrtest.Node{"1": r1, "2": r2} {
			commit(t, node, placed(own, at))
		}
		if elsewhere := []string{at[1], instances[round%4]}; round%3 == 2 {
			// The router itself is no neighbor.
			if !try(t, r1, placed("1", elsewhere)+"set protocols bgp group g neighbor 10.255.0.1 peer-as 7\n").Refused {
				t.Errorf("round %d: not refused", round)
			}
		}
		for _, instance := range instances {
			var want []string
			for i, device := range devices {
				if at[i] == instance {
					want = append(want, device)
				}
			}
			if instance == "" || len(want) > 0 {
				wantPorts(t, r1, instance, want...)
			}
		}
		for i, instance := range at {
			address := fmt.Sprintf("10.0.%d.2", i)
			if instance == "" {
				reaches(t, r1, address)
			} else {
				inside(t, r1, Inside{Instance: instance, Argv: []string{"ping", "-c1", "-W1", address}}, says(" 0% packet loss"))
			}
		}
		if t.Failed() {
			t.Fatalf("round %d: ports at %q", round, at)
		}
	}
	var names []string
	commit(t, r1, placed("1", []string{"", ""}))
	if r1.Call(t, "Plane.Names", struct{}{}, &names); len(names) > 0 {
		t.Errorf("instances at the end: %q", names)
	}
}

// placed is a router with its two ports in instances, "" being the master one.
func placed(own string, at []string) string {
	var b strings.Builder
	var made []string
	fmt.Fprintf(&b, "set interfaces lo0 unit 0 family inet address 10.255.0.%s/32\n", own)
	b.WriteString("set routing-options autonomous-system 8\nset protocols bgp group g type external\n")
	b.WriteString("set protocols bgp group g neighbor 192.0.2.1 peer-as 7\n")
	for i, instance := range at {
		fmt.Fprintf(&b, "set interfaces ge-0/0/%d unit 0 family inet address 10.0.%d.%s/24\n", i, i, own)
		fmt.Fprintf(&b, "set interfaces ge-0/0/%d unit 0 family inet6 address 2001:db8:%d::%s/64\n", i, i, own)
		if instance == "" {
			continue
		}
		fmt.Fprintf(&b, "set routing-instances %s interface ge-0/0/%d.0\n", instance, i)
		if !slices.Contains(made, instance) {
			made = append(made, instance)
			fmt.Fprintf(&b, "set routing-instances %s instance-type virtual-router\n", instance)
			fmt.Fprintf(&b, "set routing-instances %s protocols ospf area 0 interface all\n", instance)
		}
	}
	return b.String()
}
