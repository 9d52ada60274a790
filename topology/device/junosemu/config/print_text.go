package config

import "strings"

// Text prints in curly braces, four spaces a level. With a path, the words of
// a set command, only what is below it: "show configuration protocols bgp".
// A path that no configuration could have is a *LoadError; one that this
// configuration does not have prints nothing.
func (t *Tree) Text(path ...string) (string, error) {
	found, err := t.locate(path)
	if err != nil {
		return "", err
	}
	if len(path) == 0 {
		found = []*Node{t.root}
	}
	var p textPrinter
	for _, n := range found {
		if n.def.kind == leaf || n.def.kind == leafList || n.def.kind == flag || len(found) > 1 {
			p.statement(n, 0)
		} else {
			p.children(n, 0)
		}
	}
	return p.b.String(), nil
}

const indentation = "                                                                "

type textPrinter struct{ b strings.Builder }

func (p *textPrinter) indent(n int) {
	for n > len(indentation) {
		p.b.WriteString(indentation)
		n -= len(indentation)
	}
	p.b.WriteString(indentation[:n])
}

// children prints what is below n, entries of grouped lists within one pair of braces.
func (p *textPrinter) children(n *Node, level int) {
	for i := 0; i < len(n.kids); i++ {
		c := n.kids[i]
		if !c.def.grouped {
			p.statement(c, level)
			continue
		}
		p.indent(4 * level)
		p.b.WriteString(c.def.name + " {\n")
		for ; i < len(n.kids) && n.kids[i].def == c.def; i++ {
			p.comment(n.kids[i], level+1)
			p.indent(4 * (level + 1))
			p.tags(n.kids[i])
			p.b.WriteString(quoteAll(n.kids[i].keys))
			p.block(n.kids[i], level+1)
		}
		i--
		p.indent(4 * level)
		p.b.WriteString("}\n")
	}
}

// statement prints n at a level, with its comment and tags.
func (p *textPrinter) statement(n *Node, level int) {
	if n.def.flat {
		for _, c := range n.kids {
			p.comment(c, level)
			p.indent(4 * level)
			if n.inactive && !c.inactive {
				p.b.WriteString("inactive: ")
			}
			p.tags(c)
			p.b.WriteString(n.def.name + " " + c.head())
			p.block(c, level)
		}
		if len(n.kids) == 0 {
			p.indent(4 * level)
			p.b.WriteString(n.def.name + ";\n")
		}
		return
	}
	p.comment(n, level)
	p.indent(4 * level)
	p.tags(n)
	p.body(n)
	p.block(n, level)
}

// comment prints what precedes a statement: where it was inherited from, and
// its annotation.
func (p *textPrinter) comment(n *Node, level int) {
	for _, l := range n.origin.lines(n) {
		p.indent(4 * level)
		p.b.WriteString(l + "\n")
	}
	if n.comment == "" {
		return
	}
	p.indent(4 * level)
	p.b.WriteString("/* " + n.comment + " */\n")
}

func (p *textPrinter) tags(n *Node) {
	if n.inactive {
		p.b.WriteString("inactive: ")
	}
	if n.protected {
		p.b.WriteString("protect: ")
	}
}

// body prints name, keys and values.
func (p *textPrinter) body(n *Node) {
	head := n.head()
	p.b.WriteString(head)
	if n.def.kind != leaf && n.def.kind != leafList {
		return
	}
	if head != "" {
		p.b.WriteByte(' ')
	}
	if len(n.values) == 1 {
		p.b.WriteString(n.def.typ.written(n.values[0]))
		return
	}
	p.b.WriteString("[")
	for _, v := range n.values {
		p.b.WriteString(" " + n.def.typ.written(v))
	}
	p.b.WriteString(" ]")
}

func quoteAll(words []string) string {
	if len(words) == 1 {
		return quote(words[0])
	}
	q := make([]string, len(words))
	for i, w := range words {
		q[i] = quote(w)
	}
	return strings.Join(q, " ")
}

// block ends a statement: with what is below it, or with a semicolon.
func (p *textPrinter) block(n *Node, level int) {
	switch {
	case len(n.kids) == 0:
		p.b.WriteByte(';')
		if n.def.secret {
			p.b.WriteString(" ## SECRET-DATA")
		}
		p.b.WriteByte('\n')
	case n.oneLine():
		for _, c := range n.kids {
			p.b.WriteByte(' ')
			p.inline(c)
		}
		p.b.WriteByte(';')
		if hasSecret(n) {
			p.b.WriteString(" ## SECRET-DATA")
		}
		p.b.WriteByte('\n')
	default:
		p.b.WriteString(" {\n")
		p.children(n, level+1)
		p.indent(4 * level)
		p.b.WriteString("}\n")
	}
}

// inline prints n and all below it as words.
func (p *textPrinter) inline(n *Node) {
	p.body(n)
	for _, c := range n.kids {
		p.b.WriteByte(' ')
		p.inline(c)
	}
}

func hasSecret(n *Node) bool {
	if n.def.secret {
		return true
	}
	for _, c := range n.kids {
		if hasSecret(c) {
			return true
		}
	}
	return false
}

// oneLine tells whether what is below n goes on n's own line: a single leaf of
// a statement that is written so, or everything of one that always is.
func (n *Node) oneLine() bool {
	if n.def.single && len(n.kids) == 1 && isLeaf(n.kids[0]) {
		return n.kids[0].unmarked()
	}
	if !n.def.line {
		return false
	}
	for _, c := range n.kids {
		if !c.fitsLine() {
			return false
		}
	}
	return true
}

func (n *Node) unmarked() bool {
	return n.comment == "" && !n.inactive && !n.protected && n.origin == nil
}

func (n *Node) fitsLine() bool {
	if !n.unmarked() || n.def.grouped || n.def.kind == list && !n.def.line {
		return false
	}
	return len(n.kids) == 0 || n.oneLine()
}
