package oper

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// An isisTree is a table of "show isis topology": the shortest paths of a level
// to the systems of one address family, and to the prefixes behind them.
type isisTree struct {
	level, family string // 1, 2; IPv4, IPv6
	vertices      []isisVertex
}

// An isisVertex is a system or a prefix.
type isisVertex struct {
	name, kind, metric, parent string
	hops                       []isisHop // address is the neighbor's name
}

// system reports whether a vertex is a router or a pseudonode.
func (v isisVertex) system() bool { return strings.HasSuffix(v.kind, "IS") }

// readISISTopology reads isisd's tables. The first row is the router itself,
// which has no type; a row without a vertex is one more next hop.
func readISISTopology(text string) []isisTree {
	var all []isisTree
	var columns textColumns
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		switch {
		case strings.HasPrefix(line, "IS-IS paths to level-"):
			level, _, _ := strings.Cut(strings.TrimPrefix(line, "IS-IS paths to level-"), " ")
			tree := isisTree{level: level, family: "IPv4"}
			if strings.HasSuffix(line, "IPv6") {
				tree.family = "IPv6"
			}
			all, columns = append(all, tree), nil
		case strings.HasPrefix(line, "Vertex "):
			columns = newTextColumns(line, "Vertex", "Type", "Metric", "Next-Hop", "Interface", "Parent")
		case columns == nil || line == "" || len(all) == 0:
			columns = nil
		default:
			all[len(all)-1].read(columns, line)
		}
	}
	return all
}

func (t *isisTree) read(columns textColumns, row string) {
	if name := columns.cell(row, "Vertex"); name != "" {
		parent, _, _ := strings.Cut(columns.cell(row, "Parent"), "(")
		t.vertices = append(t.vertices, isisVertex{
			name: name, kind: columns.cell(row, "Type"), metric: columns.cell(row, "Metric"), parent: parent,
		})
	}
	if device := columns.cell(row, "Interface"); device != "" && len(t.vertices) > 0 {
		last := &t.vertices[len(t.vertices)-1]
		last.hops = append(last.hops, isisHop{device, columns.cell(row, "Next-Hop")})
	}
}

// isisSPF answers get-isis-spf-results-information, and without prefixes
// get-isis-spf-results-brief-information.
func (r *Router) isisSPF(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	text, err := r.askISIS(ctx, "show isis topology")
	if err != nil {
		return nil, err
	}
	reply := information("isis-spf-information", "junos-routing")
	for _, tree := range readISISTopology(text) {
		if want := rpc.Value("level"); want != "" && want != tree.level {
			continue
		}
		reply.Add(r.spfElement(tree, rpc.Name == "get-isis-spf-results-information"))
	}
	return reply, nil
}

func (r *Router) spfElement(tree isisTree, prefixes bool) *xmltree.Element {
	e := xmltree.New("isis-spf").Add(xmltree.New("isis-spf-results-header").
		Leaf("isis-topology-id", tree.family+" Unicast").Leaf("level", tree.level))
	nodes := 0
	for _, v := range tree.vertices {
		if !v.system() {
			continue
		}
		nodes++
		result := xmltree.New("isis-spf-result").Leaf("node-id", nodeID(v.name)).Leaf("metric", v.metric)
		for _, h := range v.hops {
			result.Add(xmltree.New("next-hop-element").Leaf("interface-name", r.junosUnit(h.device)).
				Leaf("isis-next-hop-type", strings.ToUpper(tree.family)).Leaf("isis-next-hop", h.address))
		}
		behind := slices.DeleteFunc(slices.Clone(tree.vertices), func(p isisVertex) bool { return p.system() || p.parent != v.name })
		for _, p := range behind {
			if prefixes {
				result.Add(xmltree.New("prefix-element").Leaf("prefix-metric", p.metric).Leaf("address-prefix", p.name))
			}
		}
		e.Add(result)
	}
	return e.Leaf("node-count", strconv.Itoa(nodes))
}

// nodeID is the name of a system with its pseudonode number: isisd leaves out
// that of a router.
func nodeID(name string) string {
	if strings.Contains(name, ".") {
		return name
	}
	return name + ".00"
}

func isisSPFText(_, reply *xmltree.Element) string {
	var b strings.Builder
	for _, tree := range reply.All("isis-spf") {
		head := tree.Child("isis-spf-results-header")
		fmt.Fprintf(&b, "%s IS-IS level %s SPF results:\n", head.Value("isis-topology-id"), head.Value("level"))
		b.WriteString("Node             Metric     Interface       NH   Via             SNPA\n")
		for _, node := range tree.All("isis-spf-result") {
			row := fmt.Sprintf("%-16s %-10s", node.Value("node-id"), node.Value("metric"))
			for _, h := range node.All("next-hop-element") {
				fmt.Fprintf(&b, "%-27s %-15s %-4s %s\n", row, h.Value("interface-name"), h.Value("isis-next-hop-type"), h.Value("isis-next-hop"))
				row = ""
			}
			if row != "" {
				b.WriteString(strings.TrimRight(row, " ") + "\n")
			}
			for _, p := range node.All("prefix-element") {
				fmt.Fprintf(&b, "%17s%-10s %s\n", "", p.Value("prefix-metric"), p.Value("address-prefix"))
			}
		}
		fmt.Fprintf(&b, "  %s nodes\n\n", tree.Value("node-count"))
	}
	return b.String()
}
