package config

import (
	"encoding/json"
	"regexp"
	"strings"
)

// JSON prints {"configuration": …}, with the parents of path, in the form that
// Junos has by default since release 16.1 (ietf): containers are objects, lists
// arrays of them, leaves strings or integers, flags [null]. Marks and comments
// are "@" in an object, "@name" beside a leaf.
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
	if m := jsonMarks(n); m != "" {
		member("@")
		p.b.WriteString(m)
	}
	key := 0
	n.eachKey(func(name, value string) {
		member(name)
		p.b.WriteString(jsonValue(keyType(n.def, key), value))
		key++
	})
	for i := 0; i < len(n.kids); {
		j := i + 1
		for j < len(n.kids) && n.kids[j].def == n.kids[i].def {
			j++
		}
		d := n.kids[i].def
		member(d.name)
		p.value(n.kids[i:j], level+1)
		if m := memberMarks(n.kids[i]); m != "" {
			member("@" + d.name)
			p.b.WriteString(m)
		}
		i = j
	}
	p.indent(level)
	p.b.WriteByte('}')
}

// value prints the statements of one name: entries of a list, or one of
// another kind.
func (p *jsonPrinter) value(nodes []*Node, level int) {
	switch n := nodes[0]; n.def.kind {
	case leaf:
		p.b.WriteString(jsonValue(n.def.typ, strings.Join(n.values, " ")))
	case flag:
		p.b.WriteString("[null]")
	case leafList:
		var all []string
		for _, v := range n.values {
			all = append(all, jsonValue(n.def.typ, v))
		}
		p.b.WriteString("[" + strings.Join(all, ", ") + "]")
	case list:
		p.b.WriteByte('[')
		for i, n := range nodes {
			if i > 0 {
				p.b.WriteByte(',')
			}
			p.indent(level + 1)
			p.object(n, level+1)
		}
		p.indent(level)
		p.b.WriteByte(']')
	default:
		p.object(n, level)
	}
}

// memberMarks are the marks of what is no object itself. Those of a leaf-list
// stand at its first value.
func memberMarks(n *Node) string {
	m := jsonMarks(n)
	switch n.def.kind {
	case leaf:
		return m
	case flag, leafList:
		if m != "" {
			return "[" + m + "]"
		}
	}
	return ""
}

func jsonMarks(n *Node) string {
	var a []string
	if n.inactive {
		a = append(a, `"inactive" : true`)
	}
	if n.protected {
		a = append(a, `"protect" : true`)
	}
	if n.comment != "" {
		a = append(a, `"comment" : `+jsonString("/* "+n.comment+" */"))
	}
	if o := n.origin; o != nil && o.group != "" {
		a = append(a, `"junos:group" : `+jsonString(o.group))
	} else if o != nil && o.span != "" {
		a = append(a, `"junos:interface-range" : `+jsonString(o.span))
	}
	if a == nil {
		return ""
	}
	return "{" + strings.Join(a, ", ") + "}"
}

// keyType is the type of a list's i-th key, or "" if it is a word.
func keyType(d *def, i int) valueType {
	if i >= len(d.keys) || d.keys[i].choices != nil {
		return ""
	}
	return d.keys[i].typ
}

// jsonInteger matches what JSON can write as the same number.
var jsonInteger = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,14})$`)

func jsonValue(t valueType, v string) string {
	switch {
	case v == "":
		return "[null]"
	case (strings.HasPrefix(string(t), "int") || t == "time") && jsonInteger.MatchString(v):
		return v
	}
	return jsonString(v)
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
