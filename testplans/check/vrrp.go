package check

import (
	"fmt"
	"strconv"

	"github.com/antchfx/xmlquery"
)

func (v *VRRP) adjacencies() *adjacencies {
	on := onInterface(v.Interface)
	if v.Group != 0 {
		on = fmt.Sprintf(" with number %d", v.Group) + on
	}
	return &adjacencies{
		noun: "VRRP group", on: on, container: "vrrp-information", element: "vrrp-interface",
		state: v.State,
		read: func(n *xmlquery.Node) (where, state string, meant bool) {
			ifname, group := child(n, "interface"), child(n, "group")
			meant = isMeant(v.Interface, ifname) && (v.Group == 0 || group == strconv.Itoa(v.Group))
			return group + " on " + ifname, child(n, "vrrp-state"), meant
		},
	}
}

func (v *VRRP) sentence() string {
	which := "every VRRP group"
	if v.Group != 0 {
		which = fmt.Sprintf("VRRP group %d", v.Group)
	}
	return fmt.Sprintf("%s %s %s in %s%s", v.Nodes, v.Nodes.verb("is", "are"), v.State, which, onInterface(v.Interface))
}

func (v *VRRP) judge(c *court) { c.adjacencies(v.queries(), v.adjacencies()) }
