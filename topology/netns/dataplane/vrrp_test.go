package dataplane

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

// gateway is a router with VRRP groups on ge-0/0/0; ge-0/0/1 may be tracked.
const gateway = `
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.OWN/24 vrrp-group 5 virtual-address 10.0.0.254
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.OWN/24 vrrp-group 5 priority PRIORITY
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.OWN/24 vrrp-group 5 fast-interval 100
set interfaces ge-0/0/1 unit 0 family inet address 10.0.1.OWN/24
set protocols vrrp version-3
`

// gateway6 is the same for IPv6.
const gateway6 = `
set interfaces ge-0/0/0 unit 0 family inet6 address 2001:db8::OWN/64 vrrp-inet6-group 6 virtual-inet6-address 2001:db8::254
set interfaces ge-0/0/0 unit 0 family inet6 address 2001:db8::OWN/64 vrrp-inet6-group 6 virtual-link-local-address fe80::254
set interfaces ge-0/0/0 unit 0 family inet6 address 2001:db8::OWN/64 vrrp-inet6-group 6 priority PRIORITY
set interfaces ge-0/0/0 unit 0 family inet6 address 2001:db8::OWN/64 vrrp-inet6-group 6 inet6-advertise-interval 100
set interfaces ge-0/0/0 unit 0 family inet6 address 2001:db8::OWN/64 vrrp-inet6-group 6 accept-data
`

const tracking = "set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.OWN/24 vrrp-group 5 track interface ge-0/0/1.0 priority-cost 100\n"

const acceptData = "set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.OWN/24 vrrp-group 5 accept-data\n"

func commitGateway(t testing.TB, node *frrtest.Node, own, priority int, text string) {
	t.Helper()
	commit(t, node, strings.NewReplacer("OWN", fmt.Sprint(own), "PRIORITY", fmt.Sprint(priority)).Replace(text))
}

// gateways are two routers on one link, and another link that is tracked.
func gateways(t *testing.T) (r1, r2 *frrtest.Node) {
	t.Helper()
	r1, r2 = boot(t, "r1"), boot(t, "r2")
	frrtest.Connect(t, r1, r2, "eth1", nil, nil)
	frrtest.Connect(t, r1, r2, "eth2", nil, nil)
	return r1, r2
}

// status is what vrrpd says of a group: "Master 200".
func status(t testing.TB, node *frrtest.Node, group int, family string) string {
	t.Helper()
	var groups []struct {
		ID int `json:"vrid"`
		V4 struct {
			Status   string `json:"status"`
			Priority int    `json:"effectivePriority"`
		} `json:"v4"`
		V6 struct {
			Status   string `json:"status"`
			Priority int    `json:"effectivePriority"`
		} `json:"v6"`
	}
	if err := json.Unmarshal([]byte(ask(t, node, vrrpd, "show vrrp json")), &groups); err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		if g.ID == group {
			of := g.V4
			if family == "inet6" {
				of = g.V6
			}
			return fmt.Sprintf("%s %d", of.Status, of.Priority)
		}
	}
	return "no group"
}

// wantStatus waits for two routers to agree on their parts.
func wantStatus(t testing.TB, r1, r2 *frrtest.Node, group int, family, want1, want2 string) {
	t.Helper()
	frrtest.Eventually(t, func() string {
		got1, got2 := status(t, r1, group, family), status(t, r2, group, family)
		if got1 != want1 || got2 != want2 {
			return fmt.Sprintf("%s is %s and %s is %s, want %s and %s", r1.Name, got1, r2.Name, got2, want1, want2)
		}
		return ""
	})
}

// hasVirtual waits for a device to have an address, or not.
func hasVirtual(t testing.TB, node *frrtest.Node, device, address string, want bool) {
	t.Helper()
	p := netip.MustParsePrefix(address)
	frrtest.Eventually(t, func() string {
		state, _ := link(t, node, device)
		if slices.Contains(state.Addresses, p) != want {
			return fmt.Sprintf("%s of %s has %v; %s wanted: %v", device, node.Name, state.Addresses, p, want)
		}
		return ""
	})
}

// neighborMAC is what a router has learned of an address by ARP or ND.
func neighborMAC(t testing.TB, node *frrtest.Node, address string) string {
	t.Helper()
	var neighbors []junosemu.Neighbor
	node.Call(t, "Plane.Neighbors", struct{}{}, &neighbors)
	for _, n := range neighbors {
		if n.Address == netip.MustParseAddr(address) && n.Device == "eth1" {
			return n.MAC
		}
	}
	return ""
}

