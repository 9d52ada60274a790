package tally

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
)

// stacked is frames of layers named as in "vlan/ip/udp", with or without IPv6
// addresses to fill in, the transport's or network's last field varying.
func stacked(t testing.TB, kinds string, sizes ...int) *frame.Deck {
	t.Helper()
	s := trafficgen.Stream{Name: "s", Sizes: sizes, Layers: []trafficgen.Layer{{Kind: "eth"}},
		Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2")}
	if strings.Contains(kinds, "ipv6") {
		s.Src, s.Dst = netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	}
	for kind := range strings.SplitSeq(kinds, "/") {
		l := trafficgen.Layer{Kind: kind, Fields: map[string]trafficgen.Values{}}
		switch kind {
		case "udp", "tcp":
			l.Fields["sport"] = trafficgen.Values{From: "1024", Count: 5}
		case "icmp", "icmpv6":
			l.Fields["id"] = trafficgen.Values{From: "7", Count: 5}
		}
		s.Layers = append(s.Layers, l)
	}
	deck, err := frame.New(s, net.HardwareAddr{2, 0, 0, 0, 0, 1}, net.HardwareAddr{2, 0, 0, 0, 0, 2}, frame.ID{Run: run, Stream: 3})
	if err != nil {
		t.Fatal(err)
	}
	return deck
}

// readable are the stacks that are counted in the kernel.
var readable = []string{
	"ip/udp", "ip/tcp", "ip/icmp", "ipv6/udp", "ipv6/tcp", "ipv6/icmpv6",
	"vlan/ip/udp", "qinq/vlan/ip/tcp", "vlan/ipv6/udp", "qinq/vlan/ipv6/tcp", "vlan/ipv6/icmpv6",
	"mpls/ip/udp", "mpls/mpls/mpls/ipv6/tcp", "vlan/mpls/ip/icmp", "mpls/ipv6/udp",
	strings.Repeat("vlan/", frame.MaxShims) + "ip/tcp",
}

// Frames of every stack are counted as the model says, and are let pass when
// anything in them is wrong.
func TestStacks(t *testing.T) { kinds(t, stacksAreCounted) }

func stacksAreCounted(t *testing.T, native bool) {
	for i, stack := range readable {
		t.Run(stack, func(t *testing.T) {
			agree(t, native, stacked(t, stack, 128, 570, 128, 1518), rand.New(rand.NewPCG(uint64(i), 4)), 3000)
			deck := stacked(t, stack, 300)
			table, e := begun(t, native, deck, 10)
			damagedPass(t, table, deck.Card(0).Copy(make([]byte, 300), 0, time.Now().UnixNano()))
			if c := e.Counters(); c.Received != 1 { // see othersPass
				t.Errorf("%+v", c)
			}
			if counted(t, table, deck.Learning().Copy(make([]byte, 300), 0, 0)) {
				t.Error("a learning frame was counted")
			}
		})
	}
}

// A tag or label that a device on the way adds or takes off, and a packet that
// it translates, do not matter.
func TestStacksChangeOnTheWay(t *testing.T) { kinds(t, stacksChangeOnTheWay) }

func stacksChangeOnTheWay(t *testing.T, native bool) {
	from := stacked(t, "vlan/ip/udp", 200)
	table, e := begun(t, native, from, 10)
	bytes := from.Card(0).Copy(make([]byte, 300), 0, time.Now().UnixNano())
	untagged := append(append([]byte(nil), bytes[:12]...), bytes[16:]...)
	labelled := append(append(append([]byte(nil), bytes[:12]...), 0x88, 0x47, 0, 1, 1, 64), bytes[18:]...)
	if !counted(t, table, untagged) || !counted(t, table, labelled) || !counted(t, table, bytes) {
		t.Error("it was let pass")
	}
	none := append([]byte(nil), untagged...)
	none[40], none[41] = 0, 0 // no checksum, as a translator may leave it
	if !counted(t, table, none) {
		t.Error("a datagram without a checksum was let pass")
	}
	if c := e.Counters(); c.Received != 1 || c.Duplicate != 3 {
		t.Errorf("%+v", c)
	}
}

// Stacks that the program does not read are refused; this process counts them.
func TestOtherStacksAreRefused(t *testing.T) { kinds(t, otherStacksAreRefused) }

func otherStacksAreRefused(t *testing.T, native bool) {
	for _, stack := range []string{"ip/udp/vxlan/eth/ip/udp", "ip/gre/ip/udp", "ip/ip/udp", "ip", "arp", "ipv6/hopopts/udp",
		strings.Repeat("mpls/", frame.MaxShims+1) + "ip/udp"} {
		table := load(t, native, Spec{Stream: 3, Span: 64, Half: half, Buckets: buckets})
		if table.Entry(3).Begin(stacked(t, stack, 300)) {
			t.Errorf("%s was taken", stack)
		}
	}
}
