package frame

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

// A Signature is what a frame says about itself.
type Signature struct {
	ID
	Learning bool
	Seq      uint32
	Sent     int64 // CLOCK_REALTIME in nanoseconds
}

// A Verdict says whose a received frame is and in what state.
type Verdict uint8

// Verdicts of Parse.
const (
	Foreign Verdict = iota // not a frame of this generator
	Whole
	Damaged // the signature can be read, but a checksum over it or the padding does not hold
)

const (
	etherIPv4 = 0x0800
	etherIPv6 = 0x86dd
	etherVLAN = 0x8100
	etherQinQ = 0x88a8

	protocolICMP   = 1
	protocolUDP    = 17
	protocolICMPv6 = 58
)

// Parse reads the signature of a received frame (without FCS). Any bytes may
// be given; up to two VLAN tags and IPv4 options are skipped. It allocates
// nothing.
func Parse(b []byte) (Signature, Verdict) {
	etherType, ip := network(b)
	udp, length, pseudo := datagram(etherType, ip)
	if len(udp) < UDPLen+SignatureLen {
		return Signature{}, Foreign
	}
	p := udp[UDPLen:]
	if binary.BigEndian.Uint16(p) != Magic {
		return Signature{}, Foreign
	}
	stream := binary.BigEndian.Uint16(p[4:])
	sig := Signature{
		ID:       ID{Run: binary.BigEndian.Uint16(p[2:]), Stream: stream &^ learningFlag},
		Learning: stream&learningFlag != 0,
		Seq:      binary.BigEndian.Uint32(p[6:]),
		Sent:     int64(binary.BigEndian.Uint64(p[10:])),
	}
	if !intact(udp, length, pseudo) {
		return sig, Damaged
	}
	return sig, Whole
}

// network returns the EtherType behind VLAN tags and what follows it.
func network(b []byte) (etherType uint16, rest []byte) {
	if len(b) < ethernetLen {
		return 0, nil
	}
	etherType, rest = binary.BigEndian.Uint16(b[12:]), b[ethernetLen:]
	for range 2 {
		if etherType != etherVLAN && etherType != etherQinQ || len(rest) < 4 {
			break
		}
		etherType, rest = binary.BigEndian.Uint16(rest[2:]), rest[4:]
	}
	return etherType, rest
}

// datagram returns the bytes of an IP packet's UDP datagram that are there,
// the length the datagram claims, and the sum of its pseudo-header's
// addresses and protocol. It returns nil for anything else and for fragments
// but the first.
func datagram(etherType uint16, ip []byte) (udp []byte, length int, pseudo uint64) {
	switch {
	case etherType == etherIPv4 && len(ip) >= ipv4Len && ip[0]>>4 == 4:
		header := int(ip[0]&15) * 4
		offset := binary.BigEndian.Uint16(ip[6:]) & 0x1fff
		if header < ipv4Len || len(ip) < header+UDPLen || ip[9] != protocolUDP || offset != 0 {
			return nil, 0, 0
		}
		udp, pseudo = ip[header:], sum(ip[12:20])
	case etherType == etherIPv6 && len(ip) >= ipv6Len+UDPLen && ip[0]>>4 == 6 && ip[6] == protocolUDP:
		udp, pseudo = ip[ipv6Len:], sum(ip[8:40])
	default:
		return nil, 0, 0
	}
	length = int(binary.BigEndian.Uint16(udp[4:]))
	if length < len(udp) { // Ethernet padding follows
		udp = udp[:max(length, 0)]
	}
	return udp, length, pseudo + protocolUDP
}

// intact says that a signed datagram is complete and its checksums hold.
func intact(udp []byte, length int, pseudo uint64) bool {
	if len(udp) < length {
		return false
	}
	// A zero checksum is none at all: a translator on the way may leave it out.
	if binary.BigEndian.Uint16(udp[6:]) != 0 && fold(pseudo+uint64(length)+sum(udp)) != 0xffff {
		return false
	}
	p := udp[UDPLen:]
	if len(p) <= SignatureLen+CRCLen {
		return true
	}
	return binary.BigEndian.Uint32(p[SignatureLen:]) == crc32.Checksum(p[SignatureLen+CRCLen:], castagnoli)
}

// sum adds up b as 16-bit words in network order, unfolded (RFC 1071).
func sum(b []byte) uint64 {
	var acc, carry uint64
	for len(b) >= 8 {
		acc, carry = bits.Add64(acc, binary.BigEndian.Uint64(b), carry)
		b = b[8:]
	}
	var tail [8]byte
	copy(tail[:], b)
	acc, carry = bits.Add64(acc, binary.BigEndian.Uint64(tail[:]), carry)
	return acc>>32 + acc&0xffffffff + carry
}

// fold reduces a sum to 16 bits by end-around carry.
func fold(s uint64) uint16 {
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}
