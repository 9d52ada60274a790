package port_test

import (
	"testing"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/port"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
)

// Both ends of a pair name each other, across namespaces and within one, and
// their drivers answer.
func TestVeth(t *testing.T) {
	_, _, a, b := ends(t, port.Settings{})
	ns := porttest.New(t)
	ns.Run(t, "ip link add v1 type veth peer name v2\nip link set v1 up\nip link set v2 up")
	for _, pair := range [][2]port.Port{{a, b}, {open(t, ns, "v1", port.Settings{}), open(t, ns, "v2", port.Settings{})}} {
		own, peer, err := pair[0].(port.Native).Veth()
		if err != nil {
			t.Fatal(err)
		}
		theirs, back, err := pair[1].(port.Native).Veth()
		if err != nil {
			t.Fatal(err)
		}
		if !own.Same(back) || !peer.Same(theirs) || own.Same(peer) {
			t.Errorf("%+v - %+v, and from the other end %+v - %+v", own, peer, theirs, back)
		}
		stats, err := peer.Statistics()
		if _, known := stats["rx_queue_0_xdp_packets"]; err != nil || !known || stats["peer_ifindex"] != uint64(own.Index) {
			t.Errorf("%v, %v", stats, err)
		}
		if n, err := peer.Queues(); n != 1 || err != nil {
			t.Errorf("%d queues, %v", n, err)
		}
	}
}

func TestNoVeth(t *testing.T) {
	ns := porttest.New(t)
	ns.Run(t, "ip link add br0 type bridge")
	p, err := port.Open(trafficgen.PortID{Node: "n", Device: "br0", NetNS: ns.Path}, port.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, _, err := p.(port.Native).Veth(); err == nil || err.Error() != "n:br0 is no veth device (bridge)" {
		t.Errorf("%v", err)
	}
}
