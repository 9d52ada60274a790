package frame

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/ccl-lab/ccl/trafficgen"
)

var (
	macA = net.HardwareAddr{2, 0, 0, 0, 0, 0xa}
	macB = net.HardwareAddr{2, 0, 0, 0, 0, 0xb}
)

func stream(v6 bool, size int) trafficgen.Stream {
	s := trafficgen.Stream{
		Name: "s", Size: size, DSCP: 46, TTL: 17,
		Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.9.2"),
	}
	if v6 {
		s.Src, s.Dst = netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8:9::2")
	}
	return s
}

func deal(t testing.TB, s trafficgen.Stream, id ID) *Deck {
	t.Helper()
	deck, err := New(s, macA, macB, id)
	if err != nil {
		t.Fatal(err)
	}
	return deck
}

func card(t testing.TB, s trafficgen.Stream, id ID) *Card { return deal(t, s, id).Card(0) }

// Frames of every size and both families carry what was asked, as an
// independent decoder reads them, with checksums a receiver accepts.
func TestFrameIsWhatWasAsked(t *testing.T) {
	for _, v6 := range []bool{false, true} {
		for _, size := range []int{64, 84, 85, 86, 87, 90, 91, 128, 256, 512, 1024, 1280, 1518, 9018} {
			if v6 && size < MinSizeIPv6 {
				continue
			}
			t.Run(fmt.Sprintf("v6=%v/%d", v6, size), func(t *testing.T) { checkFrame(t, stream(v6, size)) })
		}
	}
}

// Source ports step with the sequence; every frame is whole.
func TestFlows(t *testing.T) {
	for _, tc := range []struct {
		v6          bool
		flows, port uint16
	}{{false, 100, 7000}, {true, 3, 0}, {false, 1, 0xffff}, {false, 0, 5}, {true, 0x4000, 0xc000}} {
		s := stream(tc.v6, 200)
		s.Flows, s.SrcPort = int(tc.flows), tc.port
		first, n := uint32(or(tc.port, DefaultSrcPort)), uint32(max(tc.flows, 1))
		deck := deal(t, s, ID{Run: 7, Stream: 1})
		if deck.Len() != int(n) || !uniform(deck) {
			t.Fatalf("a deck of %d cards, uniform %v; want %d that are", deck.Len(), uniform(deck), n)
		}
		buf := make([]byte, 196)
		for seq := range uint32(1000) {
			deck.For(uint64(seq)).Copy(buf, seq, int64(seq)*1e12)
			p := gopacket.NewPacket(buf, layers.LayerTypeEthernet, gopacket.NoCopy)
			udp := p.Layer(layers.LayerTypeUDP).(*layers.UDP)
			if want := layers.UDPPort(first + seq%n); udp.SrcPort != want {
				t.Fatalf("frame %d of %d flows has source port %d, want %d", seq, n, udp.SrcPort, want)
			}
			if sig, v := Parse(buf); v != Whole || sig.Seq != seq || udp.Checksum == 0 {
				t.Fatalf("frame %d: %v %+v", seq, v, sig)
			}
		}
		if sig, v := Parse(deck.Learning().Copy(buf, 3, 4)); v != Whole || !sig.Learning {
			t.Errorf("a learning frame is %v %+v", v, sig)
		}
	}
}

func checkFrame(t *testing.T, s trafficgen.Stream) {
	c := card(t, s, ID{Run: 77, Stream: 5})
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC).UnixNano()
	b := c.Copy(make([]byte, 9500), 0xdeadbeef, at)
	if len(b) != s.Size-FCSLen || c.Len() != len(b) {
		t.Fatalf("length %d, want %d", len(b), s.Size-FCSLen)
	}
	sig, v := Parse(b)
	if want := (Signature{ID: ID{77, 5}, Seq: 0xdeadbeef, Sent: at}); v != Whole || sig != want {
		t.Fatalf("Parse = %+v, %v; want %+v", sig, v, want)
	}
	p := gopacket.NewPacket(b, layers.LayerTypeEthernet, gopacket.Default)
	if p.ErrorLayer() != nil {
		t.Fatal(p.ErrorLayer().Error())
	}
	udp := p.Layer(layers.LayerTypeUDP).(*layers.UDP)
	if udp.SrcPort != DefaultSrcPort || udp.DstPort != DefaultDstPort || int(udp.Length) != len(udp.Payload)+8 {
		t.Errorf("UDP %v", udp)
	}
	var tos, ttl uint8
	switch n := p.NetworkLayer().(type) {
	case *layers.IPv4:
		tos, ttl = n.TOS, n.TTL
	case *layers.IPv6:
		tos, ttl = n.TrafficClass, n.HopLimit
	}
	if tos != 46<<2 || ttl != 17 {
		t.Errorf("DSCP byte %#x TTL %d", tos, ttl)
	}
	want := udp.Checksum
	if got := recomputed(t, p); got != want {
		t.Errorf("UDP checksum %#04x, an independent sum gives %#04x", want, got)
	}
}

