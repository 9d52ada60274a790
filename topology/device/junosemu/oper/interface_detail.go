package oper

import (
	"cmp"
	"net/netip"
	"strconv"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

// physicalElement is a physical interface in the default form and longer ones;
// media adds the counters of an Ethernet port.
func (r *Router) physicalElement(v view, style string, media bool) *xmltree.Element {
	l := v.link
	e := xmltree.New("physical-interface").
		Leaf("name", v.name).
		Add(xmltree.Leaf("admin-status", upDown(l.AdminUp)).
			Set("junos:format", map[bool]string{true: "Enabled", false: "Administratively down"}[l.AdminUp])).
		Leaf("oper-status", upDown(operational(l))).
		Leaf("local-index", strconv.Itoa(l.Index)).
		Leaf("snmp-index", strconv.Itoa(500+v.index)).
		LeafIf("description", v.desc)
	if v.name == "lo0" {
		e.Leaf("if-type", "Loopback").Leaf("mtu", "Unlimited")
	} else {
		e.Leaf("link-level-type", "Ethernet").
			Leaf("mtu", strconv.Itoa(l.MTU+ethernetHeader)).
			Leaf("sonet-mode", "LAN-PHY mode").
			Leaf("speed", "1000mbps").
			Leaf("loopback", "disabled")
	}
	flags := xmltree.New("if-device-flags").Add(xmltree.New("ifdf-present"))
	if operational(l) {
		flags.Add(xmltree.New("ifdf-running"))
	} else {
		flags.Add(xmltree.New("ifdf-down"))
	}
	if v.name == "lo0" {
		flags.Add(xmltree.New("ifdf-loopback"))
	}
	e.Add(flags)
	if l.MAC != "" && v.name != "lo0" {
		e.Leaf("current-physical-address", l.MAC).Leaf("hardware-physical-address", l.MAC)
	}
	if v.name != "lo0" {
		e.Add(r.flapped(l))
	}
	long := style == "extensive" || style == "detail"
	if long {
		e.Add(r.momentOrNever("statistics-cleared", r.root().counters.last(l.Device)))
	}
	e.Add(traffic(l, style))
	if long {
		e.Add(errorLists(l)...)
	}
	if v.name != "lo0" {
		e.Add(xmltree.New("active-alarms", xmltree.New("interface-alarms", xmltree.New("alarm-not-present"))),
			xmltree.New("active-defects", xmltree.New("interface-alarms", xmltree.New("alarm-not-present"))))
	}
	if v.name != "lo0" && (media || style == "extensive") {
		e.Add(macStatistics(l))
	}
	for _, u := range v.units {
		e.Add(r.unitElement(v, u, style))
	}
	return e
}

// traffic are the counters of a device. The kernel counts no rates, and none
// are made up.
func traffic(l junosemu.LinkState, style string) *xmltree.Element {
	e := xmltree.New("traffic-statistics").Set("junos:style", cmp.Or(style, "brief"))
	if style == "extensive" || style == "detail" {
		e.Leaf("input-bytes", decimal(l.RxBytes)).Leaf("output-bytes", decimal(l.TxBytes))
	}
	return e.Leaf("input-packets", decimal(l.RxPackets)).Leaf("output-packets", decimal(l.TxPackets))
}

// macStatistics are the frames and bytes of an Ethernet port as its counters
// have them, which in the kernel are those of the device.
func macStatistics(l junosemu.LinkState) *xmltree.Element {
	return xmltree.New("ethernet-mac-statistics").Set("junos:style", "verbose").
		Leaf("input-bytes", decimal(l.RxBytes)).Leaf("output-bytes", decimal(l.TxBytes)).
		Leaf("input-packets", decimal(l.RxPackets)).Leaf("output-packets", decimal(l.TxPackets))
}

func errorLists(l junosemu.LinkState) []*xmltree.Element {
	return []*xmltree.Element{
		xmltree.New("input-error-list").
			Leaf("input-errors", decimal(l.RxErrors)).
			Leaf("input-drops", decimal(l.RxDropped)),
		xmltree.New("output-error-list").
			Leaf("output-errors", decimal(l.TxErrors)).
			Leaf("output-drops", decimal(l.TxDropped)),
	}
}

// unitElement is a logical interface.
func (r *Router) unitElement(v view, u junosemu.InterfaceIntent, style string) *xmltree.Element {
	l := v.unitLink(u)
	e := xmltree.New("logical-interface").
		Leaf("name", u.Junos).
		Leaf("local-index", strconv.Itoa(l.Index)).
		Leaf("snmp-index", strconv.Itoa(600+v.index)).
		LeafIf("description", u.Description)
	flags := xmltree.New("if-config-flags")
	if l.AdminUp && !u.Disabled {
		flags.Add(xmltree.New("iff-up"))
	} else {
		flags.Add(xmltree.New("iff-down"))
	}
	e.Add(flags)
	switch {
	case u.VLAN != 0:
		e.Leaf("link-address", "VLAN-Tag [ 0x8100."+strconv.Itoa(u.VLAN)+" ]").Leaf("encapsulation", "ENET2")
	case v.name == "lo0":
		e.Leaf("encapsulation", "Unspecified")
	default:
		e.Leaf("encapsulation", "ENET2")
	}
	e.Add(traffic(l, style))
	for _, f := range r.unitFamilies(u, l) {
		e.Add(familyElement(f, v.name == "lo0", l.MTU))
	}
	return e
}

func familyElement(f unitFamily, loopback bool, mtu int) *xmltree.Element {
	e := xmltree.New("address-family").Leaf("address-family-name", f.name)
	switch {
	case loopback:
		e.Leaf("mtu", "Unlimited")
	case f.name == "iso":
		e.Leaf("mtu", strconv.Itoa(mtu-isoHeader))
	default:
		e.Leaf("mtu", strconv.Itoa(mtu))
	}
	preferred := false
	for _, a := range f.addresses {
		flags := xmltree.New("ifa-flags")
		if linkLocal := a.Addr().Is6() && a.Addr().IsLinkLocalUnicast(); linkLocal || !preferred {
			flags.Add(xmltree.New("ifaf-current-preferred"))
			preferred = preferred || !linkLocal
			if !linkLocal {
				flags.Add(xmltree.New("ifaf-current-primary"))
			}
		}
		e.Add(addressElement(a, flags))
	}
	for _, a := range f.iso {
		flags := xmltree.New("ifa-flags", xmltree.New("ifaf-current-default"), xmltree.New("ifaf-current-primary"))
		e.Add(xmltree.New("interface-address", flags).Leaf("ifa-local", a))
	}
	return e
}

func addressElement(a netip.Prefix, flags *xmltree.Element) *xmltree.Element {
	ia := xmltree.New("interface-address").Add(flags)
	if !a.IsSingleIP() {
		ia.Leaf("ifa-destination", a.Masked().String())
	}
	ia.Leaf("ifa-local", a.Addr().String())
	if a.Addr().Is4() && a.Bits() <= 30 {
		ia.Leaf("ifa-broadcast", lastAddress(a).String())
	}
	return ia
}

// lastAddress is the highest address of an IPv4 prefix: its broadcast address.
func lastAddress(p netip.Prefix) netip.Addr {
	a := p.Masked().Addr().As4()
	for bit := p.Bits(); bit < 32; bit++ {
		a[bit/8] |= 1 << (7 - bit%8)
	}
	return netip.AddrFrom4(a)
}
