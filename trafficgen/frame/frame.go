// Package frame turns a stream into the bytes of its frames, and received
// bytes back into what the stream said.
//
// A frame is Ethernet, IPv4 or IPv6, and UDP, built once with gopacket. The
// UDP payload begins with the signature, in network byte order:
//
//	offset  bytes  field
//	0       2      magic, 0xCC1A
//	2       2      run, chosen at random for every run of the generator
//	4       2      stream, numbered from 1; the top bit marks a learning frame
//	6       4      sequence, from 0; the receiver extends it to 64 bits
//	10      8      send time, CLOCK_REALTIME in nanoseconds
//	18      4      CRC-32C of the padding, when the payload is longer than 22
//	22      –      padding, counting up from 0
//
// The signature's 18 bytes fit the smallest UDP frame over IPv4 (64 bytes with
// its FCS). The UDP checksum covers signature and padding in every size; the
// CRC finds what a 16-bit sum misses.
package frame

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"net"
	"net/netip"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/ccl-lab/ccl/trafficgen"
)

// Lengths in bytes. Frame sizes count the FCS, as RFC 2544 does, though the
// bytes handled here end before it: the network device appends it.
const (
	FCSLen       = 4
	SignatureLen = 18
	MinSizeIPv4  = 64
	MinSizeIPv6  = 84 // 14 Ethernet, 40 IPv6, 8 UDP, 18 signature, 4 FCS
	MaxSize      = 9216

	ethernetLen = 14
	ipv4Len     = 20
	ipv6Len     = 40
	UDPLen      = 8
	CRCLen      = 4 // of the checksum over the padding

	learningFlag = 0x8000

	// Offsets in the signature.
	SequenceAt = 6
	TimeAt     = 10
)

// Magic begins every signature.
const Magic = 0xCC1A

// Defaults of a stream's zero fields.
const (
	DefaultSrcPort = 49184
	DefaultDstPort = 5001 // iperf's; not a privileged or IANA system port
	DefaultTTL     = 64
)

// MaxStream is the highest number of a stream within a run.
const MaxStream = learningFlag - 1

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// An ID tells a stream of this run from every other.
type ID struct {
	Run    uint16
	Stream uint16 // 1 to MaxStream
}

// New builds the frames of a stream whose Src and Dst are resolved, from one
// hardware address to the next hop's. It refuses mixed address families and a
// size that does not hold the signature.
func New(s trafficgen.Stream, src, dst net.HardwareAddr, id ID) (*Deck, error) {
	if err := check(s, id); err != nil {
		return nil, err
	}
	d := &Deck{}
	buf := gopacket.NewSerializeBuffer()
	for i := range max(s.Flows, 1) {
		c, err := build(buf, s, src, dst, id, or(s.SrcPort, DefaultSrcPort)+uint16(i))
		if err != nil {
			return nil, fmt.Errorf("stream %s: building its frames: %w", s.Name, err)
		}
		d.cards = append(d.cards, c)
	}
	return d, nil
}

// build makes the frame of one flow.
func build(buf gopacket.SerializeBuffer, s trafficgen.Stream, src, dst net.HardwareAddr, id ID, srcPort uint16) (Card, error) {
	network, header := networkLayer(s)
	udp := &layers.UDP{SrcPort: layers.UDPPort(srcPort), DstPort: layers.UDPPort(or(s.DstPort, DefaultDstPort))}
	if err := udp.SetNetworkLayerForChecksum(network.(gopacket.NetworkLayer)); err != nil {
		return Card{}, err
	}
	eth := &layers.Ethernet{SrcMAC: src, DstMAC: dst, EthernetType: layers.EthernetTypeIPv4}
	if s.Dst.Is6() {
		eth.EthernetType = layers.EthernetTypeIPv6
	}
	sig := ethernetLen + header + UDPLen
	body := gopacket.Payload(payload(s.Size-FCSLen-sig, id))
	if err := gopacket.SerializeLayers(buf, serializing, eth, network, udp, body); err != nil {
		return Card{}, err
	}
	return newCard(bytes.Clone(buf.Bytes()), sig, sig-2), nil
}

func check(s trafficgen.Stream, id ID) error {
	switch {
	case id.Stream == 0 || id.Stream > MaxStream:
		return fmt.Errorf("stream %s: number %d is not within 1 to %d", s.Name, id.Stream, MaxStream)
	case !s.Src.IsValid() || !s.Dst.IsValid():
		return fmt.Errorf("stream %s: source %v and destination %v must both be known", s.Name, s.Src, s.Dst)
	case s.Src.Is4() != s.Dst.Is4():
		return fmt.Errorf("stream %s: source %v and destination %v are not of one address family", s.Name, s.Src, s.Dst)
	case s.Flows < 0 || s.Flows > 1 && int(or(s.SrcPort, DefaultSrcPort))+s.Flows-1 > math.MaxUint16:
		return fmt.Errorf("stream %s: %d flows from source port %d on go beyond port %d",
			s.Name, s.Flows, or(s.SrcPort, DefaultSrcPort), math.MaxUint16)
	case s.DSCP > 63:
		return fmt.Errorf("stream %s: DSCP %d is not within 0 to 63", s.Name, s.DSCP)
	}
	if least := MinSize(s.Dst); s.Size < least || s.Size > MaxSize {
		return fmt.Errorf("stream %s: frame size %d is not within %d to %d bytes (FCS included) for %s",
			s.Name, s.Size, least, MaxSize, family(s.Dst))
	}
	return nil
}

// MinSize is the least frame size that holds a signed datagram to addr.
func MinSize(addr netip.Addr) int {
	if addr.Is4() {
		return MinSizeIPv4
	}
	return MinSizeIPv6
}

func family(a netip.Addr) string {
	if a.Is4() {
		return "IPv4"
	}
	return "IPv6"
}

func networkLayer(s trafficgen.Stream) (layer gopacket.SerializableLayer, length int) {
	ttl := or(s.TTL, DefaultTTL)
	if s.Dst.Is4() {
		return &layers.IPv4{
			Version: 4, TTL: ttl, TOS: s.DSCP << 2, Protocol: layers.IPProtocolUDP,
			Flags: layers.IPv4DontFragment, // a fragment would count as damaged
			SrcIP: s.Src.AsSlice(), DstIP: s.Dst.AsSlice(),
		}, ipv4Len
	}
	return &layers.IPv6{
		Version: 6, HopLimit: ttl, TrafficClass: s.DSCP << 2, NextHeader: layers.IPProtocolUDP,
		SrcIP: s.Src.AsSlice(), DstIP: s.Dst.AsSlice(),
	}, ipv6Len
}

func payload(n int, id ID) []byte {
	p := make([]byte, n)
	binary.BigEndian.PutUint16(p, Magic)
	binary.BigEndian.PutUint16(p[2:], id.Run)
	binary.BigEndian.PutUint16(p[4:], id.Stream)
	if n > SignatureLen+CRCLen {
		pad := p[SignatureLen+CRCLen:]
		for i := range pad {
			pad[i] = byte(i)
		}
		binary.BigEndian.PutUint32(p[SignatureLen:], crc32.Checksum(pad, castagnoli))
	}
	return p
}

// Padded says that b is padding: bytes that count up from 0.
func Padded(b []byte) bool {
	for i := range b {
		if b[i] != byte(i) {
			return false
		}
	}
	return true
}

// notZero replaces a UDP checksum of zero, which would mean "none" (RFC 768).
func notZero(sum uint16) uint16 {
	if sum == 0 {
		return 0xffff
	}
	return sum
}

func or[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
