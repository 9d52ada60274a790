package config

import "strings"

// XML prints the children of <configuration>, indented by four spaces, with
// the parents of path; no namespace and no <configuration> element around it.
func (t *Tree) XML(path ...string) (string, error) {
	sub, err := t.Subtree(path...)
	if err != nil {
		return "", err
	}
	var p xmlPrinter
	for _, c := range sub.root.kids {
		p.node(c, 1)
	}
	return p.b.String(), nil
}

type xmlPrinter struct {
	b     strings.Builder
	extra string // attributes of the next statement
}

func (p *xmlPrinter) indent(level int) {
	for range level {
		p.b.WriteString("    ")
	}
}

func (p *xmlPrinter) node(n *Node, level int) {
	if n.comment != "" {
		p.indent(level)
		p.b.WriteString("<junos:comment>/* " + escapeXML(n.comment) + " */</junos:comment>\n")
	}
	extra := p.extra + attributes(n)
	p.extra = ""
	if n.def.kind == leaf || n.def.kind == leafList {
		for _, v := range n.values {
			p.leaf(n.def.name, v, extra, level)
		}
		return
	}
	p.indent(level)
	p.b.WriteString("<" + n.def.name + extra)
	if len(n.keys) == 0 && len(n.kids) == 0 {
		p.b.WriteString("/>\n")
		return
	}
	p.b.WriteString(">\n")
	n.eachKey(func(name, value string) {
		p.leaf(name, value, "", level+1)
	})
	for _, c := range n.kids {
		p.node(c, level+1)
	}
	p.indent(level)
	p.b.WriteString("</" + n.def.name + ">\n")
}

func (p *xmlPrinter) leaf(name, value, attributes string, level int) {
	p.indent(level)
	if value == "" {
		p.b.WriteString("<" + name + attributes + "/>\n")
		return
	}
	p.b.WriteString("<" + name + attributes + ">" + escapeXML(value) + "</" + name + ">\n")
}

func attributes(n *Node) string {
	a := ""
	if n.inactive {
		a += ` inactive="inactive"`
	}
	if n.protected {
		a += ` protect="protect"`
	}
	switch o := n.origin; {
	case o == nil:
	case o.group != "":
		a += ` junos:group="` + escapeAttribute(o.group) + `"`
	case o.span != "":
		a += ` junos:interface-range="` + escapeAttribute(o.span) + `"`
	}
	return a
}

// eachKey calls f with the element of each key of a list entry. A key that is a
// word is an element of that name, with its argument or empty.
func (n *Node) eachKey(f func(name, value string)) {
	i := 0
	for _, k := range n.def.keys {
		if i >= len(n.keys) {
			return
		}
		if k.choices == nil {
			f(k.name, n.keys[i])
			i++
			continue
		}
		word, argument := n.keys[i], ""
		i++
		if k.choices[word] != "" && i < len(n.keys) {
			argument = n.keys[i]
			i++
		}
		f(word, argument)
	}
}

// escapeAttribute writes the value of an attribute.
func escapeAttribute(s string) string { return strings.ReplaceAll(escapeXML(s), `"`, "&quot;") }

var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escapeXML(s string) string {
	if !strings.ContainsAny(s, "&<>") {
		return s
	}
	return xmlEscaper.Replace(s)
}