// recomputed lets gopacket compute the UDP checksum from scratch.
func recomputed(t *testing.T, p gopacket.Packet) uint16 {
	t.Helper()
	udp := *p.Layer(layers.LayerTypeUDP).(*layers.UDP)
	if err := udp.SetNetworkLayerForChecksum(p.NetworkLayer()); err != nil {
		t.Fatal(err)
	}
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, serializing, &udp, gopacket.Payload(udp.Payload)); err != nil {
		t.Fatal(err)
	}
	b := buf.Bytes()
	return uint16(b[6])<<8 | uint16(b[7])
}

// The incremental checksum equals the full one for random sequences and times,
// and is never the zero that means "none".
func TestIncrementalChecksum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []*Card{
		card(t, stream(false, 64), ID{1, 1}), card(t, stream(true, 84), ID{2, 3}),
		deal(t, stream(false, 1518), ID{1, 1}).Learning(),
	} {
		buf := c.Copy(make([]byte, 2000), 0, 0)
		for range 200_000 {
			c.Patch(buf, rng.Uint32(), int64(rng.Uint64()))
			if _, v := Parse(buf); v != Whole {
				t.Fatalf("%x is not whole", buf)
			}
			if buf[c.csum] == 0 && buf[c.csum+1] == 0 {
				t.Fatal("checksum 0")
			}
		}
	}
}

func TestLearning(t *testing.T) {
	deck := deal(t, stream(false, 64), ID{9, 8})
	sig, v := Parse(deck.Learning().Copy(make([]byte, 64), 3, 4))
	if want := (Signature{ID: ID{9, 8}, Learning: true, Seq: 3, Sent: 4}); v != Whole || sig != want {
		t.Errorf("%+v %v, want %+v", sig, v, want)
	}
	if sig, _ := Parse(deck.Card(0).Copy(make([]byte, 64), 3, 4)); sig.Learning {
		t.Error("the deck itself was changed")
	}
}

// Every single flipped bit behind the addresses' headers is noticed.
func TestDamage(t *testing.T) {
	for _, size := range []int{64, 200} {
		c := card(t, stream(false, size), ID{1, 1})
		good := c.Copy(make([]byte, size), 7, 8)
		for bit := (c.sig - UDPLen) * 8; bit < len(good)*8; bit++ {
			b := bytes.Clone(good)
			b[bit/8] ^= 1 << (bit % 8)
			if sig, v := Parse(b); v == Whole {
				t.Fatalf("size %d, bit %d flipped: whole, %+v", size, bit, sig)
			}
		}
		for n := range good {
			if _, v := Parse(good[:n]); v == Whole {
				t.Fatalf("size %d cut to %d bytes: whole", size, n)
			}
		}
	}
	// A swap of two words keeps the 16-bit sum; the CRC must notice.
	c := card(t, stream(false, 200), ID{1, 1})
	b := c.Copy(make([]byte, 200), 7, 8)
	b[100], b[101], b[102], b[103] = b[102], b[103], b[100], b[101]
	if _, v := Parse(b); v != Damaged {
		t.Errorf("swapped words: %v, want damaged", v)
	}
}

func TestParseSkipsTagsAndPadding(t *testing.T) {
	c := card(t, stream(false, 64), ID{1, 2})
	b := c.Copy(make([]byte, 64), 7, 8)
	tagged := append(bytes.Clone(b[:12]), 0x88, 0xa8, 0, 5, 0x81, 0, 0, 6)
	tagged = append(append(tagged, b[12:]...), 0, 0, 0, 0) // and trailing padding
	if sig, v := Parse(tagged); v != Whole || sig.Seq != 7 {
		t.Errorf("%+v %v", sig, v)
	}
}

