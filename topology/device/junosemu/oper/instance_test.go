package oper_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/opertest"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// instances is a sensor with a routing instance red.
type instances struct {
	*opertest.Sensor
	red *opertest.Sensor
}

func (s instances) Instance(name string) (junosemu.Sensor, bool) { return s.red, name == "red" }

// newVirtualRouter is newRouter with the instance red, which has the same
// neighbors on ge-0/0/2 as the master instance on ge-0/0/0 (and so the recordings'
// device below its unit), and green, which the data plane has not.
func newVirtualRouter() (r *oper.Router, master, red *opertest.Sensor) {
	r, master = newRouter()
	in := *r.Intent()
	red = &opertest.Sensor{
		Dir: master.Dir, Programs: map[string]string{}, Near: master.Near[:1],
		LinkList: []junosemu.LinkState{
			{Device: "lo", Index: 1, AdminUp: true, Addresses: opertest.Prefixes("127.0.0.1/8", "10.255.7.1/32")},
			{Device: "eth3", Index: 3, MTU: 1500, AdminUp: true, CarrierUp: true},
			{Device: "eth1", Index: 4, MTU: 1500, AdminUp: true, CarrierUp: true, Addresses: opertest.Prefixes("10.7.0.1/24")},
		},
	}
	own := junosemu.Intent{
		FRR: in.FRR,
		Interfaces: []junosemu.InterfaceIntent{
			{Junos: "ge-0/0/2.0", Device: "eth1", PortDescription: "to Red"},
			{Junos: "lo0.7", Device: "lo"},
		},
	}
	in.Instances = []junosemu.Instance{{Name: "green", Type: "virtual-router"}, {Name: "red", Type: "virtual-router", Intent: own}}
	r.Sensor, r.Intent = instances{master, red}, func() *junosemu.Intent { return &in }
	return r, master, red
}

func TestInstances(t *testing.T) {
	for _, c := range []struct {
		command   string
		want, not []string
	}{
		{"show bgp summary", []string{"Peers: 6 ", "\ninet.0\n", "\nred.inet.0\n"}, nil},
		{"show bgp summary instance red", []string{"Peers: 3 ", "red.inet.0"}, []string{"\ninet.0"}},
		{"show bgp summary instance master", []string{"Peers: 3 ", "\ninet.0"}, []string{"red"}},
		{"show bgp neighbor instance red", []string{"Routing-Instance: red", "Forwarding routing-instance: red", "Table red.inet.0"}, []string{"master"}},
		{"show bgp group instance all", []string{"Groups: 4 ", "Peers: 6 "}, nil},
		{"show route", []string{"\ninet.0:", "\nred.inet.0:", "\ninet6.0:", "\nred.inet6.0:"}, nil},
		{"show route table red.inet.0", []string{"red.inet.0:", "via ge-0/0/2.0"}, []string{"\ninet.0", "inet6.0", "ge-0/0/0"}},
		{"show route table red", []string{"red.inet.0:", "red.inet6.0:"}, []string{"\ninet.0:"}},
		{"show route summary table red.inet.0", []string{"red.inet.0:"}, []string{"inet6.0"}},
		{"show route instance", []string{"master ", "forwarding", "red ", "virtual-router", "red.inet.0"}, nil},
		{"show route instance red", []string{"red.inet.0"}, []string{"master"}},
		{"show route instance detail", []string{"red:", "Type: virtual-router    State: Active", "  Interfaces:\n    ge-0/0/2.0\n    lo0.7\n", "red.inet.0             : 6 routes (5 active"}, []string{"ge-0/0/0.0"}},
		{"show ospf neighbor", []string{"ge-0/0/0.0"}, []string{"ge-0/0/2.0"}},
		{"show ospf neighbor instance red", []string{"ge-0/0/2.0"}, []string{"ge-0/0/0.0"}},
		{"show ospf overview instance red", []string{"Instance: red"}, nil},
		{"show arp", []string{"ge-0/0/0.0", "ge-0/0/2.0", "Total entries: 2"}, nil},
		{"show arp vpn red", []string{"ge-0/0/2.0", "Total entries: 1"}, []string{"ge-0/0/0.0"}},
		{"show interfaces terse", []string{"ge-0/0/0.0", "ge-0/0/2.0 ", "10.7.0.1/24", "lo0.0 ", "10.255.0.1", "lo0.7 ", "10.255.7.1"}, nil},
		{"show interfaces terse routing-instance red", []string{"10.7.0.1/24", "10.255.7.1"}, []string{"ge-0/0/0.0", "lo0.0"}},
	} {
		t.Run(c.command, func(t *testing.T) {
			r, _, _ := newVirtualRouter()
			text, err := run(t, r, c.command)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range c.want {
				if !strings.Contains("\n"+text, w) {
					t.Errorf("no %q in:\n%s", w, text)
				}
			}
			for _, n := range c.not {
				if strings.Contains("\n"+text, n) {
					t.Errorf("%q in:\n%s", n, text)
				}
			}
		})
	}
}

// run performs a command and returns its text.
func run(t *testing.T, r *oper.Router, command string) (string, error) {
	t.Helper()
	rpc, err := oper.Commands.Parse(strings.Fields(command))
	if err != nil {
		t.Fatal(err)
	}
	reply, err := r.Answer(t.Context(), rpc)
	return oper.Text(rpc, reply), err
}

// Programs and clear commands run in the instance that they name.
func TestInstanceActions(t *testing.T) {
	r, master, red := newVirtualRouter()
	red.Programs["ping"] = "1 packets transmitted, 1 received\n"
	for _, command := range []string{"ping 10.7.0.2 count 1 routing-instance red", "clear ospf neighbor instance red", "clear bgp neighbor all instance red"} {
		if _, err := run(t, r, command); err != nil {
			t.Errorf("%s: %v", command, err)
		}
	}
	if calls := master.Calls(); len(calls) > 0 {
		t.Errorf("the master instance was asked to %q", calls)
	}
	if calls := strings.Join(red.Calls(), "; "); calls != "ping -n -c 1 -s 56 -W 1 10.7.0.2; ospfd: clear ip ospf neighbor; bgpd: clear bgp *" {
		t.Errorf("red was asked to %q", calls)
	}
}

func TestUnknownInstance(t *testing.T) {
	r, _, _ := newVirtualRouter()
	for name, want := range map[string]string{"blue": "instance blue not found", "green": "instance green is not there"} {
		_, err := r.Answer(t.Context(), xmltree.New("get-ospf-neighbor-information", xmltree.Leaf("instance", name)))
		var refused *oper.Refusal
		if !errors.As(err, &refused) || refused.Message != want {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// A protocol that does not run in one instance is not missing in the others.
func TestProtocolOfOneInstance(t *testing.T) {
	r, master, _ := newVirtualRouter()
	master.Stopped = []string{"bgpd"}
	text, err := run(t, r, "show bgp summary")
	if err != nil || !strings.Contains(text, "Peers: 3 ") {
		t.Errorf("%v:\n%s", err, text)
	}
	text, err = run(t, r, "show bgp summary instance master")
	if err != nil || text != "BGP is not running\n" {
		t.Errorf("%v: %q", err, text)
	}
}
