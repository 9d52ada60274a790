package dataplane

import (
	"slices"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

// ports are the devices of a routing instance that are ports, "" being the master
// one's.
func ports(t testing.TB, node *frrtest.Node, instance string) (names []string) {
	t.Helper()
	var links []junosemu.LinkState
	if instance == "" {
		node.Call(t, "Plane.Links", struct{}{}, &links)
	} else {
		node.Call(t, "Plane.LinksIn", instance, &links)
	}
	for _, l := range links {
		if strings.HasPrefix(l.Device, "eth") {
			names = append(names, l.Device)
		}
	}
	slices.Sort(names)
	return names
}

func wantPorts(t testing.TB, node *frrtest.Node, instance string, want ...string) {
	t.Helper()
	if got := ports(t, node, instance); !slices.Equal(got, want) {
		t.Errorf("%s, instance %q has the ports %q, want %q", node.Name, instance, got, want)
	}
}

// try commits what may be refused.
func try(t testing.TB, node *frrtest.Node, text string) Outcome {
	t.Helper()
	var outcome Outcome
	node.Call(t, "Plane.Commit", Junos{identity(node.Name), text}, &outcome)
	return outcome
}

// What the data plane refuses in one instance leaves all of them as they were,
// whatever had to move for it.
func TestRefusalInAnInstance(t *testing.T) {
	r1, _ := twins(t, func(t testing.TB, name string) *frrtest.Node { return boot(t, name) })
	converged(t, r1)
	const green = `
set routing-instances green instance-type virtual-router
set routing-instances green interface ge-0/0/0.0
`
	for name, change := range map[string]string{
		"by a new instance's bgpd": green + `
set routing-instances green protocols bgp group g type external
set routing-instances green protocols bgp group g neighbor 10.0.0.1 peer-as 7
`,
		"by red's bgpd": green + `
set routing-instances red protocols bgp group g type external
set routing-instances red protocols bgp group g neighbor 10.0.0.1 peer-as 7
`,
		"by the kernel": green + `
set interfaces ge-0/0/1 unit 100 vlan-id 100
set interfaces ge-0/0/1 unit 100 family inet address 10.100.0.1/24
set routing-instances green interface ge-0/0/1.100
`,
	} {
		t.Run(name, func(t *testing.T) {
			outcome := try(t, r1, twinText("1", "2")+change)
			if outcome.Err == "" || !strings.Contains(outcome.Err, "routing instance") {
				t.Fatalf("refusal %q", outcome.Err)
			}
			t.Log(outcome.Err)
			var names []string
			if r1.Call(t, "Plane.Names", struct{}{}, &names); !slices.Equal(names, []string{"red"}) {
				t.Errorf("instances %q", names)
			}
			wantPorts(t, r1, "", "eth1")
			wantPorts(t, r1, "red", "eth2")
			reaches(t, r1, "10.0.0.2")
			converged(t, r1)
		})
	}
}

// Instances change their ports in one commit.
func TestInstancesSwapPorts(t *testing.T) {
	r1, r2 := boot(t, "r1"), boot(t, "r2")
	frrtest.Connect(t, r1, r2, "eth1", nil, nil)
	frrtest.Connect(t, r1, r2, "eth2", nil, nil)
	const text = `
set interfaces ge-0/0/0 mtu 1400
set interfaces ge-0/0/0 unit 0 family inet address 10.1.0.OWN/24
set interfaces ge-0/0/1 unit 0 family inet address 10.2.0.OWN/24
set routing-instances a instance-type virtual-router
set routing-instances a interface FIRST
set routing-instances b instance-type virtual-router
set routing-instances b interface SECOND
`
	configure := func(first, second string) {
		for own, node := range map[string]*frrtest.Node{"1": r1, "2": r2} {
			commit(t, node, strings.NewReplacer("OWN", own, "FIRST", first, "SECOND", second).Replace(text))
		}
	}
	ping := func(instance, address string) {
		t.Helper()
		inside(t, r1, Inside{Instance: instance, Argv: []string{"ping", "-c1", "-W1", address}}, says(" 0% packet loss"))
	}
	configure("ge-0/0/0.0", "ge-0/0/1.0")
	wantPorts(t, r1, "a", "eth1")
	wantPorts(t, r1, "b", "eth2")
	ping("a", "10.1.0.2")
	ping("b", "10.2.0.2")
	configure("ge-0/0/1.0", "ge-0/0/0.0")
	wantPorts(t, r1, "")
	wantPorts(t, r1, "a", "eth2")
	wantPorts(t, r1, "b", "eth1")
	ping("a", "10.2.0.2")
	ping("b", "10.1.0.2")

	// A port comes home with the MTU that it had, and down if somebody cut it.
	var out string
	r1.Call(t, "Plane.Ask", Inside{Instance: "b", Argv: []string{"ip", "link", "set", "eth1", "down"}}, &out)
	commit(t, r1, "set interfaces ge-0/0/0 unit 0 family inet address 10.1.0.1/24\n")
	wantPorts(t, r1, "", "eth1", "eth2")
	if state, _ := link(t, r1, "eth1"); state.MTU != 1500 || state.AdminUp {
		t.Errorf("eth1 came back with MTU %d, up %v", state.MTU, state.AdminUp)
	}
	if state, _ := link(t, r1, "eth2"); !state.AdminUp {
		t.Error("eth2 came back down")
	}
}

// An ordinary user has routing instances too.
func TestRootlessRoutingInstance(t *testing.T) {
	r1, _ := twins(t, func(t testing.TB, name string) *frrtest.Node {
		node := frrtest.StartRootless(t, name)
		node.Call(t, "Plane.BootRootless", identity(name), nil)
		return node
	})
	converged(t, r1)
	inside(t, r1, Inside{Instance: "red", Argv: []string{"ping", "-c1", "-W1", "10.255.1.2"}}, says(" 0% packet loss"))
	var out string
	if r1.Call(t, "Plane.Exec", []string{"nsenter", "--net=/run/frr/netns/red", "ip", "route"}, &out); !strings.Contains(out, "172.16.2.0/24") {
		t.Errorf("the namespace of the instance's name has the routes %s", out)
	}
}

// What a router does to its processes it does in all instances, and a power cut
// leaves nothing of them.
func TestProcessesOfInstances(t *testing.T) {
	r1, _ := twins(t, func(t testing.TB, name string) *frrtest.Node { return boot(t, name) })
	converged(t, r1)
	r1.Call(t, "Plane.Kill", "bgpd", nil)
	inside(t, r1, Inside{Instance: "red", Argv: []string{"ip", "route"}}, func(routes string) bool { return !strings.Contains(routes, "172.16.2.0") })
	r1.Call(t, "Plane.Start", "bgpd", nil)
	converged(t, r1)
	r1.Call(t, "Plane.Restart", "routing", nil)
	converged(t, r1)
	r1.Call(t, "Plane.Halt", struct{}{}, nil)
	wantPorts(t, r1, "", "eth1", "eth2")
	var names []string
	if r1.Call(t, "Plane.Names", struct{}{}, &names); len(names) > 0 {
		t.Errorf("instances after a power cut: %q", names)
	}
}

// VRRP and packet filters are the instance's: a loopback filter of the master
// instance protects the instances that have no loopback of their own.
func TestFeaturesOfAnInstance(t *testing.T) {
	r1, r2 := gateways(t)
	const text = `
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.OWN/24 vrrp-group 5 virtual-address 10.0.0.254
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.OWN/24 vrrp-group 5 priority PRIORITY
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.OWN/24 vrrp-group 5 accept-data
set interfaces lo0 unit 0 family inet filter input protect
set firewall family inet filter protect term ping from protocol icmp
set firewall family inet filter protect term ping then count pings
set firewall family inet filter protect term ping then accept
set firewall family inet filter protect term rest then accept
set routing-instances red instance-type virtual-router
set routing-instances red interface ge-0/0/0.0
`
	commitGateway(t, r1, 1, 200, text)
	commitGateway(t, r2, 2, 150, text)
	vrrp := Inside{Instance: "red", Daemon: vrrpd, Command: "show vrrp"}
	is := func(state string) func(string) bool {
		return func(answer string) bool {
			return strings.Contains(strings.Join(strings.Fields(answer), " "), "Status (v4) "+state)
		}
	}
	inside(t, r1, vrrp, is("Master"))
	inside(t, r2, vrrp, is("Backup"))
	inside(t, r2, Inside{Instance: "red", Argv: []string{"ping", "-c2", "-W1", "10.0.0.254"}}, says(" 0% packet loss"))
	inside(t, r1, Inside{Instance: "red", Argv: []string{"nft", "list", "counters", "table", "inet", junosemu.FirewallTable}},
		func(counters string) bool {
			return strings.Contains(counters, "pings") && !strings.Contains(counters, "packets 0 ")
		})
}

// The tagged units of one port can be in several instances, where the kernel has
// such; the port is nobody's then.
func TestTaggedUnitsOfInstances(t *testing.T) {
	r1, r2 := gateways(t)
	text := func(own, red, blue string) string {
		return strings.NewReplacer("OWN", own, "RED", red, "BLUE", blue).Replace(`
set interfaces ge-0/0/0 vlan-tagging
set interfaces ge-0/0/0 unit 1 vlan-id 100
set interfaces ge-0/0/0 unit 1 family inet address 10.0.0.OWN/24
set interfaces ge-0/0/0 unit 2 vlan-id 200
set interfaces ge-0/0/0 unit 2 family inet address 10.0.0.OWN/24
set routing-instances red instance-type virtual-router
set routing-instances red interface ge-0/0/0.RED
set routing-instances blue instance-type virtual-router
set routing-instances blue interface ge-0/0/0.BLUE
`)
	}
	outcome := try(t, r1, text("1", "1", "2"))
	if outcome.Unsupported {
		if !strings.Contains(outcome.Err, "this kernel has no 802.1Q") {
			t.Errorf("refusal: %s", outcome.Err)
		}
		wantPorts(t, r1, "", "eth1", "eth2")
		t.Skip("NOT TESTED: ", outcome.Err)
	}
	commit(t, r1, text("1", "1", "2"))
	for _, swapped := range []bool{false, true} {
		red, blue := "1", "2"
		if swapped {
			red, blue = "2", "1"
		}
		commit(t, r1, text("1", red, blue))
		commit(t, r2, text("2", red, blue))
		for instance, device := range map[string]string{"red": "eth1." + red + "00", "blue": "eth1." + blue + "00"} {
			wantPorts(t, r1, instance, device)
			inside(t, r1, Inside{Instance: instance, Argv: []string{"ping", "-c1", "-W1", "10.0.0.2"}}, says(" 0% packet loss"))
		}
	}
}
