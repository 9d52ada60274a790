package dataplane

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

// router is the intent of one of two routers joined by eth1.
func router(own string) junosemu.Intent {
	p := func(s string) netip.Prefix { return netip.MustParsePrefix(strings.ReplaceAll(s, "OWN", own)) }
	return junosemu.Intent{
		Hostname: "r" + own,
		Interfaces: []junosemu.InterfaceIntent{
			{Junos: "ge-0/0/0.0", Device: "eth1", Description: "to the other", Addresses: []netip.Prefix{p("10.0.12.OWN/30"), p("2001:db8:0:12::OWN/64")}},
			{Junos: "lo0.0", Device: "lo", Addresses: []netip.Prefix{p("10.255.0.OWN/32"), p("2001:db8:255::OWN/128")}},
			{Junos: "ge-0/0/9.0", Device: "eth10", Addresses: []netip.Prefix{p("10.9.9.9/24")}}, // absent hardware
		},
		FRR: map[string]string{
			"ospfd": "interface eth1\n ip ospf area 0.0.0.0\n ip ospf dead-interval 4\n ip ospf hello-interval 1\n ip ospf network point-to-point\n ip ospf retransmit-interval 1\n" +
				"interface lo\n ip ospf area 0.0.0.0\nrouter ospf\n ospf router-id 10.255.0." + own + "\n timers throttle spf 0 50 200\n timers throttle lsa all 0\n timers lsa min-arrival 0\n",
			"ospf6d": "interface eth1\n ipv6 ospf6 area 0.0.0.0\n ipv6 ospf6 dead-interval 4\n ipv6 ospf6 hello-interval 1\n ipv6 ospf6 network point-to-point\n ipv6 ospf6 retransmit-interval 1\n" +
				"interface lo\n ipv6 ospf6 area 0.0.0.0\nrouter ospf6\n ospf6 router-id 10.255.0." + own + "\n timers lsa min-arrival 0\n timers throttle spf 0 50 200\n",
		},
	}
}

func pair(t testing.TB) (r1, r2 *frrtest.Node) {
	t.Helper()
	r1, r2 = boot(t, "r1"), boot(t, "r2")
	frrtest.Connect(t, r1, r2, "eth1", nil, nil)
	frrtest.Connect(t, r1, r2, "eth2", nil, nil)
	t.Logf("first configuration: %v, %v", apply(t, r1, router("1")), apply(t, r2, router("2")))
	return r1, r2
}

// reaches waits for an address to answer a ping.
func reaches(t testing.TB, node *frrtest.Node, address string) {
	t.Helper()
	frrtest.Eventually(t, func() string {
		var out string
		node.Call(t, "Plane.Exec", []string{"ping", "-c1", "-W1", address}, &out)
		if strings.Contains(out, " 0% packet loss") {
			return ""
		}
		return out
	})
}

func TestInterfacesAndRoutingComeUp(t *testing.T) {
	r1, _ := pair(t)
	t.Logf("the same again: %v", apply(t, r1, router("1")))
	eth1, _ := link(t, r1, "eth1")
	for _, want := range router("1").Interfaces[0].Addresses {
		if !slices.Contains(eth1.Addresses, want) {
			t.Errorf("eth1 has %v, without %v", eth1.Addresses, want)
		}
	}
	if !eth1.AdminUp || !eth1.CarrierUp || eth1.MAC == "" || eth1.Index == 0 {
		t.Errorf("eth1: %+v", eth1)
	}
	if eth2, _ := link(t, r1, "eth2"); !eth2.AdminUp || slices.ContainsFunc(eth2.Addresses, func(p netip.Prefix) bool { return p.Addr().Is4() }) {
		t.Errorf("eth2, which the configuration does not mention: %+v", eth2)
	}
	reaches(t, r1, "10.255.0.2")
	reaches(t, r1, "2001:db8:255::2")
	if after, _ := link(t, r1, "eth1"); after.TxPackets <= eth1.TxPackets || after.RxBytes <= eth1.RxBytes {
		t.Errorf("counters after a ping: %+v, before: %+v", after, eth1)
	}
	var neighbors []junosemu.Neighbor
	r1.Call(t, "Plane.Neighbors", struct{}{}, &neighbors)
	if !slices.ContainsFunc(neighbors, func(n junosemu.Neighbor) bool {
		return n.Device == "eth1" && n.Address == netip.MustParseAddr("10.0.12.2") && n.MAC != "" && n.State == "reachable"
	}) {
		t.Errorf("ARP: %+v", neighbors)
	}
}

