package dataplane

import (
	"testing"

	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

// What an ordinary user's routers need of the kernel is more than routes: packet
// filters, devices for virtual routers, raw sockets.
func TestRootlessFeatures(t *testing.T) {
	r1, r2 := frrtest.StartRootless(t, "r1"), frrtest.StartRootless(t, "r2")
	for _, node := range []*frrtest.Node{r1, r2} {
		node.Call(t, "Plane.BootRootless", identity(node.Name), nil)
	}
	frrtest.Connect(t, r1, r2, "eth1", nil, nil)
	const filter = `
set protocols lldp interface all
set interfaces lo0 unit 0 family inet filter input protect-re
set firewall family inet filter protect-re term vrrp from protocol vrrp
set firewall family inet filter protect-re term vrrp then count vrrp
`
	commitGateway(t, r1, 1, 200, gateway+filter)
	commitGateway(t, r2, 2, 150, gateway+filter)
	wantStatus(t, r1, r2, 5, "inet", "Master 200", "Backup 150")
	wantHeard(t, r1, "eth1: r2 501 (ge-0/0/0) for 120 s")
	c := &chain{TB: t, r2: r2}
	if n := c.counters()["filter.inet.protect-re.count.vrrp"]; n == 0 {
		t.Error("the backup counted no advertisement")
	}
}

// A router that was switched off and on again takes its part in VRRP anew.
func TestVRRPOfAnEarlierLife(t *testing.T) {
	r1, r2 := gateways(t)
	commitGateway(t, r1, 1, 200, gateway)
	commitGateway(t, r2, 2, 150, gateway)
	wantStatus(t, r1, r2, 5, "inet", "Master 200", "Backup 150")
	for _, node := range []*frrtest.Node{r2, r1} {
		node.Call(t, "Plane.Reboot", identity(node.Name), nil)
		commitGateway(t, node, map[string]int{"r1": 1, "r2": 2}[node.Name], map[string]int{"r1": 200, "r2": 150}[node.Name], gateway)
		wantStatus(t, r1, r2, 5, "inet", "Master 200", "Backup 150")
		hasVirtual(t, r1, "v4-1-5", "10.0.0.254/32", true)
		hasVirtual(t, r2, "v4-1-5", "10.0.0.254/32", false)
	}
}
