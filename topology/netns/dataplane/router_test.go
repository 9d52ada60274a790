package dataplane

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

// Inside is a question for a routing instance of the node's router.
type Inside struct {
	Instance        string
	Daemon, Command string   // of FRR
	Argv            []string // or a program
}

// Ask asks a routing instance.
func (p *Plane) Ask(q Inside, answer *string) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	sensor, ok := p.d.Instance(q.Instance)
	if !ok {
		return errors.New("no routing instance " + q.Instance)
	}
	var out []byte
	var err error
	if q.Daemon != "" {
		out, err = sensor.FRR(ctx, q.Daemon, q.Command)
	} else {
		out, err = sensor.Exec(ctx, q.Argv...)
	}
	*answer = string(out)
	return err
}

// LinksIn lists the devices of a routing instance.
func (p *Plane) LinksIn(name string, links *[]junosemu.LinkState) (err error) {
	sensor, ok := p.d.Instance(name)
	if !ok {
		return errors.New("no routing instance " + name)
	}
	*links, err = sensor.Links(context.Background())
	return err
}

// Names are the routing instances.
func (p *Plane) Names(_ struct{}, names *[]string) error {
	*names = p.d.names()
	return nil
}

// Halt ends the routing instances as a power cut does.
func (p *Plane) Halt(_ struct{}, _ *struct{}) error { return p.d.Halt() }

// inside asks a routing instance, and waits until the answer is as it should be.
func inside(t testing.TB, node *frrtest.Node, q Inside, right func(answer string) bool) {
	t.Helper()
	frrtest.Eventually(t, func() string {
		var answer string
		if err := node.Try("Plane.Ask", q, &answer); err != nil {
			return err.Error()
		} else if !right(answer) {
			return node.Name + " says of " + q.Command + strings.Join(q.Argv, " ") + ": " + answer
		}
		return ""
	})
}

// says is a condition of inside.
func says(words ...string) func(string) bool {
	return func(answer string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(answer, w) })
	}
}

// twin is a router with the same addresses in two instances: the master one on
// the first port, red on the second. Only red speaks OSPF and BGP.
const twin = `
set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.OWN/24
set interfaces ge-0/0/1 unit 0 family inet address 10.0.0.OWN/24
set interfaces lo0 unit 0 family inet address 10.255.0.OWN/32
set interfaces lo0 unit 1 family inet address 10.255.1.OWN/32
set interfaces lo0 unit 1 family inet6 address 2001:db8:1::OWN/128
set interfaces ge-0/0/1 unit 0 family inet6 address 2001:db8::OWN/64
set routing-options autonomous-system 6500OWN
set policy-options policy-statement out from protocol static
set policy-options policy-statement out then accept
set protocols lldp interface all
set routing-instances red instance-type virtual-router
set routing-instances red interface ge-0/0/1.0
set routing-instances red interface lo0.1
set routing-instances red routing-options static route 172.16.OWN.0/24 discard
set routing-instances red routing-options rib red.inet6.0 static route 2001:db8:OWN::/48 discard
set routing-instances red protocols ospf area 0 interface all interface-type p2p
set routing-instances red protocols ospf area 0 interface all hello-interval 1
set routing-instances red protocols ospf3 area 0 interface all interface-type p2p
set routing-instances red protocols ospf3 area 0 interface all hello-interval 1
set routing-instances red protocols bgp group other type external
set routing-instances red protocols bgp group other export out
set routing-instances red protocols bgp group other neighbor 10.0.0.PEER peer-as 6500PEER
`

// twins are two such routers, joined by both ports.
func twins(t testing.TB, boot func(testing.TB, string) *frrtest.Node) (r1, r2 *frrtest.Node) {
	t.Helper()
	r1, r2 = boot(t, "r1"), boot(t, "r2")
	frrtest.Connect(t, r1, r2, "eth1", nil, nil)
	frrtest.Connect(t, r1, r2, "eth2", nil, nil)
	commit(t, r1, twinText("1", "2"))
	commit(t, r2, twinText("2", "1"))
	return r1, r2
}

func twinText(own, peer string) string {
	return strings.NewReplacer("OWN", own, "PEER", peer).Replace(twin)
}

// converged waits until red's protocols have brought their routes to the kernel.
func converged(t testing.TB, r1 *frrtest.Node) {
	t.Helper()
	routes := Inside{Instance: "red", Argv: []string{"ip", "route"}}
	inside(t, r1, routes, says("10.255.1.2 via 10.0.0.2 dev eth2 proto ospf", "172.16.2.0/24 via 10.0.0.2 dev eth2 proto bgp", "blackhole 172.16.1.0/24"))
	routes.Argv = []string{"ip", "-6", "route"}
	inside(t, r1, routes, says("2001:db8:1::2 via", "proto ospf", "blackhole 2001:db8:1::/48"))
}

func TestRoutingInstance(t *testing.T) {
	r1, r2 := twins(t, func(t testing.TB, name string) *frrtest.Node { return boot(t, name) })
	converged(t, r1)
	t.Logf("the same again: %v, with one more instance: %v", try(t, r1, twinText("1", "2")).Took,
		try(t, r1, twinText("1", "2")+"set routing-instances blue instance-type virtual-router\n").Took)
	wantHeard(t, r1, "eth1: r2 501 (ge-0/0/0) for 120 s", "eth2: r2 502 (ge-0/0/1) for 120 s")
	reaches(t, r1, "10.0.0.2") // the master instance's, over the other port

	inside(t, r1, Inside{Instance: "red", Argv: []string{"ping", "-c1", "-W1", "10.255.1.2"}}, says(" 0% packet loss"))
	for _, unreached := range []string{"10.255.1.2", "172.16.2.1"} {
		var out string
		r1.Call(t, "Plane.Exec", []string{"ping", "-c1", "-W1", unreached}, &out)
		if strings.Contains(out, " 0% packet loss") {
			t.Errorf("the master instance reaches %s of the routing instance", unreached)
		}
	}
	var out string
	r1.Call(t, "Plane.Ask", Inside{Instance: "red", Argv: []string{"ping", "-c1", "-W1", "10.255.0.1"}}, &out)
	if strings.Contains(out, " 0% packet loss") {
		t.Error("the routing instance reaches the master one's loopback")
	}
	if _, there := link(t, r1, "eth2"); there {
		t.Error("the port is still in the master instance")
	}

	commit(t, r2, `set interfaces ge-0/0/1 unit 0 family inet address 10.0.0.2/24`)
	commit(t, r1, `
set interfaces ge-0/0/0 unit 0 family inet address 10.0.1.1/24
set interfaces ge-0/0/1 unit 0 family inet address 10.0.0.1/24
`)
	var names []string
	if r1.Call(t, "Plane.Names", struct{}{}, &names); len(names) > 0 {
		t.Errorf("instances %v after they were deleted", names)
	}
	if state, there := link(t, r1, "eth2"); !there || !slices.ContainsFunc(state.Addresses, isAddress("10.0.0.1/24")) || !state.AdminUp {
		t.Errorf("the port after its instance was deleted: %+v", state)
	}
	reaches(t, r1, "10.0.0.2")
}

func isAddress(text string) func(netip.Prefix) bool {
	return func(p netip.Prefix) bool { return p.String() == text }
}
