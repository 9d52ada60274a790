// Package packetlog keeps the headers of packets that a packet filter has
// logged: those that nftables' "log group" hands over (NFLOG).
//
//	message.go   the kernel's messages, and the packets in them
//	log.go       the last packets; the socket
package packetlog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"time"
)

// An Entry is a packet that was logged.
type Entry struct {
	Time     time.Time
	Prefix   string // of the rule that logged it
	In, Out  int    // indices of the devices it came in by and goes out by; 0: none
	Protocol uint8  // of what the IP packet holds
	Length   int    // of the IP packet, bytes
	// Source and Destination have ports if the packet has.
	Source, Destination netip.AddrPort
}

// Attributes of a packet message (linux/netfilter/nfnetlink_log.h).
const (
	attrTimestamp = 3
	attrIn        = 4
	attrOut       = 5
	attrPayload   = 9
	attrPrefix    = 10
)

// attrKind masks the flags in an attribute's type.
const attrKind = 0x3fff

// parseMessage reads the attributes of a packet message.
func parseMessage(b []byte, now time.Time) (Entry, error) {
	e := Entry{Time: now}
	var payload []byte
	for len(b) >= 4 {
		length, kind := int(binary.NativeEndian.Uint16(b)), binary.NativeEndian.Uint16(b[2:])&attrKind
		if length < 4 || length > len(b) {
			return e, errors.New("an attribute is cut short")
		}
		value := b[4:length]
		b = b[min((length+3)&^3, len(b)):]
		switch {
		case kind == attrTimestamp && len(value) == 16:
			e.Time = time.Unix(int64(binary.BigEndian.Uint64(value)), int64(binary.BigEndian.Uint64(value[8:]))*1000)
		case kind == attrIn && len(value) == 4:
			e.In = int(binary.BigEndian.Uint32(value))
		case kind == attrOut && len(value) == 4:
			e.Out = int(binary.BigEndian.Uint32(value))
		case kind == attrPayload:
			payload = value
		case kind == attrPrefix:
			e.Prefix = string(bytes.TrimRight(value, "\x00"))
		}
	}
	return e, e.readPacket(payload)
}

// withPorts are the protocols whose headers begin with ports: TCP, UDP, DCCP, SCTP.
var withPorts = map[uint8]bool{6: true, 17: true, 33: true, 132: true}

// readPacket reads the headers of an IP packet, of which only the beginning may
// be there.
func (e *Entry) readPacket(p []byte) error {
	if len(p) < 1 {
		return errors.New("no packet")
	}
	var source, destination netip.Addr
	var rest []byte
	switch {
	case p[0]>>4 == 4 && len(p) >= 20:
		e.Length, e.Protocol = int(binary.BigEndian.Uint16(p[2:])), p[9]
		source, destination = netip.AddrFrom4([4]byte(p[12:16])), netip.AddrFrom4([4]byte(p[16:20]))
		first := binary.BigEndian.Uint16(p[6:])&0x1fff == 0 // of its fragments
		if header := int(p[0]&15) * 4; first && header >= 20 && len(p) > header {
			rest = p[header:]
		}
	case p[0]>>4 == 6 && len(p) >= 40:
		e.Length, e.Protocol = 40+int(binary.BigEndian.Uint16(p[4:])), p[6]
		source, destination = netip.AddrFrom16([16]byte(p[8:24])), netip.AddrFrom16([16]byte(p[24:40]))
		rest = p[40:]
	default:
		return errors.New("no IP packet")
	}
	var from, to uint16
	if withPorts[e.Protocol] && len(rest) >= 4 {
		from, to = binary.BigEndian.Uint16(rest), binary.BigEndian.Uint16(rest[2:])
	}
	e.Source, e.Destination = netip.AddrPortFrom(source, from), netip.AddrPortFrom(destination, to)
	return nil
}
