package oper

import (
	"net/netip"
	"slices"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

// A unitFamily is a protocol family of a logical interface with its addresses:
// the kernel's, or of iso the configured ones.
type unitFamily struct {
	name      string
	addresses []netip.Prefix
	iso       []string
}

// familyOrder is the order in which Junos lists protocol families.
var familyOrder = []string{"inet", "iso", "inet6", "mpls"}

// isoHeader is what a unit's MTU leaves less for iso than for inet: the 802.2
// header.
const isoHeader = 3

// speaksIPv6 reports whether a unit has family inet6. The kernel gives every
// device a link-local address, Junos only to units that have it.
func (r *Router) speaksIPv6(unit string, addresses []netip.Prefix) bool {
	if r.Families != nil {
		_, ok := r.Families(unit)["inet6"]
		return ok
	}
	return slices.ContainsFunc(addresses, func(a netip.Prefix) bool {
		return a.Addr().Is6() && !a.Addr().IsLinkLocalUnicast()
	})
}

// unitFamilies are the families of a unit, in Junos's order: those that are
// configured, and those that its addresses have.
func (r *Router) unitFamilies(u junosemu.InterfaceIntent, l junosemu.LinkState) []unitFamily {
	var configured map[string][]string
	if r.Families != nil {
		configured = r.Families(u.Junos)
	}
	found := map[string]unitFamily{}
	for name, addresses := range configured {
		f := unitFamily{name: name}
		if name == "iso" {
			f.iso = addresses
		}
		found[name] = f
	}
	for _, own := range []struct {
		name string
		ipv6 bool
	}{{"inet", false}, {"inet6", true}} {
		if addresses := r.unitAddresses(u.Junos, l, own.ipv6); len(addresses) > 0 {
			found[own.name] = unitFamily{name: own.name, addresses: addresses}
		}
	}
	var all []unitFamily
	for _, name := range familyOrder {
		if f, ok := found[name]; ok {
			all = append(all, f)
		}
	}
	return all
}

// unitAddresses are the addresses of one version that a unit has now, the
// link-local ones last. The loopback's own 127.0.0.1 is no Junos address.
func (r *Router) unitAddresses(unit string, l junosemu.LinkState, ipv6 bool) []netip.Prefix {
	if ipv6 && !r.speaksIPv6(unit, l.Addresses) {
		return nil
	}
	var global, linkLocal []netip.Prefix
	for _, a := range l.Addresses {
		switch {
		case a.Addr().IsLoopback() || a.Addr().Is6() != ipv6:
		case ipv6 && a.Addr().IsLinkLocalUnicast():
			linkLocal = append(linkLocal, a)
		default:
			global = append(global, a)
		}
	}
	return append(global, linkLocal...)
}

// unitsWithIPv6 are the names of the units that have family inet6.
func (r *Router) unitsWithIPv6(links []junosemu.LinkState) map[string]bool {
	all := map[string]bool{}
	for _, l := range links {
		if unit := r.junosUnit(l.Device); r.speaksIPv6(unit, l.Addresses) {
			all[unit] = true
		}
	}
	return all
}
