// Package frame turns a stream into the bytes of its frames, and received
// bytes back into what the stream said.
//
// All frames that a stream sends are built before the first is sent, with
// gopacket, as the cards of a deck (Deck). Behind the innermost header of each
// stands the signature, in network byte order:
//
//	offset  bytes  field
//	0       2      magic, 0xCC1A
//	2       2      run, chosen at random for every run of the generator
//	4       2      stream, numbered from 1; the top bit marks a learning frame
//	6       4      sequence, from 0; the receiver extends it to 64 bits
//	10      8      send time, CLOCK_REALTIME in nanoseconds
//	18      4      CRC-32C of the padding, when there are more than 22 bytes
//	22      –      padding, counting up from 0 unless the stream says otherwise
//
// The signature's 18 bytes fit the smallest UDP frame over IPv4 (64 bytes with
// its FCS). The checksum of UDP, TCP or ICMP covers signature and padding in
// every size; the CRC finds what a 16-bit sum misses. Where the innermost
// header is none of those, the signature is a bare one, which has a checksum
// (RFC 1071) of its own at offset 18, over these 22 bytes, and the number of
// bytes from the magic to the frame's end at 20; CRC and padding follow at 22.
//
// Parse finds the signature behind any of the headers that frames are built
// of, also where devices on the way have added or taken off some of them.
package frame

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"net"
	"strconv"

	"github.com/ccl-lab/ccl/trafficgen"
)

// Lengths in bytes. Frame sizes count the FCS, as RFC 2544 does, though the
// bytes handled here end before it: the network device appends it.
const (
	FCSLen       = 4
	SignatureLen = 18
	BareLen      = 22 // of a signature with its own checksum and length
	MinSizeIPv4  = 64
	MinSizeIPv6  = 84 // 14 Ethernet, 40 IPv6, 8 UDP, 18 signature, 4 FCS
	MaxSize      = 9216

	ethernetLen = 14
	ipv4Len     = 20
	ipv6Len     = 40
	UDPLen      = 8  // ICMP's are as long
	TCPLen      = 20 // without options
	ShimLen     = 4  // of a VLAN tag or an MPLS label
	CRCLen      = 4  // of the checksum over the padding

	bareChecksum, bareLength = 18, 20 // offsets in a bare signature

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
// hardware address to the next hop's. It refuses mixed address families, layers
// that do not fit each other and a size that does not hold the signature.
func New(s trafficgen.Stream, src, dst net.HardwareAddr, id ID) (*Deck, error) {
	if err := check(s, id); err != nil {
		return nil, err
	}
	if s.Capture != "" {
		return Replay(s, src, dst, id)
	}
	b, err := newBuilder(s, src, dst, id)
	if err != nil {
		return nil, err
	}
	return b.deck()
}

func check(s trafficgen.Stream, id ID) error {
	if id.Stream == 0 || id.Stream > MaxStream {
		return fmt.Errorf("number %d is not within 1 to %d", id.Stream, MaxStream)
	}
	if s.Capture != "" {
		return nil
	}
	if s.Layers != nil {
		return trafficgen.CheckLayers(s.Layers)
	}
	switch {
	case !s.Src.IsValid() || !s.Dst.IsValid():
		return fmt.Errorf("source %v and destination %v must both be known", s.Src, s.Dst)
	case s.Src.Is4() != s.Dst.Is4():
		return fmt.Errorf("source %v and destination %v are not of one address family", s.Src, s.Dst)
	case s.Flows < 0 || s.Flows > 1 && int(or(s.SrcPort, DefaultSrcPort))+s.Flows-1 > math.MaxUint16:
		return fmt.Errorf("%d flows from source port %d on go beyond port %d",
			s.Flows, or(s.SrcPort, DefaultSrcPort), math.MaxUint16)
	case s.DSCP > 63:
		return fmt.Errorf("DSCP %d is not within 0 to 63", s.DSCP)
	}
	return nil
}

// Stack is the layers of a stream, those of a plain one written out.
func Stack(s trafficgen.Stream) []trafficgen.Layer {
	if s.Layers != nil {
		return s.Layers
	}
	number := func(v uint64) trafficgen.Values { return trafficgen.Only(strconv.FormatUint(v, 10)) }
	ttl, sport := uint64(or(s.TTL, DefaultTTL)), uint64(or(s.SrcPort, DefaultSrcPort))
	network := trafficgen.Layer{Kind: "ip", Fields: map[string]trafficgen.Values{"dscp": number(uint64(s.DSCP)), "ttl": number(ttl)}}
	if s.Dst.Is6() {
		network = trafficgen.Layer{Kind: "ipv6", Fields: map[string]trafficgen.Values{"dscp": number(uint64(s.DSCP)), "hop-limit": number(ttl)}}
	}
	udp := map[string]trafficgen.Values{"sport": number(sport), "dport": number(uint64(or(s.DstPort, DefaultDstPort)))}
	if s.Flows > 1 {
		udp["sport"] = trafficgen.Values{From: strconv.FormatUint(sport, 10), Count: s.Flows}
	}
	return []trafficgen.Layer{{Kind: "eth"}, network, {Kind: "udp", Fields: udp}}
}

// content makes what follows the headers, n bytes long: signature, CRC and
// padding of the pattern, which counts up if it is empty. A bare one has the
// signature's own length and checksum.
func content(n int, id ID, bare bool, pattern []byte) []byte {
	p := make([]byte, n)
	binary.BigEndian.PutUint16(p, Magic)
	binary.BigEndian.PutUint16(p[2:], id.Run)
	binary.BigEndian.PutUint16(p[4:], id.Stream)
	rest := p[SignatureLen:]
	if bare {
		rest = p[BareLen:]
		binary.BigEndian.PutUint16(p[bareLength:], uint16(n))
		binary.BigEndian.PutUint16(p[bareChecksum:], notZero(^fold(sum(p[:BareLen]))))
	}
	if len(rest) > CRCLen {
		pad := rest[CRCLen:]
		for i := range pad {
			pad[i] = byte(i)
			if len(pattern) > 0 {
				pad[i] = pattern[i%len(pattern)]
			}
		}
		binary.BigEndian.PutUint32(rest, crc32.Checksum(pad, castagnoli))
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
