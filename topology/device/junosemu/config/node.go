package config

import (
	"slices"
	"strings"
)

// A Node is a statement: a container, a list entry, a leaf, a leaf-list or a
// flag. Nodes are read only. Every method works on a nil Node, which is empty.
type Node struct {
	def     *def
	parent  *Node
	keys    []string // of a list entry
	values  []string // of a leaf or leaf-list
	kids    []*Node  // in the order of printing
	index   map[string]*Node
	comment string  // annotation, without the comment's own marks
	origin  *origin // where an inherited statement came from, or nil

	inactive, protected bool
}

// indexFrom is the number of children from which they are found by a map.
const indexFrom = 16

// Name is the statement's element name: "interface", "unit", "description".
func (n *Node) Name() string {
	if n == nil {
		return ""
	}
	return n.def.name
}

// Key is the first key of a list entry ("ge-0/0/0"), else "".
func (n *Node) Key() string {
	if n == nil || len(n.keys) == 0 {
		return ""
	}
	return n.keys[0]
}

// Parent is the statement that n is in, or nil at the top.
func (n *Node) Parent() *Node {
	if n == nil {
		return nil
	}
	return n.parent
}

// Keys are all the keys of a list entry. A key that is a word with an argument
// (upto /24) is two of them.
func (n *Node) Keys() []string {
	if n == nil {
		return nil
	}
	return n.keys
}

// Inactive reports whether the statement is deactivated.
func (n *Node) Inactive() bool { return n != nil && n.inactive }

// All returns every child in the order of printing.
func (n *Node) All() []*Node {
	if n == nil {
		return nil
	}
	return n.kids
}

// Children returns the statements of a name in order: the entries of a list.
func (n *Node) Children(name string) []*Node {
	if n == nil {
		return nil
	}
	d := n.def.sub.element(name)
	if d == nil {
		return nil
	}
	from, to := n.span(d)
	return n.kids[from:to]
}

// Child returns the first statement of a name, or nil.
func (n *Node) Child(name string) *Node {
	if c := n.Children(name); len(c) > 0 {
		return c[0]
	}
	return nil
}

// Lookup finds a statement by the words of a set command relative to n, or
// returns nil. Statements whose name is not written there can be named too:
// "as-path customers path".
func (n *Node) Lookup(path ...string) *Node {
	cur := n
	for i := 0; i < len(path) && cur != nil; {
		d := cur.def.sub.word(path[i])
		if d == nil {
			d = cur.def.sub.element(path[i])
		}
		if d != nil {
			i++
		} else if d = cur.def.sub.hidden; d == nil {
			return nil
		} else if d.kind != list {
			value := cur.find(d, nil)
			if value == nil || len(value.values) != 1 || value.values[0] != d.typ.normal(path[i]) {
				return nil
			}
			cur = value
			i++
			continue
		}
		if d.kind != list {
			cur = cur.find(d, nil)
			continue
		}
		keys, used := d.splitKeys(path[i:])
		if used == 0 {
			return nil
		}
		i += used
		cur = cur.find(d, keys)
	}
	return cur
}

// splitKeys takes the keys of a list from the front of words, normalised; used
// is 0 if there are too few or one does not fit.
func (d *def) splitKeys(words []string) (keys []string, used int) {
	for _, k := range d.keys {
		if used >= len(words) {
			return nil, 0
		}
		w := words[used]
		used++
		if k.choices == nil {
			keys = append(keys, k.typ.normal(w))
			continue
		}
		typ, ok := k.choices[w]
		if !ok {
			return nil, 0
		}
		keys = append(keys, w)
		if typ != "" {
			if used >= len(words) {
				return nil, 0
			}
			keys = append(keys, typ.normal(words[used]))
			used++
		}
	}
	return keys, used
}

// Has reports whether Lookup finds something.
func (n *Node) Has(path ...string) bool { return n.Lookup(path...) != nil }

// Value returns the value of the leaf at path, or "".
func (n *Node) Value(path ...string) string {
	if l := n.Lookup(path...); l != nil && len(l.values) > 0 {
		return l.values[0]
	}
	return ""
}

// Values returns the values of the leaf-list at path.
func (n *Node) Values(path ...string) []string {
	if l := n.Lookup(path...); l != nil {
		return l.values
	}
	return nil
}

// Path is the place in the hierarchy in set words: "protocols bgp group mesh".
func (n *Node) Path() string {
	var parts []string
	for c := n; c != nil && c.parent != nil; c = c.parent {
		if h := c.head(); h != "" {
			parts = append(parts, h)
		}
	}
	slices.Reverse(parts)
	return strings.Join(parts, " ")
}

// head is how a statement begins: its name unless hidden, and its keys.
func (n *Node) head() string {
	if len(n.keys) == 0 {
		if n.def.hidden {
			return ""
		}
		return n.def.written()
	}
	var b strings.Builder
	if !n.def.hidden {
		b.WriteString(n.def.written())
	}
	for _, k := range n.keys {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(quote(k))
	}
	return b.String()
}

// span is the range of n's children that are statements d.
func (n *Node) span(d *def) (from, to int) {
	from, _ = slices.BinarySearchFunc(n.kids, d.order, func(c *Node, o int) int { return c.def.order - o })
	to = from
	if to < len(n.kids) && n.kids[len(n.kids)-1].def == d {
		return from, len(n.kids) // the usual case while parsing: at the end
	}
	for to < len(n.kids) && n.kids[to].def.order == d.order {
		to++
	}
	return from, to
}

// find returns the child that is statement d with these keys, or nil.
func (n *Node) find(d *def, keys []string) *Node {
	if n.index != nil && len(keys) > 0 {
		return n.index[indexKey(d, keys)]
	}
	from, _ := slices.BinarySearchFunc(n.kids, d.order, func(c *Node, o int) int { return c.def.order - o })
	for _, c := range n.kids[from:] {
		if c.def.order != d.order {
			return nil
		}
		if slices.Equal(c.keys, keys) {
			return c
		}
	}
	return nil
}

func indexKey(d *def, keys []string) string {
	if len(keys) == 1 {
		return d.name + "\x00" + keys[0]
	}
	return d.name + "\x00" + strings.Join(keys, "\x00")
}
