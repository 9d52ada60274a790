package frame

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// A Neighbor is one message of address resolution: ARP (RFC 826) or IPv6
// neighbor discovery (RFC 4861).
type Neighbor struct {
	Solicit bool // a question for Target; otherwise Sender's answer about itself
	// Sender has the hardware address MAC. It is unspecified in a question
	// that only detects duplicates.
	Sender netip.Addr
	MAC    net.HardwareAddr
	Target netip.Addr // asked for, or, in an answer, who asked
}

var (
	broadcast    = net.HardwareAddr{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	allNodes     = netip.MustParseAddr("ff02::1")
	serializing  = gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	icmpHopLimit = uint8(255) // RFC 4861: proof that no router forwarded it
)

// IsControl is a cheap test that b may be for a host rather than a counted
// frame: ARP, neighbor discovery or ICMP.
func IsControl(b []byte) bool {
	if len(b) < ethernetLen {
		return false
	}
	switch binary.BigEndian.Uint16(b[12:]) {
	case uint16(layers.EthernetTypeARP):
		return true
	case etherIPv6:
		return len(b) > ethernetLen+6 && b[ethernetLen+6] == protocolICMPv6
	case etherIPv4:
		return len(b) > ethernetLen+9 && b[ethernetLen+9] == protocolICMP
	}
	return false
}

// ParseNeighbor reads an ARP or neighbor discovery message out of a frame.
// ok is false for anything else; any bytes may be given.
func ParseNeighbor(b []byte) (n Neighbor, ok bool) {
	if !IsControl(b) {
		return n, false
	}
	var (
		eth  layers.Ethernet
		arp  layers.ARP
		ip   layers.IPv6
		icmp layers.ICMPv6
		ns   layers.ICMPv6NeighborSolicitation
		na   layers.ICMPv6NeighborAdvertisement
	)
	p := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &eth, &arp, &ip, &icmp, &ns, &na)
	p.IgnoreUnsupported = true
	var decoded []gopacket.LayerType
	if err := p.DecodeLayers(b, &decoded); err != nil || len(decoded) == 0 {
		return n, false
	}
	switch decoded[len(decoded)-1] {
	case layers.LayerTypeARP:
		return fromARP(&arp)
	case layers.LayerTypeICMPv6NeighborSolicitation:
		return fromSolicitation(&ip, &ns)
	case layers.LayerTypeICMPv6NeighborAdvertisement:
		return fromAdvertisement(&eth, &ip, &na)
	}
	return n, false
}

func fromARP(a *layers.ARP) (n Neighbor, ok bool) {
	if a.Protocol != layers.EthernetTypeIPv4 || len(a.SourceHwAddress) != 6 {
		return n, false
	}
	var okS, okT bool
	n.Sender, okS = netip.AddrFromSlice(a.SourceProtAddress)
	n.Target, okT = netip.AddrFromSlice(a.DstProtAddress)
	n.MAC = append(n.MAC, a.SourceHwAddress...)
	n.Solicit = a.Operation == layers.ARPRequest
	return n, okS && okT && (n.Solicit || a.Operation == layers.ARPReply)
}

func fromSolicitation(ip *layers.IPv6, ns *layers.ICMPv6NeighborSolicitation) (n Neighbor, ok bool) {
	n.Solicit = true
	n.Sender, _ = netip.AddrFromSlice(ip.SrcIP)
	n.Target, ok = netip.AddrFromSlice(ns.TargetAddress)
	n.MAC = option(ns.Options, layers.ICMPv6OptSourceAddress)
	return n, ok && ip.HopLimit == icmpHopLimit && (n.MAC != nil || n.Sender.IsUnspecified())
}

func fromAdvertisement(eth *layers.Ethernet, ip *layers.IPv6, na *layers.ICMPv6NeighborAdvertisement) (n Neighbor, ok bool) {
	n.Sender, ok = netip.AddrFromSlice(na.TargetAddress)
	n.Target, _ = netip.AddrFromSlice(ip.DstIP)
	n.MAC = option(na.Options, layers.ICMPv6OptTargetAddress)
	if n.MAC == nil { // it may be left out of an answer to a unicast question
		n.MAC = append(n.MAC, eth.SrcMAC...)
	}
	return n, ok && ip.HopLimit == icmpHopLimit
}

