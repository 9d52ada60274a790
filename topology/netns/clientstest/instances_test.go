package clientstest

import (
	"errors"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device"
	"github.com/ccl-lab/ccl/topology/device/junos"
)

// TestRoutingInstances runs two routers with two virtual routers each, of the same
// addresses: red speaks OSPF, OSPFv3 and BGP, blue IS-IS beside its static route.
// What the router says of them is compared with the kernel of their namespaces.
func TestRoutingInstances(t *testing.T) {
	l := deploy(t, "testdata/instances/instances.clab.yml")
	for _, s := range []sight{
		{node: "r1", ask: "show ospf neighbor instance red", want: []string{"10.0.0.2", "ge-0/0/1.0", "Full", "10.255.1.2"}},
		{node: "r1", ask: "show ospf3 neighbor instance red", want: []string{"10.255.1.2", "ge-0/0/1.0", "Full"}},
		{node: "r1", ask: "show isis adjacency instance blue", want: []string{"ge-0/0/2.0", "r2", "Up"}},
		{node: "r1", ask: "show bgp summary", want: []string{"Groups: 1 Peers: 1 Down peers: 0", "red.inet.0: 1/"}},
		{node: "r1", ask: "show bgp summary instance red", want: []string{"10.0.0.2 ", "Establ"}},
		{node: "r1", ask: "show bgp neighbor 10.0.0.2", want: []string{"Group: other", "Routing-Instance: red", "Table red.inet.0"}},
		{node: "r1", ask: "show bfd session", want: []string{"10.0.0.2", "ge-0/0/1.0", "1 sessions"}},
		{node: "r1", ask: "show route table red.inet.0", not: []string{"blue", "10.9.0.0", "10.255.2"},
			want: []string{"red.inet.0:", "10.255.1.2/32", "*[OSPF/10]", "172.16.2.0/24", "*[BGP/170]", ">  to 10.0.0.2 via ge-0/0/1.0", "*[Aggregate/130]", "*[Local/0]", "Local via ge-0/0/1.0"}},
		{node: "r1", ask: "show route table red.inet6.0", want: []string{"red.inet6.0:", "2001:db8:1::2/128", "*[OSPF3/10]"}},
		{node: "r1", ask: "show route 10.255.2.2", want: []string{"blue.inet.0:", "10.255.0.0/16", "10.255.2.2/32", "*[IS-IS/18]", "via ge-0/0/2.0", "red.inet.0:"}},
		{node: "r1", ask: "show route table inet.0", want: []string{"10.9.0.0/24"}, not: []string{"10.0.0.0/24", "red", "blue"}},
		{node: "r1", ask: "show route summary", want: []string{"\ninet.0:", "blue.inet.0:", "red.inet.0:", "red.inet6.0:"}},
		{node: "r1", ask: "show route instance", want: []string{"master", "blue", "virtual-router", "red.inet.0"}},
		{node: "r1", ask: "show route instance red", want: []string{"red.inet.0"}, not: []string{"blue", "master"}},
		{node: "r1", ask: "show interfaces terse", want: []string{"ge-0/0/1.0", "10.0.0.1/24", "lo0.1", "10.255.1.1", "lo0.2", "10.255.2.1", "lo0.0", "10.255.0.1"}},
		{node: "r1", ask: "show interfaces terse routing-instance blue", want: []string{"ge-0/0/2.0", "lo0.2"}, not: []string{"ge-0/0/0", "lo0.1", "ge-0/0/1"}},
		{node: "r1", ask: "show interfaces descriptions", want: []string{"to the customer Red"}},
		{node: "r1", ask: "show lldp neighbors", want: []string{"ge-0/0/0", "ge-0/0/1", "ge-0/0/2"}},
		{node: "r1", ask: "ping 10.255.1.2 count 1 routing-instance red", want: []string{"1 packets received"}},
		{node: "r1", ask: "ping 10.255.2.2 count 1 routing-instance blue", want: []string{"1 packets received"}},
		{node: "r1", ask: "ping 10.255.1.2 count 1 routing-instance blue", want: []string{" 0 packets received"}},
		{node: "r1", ask: "ping 10.255.2.2 count 1", want: []string{" 0 packets received"}},
		{node: "r1", ask: "traceroute 10.255.1.2 routing-instance red", want: []string{"1  10.255.1.2"}},
		{node: "r1", ask: "show arp", want: []string{"ge-0/0/1.0", "ge-0/0/2.0"}},
		{node: "r1", ask: "show arp vpn red", want: []string{"ge-0/0/1.0"}, not: []string{"ge-0/0/2.0"}},
		{node: "r1", ask: "show firewall filter count-all", want: []string{"seen"}},
		{node: "r1", ask: "show ospf neighbor", want: []string{"OSPF instance is not running"}},
	} {
		l.look(s)
	}
	l.sameKernel("r1", "red", "10.255.1.2 via 10.0.0.2 dev eth2 proto ospf", "172.16.2.0/24 via 10.0.0.2 dev eth2 proto bgp", "blackhole 172.16.1.0/24", "10.255.0.0/16 proto gated")
	l.sameKernel("r1", "blue", "10.255.0.0/16 via 10.0.0.2 dev eth3 proto static")

	t.Run("a cut link is one of the instance", func(t *testing.T) {
		l := &lab{t, l.backend, l.Lab}
		end := topology.Endpoint{Node: "r2", Interface: "ge-0/0/1"}
		l.do(l.backend.SetLink(t.Context(), l.Name, end, false))
		l.look(sight{node: "r1", ask: "show interfaces terse", want: []string{"ge-0/0/1                up    down"}})
		l.look(sight{node: "r1", ask: "show ospf neighbor instance red", not: []string{"10.0.0.2"}})
		l.look(sight{node: "r1", ask: "ping 10.255.2.2 count 1 routing-instance blue", want: []string{"1 packets received"}})
		l.do(l.backend.SetLink(t.Context(), l.Name, end, true))
		l.look(sight{node: "r1", ask: "show ospf neighbor instance red", want: []string{"Full"}})
	})
	t.Run("a refused commit puts ports back", func(t *testing.T) {
		l := &lab{t, l.backend, l.Lab}
		l.refused("r1", "delete routing-instances red\nset protocols bgp group x type external peer-as 1\nset protocols bgp group x neighbor 10.9.0.1\nset routing-options autonomous-system 7")
		l.look(sight{node: "r1", ask: "show bgp summary", want: []string{"Peers: 1", "red.inet.0: 1/", "Establ"}})
		l.look(sight{node: "r1", ask: "ping 10.255.1.2 count 1 routing-instance red", want: []string{"1 packets received"}})
	})
	t.Run("an instance is deleted and comes back", func(t *testing.T) {
		l := &lab{t, l.backend, l.Lab}
		for _, node := range []string{"r1", "r2"} {
			l.configure(change{node, "delete routing-instances red"})
		}
		l.look(sight{node: "r1", ask: "show route table inet.0", want: []string{"10.0.0.0/24", "10.255.1.1/32"}, not: []string{"OSPF", "BGP"}})
		l.look(sight{node: "r1", ask: "ping 10.0.0.2 count 1", want: []string{"1 packets received"}})
		l.look(sight{node: "r1", ask: "show route instance", not: []string{"red"}})
	})
	l.look(sight{node: "r1", ask: "show bgp summary", want: []string{"Establ"}})
	l.look(sight{node: "r1", ask: "ping 10.255.1.2 count 1 routing-instance red", want: []string{"1 packets received"}})

	t.Run("a power cut", func(t *testing.T) {
		l := &lab{t, l.backend, l.Lab}
		l.do(l.backend.Kill(t.Context(), l.Name, "r2", ""))
		l.look(sight{node: "r1", ask: "show interfaces terse", want: []string{"ge-0/0/1                up    down"}})
		l.do(l.backend.Start(t.Context(), l.Name, "r2", ""))
		l.look(sight{node: "r1", ask: "show bgp summary", want: []string{"Establ", "red.inet.0: 1/"}})
		l.look(sight{node: "r1", ask: "ping 10.255.2.2 count 1 routing-instance blue", want: []string{"1 packets received"}})
	})
}

// sameKernel looks for routes in the kernel of an instance's namespace.
func (l *lab) sameKernel(node, instance string, want ...string) {
	l.Helper()
	r, err := l.backend.Exec(l.Context(), l.Name, node, []string{"ip", "netns", "exec", instance, "ip", "route"})
	l.do(err)
	for _, w := range want {
		if !strings.Contains(r.Stdout, w) {
			l.Errorf("%s, routing instance %s: the kernel has no %q:\n%s%s", node, instance, w, r.Stdout, r.Stderr)
		}
	}
}

// refused tries a change that the data plane refuses.
func (l *lab) refused(node, commands string) {
	l.Helper()
	dial := junos.Dialer(func(string) (string, string, error) { return user, password, nil })
	s, err := dial(l.Context(), *l.Node(node))
	l.do(err)
	defer s.Close()
	_, err = s.Apply(l.Context(), device.Change{Text: commands, Format: device.FormatSet})
	var rejected *device.RejectedError
	if !errors.As(err, &rejected) {
		l.Errorf("%s took a change that it cannot make: %v", node, err)
	}
	l.Log(err)
}
