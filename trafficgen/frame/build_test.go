package frame

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/ccl-lab/ccl/trafficgen"
)

// stackOf reads a stack in a short notation: "vlan id=100 / ip dst=10.0.0.1,10.0.0.2 / udp".
// A value a..b×n is n values from a to b, drawn; a+s×n n values from a by s.
func stackOf(text string) []trafficgen.Layer {
	var stack []trafficgen.Layer
	for part := range strings.SplitSeq(text, " / ") {
		words := strings.Fields(part)
		l := trafficgen.Layer{Kind: words[0], Fields: map[string]trafficgen.Values{}}
		for _, w := range words[1:] {
			name, value, _ := strings.Cut(w, "=")
			v := trafficgen.Values{List: strings.Split(value, ",")}
			if name == "flags" {
				v.List = []string{value}
			}
			if series, count, ok := strings.Cut(value, "×"); ok {
				v = trafficgen.Values{Seed: 7}
				_, _ = fmt.Sscan(count, &v.Count)
				if from, to, ok := strings.Cut(series, ".."); ok {
					v.From, v.To = from, to
				} else {
					v.From, v.Step, _ = strings.Cut(series, "+")
				}
			}
			l.Fields[name] = v
		}
		stack = append(stack, l)
	}
	return stack
}

// stacks are what testers send.
var stacks = []string{
	"eth / ip / udp",
	"eth / ipv6 / udp",
	"eth / vlan id=100 pcp=3 / ip dscp=46 ecn=1 / udp",
	"eth / qinq id=200 dei=1 / vlan id=100 / ipv6 flow-label=77 / tcp flags=syn,ack seq=9",
	"eth / mpls label=100 tc=5 ttl=9 / mpls label=101 / ip / udp",
	"eth / mpls / ipv6 / icmpv6 id=4",
	"eth / mpls label=500 / eth / vlan / ip / udp",
	"eth / ip options=94040000 / udp",
	"eth / ip options=0101 df=0 id=5 / tcp flags=fin window=5",
	"eth / ip / icmp id=3 seq=4",
	"eth / ip / icmp type=0",
	"eth / ip / gre / ip / udp",
	"eth / ip / gre key=77 seq=3 / eth / ipv6 / tcp",
	"eth / ip / gre proto=0x88b6",
	"eth / ip / gre / mpls / ip / icmp",
	"eth / ip / udp / vxlan vni=5000 / eth / ip / udp",
	"eth / ipv6 / udp sport=1 / vxlan / eth / vlan / ipv6 / tcp",
	"eth / ip / udp / vxlan / eth type=0x88b6",
	"eth / ipv6 / hopopts / udp",
	"eth / ipv6 / hopopts options=05020000 / dstopts options=1e03010203 / tcp",
	"eth / ip src=192.0.2.1 dst=192.0.2.2 / ip / udp",
	"eth / ip / ipv6 / udp",
	"eth / ipv6 / ip / icmp",
	"eth / arp op=2 sender=10.1.1.1 target=10.1.1.2",
	"eth",
	"eth type=0x88b6 / raw bytes=deadbeef",
	"eth / ip proto=252 / raw bytes=0102",
	"eth / ip",
	"eth / ip / udp / raw bytes=00010203040506070809",
	"eth / ip / tcp / raw bytes=160301000000",
	"eth / ip / udp / payload bytes=ff00aa",
	"eth src=02:00:00:00:00:77 dst=02:00:00:00:01:00+1×8 / vlan id=10+10×5 / ip src=10.0.0.1..10.0.255.255×16 dst=10.9.0.0+0.0.1.0×3 / udp sport=1000+1×7 dport=1..65535×4",
	"eth / ipv6 dst=2001:db8::+0:0:0:1::×9 / tcp dport=80,443,8080",
}

