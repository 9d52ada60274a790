package testplans

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/topology"
)

// Values that refer to something else: nodes and links of the topology,
// streams and requirements of the plan.

// sender is a node that can send packets of its own. A port of the traffic
// generator has no address in its kernel.
var sender = scalar{what: "the name of a node", json: stringSchema("h1"),
	parse: func(d *decoder, n *yaml.Node) any {
		name := d.node(n, false)
		if name != nil && d.topology != nil && d.topology.Node(n.Value).IsGenerator() {
			d.mistake(n, "send from a host or a router, or use a stream", "%s is a port of the traffic generator and has no address of its own", n.Value)
			return nil
		}
		return name
	}}

// router is a node that takes a Junos configuration.
var router = scalar{what: "the name of a Junos node", json: stringSchema("r1"),
	parse: func(d *decoder, n *yaml.Node) any { return d.node(n, true) }}

// oneRouter is router for the key node:, which is short for nodes:.
var oneRouter = scalar{what: "the name of one Junos node", json: stringSchema("r1"),
	parse: func(d *decoder, n *yaml.Node) any {
		if name := d.node(n, true); name != nil {
			return []any{name}
		}
		return nil
	}}

func (d *decoder) node(n *yaml.Node, junos bool) any {
	if d.topology == nil {
		return n.Value
	}
	node := d.topology.Node(n.Value)
	if node == nil {
		d.mistake(n, suggest(n.Value, d.nodeNames(junos)), "there is no node %q in topology %s", n.Value, d.topology.Name)
		return nil
	}
	if junos && !node.IsJunos() {
		d.mistake(n, "Junos nodes are "+listed(d.nodeNames(true)), "%s is a %s node; this needs a Junos node", n.Value, node.Kind)
		return nil
	}
	return n.Value
}

func (d *decoder) nodeNames(junos bool) []string {
	var names []string
	for _, n := range d.topology.Nodes {
		if !junos || n.IsJunos() {
			names = append(names, n.Name)
		}
	}
	return names
}

// routerList is one router, several, or "all" of them.
type routerList struct{}

func (routerList) read(d *decoder, n *yaml.Node) any {
	if n.Kind == yaml.ScalarNode && n.Value == "all" && d.topology != nil && d.topology.Node("all") == nil {
		all := make([]any, 0)
		for _, name := range d.nodeNames(true) {
			all = append(all, name)
		}
		if len(all) == 0 {
			d.mistake(n, "", "topology %s has no Junos node", d.topology.Name)
		}
		return all
	}
	names, _ := list{of: router, min: 1, single: true}.read(d, n).([]any)
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			d.mistake(n, "", "node %s is listed twice", name)
			return nil
		}
	}
	if names == nil {
		return nil
	}
	return names
}

func (routerList) schema(w *schemaWriter) map[string]any {
	return map[string]any{"anyOf": []any{
		map[string]any{"type": "string", "examples": []any{"all"}},
		map[string]any{"type": "array", "minItems": 1, "items": map[string]any{"type": "string"}},
	}}
}

// linkEnd is an endpoint of a link, in Junos's name for it.
var linkEnd = scalar{what: "the end of a link, such as r1:ge-0/0/0", json: stringSchema("r1:ge-0/0/0"),
	parse: func(d *decoder, n *yaml.Node) any {
		if d.topology == nil {
			return n.Value
		}
		if e, ok := d.topology.Endpoint(n.Value); ok {
			return e.String()
		}
		d.mistake(n, suggest(n.Value, d.endpoints(n.Value)), "there is no link end %q in topology %s", n.Value, d.topology.Name)
		return nil
	}}

// endpoints lists the ends of the named node's links, or of every link if
// there is no such node.
func (d *decoder) endpoints(ref string) []string {
	name, _, _ := strings.Cut(ref, ":")
	var refs []string
	for _, l := range d.topology.Links {
		for _, e := range []topology.Endpoint{l.A, l.B} {
			if e.Node == name || d.topology.Node(name) == nil {
				refs = append(refs, e.String())
			}
		}
	}
	return refs
}

// streamName is a stream of the plan.
var streamName = scalar{what: "the name of a stream", json: stringSchema("h1-h2"),
	parse: func(d *decoder, n *yaml.Node) any {
		if slices.Contains(d.streams, n.Value) {
			return n.Value
		}
		hint := suggest(n.Value, d.streams)
		if len(d.streams) == 0 {
			hint = "define it under streams:"
		}
		d.mistake(n, hint, "there is no stream %q in this plan", n.Value)
		return nil
	}}

// requirementID is a requirement of the plan.
var requirementID = scalar{what: "the ID of a requirement", json: stringSchema("R1"),
	parse: func(d *decoder, n *yaml.Node) any {
		if slices.Contains(d.requirements, n.Value) {
			return n.Value
		}
		hint := suggest(n.Value, d.requirements)
		if len(d.requirements) == 0 {
			hint = "define it under requirements:"
		}
		d.mistake(n, hint, "there is no requirement %q in this plan", n.Value)
		return nil
	}}

// address is an IP address.
var address = checked("an IP address, such as 10.0.41.1", stringSchema("10.0.41.1"), func(s string) error {
	if _, err := netip.ParseAddr(s); err != nil {
		return fmt.Errorf("%q is not an IP address", s)
	}
	return nil
})

// addressOrNode is an IP address, or a node whose address is looked up when
// the step runs.
var addressOrNode = scalar{what: "an IP address or the name of a node", json: stringSchema("10.1.3.2", "h2"),
	parse: func(d *decoder, n *yaml.Node) any {
		if _, err := netip.ParseAddr(n.Value); err == nil {
			return n.Value
		}
		if strings.Trim(n.Value, "0123456789.:/") == "" {
			d.mistake(n, "", "%q is neither an IP address nor the name of a node", n.Value)
			return nil
		}
		return d.node(n, false)
	}}
