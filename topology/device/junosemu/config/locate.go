package config

import "slices"

// located is what words name in a tree.
type located struct {
	nodes []*Node
	value string // one value of a leaf-list, if the words end with it
}

// locate finds what words name without making anything. Words that could name
// nothing at all are an error; nothing there is no nodes.
func (l *loader) locate(at *Node, words []token) (located, error) {
	scratch := walk{loader: l, words: words}
	cur, ghost := at, ghostOf(at)
	for scratch.i < len(words) {
		t := words[scratch.i]
		scratch.at = ghost
		d := ghost.def.sub.word(t.text)
		if d == nil {
			if d = ghost.def.sub.hidden; d == nil || !d.mayBegin(t.text) {
				return located{}, scratch.fail(t, "syntax error")
			}
		} else {
			scratch.i++
		}
		if d.kind == leaf || d.kind == leafList {
			return scratch.locateLeaf(cur, d)
		}
		if d.kind == list && scratch.i >= len(words) {
			return located{nodes: children(cur, d)}, nil
		}
		var keys []string
		if d.kind == list {
			var used int
			if keys, used = d.splitKeys(texts(words[scratch.i:])); used == 0 {
				return located{}, scratch.fail(words[len(words)-1], "syntax error")
			}
			scratch.i += used
		}
		ghost = &Node{def: d, parent: ghost, keys: keys}
		if cur != nil {
			cur = cur.find(d, keys)
		}
	}
	if cur == nil {
		return located{}, nil
	}
	return located{nodes: []*Node{cur}}, nil
}

// ghostOf is a stand-in for a place: it knows its path and what may be there.
func ghostOf(n *Node) *Node { return &Node{def: n.def, parent: n.parent, keys: n.keys} }

func children(n *Node, d *def) []*Node {
	if n == nil {
		return nil
	}
	from, to := n.span(d)
	return append([]*Node(nil), n.kids[from:to]...)
}

// locateLeaf ends a path at a leaf, with or without its value.
func (w *walk) locateLeaf(cur *Node, d *def) (located, error) {
	rest := slices.Clone(w.words[w.i:])
	if len(rest) > 0 {
		w.i++
		rest[0] = w.whole(d, rest[0])
		if w.i < len(w.words) {
			return located{}, w.fail(w.words[w.i], "syntax error")
		}
	}
	var n *Node
	if cur != nil {
		n = cur.find(d, nil)
	}
	if n == nil {
		return located{}, nil
	}
	if len(rest) == 0 {
		return located{nodes: []*Node{n}}, nil
	}
	value := d.typ.normal(rest[0].text)
	for _, v := range n.values {
		if v == value {
			return located{nodes: []*Node{n}, value: value}, nil
		}
	}
	return located{}, nil
}