func TestRefusalPutsInterfacesBack(t *testing.T) {
	r1, _ := pair(t)
	reaches(t, r1, "10.255.0.2")
	before, _ := link(t, r1, "eth1")
	loBefore, _ := link(t, r1, "lo")
	spfBefore := ask(t, r1, "ospfd", "show running-config")
	change := router("1")
	change.Interfaces[0].MTU = 4000
	change.Interfaces[0].Disabled = true
	change.Interfaces[0].Addresses = []netip.Prefix{netip.MustParsePrefix("10.0.99.1/24"), netip.MustParsePrefix("fe80::99/64")}
	change.Interfaces[1].Addresses = nil
	change.FRR["ospfd"] += " frobnicate\n"
	var outcome Outcome
	r1.Call(t, "Plane.Apply", change, &outcome)
	if want := `ospfd refused "frobnicate" (in router ospf): [OSPF] Unknown command: frobnicate`; !outcome.Refused || outcome.Err != want {
		t.Fatalf("Apply: %q, want %q", outcome.Err, want)
	}
	frrtest.Eventually(t, func() string { // the kernel gives link-local addresses anew
		after, _ := link(t, r1, "eth1")
		return differs(t, before, after)
	})
	loAfter, _ := link(t, r1, "lo")
	if d := differs(t, loBefore, loAfter); d != "" {
		t.Error(d)
	}
	if after := ask(t, r1, "ospfd", "show running-config"); after != spfBefore {
		t.Errorf("ospfd runs\n%s\nbefore:\n%s", after, spfBefore)
	}
	reaches(t, r1, "10.255.0.2")
}

// differs compares what a configuration can change.
func differs(t *testing.T, a, b junosemu.LinkState) string {
	t.Helper()
	sorted := func(p []netip.Prefix) []netip.Prefix {
		return slices.SortedFunc(slices.Values(p), netip.Prefix.Compare)
	}
	if a.AdminUp != b.AdminUp || a.MTU != b.MTU || !slices.Equal(sorted(a.Addresses), sorted(b.Addresses)) {
		return a.Device + " is not as before: " + strings.Join([]string{describe(a), describe(b)}, ", now ")
	}
	return ""
}

func describe(l junosemu.LinkState) string {
	var b strings.Builder
	for _, p := range l.Addresses {
		b.WriteString(" " + p.String())
	}
	if l.AdminUp {
		b.WriteString(" up")
	}
	return b.String()
}

func TestDisableAndEnable(t *testing.T) {
	r1, r2 := pair(t)
	reaches(t, r1, "2001:db8:255::2")
	down := router("1")
	down.Interfaces[0].Disabled = true
	down.Interfaces[0].MTU = 1400
	apply(t, r1, down)
	frrtest.Eventually(t, func() string {
		if far, _ := link(t, r2, "eth1"); far.CarrierUp {
			return "the other end still has carrier"
		} else if far.LastFlap.IsZero() {
			return "the other end noticed no flap"
		}
		return ""
	})
	state, _ := link(t, r1, "eth1")
	if state.AdminUp || state.MTU != 1400 || !slices.Contains(state.Addresses, netip.MustParsePrefix("2001:db8:0:12::1/64")) {
		t.Errorf("disabled eth1: %+v, want down, MTU 1400, with its addresses", state)
	}
	apply(t, r1, router("1"))
	if state, _ := link(t, r1, "eth1"); state.MTU != 1500 {
		t.Errorf("MTU %d after the configuration named none, want the 1500 of before", state.MTU)
	}
	reaches(t, r1, "2001:db8:255::2")
	reaches(t, r1, "10.255.0.2")
}

// A port that somebody took down from outside is a cut cable, and stays cut
// through commits about other things.
func TestCommitDoesNotMendACutCable(t *testing.T) {
	r1 := boot(t, "r1")
	frrtest.Connect(t, r1, boot(t, "r2"), "eth1", nil, nil)
	apply(t, r1, router("1"))
	var out string
	r1.Call(t, "Plane.Exec", []string{"ip", "link", "set", "eth1", "down"}, &out)
	other := router("1")
	other.Interfaces[1].Addresses = append(other.Interfaces[1].Addresses, netip.MustParsePrefix("10.255.1.1/32"))
	apply(t, r1, other)
	if state, _ := link(t, r1, "eth1"); state.AdminUp {
		t.Errorf("eth1 is up after a commit about lo: %+v", state)
	}
	r1.Call(t, "Plane.Exec", []string{"ip", "link", "set", "eth1", "up"}, &out)
	apply(t, r1, router("1"))
	if state, _ := link(t, r1, "eth1"); !state.AdminUp {
		t.Errorf("eth1 is down after it was mended: %+v", state)
	}
}

