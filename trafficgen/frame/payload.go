package frame

import (
	"encoding/binary"

	"github.com/ccl-lab/ccl/trafficgen"
)

// What Card.Payload looks behind.
const (
	MaxLead    = 80 // bytes of tags, labels, tunnels and IPv4 options
	MaxTunnels = 2  // within each other

	// ShallowLead is MaxLead of frames that are not Deep: of eight tags or labels.
	ShallowLead = 8 * ShimLen
)

// Payload returns what follows the transport header, from the signature on, of
// a frame that can be read without much ado: Ethernet, then VLAN tags, MPLS
// labels, VXLAN, GRE and IP in IP in any order, then IPv4 or IPv6, and UDP, ICMP
// or TCP without options. What stands before the innermost IP header, and the
// options of that, are MaxLead bytes at most, tunnels MaxTunnels. It is nil for
// every other one, and not to be changed.
func (c *Card) Payload() []byte {
	b, at, ether := c.bytes, ethernetLen, binary.BigEndian.Uint16(c.bytes[12:])
	for tunnels := 0; at+ipv4Len <= len(b) && tunnels <= MaxTunnels; {
		switch ether {
		case etherVLAN, etherQinQ, etherQinQOld:
			at, ether = at+ShimLen, binary.BigEndian.Uint16(b[at+2:])
		case etherMPLS, etherMPLSMulti:
			if b[at+2]&1 == 1 { // the last label: what follows says itself what it is
				ether = map[byte]uint16{4: etherIPv4, 6: etherIPv6}[b[at+ShimLen]>>4]
			}
			at += ShimLen
		case etherIPv4, etherIPv6:
			fixed, options, protocol := network(b[at:], ether == etherIPv6)
			if fixed == 0 || at-ethernetLen+options > MaxLead {
				return nil
			}
			at += fixed + options
			if n := carriedBy(protocol, fixed == ipv6Len); n.length > 0 && c.sig == at+n.length && c.csum == at+n.checksum {
				return b[at+n.length:]
			}
			var ok bool
			if at, ether, ok = tunnel(b, at, protocol); !ok {
				return nil
			}
			tunnels++
		default:
			return nil
		}
	}
	return nil
}

// Deep says that frames of a stream have tunnels, IPv4 options or many tags in
// them, or may have: those of a capture.
func Deep(s trafficgen.Stream) bool {
	networks, shims := 0, 0
	for _, l := range s.Layers {
		switch l.Kind {
		case "ip", "ipv6":
			networks++
		case "vlan", "qinq", "mpls":
			shims++
		}
		if _, ok := l.Fields["options"]; ok && l.Kind == "ip" {
			return true
		}
	}
	return networks > 1 || shims*ShimLen > ShallowLead || s.Capture != ""
}

// network is the length of an IP header and of its options, both 0 if it is
// none, and what it carries.
func network(b []byte, v6 bool) (fixed, options int, protocol uint8) {
	header := int(b[0]&15) * 4
	switch {
	case v6 && len(b) >= ipv6Len && b[0]>>4 == 6:
		return ipv6Len, 0, b[6]
	case !v6 && b[0]>>4 == 4 && header >= ipv4Len && header <= len(b):
		return ipv4Len, header - ipv4Len, b[9]
	}
	return 0, 0, 0
}

// A segmentHeader is the length of a transport header without options, 0 for
// none, and where its checksum is.
type segmentHeader struct{ length, checksum int }

func carriedBy(protocol uint8, v6 bool) segmentHeader {
	switch {
	case protocol == protocolUDP:
		return segmentHeader{UDPLen, 6}
	case protocol == protocolTCP:
		return segmentHeader{TCPLen, 16}
	case protocol == protocolICMP && !v6, protocol == protocolICMPv6 && v6:
		return segmentHeader{icmpLen, 2}
	}
	return segmentHeader{}
}

// tunnel goes on behind the headers of a tunnel at an offset of b, those of an
// Ethernet frame within among them, to what has that EtherType.
func tunnel(b []byte, at int, protocol uint8) (within int, ether uint16, ok bool) {
	switch protocol {
	case protocolIPv4:
		return at, etherIPv4, true
	case protocolIPv6:
		return at, etherIPv6, true
	case protocolUDP:
		if len(b) < at+UDPLen || binary.BigEndian.Uint16(b[at+2:]) != portVXLAN {
			return 0, 0, false
		}
		at, ether = at+UDPLen+vxlanLen, etherBridged
	case protocolGRE:
		n, carried := greHeader(b[at:])
		if at, ether = at+n, carried; n == 0 {
			return 0, 0, false
		}
	default:
		return 0, 0, false
	}
	if ether != etherBridged {
		return at, ether, true
	}
	if len(b) < at+ethernetLen {
		return 0, 0, false
	}
	return at + ethernetLen, binary.BigEndian.Uint16(b[at+12:]), true
}

// greHeader is the length of a GRE header, 0 if it is none, and the EtherType of
// what it carries (RFC 2784, 2890). One with routing is none.
func greHeader(b []byte) (length int, ether uint16) {
	const checksum, routing, key, sequence = 0x80, 0x40, 0x20, 0x10
	if len(b) < 4 || b[0]&routing != 0 {
		return 0, 0
	}
	length = 4
	for _, flag := range []byte{checksum, key, sequence} {
		if b[0]&flag != 0 {
			length += 4
		}
	}
	if len(b) < length {
		return 0, 0
	}
	return length, binary.BigEndian.Uint16(b[2:])
}
