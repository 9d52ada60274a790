package frame

import (
	"encoding/binary"
)

// A Signature is what a frame says about itself.
type Signature struct {
	ID
	Learning bool
	Seq      uint32
	Sent     int64 // CLOCK_REALTIME in nanoseconds
	// Reply says that the frame is an ICMP echo reply: unless the stream sends
	// those, it is the answer of the host that the frame was sent to.
	Reply bool
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
	etherIPv4    = 0x0800
	etherIPv6    = 0x86dd
	etherVLAN    = 0x8100
	etherQinQ    = 0x88a8
	etherQinQOld = 0x9100

	protocolICMP   = 1
	protocolUDP    = 17
	protocolICMPv6 = 58

	maxDepth = 16 // headers within headers
	maxRaw   = 64 // bytes of a raw layer that Parse looks behind
)

// Parse reads the signature of a received frame (without FCS). Any bytes may
// be given. It walks through tags, labels, tunnels, options and extension
// headers to the innermost payload; where that does not begin with the
// signature, it is looked for within the first 64 bytes, but then believed only
// if all of it is whole. It allocates nothing.
func Parse(b []byte) (Signature, Verdict) {
	w := walker{rest: b, next: atEthernet}
	for range maxDepth {
		if w.step() {
			return w.sig, w.verdict
		}
	}
	return Signature{}, Foreign
}

// at says what a walker's rest begins with.
type at uint8

const (
	atEthernet at = iota
	atEtherType
	atLabel
	atProtocol
)

// A walker is at one header of a frame.
type walker struct {
	rest  []byte
	next  at
	ether uint16
	// Of the innermost IP header: what follows it, how long that claims to be,
	// and the sum of the addresses.
	protocol uint8
	length   int
	pseudo   uint64
	v6       bool

	sig     Signature
	verdict Verdict

	// A walker that locates looks for a place to put a signature instead.
	locating bool
	found    *place
}

// step goes on by one header. It says whether the way ends here.
func (w *walker) step() (done bool) {
	switch w.next {
	case atEthernet:
		if len(w.rest) < ethernetLen {
			return true
		}
		w.ether, w.rest, w.next = binary.BigEndian.Uint16(w.rest[12:]), w.rest[ethernetLen:], atEtherType
		return false
	case atLabel:
		return w.label()
	case atProtocol:
		return w.carried()
	}
	switch w.ether {
	case etherVLAN, etherQinQ, etherQinQOld:
		if len(w.rest) < 4 {
			return true
		}
		w.ether, w.rest = binary.BigEndian.Uint16(w.rest[2:]), w.rest[4:]
		return false
	case etherMPLS, etherMPLSMulti:
		w.next = atLabel
		return false
	case etherIPv4:
		return w.ipv4()
	case etherIPv6:
		return w.ipv6()
	case etherBridged:
		if !w.bare(w.rest) {
			w.next = atEthernet
			return false
		}
		return true
	case etherARP:
		w.bare(w.rest[min(arpLen, len(w.rest)):])
		return true
	}
	w.bare(w.rest)
	return true
}

// label passes one entry of a label stack.
func (w *walker) label() (done bool) {
	if len(w.rest) < 4 {
		return true
	}
	bottom := w.rest[2]&1 == 1
	if w.rest = w.rest[4:]; !bottom {
		return false
	}
	if len(w.rest) == 0 || w.bare(w.rest) {
		return true
	}
	w.next = atEtherType
	switch w.rest[0] >> 4 {
	case 4:
		w.ether = etherIPv4
	case 6:
		w.ether = etherIPv6
	default: // a pseudowire
		w.next = atEthernet
	}
	return false
}

func (w *walker) ipv4() (done bool) {
	ip := w.rest
	if len(ip) < ipv4Len || ip[0]>>4 != 4 {
		return true
	}
	header, total := int(ip[0]&15)*4, int(binary.BigEndian.Uint16(ip[2:]))
	if header < ipv4Len || len(ip) < header || binary.BigEndian.Uint16(ip[6:])&0x1fff != 0 {
		return true
	}
	w.protocol, w.pseudo, w.v6 = ip[9], sum(ip[12:20]), false
	w.carry(ip[header:], total-header)
	return false
}

func (w *walker) ipv6() (done bool) {
	ip := w.rest
	if len(ip) < ipv6Len || ip[0]>>4 != 6 {
		return true
	}
	w.protocol, w.pseudo, w.v6 = ip[6], sum(ip[8:40]), true
	w.carry(ip[ipv6Len:], int(binary.BigEndian.Uint16(ip[4:])))
	return false
}