func TestChangedAddressLeavesTheOthers(t *testing.T) {
	r1, _ := pair(t)
	change := router("1")
	change.Interfaces[0].Addresses = append(change.Interfaces[0].Addresses[1:], netip.MustParsePrefix("10.0.12.1/29"), netip.MustParsePrefix("fe80::1/64"))
	apply(t, r1, change)
	state, _ := link(t, r1, "eth1")
	for _, want := range change.Interfaces[0].Addresses {
		if !slices.Contains(state.Addresses, want) {
			t.Errorf("eth1 has %v, without %v", state.Addresses, want)
		}
	}
	if slices.Contains(state.Addresses, netip.MustParsePrefix("10.0.12.1/30")) {
		t.Errorf("eth1 still has its old address: %v", state.Addresses)
	}
	linkLocals := func() (n int) {
		state, _ := link(t, r1, "eth1")
		for _, p := range state.Addresses {
			if p.Addr().IsLinkLocalUnicast() {
				n++
			}
		}
		return n
	}
	if n := linkLocals(); n != 2 {
		t.Errorf("%d link-local addresses, want the kernel's and the configured one", n)
	}
	apply(t, r1, router("1"))
	if n := linkLocals(); n != 1 {
		t.Errorf("%d link-local addresses, want the kernel's only", n)
	}
	reaches(t, r1, "10.255.0.2")
}

func TestTaggedUnitWorksOrIsRefusedByName(t *testing.T) {
	r1, r2 := pair(t)
	tag := func(own string) junosemu.Intent {
		want := router(own)
		want.Interfaces = append(want.Interfaces, junosemu.InterfaceIntent{
			Junos: "ge-0/0/1.100", Device: "eth2.100", VLAN: 100, Addresses: []netip.Prefix{netip.MustParsePrefix("10.100.0." + own + "/24")},
		})
		return want
	}
	var outcome Outcome
	r1.Call(t, "Plane.Apply", tag("1"), &outcome)
	if outcome.Err == "" {
		apply(t, r2, tag("2"))
		reaches(t, r1, "10.100.0.2")
		apply(t, r1, router("1"))
	} else if !outcome.Unsupported || !strings.Contains(outcome.Err, "vlan-id 100 on eth2 is not supported: this kernel has no 802.1Q") {
		t.Fatalf("Apply: %s", outcome.Err)
	}
	if _, exists := link(t, r1, "eth2.100"); exists {
		t.Error("the sub-interface is still there")
	}
}

func TestRoutingProcess(t *testing.T) {
	r1, _ := pair(t)
	reaches(t, r1, "10.255.0.2")
	r1.Call(t, "Plane.Kill", "routing", nil)
	var answer Answer
	r1.Call(t, "Plane.FRR", Ask{"ospfd", "show ip ospf"}, &answer)
	if !answer.NotRunning {
		t.Errorf("ospfd answers after Kill: %q", answer.Output)
	}
	r1.Call(t, "Plane.Start", "routing", nil)
	reaches(t, r1, "10.255.0.2")
	r1.Call(t, "Plane.Restart", "routing", nil)
	reaches(t, r1, "10.255.0.2")
	r1.Call(t, "Plane.Restart", "ospf6d", nil)
	reaches(t, r1, "2001:db8:255::2")
	if err := r1.Try("Plane.Restart", "rpd", nil); err == nil || !strings.Contains(err.Error(), "ospf6d") {
		t.Errorf("Restart(rpd) = %v, want a message that lists the daemons", err)
	}
}

func TestRootless(t *testing.T) {
	r1, r2 := frrtest.StartRootless(t, "r1"), frrtest.StartRootless(t, "r2")
	for _, node := range []*frrtest.Node{r1, r2} {
		node.Call(t, "Plane.BootRootless", identity(node.Name), nil)
	}
	frrtest.Connect(t, r1, r2, "eth1", nil, nil)
	apply(t, r1, router("1"))
	apply(t, r2, router("2"))
	reaches(t, r1, "10.255.0.2")
	reaches(t, r1, "2001:db8:255::2")
}

// An address that moves from the router to its neighbor in one configuration.
func TestOwnAddressBecomesTheNeighbors(t *testing.T) {
	r1, _ := pair(t)
	bgp := func(own, peer string) junosemu.Intent {
		want := router(own)
		want.Interfaces = want.Interfaces[:2]
		want.FRR["bgpd"] = "router bgp 65000\n bgp router-id 10.255.0.9\n neighbor 10.255.0." + peer + " remote-as 65000\n"
		return want
	}
	for range 10 {
		apply(t, r1, bgp("1", "2"))
		apply(t, r1, bgp("2", "1"))
	}
	apply(t, r1, bgp("1", "2"))
	for range 10 { // whether bgpd has heard of the address or not
		apply(t, r1, bgp("2", "1"))
		var outcome Outcome
		if r1.Call(t, "Plane.Apply", bgp("1", "1"), &outcome); !outcome.Refused || !strings.Contains(outcome.Err, "local system") {
			t.Fatalf("its own address as a neighbor: %+v", outcome)
		}
	}
}