func option(opts layers.ICMPv6Options, kind layers.ICMPv6Opt) net.HardwareAddr {
	for _, o := range opts {
		if o.Type == kind && len(o.Data) == 6 {
			return append(net.HardwareAddr(nil), o.Data...)
		}
	}
	return nil
}

// Solicit builds the question for target's hardware address, asked by src.
func Solicit(mac net.HardwareAddr, src, target netip.Addr) ([]byte, error) {
	if target.Is4() {
		return arp(layers.ARPRequest, mac, src, broadcast, make(net.HardwareAddr, 6), target)
	}
	t := target.As16()
	group := netip.MustParseAddr("ff02::1:ff00:0").As16() // solicited-node multicast
	copy(group[13:], t[13:])
	ns := &layers.ICMPv6NeighborSolicitation{
		TargetAddress: target.AsSlice(),
		Options:       layers.ICMPv6Options{{Type: layers.ICMPv6OptSourceAddress, Data: mac}},
	}
	return discovery(layers.ICMPv6TypeNeighborSolicitation, mac, multicastMAC(group), src, netip.AddrFrom16(group), ns)
}

// Advertise builds the answer to the question q: that q.Target is at mac.
func Advertise(q Neighbor, mac net.HardwareAddr) ([]byte, error) {
	if q.Target.Is4() {
		return arp(layers.ARPReply, mac, q.Target, q.MAC, q.MAC, q.Sender)
	}
	const solicited, override = 0x40, 0x20
	na := &layers.ICMPv6NeighborAdvertisement{
		Flags: solicited | override, TargetAddress: q.Target.AsSlice(),
		Options: layers.ICMPv6Options{{Type: layers.ICMPv6OptTargetAddress, Data: mac}},
	}
	to, dst := q.Sender, q.MAC
	if to.IsUnspecified() { // duplicate address detection: tell everyone
		na.Flags, to, dst = override, allNodes, multicastMAC(allNodes.As16())
	}
	return discovery(layers.ICMPv6TypeNeighborAdvertisement, mac, dst, q.Target, to, na)
}

func arp(op uint16, mac net.HardwareAddr, src netip.Addr, to, target net.HardwareAddr, dst netip.Addr) ([]byte, error) {
	if !src.Is4() || !dst.Is4() {
		return nil, fmt.Errorf("ARP from %v to %v: both must be IPv4 addresses", src, dst)
	}
	buf := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(buf, serializing,
		&layers.Ethernet{SrcMAC: mac, DstMAC: to, EthernetType: layers.EthernetTypeARP},
		&layers.ARP{
			AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4,
			HwAddressSize: 6, ProtAddressSize: 4, Operation: op,
			SourceHwAddress: mac, SourceProtAddress: src.AsSlice(),
			DstHwAddress: target, DstProtAddress: dst.AsSlice(),
		})
	return buf.Bytes(), err
}

func discovery(kind uint8, mac, to net.HardwareAddr, src, dst netip.Addr, body gopacket.SerializableLayer) ([]byte, error) {
	if !src.Is6() || !dst.Is6() {
		return nil, fmt.Errorf("neighbor discovery from %v to %v: both must be IPv6 addresses", src, dst)
	}
	ip := &layers.IPv6{
		Version: 6, NextHeader: layers.IPProtocolICMPv6, HopLimit: icmpHopLimit,
		SrcIP: src.AsSlice(), DstIP: dst.AsSlice(),
	}
	icmp := &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(kind, 0)}
	if err := icmp.SetNetworkLayerForChecksum(ip); err != nil {
		return nil, err
	}
	buf := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(buf, serializing,
		&layers.Ethernet{SrcMAC: mac, DstMAC: to, EthernetType: layers.EthernetTypeIPv6}, ip, icmp, body)
	return buf.Bytes(), err
}

// multicastMAC maps an IPv6 group to Ethernet (RFC 2464, section 7).
func multicastMAC(group [16]byte) net.HardwareAddr {
	return append(net.HardwareAddr{0x33, 0x33}, group[12:]...)
}
