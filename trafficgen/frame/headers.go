package frame

import (
	"encoding/binary"
	"fmt"
	"net"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// Types of what no layer announces.
const (
	etherARP          = 0x0806
	etherMPLS         = 0x8847
	etherMPLSMulti    = 0x8848
	etherBridged      = 0x6558 // Ethernet within GRE
	etherExperimental = 0x88b5 // IEEE 802, local experimental
	protocolHopopts   = 0
	protocolIPv4      = 4
	protocolTCP       = 6
	protocolIPv6      = 41
	protocolRouting   = 43
	protocolFragment  = 44
	protocolGRE       = 47
	protocolDstopts   = 60
	protocolAny       = 253 // RFC 3692: for experiments
	portVXLAN         = 4789
	arpLen            = 28
	icmpLen           = 8
	vxlanLen          = 8
)

var etherTypes = map[string]uint64{"ip": etherIPv4, "ipv6": etherIPv6, "vlan": etherVLAN, "qinq": etherQinQ,
	"mpls": etherMPLS, "arp": etherARP, "eth": etherBridged}

var protocols = map[string]uint64{"udp": protocolUDP, "tcp": protocolTCP, "icmp": protocolICMP, "icmpv6": protocolICMPv6,
	"gre": protocolGRE, "ip": protocolIPv4, "ipv6": protocolIPv6, "hopopts": protocolHopopts, "dstopts": protocolDstopts}

// length is how many bytes the header has in frame i.
func (h *header) length(i int) int {
	switch h.kind {
	case "eth":
		return ethernetLen
	case "ip":
		return ipv4Len + len(h.options(i, 4, 0))
	case "ipv6":
		return ipv6Len
	case "hopopts", "dstopts":
		return 2 + len(h.options(i, 8, 2))
	case "tcp":
		return TCPLen
	case "arp":
		return arpLen
	case "gre":
		n := 4
		for _, name := range []string{"key", "seq"} {
			if h.fields[name] != nil {
				n += 4
			}
		}
		return n
	case "raw":
		return len(h.bytes("bytes", i, nil))
	case "vlan", "qinq", "mpls":
		return 4
	}
	return 8 // udp, icmp, icmpv6, vxlan
}

// options are the header's options in frame i, padded so that with what
// precedes them they are a multiple of so many bytes.
func (h *header) options(i, multiple, before int) []byte {
	o := h.bytes("options", i, nil)
	pad := (multiple - (before+len(o))%multiple) % multiple
	out := append(make([]byte, 0, len(o)+pad), o...)
	if pad > 1 && multiple == 8 { // PadN of RFC 8200; otherwise Pad1 or end of options
		out = append(out, 1, byte(pad-2))
		pad -= 2
	}
	return append(out, make([]byte, pad)...)
}

// headers are the layers of frame i, and their length in bytes.
func (b *builder) headers(i int) (parts []gopacket.SerializableLayer, length int, err error) {
	var network gopacket.NetworkLayer // of the transport that follows
	for k := range b.stack {
		h := &b.stack[k]
		next := ""
		if k+1 < len(b.stack) {
			next = b.stack[k+1].kind
		}
		var made []gopacket.SerializableLayer
		switch h.kind {
		case "eth", "vlan", "qinq", "mpls", "arp", "raw":
			made, err = b.link(h, next, i)
		case "ip":
			ip := b.ipv4(h, next, i)
			network, made = ip, append(made, ip)
		case "ipv6":
			ip := b.ipv6(h, next, i)
			network, made = ip, append(made, ip)
		case "hopopts", "dstopts":
			options := h.options(i, 8, 2)
			head := []byte{byte(proto(next, protocolAny)), byte((2+len(options))/8 - 1)}
			made = append(made, gopacket.Payload(append(head, options...)))
		default:
			made, err = transport(h, next, network, i)
		}
		if err != nil {
			return nil, 0, err
		}
		parts, length = append(parts, made...), length+h.length(i)
	}
	return parts, length, nil
}

// link makes layers that are not IP's. gopacket's Ethernet would pad frames
// within frames to 60 bytes.
func (b *builder) link(h *header, next string, i int) ([]gopacket.SerializableLayer, error) {
	following := ether(next, h.number("type", i, etherExperimental))
	switch h.kind {
	case "eth":
		head := append(append(make([]byte, 0, ethernetLen), h.bytes("dst", i, b.dst)...), h.bytes("src", i, b.src)...)
		return one(gopacket.Payload(binary.BigEndian.AppendUint16(head, following))), nil
	case "vlan", "qinq":
		tag := uint16(h.number("pcp", i, 0)<<13 | h.number("dei", i, 0)<<12 | h.number("id", i, 1))
		head := binary.BigEndian.AppendUint16(nil, tag)
		return one(gopacket.Payload(binary.BigEndian.AppendUint16(head, following))), nil
	case "mpls":
		return one(&layers.MPLS{
			Label: uint32(h.number("label", i, 16)), TrafficClass: uint8(h.number("tc", i, 0)),
			StackBottom: next != "mpls", TTL: uint8(h.number("ttl", i, DefaultTTL)),
		}), nil
	case "raw":
		return one(gopacket.Payload(h.bytes("bytes", i, nil))), nil
	}
	if h.fields["sender"] == nil && !b.ip[0].Is4() || h.fields["target"] == nil && !b.ip[1].Is4() {
		return nil, fmt.Errorf("arp needs IPv4 addresses for sender and target")
	}
	return one(&layers.ARP{
		AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6, ProtAddressSize: 4,
		Operation:       uint16(h.number("op", i, uint64(layers.ARPRequest))),
		SourceHwAddress: h.bytes("sender-mac", i, b.src), SourceProtAddress: h.bytes("sender", i, b.ip[0].AsSlice()),
		DstHwAddress: h.bytes("target-mac", i, make([]byte, 6)), DstProtAddress: h.bytes("target", i, b.ip[1].AsSlice()),
	}), nil
}

func one(l gopacket.SerializableLayer) []gopacket.SerializableLayer {
	return []gopacket.SerializableLayer{l}
}

func ether(next string, def uint64) uint16 {
	if v, ok := etherTypes[next]; ok {
		return uint16(v)
	}
	return uint16(def)
}

func proto(next string, def uint64) uint8 {
	if v, ok := protocols[next]; ok {
		return uint8(v)
	}
	return uint8(def)
}

func (b *builder) ipv4(h *header, next string, i int) *layers.IPv4 {
	ip := &layers.IPv4{
		Version: 4, TTL: uint8(h.number("ttl", i, DefaultTTL)), Id: uint16(h.number("id", i, 0)),
		TOS:      uint8(h.number("dscp", i, 0)<<2 | h.number("ecn", i, 0)),
		Protocol: layers.IPProtocol(proto(next, h.number("proto", i, protocolAny))),
		SrcIP:    net.IP(h.bytes("src", i, b.ip[0].AsSlice())), DstIP: net.IP(h.bytes("dst", i, b.ip[1].AsSlice())),
	}
	if h.number("df", i, 1) == 1 { // a fragment would count as damaged
		ip.Flags = layers.IPv4DontFragment
	}
	if o := h.options(i, 4, 0); len(o) > 0 {
		ip.Options = optionList(o)
	}
	return ip
}

// optionList is options as gopacket takes them.
func optionList(o []byte) (list []layers.IPv4Option) {
	for len(o) > 0 {
		n := 1
		if o[0] > 1 { // neither end nor no-operation: a length follows
			n = int(o[1])
			list = append(list, layers.IPv4Option{OptionType: o[0], OptionLength: o[1], OptionData: o[2:n]})
		} else {
			list = append(list, layers.IPv4Option{OptionType: o[0], OptionLength: 1})
		}
		o = o[n:]
	}
	return list
}

func (b *builder) ipv6(h *header, next string, i int) *layers.IPv6 {
	return &layers.IPv6{
		Version: 6, HopLimit: uint8(h.number("hop-limit", i, DefaultTTL)), FlowLabel: uint32(h.number("flow-label", i, 0)),
		TrafficClass: uint8(h.number("dscp", i, 0)<<2 | h.number("ecn", i, 0)),
		NextHeader:   layers.IPProtocol(proto(next, h.number("next", i, protocolAny))),
		SrcIP:        net.IP(h.bytes("src", i, b.ip[0].AsSlice())), DstIP: net.IP(h.bytes("dst", i, b.ip[1].AsSlice())),
	}
}

// transport makes what is carried by IP.
func transport(h *header, next string, network gopacket.NetworkLayer, i int) ([]gopacket.SerializableLayer, error) {
	n := func(name string, def uint64) uint64 { return h.number(name, i, def) }
	dport := uint64(DefaultDstPort)
	if next == "vxlan" {
		dport = portVXLAN
	}
	switch h.kind {
	case "udp":
		udp := &layers.UDP{SrcPort: layers.UDPPort(n("sport", DefaultSrcPort)), DstPort: layers.UDPPort(n("dport", dport))}
		return one(udp), udp.SetNetworkLayerForChecksum(network)
	case "tcp":
		flags := n("flags", 1<<4) // ack
		on := func(bit int) bool { return flags>>bit&1 == 1 }
		tcp := &layers.TCP{
			SrcPort: layers.TCPPort(n("sport", DefaultSrcPort)), DstPort: layers.TCPPort(n("dport", DefaultDstPort)),
			Seq: uint32(n("seq", 0)), Ack: uint32(n("ack", 0)), Window: uint16(n("window", 65535)), Urgent: uint16(n("urgent", 0)),
			FIN: on(0), SYN: on(1), RST: on(2), PSH: on(3), ACK: on(4), URG: on(5), ECE: on(6), CWR: on(7),
		}
		return one(tcp), tcp.SetNetworkLayerForChecksum(network)
	case "icmp":
		return one(&layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(uint8(n("type", layers.ICMPv4TypeEchoRequest)), uint8(n("code", 0))),
			Id: uint16(n("id", 0)), Seq: uint16(n("seq", 0))}), nil
	case "icmpv6":
		icmp := &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(uint8(n("type", layers.ICMPv6TypeEchoRequest)), uint8(n("code", 0)))}
		echo := &layers.ICMPv6Echo{Identifier: uint16(n("id", 0)), SeqNumber: uint16(n("seq", 0))}
		return []gopacket.SerializableLayer{icmp, echo}, icmp.SetNetworkLayerForChecksum(network)
	case "gre":
		return one(&layers.GRE{Protocol: layers.EthernetType(ether(next, n("proto", etherExperimental))),
			KeyPresent: h.fields["key"] != nil, Key: uint32(n("key", 0)),
			SeqPresent: h.fields["seq"] != nil, Seq: uint32(n("seq", 0))}), nil
	}
	return one(&layers.VXLAN{ValidIDFlag: true, VNI: uint32(n("vni", 1))}), nil
}
