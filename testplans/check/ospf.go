package check

import (
	"cmp"

	"github.com/antchfx/xmlquery"
)

func (o *OSPF) adjacencies() *adjacencies {
	noun, element := "OSPF neighbor", "ospf-neighbor"
	if o.Version == 3 {
		noun, element = "OSPFv3 neighbor", "ospf3-neighbor"
	}
	return &adjacencies{
		noun: noun, on: onInterface(o.Interface), container: element + "-information", element: element,
		state: stateOr(o.State, "full"), count: o.Neighbors,
		read: func(n *xmlquery.Node) (where, state string, meant bool) {
			ifname := child(n, "interface-name")
			state = cmp.Or(child(n, "ospf3-neighbor-state"), child(n, "ospf-neighbor-state")) // releases differ
			return child(n, "neighbor-id") + " on " + ifname, state, isMeant(o.Interface, ifname)
		},
	}
}

func (o *OSPF) sentence() string { return o.adjacencies().sentence(o.Nodes) }

func (o *OSPF) judge(c *court) { c.adjacencies(o.queries(), o.adjacencies()) }