// The router of the higher priority has the address and answers for it, from
// the virtual MAC address; the other takes over when it falls.
func TestVRRP(t *testing.T) {
	r1, r2 := gateways(t)
	commitGateway(t, r1, 1, 200, gateway+acceptData)
	commitGateway(t, r2, 2, 150, gateway+acceptData)
	wantStatus(t, r1, r2, 5, "inet", "Master 200", "Backup 150")
	hasVirtual(t, r1, "v4-1-5", "10.0.0.254/32", true)
	hasVirtual(t, r2, "v4-1-5", "10.0.0.254/32", false)
	reaches(t, r2, "10.0.0.254")
	if mac := neighborMAC(t, r2, "10.0.0.254"); mac != "00:00:5e:00:01:05" {
		t.Errorf("the virtual address is at %q", mac)
	}
	if mac := neighborMAC(t, r2, "10.0.0.1"); mac == "00:00:5e:00:01:05" {
		t.Errorf("the router's own address is at the virtual MAC address")
	}

	// What is tracked goes down, and comes back: preemption.
	var out string
	commitGateway(t, r1, 1, 200, gateway+acceptData+tracking)
	r1.Call(t, "Plane.Exec", []string{"ip", "link", "set", "eth2", "down"}, &out)
	wantStatus(t, r1, r2, 5, "inet", "Backup 100", "Master 150")
	reaches(t, r1, "10.0.0.254")
	r1.Call(t, "Plane.Exec", []string{"ip", "link", "set", "eth2", "up"}, &out)
	wantStatus(t, r1, r2, 5, "inet", "Master 200", "Backup 150")

	// The master falls silent.
	r1.Call(t, "Plane.Kill", vrrpd, nil)
	frrtest.Eventually(t, func() string {
		if s := status(t, r2, 5, "inet"); s != "Master 150" {
			return s
		}
		return ""
	})
	hasVirtual(t, r2, "v4-1-5", "10.0.0.254/32", true)
}

// Without accept-data the master routes for the address and does not answer.
func TestVRRPWithoutAcceptData(t *testing.T) {
	r1, r2 := gateways(t)
	commitGateway(t, r1, 1, 200, gateway)
	commitGateway(t, r2, 2, 150, gateway)
	wantStatus(t, r1, r2, 5, "inet", "Master 200", "Backup 150")
	hasVirtual(t, r1, "v4-1-5", "10.0.0.254/32", true)
	var out string
	r2.Call(t, "Plane.Exec", []string{"ping", "-c2", "-i0.1", "-W1", "10.0.0.254"}, &out)
	if !strings.Contains(out, " 0 received") || neighborMAC(t, r2, "10.0.0.254") != "00:00:5e:00:01:05" {
		t.Errorf("%s at %s", out, neighborMAC(t, r2, "10.0.0.254"))
	}
	commitGateway(t, r1, 1, 120, gateway)
	wantStatus(t, r1, r2, 5, "inet", "Backup 120", "Master 150")
	hasVirtual(t, r1, "v4-1-5", "10.0.0.254/32", false)
	hasVirtual(t, r2, "v4-1-5", "10.0.0.254/32", true)
	commit(t, r2, "set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.2/24")
	wantStatus(t, r1, r2, 5, "inet", "Master 120", "no group")
	if _, there := link(t, r2, "v4-1-5"); there {
		t.Error("the virtual router's device is still there")
	}
}

func TestVRRPForIPv6(t *testing.T) {
	r1, r2 := gateways(t)
	commitGateway(t, r1, 1, 200, gateway+gateway6)
	commitGateway(t, r2, 2, 150, gateway+gateway6)
	wantStatus(t, r1, r2, 6, "inet6", "Master 200", "Backup 150")
	hasVirtual(t, r1, "v6-1-6", "2001:db8::254/128", true)
	hasVirtual(t, r2, "v6-1-6", "2001:db8::254/128", false)
	reaches(t, r2, "2001:db8::254")
	if mac := neighborMAC(t, r2, "2001:db8::254"); mac != "00:00:5e:00:02:06" {
		t.Errorf("the virtual address is at %q", mac)
	}
}
