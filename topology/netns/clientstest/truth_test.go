package clientstest

import (
	gocmp "cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// TestTruth holds what the routers of the ring say against what FRR and the
// kernel say of themselves: while they converge, and while links and processes
// fail and come back.
func TestTruth(t *testing.T) {
	l := deploy(t, "../../../labs/ring/ring.clab.yml")
	whole := func(r1 facts) bool {
		bothWays := strings.Count(r1["route 10.1.3.0/24"], " via ") == 2
		return bothWays && r1.count("ospf ", "Full") == 2 && r1.count("bgp ", "Established") == 3
	}
	l.agreeUntil("r1 has converged", whole)
	l.counters()

	end, ok := l.Topology.Endpoint("r1:ge-0/0/0")
	if !ok {
		t.Fatal("r1:ge-0/0/0 has no link")
	}
	l.do(l.backend.SetLink(t.Context(), l.Name, end, false))
	l.agreeUntil("r1 has lost a neighbor", func(r1 facts) bool { return r1.count("ospf ", "Full") == 1 })
	l.counters()
	l.do(l.backend.SetLink(t.Context(), l.Name, end, true))
	l.agreeUntil("the link is back", whole)

	l.do(l.backend.Kill(t.Context(), l.Name, "r1", "bgpd"))
	l.agreeUntil("bgpd is dead", func(r1 facts) bool { return r1["bgp"] == notRunning })
	l.counters()
	l.do(l.backend.Start(t.Context(), l.Name, "r1", "bgpd"))
	l.agreeUntil("bgpd is back", whole)
	l.counters()
}

// TestTruthOfProtocols does the same where IS-IS, OSPFv3 and BGP for IPv6 run.
func TestTruthOfProtocols(t *testing.T) {
	l := deploy(t, "testdata/protocols/protocols.clab.yml")
	whole := func(r1 facts) bool {
		far := l.truth("r3")
		return r1.count("bgp ", "Established") == 2 && r1.count("ospf3 ", "Full") == 1 && far.count("isis ", "Up") == 1 &&
			far.count("route ", "BGP/170") == 3 && far.count("route6 ", "BGP/170") == 2
	}
	l.agreeUntil("r3 has the routes of r1", whole)

	end, ok := l.Topology.Endpoint("r3:ge-0/0/0")
	if !ok {
		t.Fatal("r3:ge-0/0/0 has no link")
	}
	l.do(l.backend.SetLink(t.Context(), l.Name, end, false))
	l.agreeUntil("r3 is alone", func(facts) bool { return l.truth("r3").count("isis ", "Up") == 0 })
	l.counters()
	l.do(l.backend.SetLink(t.Context(), l.Name, end, true))
	l.agreeUntil("the link is back", whole)

	l.do(l.backend.Kill(t.Context(), l.Name, "r2", "isisd"))
	l.agreeUntil("isisd is dead", func(facts) bool { return l.truth("r2")["isis"] == notRunning })
	l.do(l.backend.Start(t.Context(), l.Name, "r2", "isisd"))
	l.agreeUntil("isisd is back", whole)
	l.counters()
}

func (l *lab) do(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// agreeUntil compares every router with its FRR and kernel again and again,
// until what is true of r1 fulfils a condition and has been compared.
func (l *lab) agreeUntil(what string, done func(r1 facts) bool) {
	l.Helper()
	compared, passing := 0, 0
	eventually(l.T, what, func() bool {
		r1 := l.agree("r1", &compared, &passing)
		for _, r := range l.Routers() {
			if r.Name != "r1" {
				l.agree(r.Name, &compared, &passing)
			}
		}
		return r1 != nil && done(r1)
	})
	if compared == 0 {
		l.Errorf("%s: nothing was compared", what)
	}
	l.Logf("until %s: %d comparisons, %d dropped because the truth changed meanwhile", what, compared, passing)
}

// agree compares one router and returns what is true of it, or nil if that
// changed while the router was asked.
func (l *lab) agree(node string, compared, passing *int) facts {
	l.Helper()
	before := l.truth(node)
	said := l.said(node)
	if !cmp.Equal(before, l.truth(node)) {
		*passing++
		return nil
	}
	*compared++
	if diff := cmp.Diff(before, said); diff != "" {
		l.Fatalf("%s does not tell the truth (-true +said):\n%s", node, diff)
	}
	return before
}

// Facts are sentences about a router: "ospf 10.255.0.2 ge-0/0/0.0" is "Full".
type facts map[string]string

const notRunning = "not running"

// count counts the facts of a kind with a word in them.
func (f facts) count(kind, word string) int {
	n := 0
	for name, value := range f {
		if strings.HasPrefix(name, kind) && strings.Contains(value, word) {
			n++
		}
	}
	return n
}

// said is what the router says.
func (l *lab) said(node string) facts {
	l.Helper()
	f := facts{}
	ask := func(command, reply string) *xmltree.Element {
		out, err := l.cli(node, command+" | display xml")
		l.do(err)
		root, err := xmltree.Parse([]byte(out))
		l.do(err)
		return root.Child(reply)
	}
	for protocol, reply := range map[string]string{"ospf": "ospf-neighbor-information", "ospf3": "ospf3-neighbor-information"} {
		known := ask("show "+protocol+" neighbor", reply)
		if known == nil {
			f[protocol] = notRunning
		}
		for _, n := range known.All(protocol + "-neighbor") {
			f[protocol+" "+n.Value("neighbor-id")+" "+n.Value("interface-name")] = n.Value("ospf-neighbor-state")
		}
	}
	isis := ask("show isis adjacency", "isis-adjacency-information")
	if isis == nil {
		f["isis"] = notRunning
	}
	for _, a := range isis.All("isis-adjacency") {
		f["isis "+a.Value("system-name")+" "+a.Value("interface-name")] = a.Value("adjacency-state") + " level " + a.Value("level")
	}
	if bgp := ask("show bgp summary", "bgp-information"); bgp == nil {
		f["bgp"] = notRunning
	} else {
		for _, p := range bgp.All("bgp-peer") {
			// Junos shows no table of a session that is down.
			accepted := gocmp.Or(p.Value("bgp-rib", "accepted-prefix-count"), "0")
			f["bgp "+p.Value("peer-address")] = p.Value("peer-state") + " " + accepted
			if received := p.Value("bgp-rib", "received-prefix-count"); received != "" {
				f["bgp "+p.Value("peer-address")] += " of " + received
			}
		}
	}
	for _, p := range ask("show bgp neighbor", "bgp-information").All("bgp-peer") {
		for _, rib := range p.All("bgp-rib") {
			address, _, _ := strings.Cut(p.Value("peer-address"), "+")
			f["bgp advertised to "+address] = rib.Value("advertised-prefix-count")
		}
	}
	for _, i := range ask("show interfaces terse", "interface-information").All("physical-interface") {
		if i.Value("name") != "lo0" {
			f["interface "+i.Value("name")] = i.Value("admin-status") + " " + i.Value("oper-status")
		}
	}
	for _, table := range ask("show route table inet.0 active-path", "route-information").All("route-table") {
		for _, rt := range table.All("rt") {
			f.route(rt)
		}
	}
	for _, table := range ask("show route table inet6.0 active-path", "route-information").All("route-table") {
		for _, rt := range table.All("rt") {
			f.route6(rt)
		}
	}
	f.forwarding(ask("show route forwarding-table", "forwarding-table-information"))
	return f
}

// route6 notes an active route of IPv6.
func (f facts) route6(rt *xmltree.Element) {
	e, destination := rt.Child("rt-entry"), rt.Value("rt-destination")
	protocol := e.Value("protocol-name")
	if protocol == "Local" || protocol == "Direct" && strings.HasSuffix(destination, "/128") || strings.HasPrefix(destination, "fe80:") {
		return
	}
	var vias []string
	for _, nh := range e.All("nh") {
		to := nh.Value("to")
		if protocol == "BGP" {
			to = ""
		}
		vias = append(vias, strings.TrimSpace(to+" via "+nh.Value("via")))
	}
	if kind := e.Value("nh-type"); kind != "" {
		vias = append(vias, kind)
	}
	slices.Sort(vias)
	f["route6 "+destination] = protocol + "/" + e.Value("preference") + " " + strings.Join(vias, ", ")
}

// route notes an active route. The kernel keeps those to the router's own
// addresses in another table, which FRR does not manage.
func (f facts) route(rt *xmltree.Element) {
	e := rt.Child("rt-entry")
	protocol := e.Value("protocol-name")
	if protocol == "Local" || protocol == "Direct" && strings.HasSuffix(rt.Value("rt-destination"), "/32") {
		return
	}
	var hops []string
	for _, nh := range e.All("nh") {
		hops = append(hops, strings.TrimSpace(nh.Value("to")+" via "+nh.Value("via")))
	}
	if kind := e.Value("nh-type"); kind != "" {
		hops = append(hops, kind)
	}
	f["route "+rt.Value("rt-destination")] = sentence(protocol, e.Value("preference"), hops)
}

// counters checks that the counters a router reports lie between the kernel's
// before and after.
func (l *lab) counters() {
	l.Helper()
	for _, r := range l.Routers() {
		before := l.kernelCounters(r.Name)
		out, err := l.cli(r.Name, "show interfaces extensive | display xml")
		l.do(err)
		after := l.kernelCounters(r.Name)
		root, err := xmltree.Parse([]byte(out))
		l.do(err)
		seen := 0
		for _, i := range root.Child("interface-information").All("physical-interface") {
			name := i.Value("name")
			for counter, low := range before[name] {
				var got uint64
				_, err := fmt.Sscan(i.Value("traffic-statistics", counter), &got)
				if err != nil || got < low || got > after[name][counter] {
					l.Errorf("%s %s %s: %d (%v), the kernel counted %d to %d", r.Name, name, counter, got, err, low, after[name][counter])
				}
				seen++
			}
		}
		if ports := len(l.Topology.Ports(r.Name)); seen < 4*ports {
			l.Errorf("%s: %d counters were compared", r.Name, seen)
		}
	}
}

// junosNames are the Junos names of a router's ports by their kernel names.
func junosNames(t *topology.Topology, node string) map[string]string {
	names := map[string]string{"lo": "lo0"}
	for _, p := range t.Ports(node) {
		names[p.Device] = p.Interface
	}
	return names
}
