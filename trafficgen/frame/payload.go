package frame

import "encoding/binary"

// MaxShims is how many tags and labels Card.Payload looks behind.
const MaxShims = 8

// Payload returns what follows the transport header, from the signature on, of
// a frame that can be read without much ado: Ethernet, at most MaxShims VLAN
// tags and MPLS labels, IPv4 without options or IPv6, and UDP, ICMP or TCP
// without options. It is nil for every other one, and not to be changed.
func (c *Card) Payload() []byte {
	at, ether := c.network()
	b := c.bytes[at:]
	header, protocol := 0, byte(0)
	switch {
	case len(b) < ipv6Len:
	case ether == etherIPv4 && b[0] == 0x45:
		header, protocol = ipv4Len, b[9]
	case ether == etherIPv6 && b[0]>>4 == 6:
		header, protocol = ipv6Len, b[6]
	}
	length, checksum := 0, 0 // of the transport header, and where in it
	switch {
	case header == 0:
	case protocol == protocolUDP:
		length, checksum = UDPLen, 6
	case protocol == protocolTCP:
		length, checksum = TCPLen, 16
	case protocol == protocolICMP && header == ipv4Len, protocol == protocolICMPv6 && header == ipv6Len:
		length, checksum = icmpLen, 2
	}
	at += header
	if length == 0 || c.sig != at+length || c.csum != at+checksum {
		return nil
	}
	return b[header+length:]
}

// network is where a frame's network header begins, behind tags and labels, and
// the EtherType of what it is.
func (c *Card) network() (at int, ether uint16) {
	b := c.bytes
	ether = binary.BigEndian.Uint16(b[12:])
	for at = ethernetLen; at+ShimLen < len(b) && at < ethernetLen+MaxShims*ShimLen; at += ShimLen {
		switch ether {
		case etherVLAN, etherQinQ, etherQinQOld:
			ether = binary.BigEndian.Uint16(b[at+2:])
		case etherMPLS, etherMPLSMulti:
			if b[at+2]&1 == 1 { // the last label: what follows says itself what it is
				ether = map[byte]uint16{4: etherIPv4, 6: etherIPv6}[b[at+ShimLen]>>4]
			}
		default:
			return at, ether
		}
	}
	return at, ether
}
