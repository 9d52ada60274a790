package config

import (
	"slices"
	"strings"
)

// The functions here change nodes. They are for trees that are still being
// built: what a Tree has shown is never changed.

// ensure returns the child that is statement d with these keys, making it in
// its place if it is not there, and removing what it excludes.
func (n *Node) ensure(d *def, keys []string) *Node {
	if c := n.find(d, keys); c != nil {
		return c
	}
	if d.choice != "" {
		n.dropChoice(d)
	}
	c := &Node{def: d, parent: n, keys: keys}
	n.insert(c)
	return c
}

// dropChoice removes the siblings of which only one may be there.
func (n *Node) dropChoice(d *def) {
	n.removeFunc(func(c *Node) bool { return c.def.choice == d.choice && c.def.order != d.order })
}

// insert puts c where the order of the schema and of its list wants it.
func (n *Node) insert(c *Node) {
	at := len(n.kids)
	if at > 0 && after(n.kids[at-1], c) {
		at, _ = slices.BinarySearchFunc(n.kids, c, func(x, c *Node) int {
			if after(x, c) {
				return 1
			}
			return -1
		})
	}
	n.insertAt(at, c)
}

func (n *Node) insertAt(at int, c *Node) {
	n.kids = slices.Insert(n.kids, at, c)
	if len(c.keys) == 0 {
		return
	}
	if n.index != nil {
		n.index[indexKey(c.def, c.keys)] = c
	} else if len(n.kids) > indexFrom {
		n.reindex()
	}
}

func (n *Node) reindex() {
	n.index = make(map[string]*Node, 2*len(n.kids))
	for _, k := range n.kids {
		if len(k.keys) > 0 {
			n.index[indexKey(k.def, k.keys)] = k
		}
	}
}

// after reports whether x is printed after c, a newcomer.
func after(x, c *Node) bool {
	if x.def.order != c.def.order {
		return x.def.order > c.def.order
	}
	return c.def.sorted && naturalLess(c.keys, x.keys)
}

// remove takes a child away.
func (n *Node) remove(c *Node) {
	if i := slices.Index(n.kids, c); i >= 0 {
		n.kids = slices.Delete(n.kids, i, i+1)
	}
	if n.index != nil {
		delete(n.index, indexKey(c.def, c.keys))
	}
}

func (n *Node) removeFunc(gone func(*Node) bool) {
	before := len(n.kids)
	n.kids = slices.DeleteFunc(n.kids, gone)
	if len(n.kids) != before && n.index != nil {
		n.reindex()
	}
}

// clear takes all children away.
func (n *Node) clear() { n.kids, n.index = nil, nil }

// prune removes n and its parents as long as they are empty and mean nothing so.
func (n *Node) prune() {
	for n != nil && n.parent != nil && len(n.kids) == 0 && n.def.kind == container && !n.def.presence {
		parent := n.parent
		parent.remove(n)
		n = parent
	}
}

// setValue gives a leaf its value, or adds one to a leaf-list.
func (n *Node) setValue(v string) {
	if n.def.kind == leaf {
		n.values = []string{v}
		return
	}
	if !slices.Contains(n.values, v) {
		n.values = append(n.values, v)
	}
}

// annotate gives n a comment, if it is one that can be printed.
func (n *Node) annotate(comment string) {
	comment = strings.TrimSpace(strings.ReplaceAll(comment, "*/", "* /"))
	if comment != "" && printable(comment) {
		n.comment = comment
	}
}

// copyTo makes a deep copy of n below parent (nil for a root).
func (n *Node) copyTo(parent *Node) *Node {
	c := &Node{}
	*c = *n
	c.parent = parent
	c.values = slices.Clone(n.values)
	c.index = nil
	if len(n.kids) > 0 {
		c.kids = make([]*Node, len(n.kids))
		for i, k := range n.kids {
			c.kids[i] = k.copyTo(c)
		}
	}
	if n.index != nil {
		c.reindex()
	}
	return c
}

// naturalLess orders names with the numbers in them as numbers: ge-0/0/2
// before ge-0/0/10. Ports, which have a slash, come before ae0 and lo0.
func naturalLess(a, b []string) bool {
	if x, y := strings.Contains(a[0], "/"), strings.Contains(b[0], "/"); x != y {
		return x
	}
	for i := range min(len(a), len(b)) {
		if c := naturalCompare(a[i], b[i]); c != 0 {
			return c < 0
		}
	}
	return len(a) < len(b)
}

func naturalCompare(a, b string) int {
	for a != "" && b != "" {
		if isDigit(a[0]) && isDigit(b[0]) {
			x, restA := number(a)
			y, restB := number(b)
			if len(x) != len(y) {
				return len(x) - len(y)
			}
			if x != y {
				if x < y {
					return -1
				}
				return 1
			}
			a, b = restA, restB
			continue
		}
		if a[0] != b[0] {
			return int(a[0]) - int(b[0])
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// number splits the digits off the front, without leading zeros.
func number(s string) (digits, rest string) {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	digits, rest = s[:i], s[i:]
	for len(digits) > 1 && digits[0] == '0' {
		digits = digits[1:]
	}
	return digits, rest
}
