package intent

import (
	"net/netip"
	"slices"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// checkHostBits refuses prefixes that are no networks, in the places where the
// router does at commit. Routes are checked where they are translated; filters
// of IPv6, prefix lists and route filters may have them.
func (c *compiler) checkHostBits() {
	for _, f := range c.filterNodes("inet") {
		for _, t := range f.Children("term") {
			for _, list := range []string{"address", "source-address", "destination-address"} {
				c.networks(t.Child("from"), list)
			}
			c.network(t.Child("then"), "next-ip", t.Value("then", "next-ip", "prefix"))
		}
	}
	for _, n := range c.root.Lookup("policy-options").Children("condition") {
		exists := n.Child("if-route-exists")
		c.network(exists, "prefix", exists.Value("prefix"))
	}
	for _, scope := range append(slices.Clone(c.allInstances()), c.root) {
		for _, protocol := range []string{"ospf", "ospf3"} {
			for _, area := range scope.Lookup("protocols", protocol).Children("area") {
				c.networks(area, "area-range")
				c.networks(area.Child("nssa"), "area-range")
			}
		}
	}
}

// networks checks the keys of a list below n.
func (c *compiler) networks(n *config.Node, list string) {
	for _, entry := range n.Children(list) {
		c.network(n, list+" "+entry.Key(), entry.Key())
	}
}

func (c *compiler) network(at *config.Node, element, prefix string) {
	if p, err := netip.ParsePrefix(prefix); err == nil && p != p.Masked() {
		c.fail(at, element, hostBits(prefix))
	}
}

func hostBits(prefix string) string { return "host bits are set in the prefix: " + prefix }
