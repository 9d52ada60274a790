package intent

import (
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// firewall translates [edit firewall], and where interfaces use it, to nftables.
//
// A filter is a chain without an end of its own: where a filter, or a list of
// them, is bound to an interface, what no term took is discarded. The hooks are
// those that see what Junos's filters see: an interface's input filter all that
// comes in by it, before any route is looked up; its output filter what is
// forwarded and what the router itself sends; lo0's filters what is for the
// router itself and what it sends, whatever the interface.
func (c *compiler) firewall() {
	f := &firewall{c: c, out: &junosemu.Firewall{}, known: map[string]bool{}}
	f.filters()
	bound := f.bind()
	f.silence()
	if len(f.out.Chains) > 0 && (c.instance == "" || bound || len(c.out.VirtualRouters) > 0) {
		c.out.Firewall = f.out
	}
}

// A firewall is the packet filters under construction.
type firewall struct {
	c     *compiler
	out   *junosemu.Firewall
	known map[string]bool // chains, counters and policers that are there already
}

// A filter is a filter in one of its uses.
type filter struct {
	node *config.Node
	v6   bool
	// label is what is added to the names of a filter that is there once for
	// each interface and direction: "-ge-0/0/0.0-i"; else "".
	label string
	shown *junosemu.FilterIntent // where its counters are listed
}

// filterNodes are the filters of an address family. Those outside of a family
// are IPv4's.
func (c *compiler) filterNodes(family string) []*config.Node {
	nodes := c.root.Lookup("firewall", "family", family).Children("filter")
	if family == "inet" {
		nodes = append(nodes[:len(nodes):len(nodes)], c.root.Lookup("firewall").Children("filter")...)
	}
	return nodes
}

// filters makes the chains of filters that all interfaces share.
func (f *firewall) filters() {
	for _, family := range []string{"inet", "inet6"} {
		for _, n := range f.c.filterNodes(family) {
			if n.Has("interface-specific") {
				f.check(n, family)
				continue
			}
			f.chain(filter{node: n, v6: family == "inet6", shown: f.show(n.Key())})
		}
	}
}

// check finds the mistakes in a filter that may be bound nowhere.
func (f *firewall) check(n *config.Node, family string) {
	aside := &firewall{c: f.c, out: &junosemu.Firewall{}, known: map[string]bool{}}
	aside.chain(filter{node: n, v6: family == "inet6", shown: aside.show(n.Key())})
}

// show adds a filter to what is shown. The result is good until the next show.
func (f *firewall) show(name string) *junosemu.FilterIntent {
	f.out.Filters = append(f.out.Filters, junosemu.FilterIntent{Name: name})
	return &f.out.Filters[len(f.out.Filters)-1]
}

// chain makes the chain of a filter, if it is not there yet, and returns its name.
func (f *firewall) chain(fl filter) string {
	name := fl.object("")
	if f.known[name] {
		return name
	}
	f.known[name] = true
	var rules []string
	for _, t := range fl.node.Children("term") {
		rules = append(rules, f.term(fl, t)...)
	}
	f.out.Chains = append(f.out.Chains, junosemu.FirewallChain{Name: name, Rules: rules})
	return name
}

// object is the name of something of a filter in nftables. Names that Junos
// takes and nftables does not are spelled out; the dots between the parts keep
// them apart from nftables' own words.
func (fl filter) object(kind string, parts ...string) string {
	family := "inet"
	if fl.v6 {
		family = "inet6"
	}
	words := []string{"filter", family, spell(fl.node.Key() + fl.label)}
	if kind != "" {
		words = append(words, kind)
	}
	for _, p := range parts {
		words = append(words, spell(p))
	}
	return strings.Join(words, ".")
}

// spell writes a name with letters, digits and hyphens; "_2f" stands for "/".
func spell(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "_%02x", c)
		}
	}
	return b.String()
}