func TestRefusals(t *testing.T) {
	mixed := stream(false, 64)
	mixed.Dst = netip.MustParseAddr("::1")
	noSrc := stream(false, 64)
	noSrc.Src = netip.Addr{}
	dscp := stream(false, 64)
	dscp.DSCP = 64
	flows := stream(false, 64)
	flows.SrcPort, flows.Flows = 65000, 537
	for _, tc := range []struct {
		s    trafficgen.Stream
		id   ID
		want string
	}{
		{stream(false, 63), ID{1, 1}, "frame size 63 is not within 64 to 9216 bytes (FCS included) for IPv4"},
		{stream(true, 64), ID{1, 1}, "frame size 64 is not within 84 to 9216 bytes (FCS included) for IPv6"},
		{stream(false, 9217), ID{1, 1}, "frame size 9217"},
		{mixed, ID{1, 1}, "not of one address family"},
		{noSrc, ID{1, 1}, "must both be known"},
		{dscp, ID{1, 1}, "DSCP 64"},
		{flows, ID{1, 1}, "537 flows from source port 65000 on go beyond port 65535"},
		{stream(false, 64), ID{1, 0}, "number 0"},
		{stream(false, 64), ID{1, 0x8000}, "number 32768"},
	} {
		_, err := New(tc.s, macA, macB, tc.id)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("error %v, want %q", err, tc.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range []*Card{card(f, stream(false, 64), ID{1, 2}), card(f, stream(true, 200), ID{3, 4})} {
		f.Add(c.Copy(make([]byte, 300), 7, 8))
	}
	for _, text := range stacks {
		f.Add(card(f, layered(text, 200), ID{1, 2}).Copy(make([]byte, 200), 7, 8))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		sig, v := Parse(b)
		if v == Foreign && sig != (Signature{}) {
			t.Errorf("foreign, but %+v", sig)
		}
		if !bytes.Equal(before, b) {
			t.Error("the input was changed")
		}
	})
}

func FuzzControl(f *testing.F) {
	for _, target := range []string{"10.0.0.2", "2001:db8::2"} {
		a := netip.MustParseAddr(target)
		b, err := Solicit(macA, a.Prev(), a)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		n, _ := ParseNeighbor(b)
		if b, err = Advertise(n, macB); err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	echo := serialize(
		&layers.Ethernet{SrcMAC: macA, DstMAC: macB, EthernetType: layers.EthernetTypeIPv4},
		&layers.IPv4{Version: 4, TTL: 9, Protocol: layers.IPProtocolICMPv4, SrcIP: net.IP{10, 0, 0, 1}, DstIP: net.IP{10, 0, 0, 2}},
		&layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(layers.ICMPv4TypeEchoRequest, 0), Id: 1, Seq: 2}, gopacket.Payload("abc"))
	if EchoReply(echo, macB, func(a netip.Addr) bool { return a == netip.MustParseAddr("10.0.0.2") }) == nil {
		f.Fatal("no reply to an echo request")
	}
	f.Add(echo)
	f.Fuzz(func(t *testing.T, b []byte) {
		if r := EchoReply(b, macB, func(netip.Addr) bool { return true }); r != nil && !bytes.Equal(r[:6], b[6:12]) {
			t.Errorf("an echo of %x is sent to %x", b, r[:6])
		}
		n, ok := ParseNeighbor(b)
		if ok && !n.Solicit && len(n.MAC) != 6 {
			t.Errorf("an answer without a hardware address: %+v", n)
		}
		if ok && n.Solicit {
			if _, err := Advertise(n, macB); err != nil && n.Sender.Is4() == n.Target.Is4() {
				t.Errorf("no answer to %+v: %v", n, err)
			}
		}
	})
}

func TestNeighborRoundTrip(t *testing.T) {
	for _, tc := range []struct{ src, target string }{{"10.0.0.1", "10.0.0.2"}, {"2001:db8::1", "fe80::12:3456"}} {
		src, target := netip.MustParseAddr(tc.src), netip.MustParseAddr(tc.target)
		q, err := Solicit(macA, src, target)
		if err != nil {
			t.Fatal(err)
		}
		n, ok := ParseNeighbor(q)
		if !ok || !n.Solicit || n.Sender != src || n.Target != target || n.MAC.String() != macA.String() {
			t.Fatalf("question %+v %v", n, ok)
		}
		a, err := Advertise(n, macB)
		if err != nil {
			t.Fatal(err)
		}
		r, ok := ParseNeighbor(a)
		if !ok || r.Solicit || r.Sender != target || r.Target != src || r.MAC.String() != macB.String() {
			t.Errorf("answer %+v %v", r, ok)
		}
		if !bytes.Equal(a[:6], macA) {
			t.Errorf("answered to %v, asked by %v", net.HardwareAddr(a[:6]), macA)
		}
	}
}

func TestDuplicateAddressDetectionIsAnswered(t *testing.T) {
	q := Neighbor{Solicit: true, Sender: netip.IPv6Unspecified(), Target: netip.MustParseAddr("2001:db8::1")}
	b, err := Advertise(q, macB)
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := ParseNeighbor(b); !ok || n.Target != allNodes || n.Sender != q.Target {
		t.Errorf("%+v %v", n, ok)
	}
}

func TestHotPathAllocatesNothing(t *testing.T) {
	c := card(t, stream(false, 512), ID{1, 2})
	buf := c.Copy(make([]byte, 600), 0, 0)
	if n := testing.AllocsPerRun(100, func() {
		c.Patch(buf, 5, 6)
		c.Copy(buf, 5, 6)
		Parse(buf)
		IsControl(buf)
	}); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

func BenchmarkPatch(b *testing.B) {
	c := card(b, stream(false, 64), ID{1, 2})
	buf := c.Copy(make([]byte, 64), 0, 0)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c.Patch(buf, uint32(i), int64(i))
	}
}

func BenchmarkParse(b *testing.B) {
	for _, size := range []int{64, 1518} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			c := card(b, stream(false, size), ID{1, 2})
			buf := c.Copy(make([]byte, size), 0, 0)
			b.ReportAllocs()
			for b.Loop() {
				if _, v := Parse(buf); v != Whole {
					b.Fatal(v)
				}
			}
		})
	}
}

// uniform says that all cards are plain (Card.Plain) and the same from the
// signature on: they differ in addresses and ports at most.
func uniform(d *Deck) bool {
	first := d.cards[0].Plain()
	for i := range d.cards {
		udp := d.cards[i].Plain()
		if udp == nil || !bytes.Equal(udp[UDPLen:], first[UDPLen:]) {
			return false
		}
	}
	return true
}