// carry goes on with what an IP header carries.
func (w *walker) carry(b []byte, length int) {
	w.rest, w.length, w.next = b, max(length, 0), atProtocol
}

// segment is as much as there is of what the IP header carries, by its word:
// UDP has a length of its own, TCP and ICMP have not.
func (w *walker) segment() []byte { return w.rest[:min(w.length, len(w.rest))] }

// carried looks at what an IP header carries.
func (w *walker) carried() (done bool) {
	b := w.rest
	switch w.protocol {
	case protocolUDP:
		return w.udp(b)
	case protocolTCP:
		if b = w.segment(); len(b) < TCPLen || int(b[12]>>4)*4 < TCPLen || len(b) < int(b[12]>>4)*4 {
			return true
		}
		header, pseudo := int(b[12]>>4)*4, w.pseudo+protocolTCP+uint64(w.length)
		if w.locating {
			w.locate(b, header, 16, pseudo)
			return true
		}
		w.covered(b, header, pseudo)
	case protocolICMP, protocolICMPv6:
		return w.icmp()
	case protocolGRE:
		return w.gre(b)
	case protocolIPv4, protocolIPv6:
		w.next, w.ether = atEtherType, etherIPv4
		if w.protocol == protocolIPv6 {
			w.ether = etherIPv6
		}
		return false
	case protocolHopopts, protocolDstopts, protocolRouting:
		if !w.v6 || len(b) < 8 || len(b) < 8+8*int(b[1]) {
			return true
		}
		n := 8 + 8*int(b[1])
		w.protocol, w.rest, w.length = b[0], b[n:], max(w.length-n, 0)
		return false
	default:
		w.bare(b)
	}
	return true
}

func (w *walker) udp(b []byte) (done bool) {
	if len(b) < UDPLen {
		return true
	}
	length := int(binary.BigEndian.Uint16(b[4:]))
	if length < len(b) {
		b = b[:max(length, 0)]
	}
	if len(b) < UDPLen {
		return true
	}
	w.length = length
	pseudo := w.pseudo + protocolUDP + uint64(length)
	tunnel := binary.BigEndian.Uint16(b[2:]) == portVXLAN && len(b) >= UDPLen+vxlanLen
	if w.locating && !tunnel {
		w.locate(b, UDPLen, UDPLen-2, pseudo)
		return true
	}
	if binary.BigEndian.Uint16(b[6:]) == 0 { // none at all: a translator on the way may leave it out
		pseudo = unchecked
	}
	if !w.locating {
		w.covered(b, UDPLen, pseudo)
	}
	if w.verdict != Foreign || !tunnel {
		return true
	}
	w.rest, w.next = b[UDPLen+vxlanLen:], atEthernet
	return false
}

func (w *walker) icmp() (done bool) {
	b := w.segment()
	if len(b) < icmpLen {
		return true
	}
	if b[0] == 0 && w.protocol == protocolICMP || b[0] == 129 && w.protocol == protocolICMPv6 {
		w.sig.Reply = true
	}
	pseudo := uint64(0)
	if w.protocol == protocolICMPv6 {
		pseudo = w.pseudo + protocolICMPv6 + uint64(w.length)
	}
	if w.locating {
		w.locate(b, icmpLen, 2, pseudo)
		return true
	}
	if isError(b[0], w.protocol) && !begins(b[icmpLen:]) {
		return true // what it quotes is not what it is
	}
	if w.covered(b, icmpLen, pseudo); w.verdict == Foreign {
		w.sig = Signature{}
	}
	return true
}

// isError says that an ICMP message of a type quotes the packet that it is about.
func isError(kind, protocol uint8) bool {
	if protocol == protocolICMPv6 {
		return kind < 128 // RFC 4443, section 2.1
	}
	return kind == 3 || kind == 4 || kind == 5 || kind == 11 || kind == 12 // RFC 1122, section 3.2.2
}

// begins says that a payload begins with a signature.
func begins(p []byte) bool { return len(p) >= 2 && binary.BigEndian.Uint16(p) == Magic }

func (w *walker) gre(b []byte) (done bool) {
	n, ether := greHeader(b)
	if n == 0 {
		return true
	}
	w.ether, w.rest, w.next = ether, b[n:], atEtherType
	return false
}
