package frame

import (
	"bytes"
	"net"
	"net/netip"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// EchoReply builds the answer to an ICMP or ICMPv6 echo request that is
// addressed to mac and to an address that answers says yes to. It returns nil
// for anything else; any bytes may be given.
func EchoReply(b []byte, mac net.HardwareAddr, answers func(netip.Addr) bool) []byte {
	var (
		eth     layers.Ethernet
		ip4     layers.IPv4
		ip6     layers.IPv6
		icmp4   layers.ICMPv4
		icmp6   layers.ICMPv6
		decoded []gopacket.LayerType
	)
	p := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &eth, &ip4, &ip6, &icmp4, &icmp6)
	p.IgnoreUnsupported = true
	if err := p.DecodeLayers(b, &decoded); err != nil || len(decoded) != 3 || !bytes.Equal(eth.DstMAC, mac) {
		return nil
	}
	back := &layers.Ethernet{SrcMAC: mac, DstMAC: eth.SrcMAC, EthernetType: eth.EthernetType}
	switch {
	case decoded[2] == layers.LayerTypeICMPv4 && icmp4.TypeCode.Type() == layers.ICMPv4TypeEchoRequest:
		if dst, _ := netip.AddrFromSlice(ip4.DstIP); !answers(dst) {
			return nil
		}
		return serialize(back,
			&layers.IPv4{Version: 4, TTL: DefaultTTL, Protocol: layers.IPProtocolICMPv4, SrcIP: ip4.DstIP, DstIP: ip4.SrcIP},
			&layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(layers.ICMPv4TypeEchoReply, 0), Id: icmp4.Id, Seq: icmp4.Seq},
			gopacket.Payload(icmp4.Payload))
	case decoded[2] == layers.LayerTypeICMPv6 && icmp6.TypeCode.Type() == layers.ICMPv6TypeEchoRequest:
		if dst, _ := netip.AddrFromSlice(ip6.DstIP); !answers(dst) {
			return nil
		}
		ip := &layers.IPv6{Version: 6, HopLimit: DefaultTTL, NextHeader: layers.IPProtocolICMPv6, SrcIP: ip6.DstIP, DstIP: ip6.SrcIP}
		icmp := &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(layers.ICMPv6TypeEchoReply, 0)}
		if icmp.SetNetworkLayerForChecksum(ip) != nil {
			return nil
		}
		return serialize(back, ip, icmp, gopacket.Payload(icmp6.Payload)) // identifier and sequence lead the payload
	}
	return nil
}

func serialize(l ...gopacket.SerializableLayer) []byte {
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, serializing, l...); err != nil {
		return nil
	}
	return buf.Bytes()
}
