package intent

import (
	"slices"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// Routing instances are stored and not acted on. Their interfaces are not the
// master instance's for that: an address of another table that showed up in
// inet.0 would be worse than one that is missing.

// tables are the types of instances that have routing tables of their own.
var tables = []string{"virtual-router", "vrf"}

// instanceOf is the name of the routing instance that a logical interface
// belongs to, "" for the master instance.
func (c *compiler) instanceOf(unit string) string {
	for _, n := range c.root.Lookup("routing-instances").Children("instance") {
		if slices.Contains(tables, n.Value("instance-type")) && n.Has("interface", unit) {
			return n.Key()
		}
	}
	return ""
}

// inInstance warns of a unit that belongs to a routing instance, and reports
// whether it does.
func (c *compiler) inInstance(unit string, n *config.Node) bool {
	name := c.instanceOf(unit)
	if name != "" {
		c.unacted(n, "routing instance "+name+" is not there, and its interfaces have no addresses")
	}
	return name != ""
}
