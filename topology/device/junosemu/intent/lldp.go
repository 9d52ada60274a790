package intent

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// What LLDP does where the configuration says nothing: seconds between two
// advertisements, and after how many of these a silent neighbor is forgotten.
const (
	lldpInterval = 30
	lldpHold     = 4
	lldpLongest  = 65535 // seconds that a frame can say
)

// snmpIndex is the SNMP ifIndex of the first port; the others follow in slot order.
const snmpIndex = 501

// lldp translates [edit protocols lldp]. Interfaces are named one by one, or are
// all but those that are disabled.
func (c *compiler) lldp() {
	n := c.root.Lookup("protocols", "lldp")
	if n == nil || n.Has("disable") {
		return
	}
	out := &junosemu.LLDP{
		System: c.out.Hostname, Description: fmt.Sprintf("Junos emulator, kind %s", c.id.Kind),
		Interval:     intOr(n.Value("advertisement-interval"), lldpInterval),
		PortIDByName: n.Value("port-id-subtype") == "interface-name",
		Management:   c.lldpManagement(n),
	}
	out.TTL = min(out.Interval*intOr(n.Value("hold-multiplier"), lldpHold), lldpLongest)
	c.lldpUnknown(n)
	for i, p := range c.id.Ports {
		if i == 0 {
			out.Chassis = p.Device
		}
		if !lldpSpoken(n, p.Junos) {
			continue
		}
		port := junosemu.LLDPPort{Junos: p.Junos, Device: p.Device, Description: p.Junos, Index: snmpIndex + i}
		if d := c.root.Value("interfaces", p.Junos, "description"); d != "" {
			port.Description = d
		}
		out.Ports = append(out.Ports, port)
	}
	c.out.LLDP = out
}

// lldpManagement are the addresses to be told: those configured, else the first
// of the loopback.
func (c *compiler) lldpManagement(n *config.Node) (addresses []netip.Addr) {
	for _, text := range n.Values("management-address") {
		if a, err := netip.ParseAddr(text); err == nil {
			addresses = append(addresses, a)
		}
	}
	for _, u := range c.units {
		for _, p := range u.prefixes {
			if len(addresses) == 0 && u.loopback() && !p.Addr().IsLoopback() {
				addresses = append(addresses, p.Addr())
			}
		}
	}
	return addresses
}

// lldpSpoken reports whether LLDP is spoken on a port.
func lldpSpoken(n *config.Node, port string) bool {
	spoken := false
	for _, i := range n.Children("interface") {
		name := strings.TrimSuffix(i.Key(), ".0")
		if name == port {
			return !i.Has("disable") // says more than "all"
		}
		if name == "all" {
			spoken = !i.Has("disable")
		}
	}
	return spoken
}

// lldpUnknown warns of interfaces that the router does not have.
func (c *compiler) lldpUnknown(n *config.Node) {
	known := map[string]bool{"all": true}
	for _, p := range c.id.Ports {
		known[p.Junos] = true
	}
	for _, i := range n.Children("interface") {
		if !known[strings.TrimSuffix(i.Key(), ".0")] {
			c.unacted(i, "this router has no such interface")
		}
	}
}
