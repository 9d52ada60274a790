package clabfile

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/topology"
)

// linker joins the links of a file to its nodes.
type linker struct {
	*file
	topology *topology.Topology
	used     map[string]topology.Pos // endpoint by node and kernel device → where
}

// special are the words that stand in a node's place in the brief form.
var special = []string{"host", "mgmt-net", "macvlan", "dummy"}

// link resolves one link, or reports what is wrong with it and returns nil.
func (l *linker) link(n *yaml.Node) *topology.Link {
	link := &topology.Link{MTU: whole(get(n, "mtu")), Pos: l.pos(n)}
	if typ := text(get(n, "type")); typ != "" && typ != veth {
		return l.singleEnded(n, typ, link)
	}
	ends := items(get(n, "endpoints"))
	if get(n, "endpoints") == nil {
		return nil // the schema has said so
	}
	if len(ends) != 2 {
		l.at(n, fmt.Sprintf("a link has 2 endpoints, found %d", len(ends)), "")
		return nil
	}
	if typ, node := specialEnd(ends); typ != "" {
		link.Type = typ
		link.B = split(ends[1-node])
		ends = []*yaml.Node{ends[node]}
	}
	ok := l.end(ends[0], &link.A)
	if len(ends) == 2 {
		ok = l.end(ends[1], &link.B) && ok
	}
	if !ok {
		return nil
	}
	return link
}

// specialEnd finds the end of a brief link that is no node, and returns the
// link's type and the index of the other end.
func specialEnd(ends []*yaml.Node) (typ string, node int) {
	for i, e := range ends {
		if word := split(e).Node; slices.Contains(special, word) {
			return word, 1 - i
		}
	}
	return "", 0
}

// singleEnded resolves the extended links with one end on a node, and
// veth-stitch, which has two but is not veth.
func (l *linker) singleEnded(n *yaml.Node, typ string, link *topology.Link) *topology.Link {
	link.Type = typ
	ends := items(get(n, "endpoints"))
	if e := get(n, "endpoint"); e != nil {
		ends = append(ends, e)
	}
	if len(ends) == 0 || !l.end(ends[0], &link.A) {
		return nil
	}
	if len(ends) > 1 && !l.end(ends[1], &link.B) {
		return nil
	}
	if hostIf := text(get(n, "host-interface")); hostIf != "" {
		link.B = topology.Endpoint{Node: "host", Interface: hostIf, Device: hostIf}
	}
	return link
}

// split reads an endpoint of either form without looking at the nodes.
func split(n *yaml.Node) topology.Endpoint {
	if n.Kind == yaml.MappingNode {
		return topology.Endpoint{
			Node:      text(get(n, "node")),
			Interface: text(get(n, "interface")),
			MAC:       strings.ReplaceAll(text(get(n, "mac")), "-", ":"),
		}
	}
	node, iface, _ := strings.Cut(text(n), ":")
	return topology.Endpoint{Node: node, Interface: iface}
}

// end resolves one end on a node. It reports what is wrong, and whether all was well.
func (l *linker) end(n *yaml.Node, e *topology.Endpoint) bool {
	*e = split(n)
	if e.Node == "" || e.Interface == "" {
		if n.Kind == yaml.ScalarNode {
			l.at(n, fmt.Sprintf("%q is not an endpoint: expected node:interface", text(n)), "")
		}
		return false
	}
	node := l.topology.Node(e.Node)
	if node == nil {
		l.unknownNode(n, e.Node)
		return false
	}
	iface, device, err := Port(node.Kind, e.Interface)
	if err != nil {
		l.at(n, fmt.Sprintf("endpoint %s: %v", e, err), "")
		return false
	}
	e.Interface, e.Device = iface, device
	key := e.Node + ":" + e.Device
	if first, taken := l.used[key]; taken {
		l.at(n, fmt.Sprintf("endpoint %s is used twice", e), fmt.Sprintf("it is first on line %d", first.Line))
		return false
	}
	l.used[key] = l.pos(n)
	return true
}

// unknownNode reports a link to a node that the file does not have. A node that
// was left out because of its own problem is reported there only.
func (l *linker) unknownNode(n *yaml.Node, name string) {
	var names []string
	for _, e := range entries(get(l.file.topology, "nodes")) {
		names = append(names, e.key.Value)
	}
	if slices.Contains(names, name) {
		return
	}
	l.at(n, fmt.Sprintf("the link names node %q, which the topology does not have", name), didYouMean(name, names))
}
