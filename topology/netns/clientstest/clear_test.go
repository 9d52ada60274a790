package clientstest

import (
	"strconv"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// TestClear clears what there is to clear on routers that have converged: what
// was cleared is younger then, and comes back.
func TestClear(t *testing.T) {
	l := deploy(t, "testdata/protocols/protocols.clab.yml")
	cases := []struct{ node, do, ask, reply, element string }{
		{"r1", "clear bgp neighbor all", "show bgp summary", "bgp-information bgp-peer", "elapsed-time"},
		{"r1", "clear ospf3 neighbor", "show ospf3 neighbor", "ospf3-neighbor-information ospf3-neighbor", "neighbor-up-time"},
		{"r3", "clear isis adjacency all", "show isis adjacency extensive", "isis-adjacency-information isis-adjacency", "last-transition-time"},
		{"r1", "restart routing", "show bgp summary", "bgp-information bgp-peer", "elapsed-time"},
	}
	for _, c := range cases {
		t.Run(c.do, func(t *testing.T) {
			l := &lab{t, l.backend, l.Lab}
			up := func() int { return l.age(c.node, c.ask, strings.Fields(c.reply), c.element) }
			eventually(t, c.ask+" has been up for three seconds", func() bool { return up() >= 3 })
			before := up()
			_, err := l.cli(c.node, c.do)
			l.do(err)
			eventually(t, c.ask+" is up anew", func() bool { age := up(); return age >= 0 && age < before })
		})
	}
	t.Run("clear arp", func(t *testing.T) {
		l := &lab{t, l.backend, l.Lab}
		table, err := l.cli("r1", "show arp no-resolve")
		l.do(err)
		cleared, err := l.cli("r1", "clear arp")
		l.do(err)
		if n := strings.Count(cleared, " deleted\n"); n == 0 || !strings.Contains(table, "Total entries: "+strconv.Itoa(n)+"\n") {
			t.Errorf("%d entries were deleted of\n%s", n, table)
		}
	})
	t.Run("clear interfaces statistics", func(t *testing.T) {
		l := &lab{t, l.backend, l.Lab}
		_, err := l.cli("r1", "clear interfaces statistics all")
		l.do(err)
		out, err := l.cli("r1", "show interfaces ge-0/0/0 extensive | display xml")
		l.do(err)
		root, err := xmltree.Parse([]byte(out))
		l.do(err)
		packets := root.Child("interface-information").Child("physical-interface").Value("traffic-statistics", "output-packets")
		n, err := strconv.Atoi(packets)
		l.do(err)
		if sent := l.kernelCounters("r1")["ge-0/0/0"]["output-packets"]; uint64(n) >= sent {
			t.Errorf("%d packets sent since the counters were cleared, the kernel counted %d in all", n, sent)
		}
	})
}

// age is how many seconds the youngest of some elements of a reply has been
// up; -1 if there is none, or one is not up.
func (l *lab) age(node, ask string, path []string, element string) int {
	out, err := l.cli(node, ask+" | display xml")
	if err != nil {
		return -1
	}
	root, err := xmltree.Parse([]byte(out))
	if err != nil {
		return -1
	}
	youngest := -1
	for _, e := range root.Child(path[0]).All(path[1]) {
		state := e.Value("peer-state") + e.Value("ospf-neighbor-state") + e.Value("adjacency-state")
		seconds, err := strconv.Atoi(e.Child(element).Attr("seconds"))
		if err != nil || state != "Established" && state != "Full" && state != "Up" {
			return -1
		}
		if youngest < 0 || seconds < youngest {
			youngest = seconds
		}
	}
	return youngest
}