func layered(text string, size int) trafficgen.Stream {
	s := trafficgen.Stream{Name: "s", Layers: stackOf(text), Size: size,
		Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.9.2")}
	for i, l := range s.Layers { // hosts have addresses of both families in a plan; here a layer says its own
		if l.Kind == "ipv6" && l.Fields["src"].Len() == 0 {
			s.Layers[i].Fields["src"] = trafficgen.Only("2001:db8::1")
		}
		if l.Kind == "ipv6" && l.Fields["dst"].Len() == 0 {
			s.Layers[i].Fields["dst"] = trafficgen.Only("2001:db8:9::2")
		}
	}
	return s
}

// Every frame of every stack carries its signature, whatever sequence and time
// it is stamped with, and has the checksums that an independent decoder computes.
func TestStacks(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, text := range stacks {
		for _, size := range []int{184, 185, 256, 1518} {
			t.Run(fmt.Sprintf("%s %d", text, size), func(t *testing.T) {
				deck := deal(t, layered(text, size), ID{Run: 0xabcd, Stream: 9})
				buf := make([]byte, size)
				for i := range deck.Len() {
					for range 20 {
						seq, at := rng.Uint32(), int64(rng.Uint64())
						b := deck.Card(i).Copy(buf, seq, at)
						want := Signature{ID: ID{0xabcd, 9}, Seq: seq, Sent: at, Reply: strings.Contains(text, "type=0 ") || strings.HasSuffix(text, "type=0")}
						if sig, v := Parse(b); v != Whole || sig != want {
							t.Fatalf("card %d: Parse = %+v, %v; want %+v\n%x", i, sig, v, want, b)
						}
						decodes(t, b)
					}
				}
				if sig, v := Parse(deck.Learning().Copy(buf, 1, 2)); v != Whole || !sig.Learning {
					t.Errorf("a learning frame is %v %+v", v, sig)
				}
			})
		}
	}
}

// unknown is what gopacket says of what it has no decoder for: experimental
// types, and a pseudowire, whose label alone says what it carries.
var unknown = regexp.MustCompile("not currently supported|Unable to decode EthernetType|Unable to guess protocol")

// decodes has gopacket decode a frame, and compute every checksum in it anew.
func decodes(t *testing.T, b []byte) {
	t.Helper()
	p := gopacket.NewPacket(b, layers.LayerTypeEthernet, gopacket.Default)
	if e := p.ErrorLayer(); e != nil && !unknown.MatchString(e.Error().Error()) {
		t.Fatalf("gopacket: %v\n%v", e.Error(), p)
	}
	var network gopacket.NetworkLayer
	for _, l := range p.Layers() {
		whole := append(bytes.Clone(l.LayerContents()), l.LayerPayload()...)
		switch l := l.(type) {
		case *layers.IPv4:
			network = l
			if got := fold(sum(l.Contents)); got != 0xffff {
				t.Fatalf("the IPv4 header's checksum is out: %#x", got)
			}
		case *layers.IPv6:
			network = l
		case *layers.ICMPv4:
			if fold(sum(whole)) != 0xffff {
				t.Fatal("the ICMP checksum is out")
			}
		case *layers.UDP, *layers.TCP, *layers.ICMPv6:
			pseudo := uint64(len(whole)) + map[gopacket.LayerType]uint64{layers.LayerTypeUDP: 17, layers.LayerTypeTCP: 6, layers.LayerTypeICMPv6: 58}[l.LayerType()]
			switch n := network.(type) {
			case *layers.IPv4:
				pseudo += sum(n.SrcIP.To4()) + sum(n.DstIP.To4())
			case *layers.IPv6:
				pseudo += sum(n.SrcIP) + sum(n.DstIP)
			}
			if fold(pseudo+sum(whole)) != 0xffff {
				t.Fatalf("the %v checksum is out\n%v", l.LayerType(), p)
			}
		}
	}
}

// The same frames, judged by tcpdump: none has a bad checksum.
func TestStacksByTcpdump(t *testing.T) {
	if _, err := exec.LookPath("tcpdump"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("tcpdump is missing")
		}
		t.Skip("tcpdump is not installed: nobody else judges the checksums")
	}
	var file bytes.Buffer
	w := pcapgo.NewWriter(&file)
	if err := w.WriteFileHeader(65536, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	rng, n := rand.New(rand.NewPCG(5, 6)), 0
	for _, text := range stacks {
		deck := deal(t, layered(text, 200), ID{Run: 5, Stream: 6})
		for i := range deck.Len() {
			b := deck.Card(i).Copy(make([]byte, 200), rng.Uint32(), int64(rng.Uint64()))
			if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: time.Unix(1, 0), Length: len(b), CaptureLength: len(b)}, b); err != nil {
				t.Fatal(err)
			}
			n++
		}
	}
	path := filepath.Join(t.TempDir(), "stacks.pcap")
	if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("tcpdump", "-r", path, "-vvv", "-n", "-e").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	correct := 0
	for line := range strings.SplitSeq(string(out), "\n") {
		for _, bad := range []string{"bad", "incorrect", "wrong", "truncated", "invalid"} {
			if strings.Contains(line, bad) {
				t.Errorf("tcpdump says %q of: %s", bad, line)
			}
		}
		correct += strings.Count(line, "correct") + strings.Count(line, "sum ok")
	}
	if correct < n/2 {
		t.Errorf("tcpdump checked %d of %d frames:\n%s", correct, n, out)
	}
}

