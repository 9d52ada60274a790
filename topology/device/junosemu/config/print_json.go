package config

import (
	"encoding/json"
	"strings"
)

// JSON prints {"configuration": …}, with the parents of path. Every leaf is
// [{"data": "…"}], every flag [{"data": [null]}]; marks are "attributes".
func (t *Tree) JSON(path ...string) (string, error) {
	sub, err := t.Subtree(path...)
	if err != nil {
		return "", err
	}
	var p jsonPrinter
	p.b.WriteString("{\n    \"configuration\" : ")
	p.object(sub.root, 1)
	p.b.WriteString("\n}\n")
	return p.b.String(), nil
}

type jsonPrinter struct{ b strings.Builder }

func (p *jsonPrinter) indent(level int) {
	p.b.WriteByte('\n')
	for range level {
		p.b.WriteString("    ")
	}
}

// object prints marks, keys and children of n in braces.
func (p *jsonPrinter) object(n *Node, level int) {
	p.b.WriteByte('{')
	first := true
	member := func(name string) {
		if !first {
			p.b.WriteByte(',')
		}
		first = false
		p.indent(level + 1)
		p.b.WriteString(jsonString(name) + " : ")
	}
	if a := jsonAttributes(n); a != "" {
		member("attributes")
		p.b.WriteString(a)
	}
	n.eachKey(func(name, value string) {
		member(name)
		p.b.WriteString("[{" + jsonData(value) + "}]")
	})
	for i := 0; i < len(n.kids); {
		j := i + 1
		for j < len(n.kids) && n.kids[j].def == n.kids[i].def {
			j++
		}
		member(n.kids[i].def.name)
		p.array(n.kids[i:j], level+1)
		i = j
	}
	p.indent(level)
	p.b.WriteByte('}')
}

// array prints the statements of one name.
func (p *jsonPrinter) array(nodes []*Node, level int) {
	p.b.WriteByte('[')
	for i, n := range nodes {
		if i > 0 {
			p.b.WriteByte(',')
		}
		switch n.def.kind {
		case leaf, leafList, flag:
			p.leaf(n, level)
		default:
			p.indent(level + 1)
			p.object(n, level+1)
		}
	}
	if k := nodes[0].def.kind; k == list || k == container {
		p.indent(level)
	}
	p.b.WriteByte(']')
}

func (p *jsonPrinter) leaf(n *Node, _ int) {
	attributes := ""
	if a := jsonAttributes(n); a != "" {
		attributes = `"attributes" : ` + a + ", "
	}
	values := n.values
	if n.def.kind == flag {
		values = []string{""}
	}
	for i, v := range values {
		if i > 0 {
			p.b.WriteString(", ")
		}
		p.b.WriteString("{" + attributes + jsonData(v) + "}")
	}
}

func jsonData(v string) string {
	if v == "" {
		return `"data" : [null]`
	}
	return `"data" : ` + jsonString(v)
}

func jsonAttributes(n *Node) string {
	var a []string
	if n.inactive {
		a = append(a, `"inactive" : "inactive"`)
	}
	if n.protected {
		a = append(a, `"protect" : "protect"`)
	}
	if n.comment != "" {
		a = append(a, `"junos:comment" : `+jsonString("/* "+n.comment+" */"))
	}
	if a == nil {
		return ""
	}
	return "{" + strings.Join(a, ", ") + "}"
}

func jsonString(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""` // a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}
