package dataplane

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

// Heard lists LLDP's neighbors.
func (p *Plane) Heard(_ struct{}, neighbors *[]junosemu.LLDPNeighbor) (err error) {
	*neighbors, err = p.d.LLDPNeighbors(context.Background())
	return err
}

// wantHeard waits for a router to hear what is wanted, a line a neighbor.
func wantHeard(t testing.TB, node *frrtest.Node, want ...string) {
	t.Helper()
	frrtest.Eventually(t, func() string {
		var neighbors []junosemu.LLDPNeighbor
		node.Call(t, "Plane.Heard", struct{}{}, &neighbors)
		var got []string
		for _, n := range neighbors {
			got = append(got, fmt.Sprintf("%s: %s %s (%s) for %d s", n.Device, n.SystemName, n.PortID, n.PortDescription, n.TTL))
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			return fmt.Sprintf("%s hears %q, want %q", node.Name, got, want)
		}
		return ""
	})
}

// Neighbors know each other at once, and forget each other when one falls silent
// or the link goes down.
func TestLLDP(t *testing.T) {
	r1, r2 := gateways(t)
	const both = "set protocols lldp interface all\n"
	commit(t, r1, "set system host-name one\n"+both)
	commit(t, r2, "set system host-name two\nset interfaces ge-0/0/1 description \"second link\"\nset protocols lldp port-id-subtype interface-name\n"+both)
	wantHeard(t, r1, "eth1: two ge-0/0/0 (ge-0/0/0) for 120 s", "eth2: two ge-0/0/1 (second link) for 120 s")
	wantHeard(t, r2, "eth1: one 501 (ge-0/0/0) for 120 s", "eth2: one 502 (ge-0/0/1) for 120 s")

	var out string
	r2.Call(t, "Plane.Exec", []string{"ip", "link", "set", "eth2", "down"}, &out)
	wantHeard(t, r1, "eth1: two ge-0/0/0 (ge-0/0/0) for 120 s")
	r2.Call(t, "Plane.Exec", []string{"ip", "link", "set", "eth2", "up"}, &out)
	wantHeard(t, r1, "eth1: two ge-0/0/0 (ge-0/0/0) for 120 s", "eth2: two ge-0/0/1 (second link) for 120 s")

	commit(t, r2, "set protocols lldp interface ge-0/0/1\nset protocols lldp hold-multiplier 2")
	wantHeard(t, r1, "eth2: r2 502 (ge-0/0/1) for 60 s")
	commit(t, r2, "")
	wantHeard(t, r1)
}
