package check

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/antchfx/xmlquery"
)

// Adjacencies are what a device has several of, each in a state: neighbors,
// sessions, groups. They are counted alike.
type adjacencies struct {
	noun string // of one: "OSPF neighbor"
	on   string // what narrows them, for sentences: " on ge-0/0/0.0"

	container string // element of the reply
	element   string // of each

	state string // that is wanted, as Junos spells it
	count Bound  // how many in that state; all, and at least one, when empty

	// read says where one is ("10.255.0.1 on ge-0/0/0.0") and in which state, or
	// that it is not meant.
	read func(n *xmlquery.Node) (where, state string, meant bool)
}

func (a *adjacencies) expected() string {
	if a.count != "" {
		return a.count.Words() + " " + a.state
	}
	return "all " + a.state + ", at least one"
}

// sentence is what is wanted of the adjacencies of nodes.
func (a *adjacencies) sentence(nodes Nodes) string {
	if a.count == "" {
		return fmt.Sprintf("every %s of %s%s is in state %s", a.noun, nodes, a.on, a.state)
	}
	return fmt.Sprintf("%s %s %s%s in state %s", nodes.have(), a.count.Words(), plural(a.count, a.noun), a.on, a.state)
}

// adjacencies judges one kind of adjacency on every node that is asked.
func (c *court) adjacencies(queries []Query, a *adjacencies) {
	subject := plurals(a.noun) + a.on
	for _, q := range queries {
		doc, ok := c.document(q, a.container, subject, a.expected())
		if !ok {
			continue
		}
		in, others := a.sort(xmlquery.Find(doc, "//"+a.element))
		seen := strconv.Itoa(len(in)) + " " + a.state
		if all := slices.Concat(in, others); len(all) == 0 {
			seen = "none"
		} else {
			seen += ": " + strings.Join(all, ", ")
		}
		holds := len(in) > 0 && len(others) == 0
		if a.count != "" {
			holds = a.count.Holds(float64(len(in)))
		}
		c.find(q, holds, subject, a.expected(), seen)
	}
}

// sort divides those that are meant into the ones in the wanted state and the
// others, each in words.
func (a *adjacencies) sort(elements []*xmlquery.Node) (in, others []string) {
	for _, n := range elements {
		where, state, meant := a.read(n)
		switch {
		case !meant:
		case strings.EqualFold(state, a.state):
			in = append(in, where)
		default:
			others = append(others, where+" "+cmp.Or(state, "unknown"))
		}
	}
	return in, others
}

// onInterface is " on ge-0/0/0.0", or nothing.
func onInterface(name string) string {
	if name == "" {
		return ""
	}
	return " on " + name
}

// isMeant reports whether what is on an interface is asked for.
func isMeant(asked, ifname string) bool { return asked == "" || sameInterface(asked, ifname) }
