// Package lldp speaks the Link Layer Discovery Protocol (IEEE 802.1AB) on a
// router's ports: it says who the router is, and remembers who its neighbors are.
//
//	frame.go      what is said, as bytes
//	table.go      who was heard, until when
//	socket.go     frames on the wire
//	agent.go      when to speak; what a configuration changes
package lldp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// EtherType is LLDP's.
const EtherType = 0x88cc

// Destination is the nearest bridge's group address, which no bridge forwards.
var Destination = net.HardwareAddr{0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e}

// Types of the TLVs that are spoken here (802.1AB, table 8-1).
const (
	typeEnd = iota
	typeChassisID
	typePortID
	typeTTL
	typePortDescription
	typeSystemName
	typeSystemDescription
	typeCapabilities
	typeManagementAddress
)

// Subtypes of chassis and port IDs (tables 8-2 and 8-3).
const (
	ChassisMAC          = 4
	PortMAC             = 3
	PortInterfaceName   = 5
	PortLocallyAssigned = 7
)

// Capability is a set of what a system can be, or is (table 8-4).
type Capability uint16

// The capabilities that systems of a lab have.
const (
	Bridge  Capability = 1 << 2
	Router  Capability = 1 << 4
	Station Capability = 1 << 7
)

// An ID is a chassis or port ID: a subtype, and bytes that it gives a meaning to.
type ID struct {
	Subtype byte
	Value   []byte
}

// String is the ID as people read it: MAC addresses with colons, names as they
// are, anything else in hexadecimal.
func (id ID) String() string {
	text := true
	for _, c := range id.Value {
		text = text && c >= ' ' && c <= '~'
	}
	switch {
	case text:
		return string(id.Value)
	case len(id.Value) == 6:
		return net.HardwareAddr(id.Value).String()
	}
	return fmt.Sprintf("%x", id.Value)
}

// A Frame is what one LLDP frame says, without its Ethernet header.
type Frame struct {
	Chassis, Port      ID
	TTL                uint16 // seconds; 0: forget me
	PortDescription    string
	SystemName         string
	SystemDescription  string
	Supported, Enabled Capability
	Management         []Management
}

// Management is an address at which a system is managed.
type Management struct {
	Address   netip.Addr
	Interface uint32 // its ifIndex
}

// maxTLV is the longest value of a TLV; longer texts are cut.
const maxTLV = 511

// Encode is the frame as bytes.
func (f *Frame) Encode() []byte {
	var b []byte
	add := func(kind byte, value []byte) {
		value = value[:min(len(value), maxTLV)]
		b = binary.BigEndian.AppendUint16(b, uint16(kind)<<9|uint16(len(value)))
		b = append(b, value...)
	}
	add(typeChassisID, append([]byte{f.Chassis.Subtype}, f.Chassis.Value...))
	add(typePortID, append([]byte{f.Port.Subtype}, f.Port.Value...))
	add(typeTTL, binary.BigEndian.AppendUint16(nil, f.TTL))
	if f.TTL > 0 { // a goodbye says no more
		f.encodeOptional(add)
	}
	add(typeEnd, nil)
	return b
}

func (f *Frame) encodeOptional(add func(kind byte, value []byte)) {
	for _, t := range []struct {
		kind byte
		text string
	}{
		{typePortDescription, f.PortDescription}, {typeSystemName, f.SystemName}, {typeSystemDescription, f.SystemDescription},
	} {
		if t.text != "" {
			add(t.kind, []byte(t.text[:min(len(t.text), 255)]))
		}
	}
	if f.Supported != 0 {
		add(typeCapabilities, binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, uint16(f.Supported)), uint16(f.Enabled)))
	}
	for _, m := range f.Management {
		family := byte(familyIPv4)
		if m.Address.Is6() {
			family = familyIPv6
		}
		address := m.Address.AsSlice()
		value := append([]byte{byte(len(address) + 1), family}, address...)
		value = append(value, numberingIfIndex)
		value = binary.BigEndian.AppendUint32(value, m.Interface)
		add(typeManagementAddress, append(value, 0)) // no object identifier
	}
}

// IANA's numbers of address families, and 802.1AB's of an ifIndex.
const (
	familyIPv4       = 1
	familyIPv6       = 2
	numberingIfIndex = 2
)

// Decode reads a frame. TLVs that are not known are skipped, as 9.2.7.7 asks;
// one that is cut short, or is not where it must be, spoils the frame.
func Decode(b []byte) (*Frame, error) {
	f := &Frame{}
	for number := 0; ; number++ {
		if len(b) < 2 {
			return nil, errors.New("the frame ends without an end")
		}
		head := binary.BigEndian.Uint16(b)
		kind, length := byte(head>>9), int(head&0x1ff)
		if len(b) < 2+length {
			return nil, fmt.Errorf("a TLV of type %d has %d bytes, %d are there", kind, length, len(b)-2)
		}
		value := b[2 : 2+length]
		b = b[2+length:]
		if want := byte(number + 1); number < typeTTL && kind != want {
			return nil, fmt.Errorf("TLV %d is of type %d, not %d", number+1, kind, want)
		}
		if kind == typeEnd {
			return f, nil
		}
		if err := f.decode(kind, value, number); err != nil {
			return nil, err
		}
	}
}

// decode reads one TLV, the number of which counts from 0.
func (f *Frame) decode(kind byte, value []byte, number int) error {
	if kind <= typeTTL && number >= typeTTL {
		return fmt.Errorf("a second TLV of type %d", kind)
	}
	switch kind {
	case typeChassisID, typePortID:
		if len(value) < 2 || len(value) > 256 {
			return fmt.Errorf("an ID of %d bytes", len(value))
		}
		id := ID{value[0], append([]byte(nil), value[1:]...)}
		if kind == typeChassisID {
			f.Chassis = id
		} else {
			f.Port = id
		}
	case typeTTL:
		if len(value) < 2 {
			return errors.New("a time to live of no time")
		}
		f.TTL = binary.BigEndian.Uint16(value)
	case typePortDescription:
		f.PortDescription = string(value)
	case typeSystemName:
		f.SystemName = string(value)
	case typeSystemDescription:
		f.SystemDescription = string(value)
	case typeCapabilities:
		if len(value) < 4 {
			return errors.New("capabilities are cut short")
		}
		f.Supported, f.Enabled = Capability(binary.BigEndian.Uint16(value)), Capability(binary.BigEndian.Uint16(value[2:]))
	case typeManagementAddress:
		return f.decodeManagement(value)
	}
	return nil
}

// decodeManagement reads a management address. Those of other families than IP
// are skipped.
func (f *Frame) decodeManagement(value []byte) error {
	if len(value) < 1 || value[0] < 1 || len(value) < 1+int(value[0])+5 {
		return errors.New("a management address is cut short")
	}
	length := int(value[0])
	family, address, rest := value[1], value[2:1+length], value[1+length:]
	a, ok := netip.AddrFromSlice(address)
	if !ok || a.Is4() != (family == familyIPv4) || a.Is6() != (family == familyIPv6) {
		return nil
	}
	f.Management = append(f.Management, Management{a, binary.BigEndian.Uint32(rest[1:])})
	return nil
}