// A frame that lost or gained outer headers on the way is still known.
func TestParseBehindOtherHeaders(t *testing.T) {
	c := card(t, layered("eth / vlan id=5 / mpls / ip / udp", 128), ID{1, 2})
	b := c.Copy(make([]byte, 200), 7, 8)
	popped := append(append(bytes.Clone(b[:12]), 8, 0), b[22:]...) // no tag, no label
	pushed := append(append(bytes.Clone(b[:12]), 0x81, 0, 0, 6), b[12:]...)
	for name, f := range map[string][]byte{"popped": popped, "pushed": pushed, "padded": append(bytes.Clone(b), make([]byte, 9)...)} {
		if sig, v := Parse(f); v != Whole || sig.Seq != 7 {
			t.Errorf("%s: %v %+v", name, v, sig)
		}
	}
}

// A host's complaint about a frame quotes it, and is none itself.
func TestComplaintsAreForeign(t *testing.T) {
	src, dst := net.IP{10, 0, 0, 2}, net.IP{10, 0, 0, 1}
	quoted := card(t, stream(false, 128), ID{Run: 1, Stream: 1}).Bytes()[ethernetLen:]
	for _, tc := range []struct {
		name  string
		ether layers.EthernetType
		parts []gopacket.SerializableLayer
	}{
		{"ICMP", layers.EthernetTypeIPv4, []gopacket.SerializableLayer{
			&layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolICMPv4, SrcIP: src, DstIP: dst},
			&layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(3, 2)}}},
		{"ICMPv6", layers.EthernetTypeIPv6, []gopacket.SerializableLayer{
			&layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolICMPv6, SrcIP: net.ParseIP("2001:db8::2"), DstIP: net.ParseIP("2001:db8::1")},
			&layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(1, 4)}, gopacket.Payload(make([]byte, 4))}},
	} {
		parts := append([]gopacket.SerializableLayer{&layers.Ethernet{SrcMAC: macB, DstMAC: macA, EthernetType: tc.ether}}, tc.parts...)
		for _, p := range parts {
			if icmp, ok := p.(*layers.ICMPv6); ok {
				if err := icmp.SetNetworkLayerForChecksum(parts[1].(gopacket.NetworkLayer)); err != nil {
					t.Fatal(err)
				}
			}
		}
		buf := gopacket.NewSerializeBuffer()
		if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true},
			append(parts, gopacket.Payload(quoted))...); err != nil {
			t.Fatal(err)
		}
		if sig, v := Parse(buf.Bytes()); v != Foreign {
			t.Errorf("%s: verdict %d, %+v", tc.name, v, sig)
		}
	}
}

// No flipped bit behind the addresses goes unnoticed, whatever covers it.
func TestStackDamage(t *testing.T) {
	for _, text := range stacks {
		c := card(t, layered(text, 200), ID{1, 1})
		good := c.Copy(make([]byte, 200), 7, 8)
		for bit := c.sig * 8; bit < len(good)*8; bit++ {
			b := bytes.Clone(good)
			b[bit/8] ^= 1 << (bit % 8)
			if sig, v := Parse(b); v == Whole {
				t.Fatalf("%s, bit %d flipped: whole, %+v", text, bit, sig)
			}
		}
		for n := range good {
			if _, v := Parse(good[:n]); v == Whole {
				t.Fatalf("%s cut to %d bytes: whole", text, n)
			}
		}
	}
}

// A frame of the least size is built, one byte less is refused, as a plan's
// author is told before.
func TestLeastSize(t *testing.T) {
	for _, text := range stacks {
		s := layered(text, 0)
		s.Size = trafficgen.LeastSize(s.Layers)
		deal(t, s, ID{1, 1})
		s.Size--
		if _, err := New(s, macA, macB, ID{1, 1}); err == nil || !strings.Contains(err.Error(), "frame size") {
			t.Errorf("%s of %d bytes: %v", text, s.Size, err)
		}
		n, err := trafficgen.CountFlows(s.Layers, false)
		if s.Size++; err != nil || n != deal(t, s, ID{1, 1}).Flows() {
			t.Errorf("%s: %d flows by the plan, %v", text, n, err)
		}
	}
}

