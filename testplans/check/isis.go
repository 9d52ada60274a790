package check

import (
	"fmt"
	"strconv"

	"github.com/antchfx/xmlquery"
)

// bothLevels is the level that Junos shows of a point-to-point adjacency that
// serves level 1 and level 2.
const bothLevels = "3"

func (i *ISIS) adjacencies() *adjacencies {
	noun := "IS-IS adjacency"
	if i.Level != 0 {
		noun = fmt.Sprintf("level %d IS-IS adjacency", i.Level)
	}
	return &adjacencies{
		noun: noun, on: onInterface(i.Interface), container: "isis-adjacency-information", element: "isis-adjacency",
		state: stateOr(i.State, "up"), count: i.Neighbors,
		read: func(n *xmlquery.Node) (where, state string, meant bool) {
			ifname, level := child(n, "interface-name"), child(n, "level")
			meant = isMeant(i.Interface, ifname) && (i.Level == 0 || level == strconv.Itoa(i.Level) || level == bothLevels)
			return child(n, "system-name") + " on " + ifname, child(n, "adjacency-state"), meant
		},
	}
}

func (i *ISIS) sentence() string { return i.adjacencies().sentence(i.Nodes) }

func (i *ISIS) judge(c *court) { c.adjacencies(i.queries(), i.adjacencies()) }
