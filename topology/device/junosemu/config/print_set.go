package config

import "strings"

// Set prints set commands from the top, restricted to path; commands that
// deactivate and protect come after the statements they mark.
func (t *Tree) Set(path ...string) (string, error) {
	sub, err := t.Subtree(path...)
	if err != nil {
		return "", err
	}
	var p setPrinter
	p.children(sub.root, "")
	return p.b.String(), nil
}

type setPrinter struct{ b strings.Builder }

func (p *setPrinter) line(verb, words string) {
	p.b.WriteString(verb)
	p.b.WriteString(words)
	p.b.WriteByte('\n')
}

func (p *setPrinter) children(n *Node, prefix string) {
	for _, c := range n.kids {
		p.statement(c, prefix)
	}
}

// statement prints the commands that make n; prefix begins with a space.
func (p *setPrinter) statement(n *Node, prefix string) {
	here := prefix
	if h := n.head(); h != "" {
		here += " " + h
	}
	switch {
	case n.def.kind == leaf || n.def.kind == leafList:
		for _, v := range n.values {
			p.line("set", here+" "+n.def.typ.written(v))
		}
	case len(n.kids) == 0:
		p.line("set", here)
	case n.oneLine() && allInline(n):
		p.line("set", here+inlineWords(n))
	default:
		p.children(n, here)
	}
	if n.inactive {
		p.line("deactivate", here)
	}
	if n.protected {
		p.line("protect", here)
	}
}

// allInline tells whether a statement that is always one line in braces is one
// command too.
func allInline(n *Node) bool { return n.def.line }

func inlineWords(n *Node) string {
	var p textPrinter
	for _, c := range n.kids {
		p.b.WriteByte(' ')
		p.inline(c)
	}
	return p.b.String()
}