// Values step together, or every one meets every other.
func TestFieldsStep(t *testing.T) {
	s := layered("eth / vlan id=1,2 / ip dst=10.0.0.1+1×3 / udp", 128)
	read := func(d *Deck, i int) string {
		b := d.Card(i).Bytes()
		return fmt.Sprint(binary.BigEndian.Uint16(b[14:]), "/", b[37])
	}
	for product, want := range map[bool]string{false: "1/1 2/2 1/3 2/1 1/2 2/3", true: "1/1 1/2 1/3 2/1 2/2 2/3"} {
		s.Product = product
		d := deal(t, s, ID{1, 1})
		var got []string
		for i := range d.Len() {
			got = append(got, read(d, i))
		}
		if strings.Join(got, " ") != want || d.Flows() != 6 {
			t.Errorf("product %v: %v of %d flows, want %s", product, got, d.Flows(), want)
		}
		if got := d.Flow(1); product && got != "vlan.id 1, ip.dst 10.0.0.2" {
			t.Errorf("flow 1 is called %q", got)
		}
	}
}

// Sizes take their turns beside the values, and give way where both together
// would be too many frames.
func TestSizesStep(t *testing.T) {
	s := stream(false, 0)
	s.Sizes, s.Flows = []int{64, 128, 1518}, 2
	d := deal(t, s, ID{1, 1})
	if d.Len() != 6 || d.Flows() != 2 || uniform(d) || d.Longest() != 1514 || d.Card(4).Len() != 124 {
		t.Errorf("%d cards, %d flows, uniform %v, longest %d", d.Len(), d.Flows(), uniform(d), d.Longest())
	}
	s.Flows = 10_000
	if d = deal(t, s, ID{1, 1}); d.Len() != 10_000 || d.Flows() != 10_000 {
		t.Errorf("%d cards, %d flows", d.Len(), d.Flows())
	}
}

func TestStackRefusals(t *testing.T) {
	for text, want := range map[string]string{
		"eth / ip / udp / ip":                         "ip cannot follow udp",
		"ip / udp":                                    "the outermost layer is ip; frames begin with eth",
		"eth / tcp":                                   "tcp cannot follow eth",
		"eth / vlan id=4096 / ip":                     "4096 is more than 4095",
		"eth / ip dst=10.0.0.256 / udp":               `"10.0.0.256" is not an IP address`,
		"eth / ip dst=::1 / udp":                      "::1 is not an IPv4 address",
		"eth / raw bytes=abc":                         "is not hexadecimal",
		"eth / raw bytes=abcdef":                      "an even number",
		"eth / ip options=9404 / udp":                 "no IPv4 options",
		"eth / ip / tcp flags=sin":                    `"sin" is not a TCP flag`,
		"eth / ip / udp dport=65530+1×10":             "leave the field's range after 6",
		"eth / ip / udp dport=9..2×4":                 "ends at 2, before it begins at 9",
		"eth / ip / udp dport=1+1×20000":              "not within 1 to 16384",
		"eth / ip / udp color=3":                      `udp has no field "color"`,
		"eth / vlan id=1+1×127 / ip ttl=1+1×251":      "more than 16384 different frames",
		"eth / ipv6 / udp / vxlan / eth / ipv6 / tcp": "frame size 64 is not within",
		"eth type=0x0800 / raw bytes=4500":            "a receiver would not find",
	} {
		_, err := New(layered(text, 64), macA, macB, ID{1, 1})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

func FuzzBuild(f *testing.F) {
	for _, text := range stacks {
		f.Add(text, 200, uint32(5), int64(6))
	}
	f.Fuzz(func(t *testing.T, text string, size int, seq uint32, at int64) {
		if len(text) == 0 || strings.TrimSpace(text) == "" {
			return
		}
		for part := range strings.SplitSeq(text, " / ") {
			if len(strings.Fields(part)) == 0 {
				return
			}
		}
		deck, err := New(layered(text, size), macA, macB, ID{1, 2})
		if err != nil {
			return
		}
		for i := range min(deck.Len(), 50) {
			b := deck.Card(i).Copy(make([]byte, size), seq, at)
			sig, v := Parse(b)
			if v != Whole || sig.Seq != seq || sig.Sent != at {
				t.Fatalf("%s: %v %+v\n%x", text, v, sig, b)
			}
		}
	})
}

func TestParseOfStacksAllocatesNothing(t *testing.T) {
	for _, text := range stacks {
		c := card(t, layered(text, 200), ID{1, 2})
		b := c.Copy(make([]byte, 200), 5, 6)
		foreign := bytes.Clone(b)
		foreign[c.sig]++
		if n := testing.AllocsPerRun(10, func() { c.Patch(b, 7, 8); Parse(b); Parse(foreign) }); n != 0 {
			t.Errorf("%s: %v allocations a frame", text, n)
		}
	}
}
