package tally

import (
	"encoding/binary"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
)

// streamOf is a stream of layers named as in "vlan/ip/udp" or "ip+options/udp",
// fields of the transports varying.
func streamOf(kinds string) trafficgen.Stream {
	s := trafficgen.Stream{Name: "s", Layers: []trafficgen.Layer{{Kind: "eth"}},
		Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2")}
	for kind := range strings.SplitSeq(kinds, "/") {
		kind, more, _ := strings.Cut(kind, "+")
		l := trafficgen.Layer{Kind: kind, Fields: map[string]trafficgen.Values{}}
		switch more {
		case "options":
			l.Fields["options"] = trafficgen.Only("940400000101") // router alert, two no-operations
		case "most":
			l.Fields["options"] = trafficgen.Only(strings.Repeat("01", 40))
		case "key":
			l.Fields["key"] = trafficgen.Only("7")
		case "keyseq":
			l.Fields["key"], l.Fields["seq"] = trafficgen.Only("7"), trafficgen.Only("8")
		}
		switch kind {
		case "udp", "tcp":
			l.Fields["sport"] = trafficgen.Values{From: "1024", Count: 5}
		case "ipv6":
			l.Fields["src"], l.Fields["dst"] = trafficgen.Only("2001:db8::1"), trafficgen.Only("2001:db8::2")
		case "icmp", "icmpv6":
			l.Fields["id"] = trafficgen.Values{From: "7", Count: 5}
		}
		s.Layers = append(s.Layers, l)
	}
	return s
}

// stacked are such frames of some sizes.
func stacked(t testing.TB, kinds string, sizes ...int) *frame.Deck {
	t.Helper()
	s := streamOf(kinds)
	s.Sizes = sizes
	deck, err := frame.New(s, net.HardwareAddr{2, 0, 0, 0, 0, 1}, net.HardwareAddr{2, 0, 0, 0, 0, 2}, frame.ID{Run: run, Stream: 3})
	if err != nil {
		t.Fatal(err)
	}
	return deck
}

// readable are the stacks that every program counts, deep those that some do.
var readable = []string{
	"ip/udp", "ip/tcp", "ip/icmp", "ipv6/udp", "ipv6/tcp", "ipv6/icmpv6",
	"vlan/ip/udp", "qinq/vlan/ip/tcp", "vlan/ipv6/udp", "qinq/vlan/ipv6/tcp", "vlan/ipv6/icmpv6",
	"mpls/ip/udp", "mpls/mpls/mpls/ipv6/tcp", "vlan/mpls/ip/icmp", "mpls/ipv6/udp",
	strings.Repeat("vlan/", 8) + "ip/tcp",
}

var deep = []string{
	strings.Repeat("mpls/", 9) + "ip/tcp",
	"ip/udp/vxlan/eth/ip/udp", "vlan/ip/udp/vxlan/eth/vlan/ipv6/tcp", "ipv6/udp/vxlan/eth/ip/icmp", "ipv6/udp/vxlan/eth/ipv6/udp",
	"ip/gre/ip/udp", "ip/gre+key/ipv6/tcp", "ipv6/gre+keyseq/ip/tcp", "ip/gre/eth/vlan/ip/udp", "vlan/ip/gre/mpls/mpls/ip/udp", "mpls/ip/gre/ipv6/icmpv6",
	"ip/ip/udp", "ip/ipv6/tcp", "ipv6/ip/icmp", "ipv6/ipv6/udp", "ip/gre/ip/udp/vxlan/eth/ip/udp", "ip/ip/ip/udp",
	"ip+options/udp", "vlan/ip+most/udp", "ip+options/tcp", "ip+most/icmp", "ip+options/udp/vxlan/eth/ip+options/tcp", "ip+options/gre/ip+options/udp",
}

// stacks are those that a program counts.
func (v variant) stacks() []string {
	if v.deep {
		return append(slices.Clone(deep), readable...)
	}
	return readable
}

// Those that have tunnels or options in them are known to need the program that
// looks into them.
func TestDeep(t *testing.T) {
	for want, stacks := range map[bool][]string{false: readable, true: deep} {
		for _, stack := range stacks {
			if got := frame.Deep(streamOf(stack)); got != want {
				t.Errorf("%s: deep %v", stack, got)
			}
		}
	}
	if !frame.Deep(trafficgen.Stream{Capture: "frames.pcap"}) || frame.Deep(trafficgen.Stream{}) {
		t.Error("frames of a capture may be deep, plain ones are not")
	}
}

// Frames of every stack are counted as the model says, and are let pass when
// anything in them is wrong.
func TestStacks(t *testing.T) { kinds(t, stacksAreCounted) }

func stacksAreCounted(t *testing.T, v variant) {
	for i, stack := range v.stacks() {
		t.Run(stack, func(t *testing.T) {
			agree(t, v, stacked(t, stack, 228, 570, 228, 1518), rand.New(rand.NewPCG(uint64(i), 4)), 3000)
			deck := stacked(t, stack, 300)
			table, e := begun(t, v, deck, 10)
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

// A tag, label or tunnel that a device on the way adds or takes off, and a
// packet that it translates, do not matter.
func TestStacksChangeOnTheWay(t *testing.T) { kinds(t, stacksChangeOnTheWay) }

func stacksChangeOnTheWay(t *testing.T, v variant) {
	from := stacked(t, "vlan/ip/udp", 200)
	table, e := begun(t, v, from, 10)
	bytes := from.Card(0).Copy(make([]byte, 300), 0, time.Now().UnixNano())
	untagged := append(append([]byte(nil), bytes[:12]...), bytes[16:]...)
	labelled := append(append(append([]byte(nil), bytes[:12]...), 0x88, 0x47, 0, 1, 1, 64), bytes[18:]...)
	if !counted(t, table, untagged) || !counted(t, table, labelled) || !counted(t, table, bytes) {
		t.Error("it was let pass")
	}
	tunnelled := append(stacked(t, "ip/udp/vxlan/eth/ip/udp", 250).Card(0).Copy(make([]byte, 300), 0, 0)[:50], untagged...)
	binary.BigEndian.PutUint16(tunnelled[16:], uint16(len(tunnelled)-14)) // of the outer packet
	binary.BigEndian.PutUint16(tunnelled[38:], uint16(len(tunnelled)-34)) // and datagram
	copies := uint64(3)
	if counted(t, table, tunnelled) != v.deep {
		t.Errorf("what a device has put into a tunnel was let pass: %v", v.deep)
	} else if v.deep {
		copies++
	}
	none := append([]byte(nil), untagged...)
	none[40], none[41] = 0, 0 // no checksum, as a translator may leave it
	if !counted(t, table, none) {
		t.Error("a datagram without a checksum was let pass")
	}
	if c := e.Counters(); c.Received != 1 || c.Duplicate != copies {
		t.Errorf("%+v", c)
	}
}

// Whatever becomes of a frame, of its headers above all, the program counts it
// only where the reader would.
func TestStacksMutated(t *testing.T) { kinds(t, stacksMutated) }

func stacksMutated(t *testing.T, v variant) {
	rng := rand.New(rand.NewPCG(9, 9))
	for _, stack := range v.stacks() {
		deck := stacked(t, stack, 228)
		table, _ := begun(t, v, deck, 10)
		whole := deck.Card(0).Copy(make([]byte, 300), 0, 1)
		for range 800 {
			b := append([]byte(nil), whole...)
			for range 1 + rng.IntN(4) {
				b[rng.IntN(len(b)-60)] = []byte{0, 1, 4, 6, 17, 47, 0x45, 0x46, 0x60, 0x65, 0x88, 0xff, byte(rng.Uint32())}[rng.IntN(13)]
			}
			if rng.IntN(4) == 0 {
				b = b[:14+rng.IntN(len(b)-14)]
			}
			if sig, verdict := frame.Parse(b); counted(t, table, b) && (verdict != frame.Whole || sig.Run != run || sig.Stream != 3 || sig.Learning) {
				t.Fatalf("%s: counted, though the reader says %d of it: % x", stack, verdict, b)
			}
		}
	}
}

// Stacks that the program does not read are refused; this process counts them.
func TestOtherStacksAreRefused(t *testing.T) { kinds(t, otherStacksAreRefused) }

func otherStacksAreRefused(t *testing.T, v variant) {
	for _, stack := range []string{"ip", "arp", "ip/gre", "ipv6/hopopts/udp", "ip/ip/ip/ip/udp", "ip/udp/vxlan/eth/arp",
		"ip+most/udp/vxlan/eth/ip+most/udp"} { // too long
		table := load(t, v, Spec{Stream: 3, Span: 64, Half: half, Buckets: buckets})
		if table.Entry(3).Begin(stacked(t, stack, 300)) {
			t.Errorf("%s was taken", stack)
		}
	}
}
