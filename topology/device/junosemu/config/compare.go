package config

import (
	"slices"
	"strings"
)

// Compare prints what turns old into new in Junos's diff text ("show |
// compare"); it is empty when they are equal.
func Compare(old, new *Tree) string {
	if old.root == new.root {
		return ""
	}
	var c comparer
	c.level(old.root, new.root, 0)
	return c.b.String()
}

type comparer struct {
	b strings.Builder
}

// A change is a child in the old tree, the new one, or both.
type change struct{ old, new *Node }

// level compares the children of two nodes that are the same statement. depth
// is the number of nodes above the children.
func (c *comparer) level(old, new *Node, depth int) {
	if equal(old, new) {
		return
	}
	changes := unfold(pair(old, new))
	headed := false
	banner := func() {
		if !headed {
			c.b.WriteString(editPath(new) + "\n")
			headed = true
		}
	}
	for i, ch := range changes {
		c.one(ch, i, changes, depth, banner)
	}
	for _, ch := range changes {
		if ch.old != nil && ch.new != nil && !isLeaf(ch.new) && !otherValue(ch) {
			below := depth + 1
			if ch.new.parent.def.flat {
				below++ // family and inet are two nodes on one line
			}
			c.level(ch.old, ch.new, below)
		}
	}
}

// unfold puts the children of "family" in its place: they are written as
// statements of the level above.
func unfold(changes []change) []change {
	if !slices.ContainsFunc(changes, func(ch change) bool { return ch.old != nil && ch.new != nil && ch.new.def.flat }) {
		return changes
	}
	var out []change
	for _, ch := range changes {
		if ch.old != nil && ch.new != nil && ch.new.def.flat {
			out = append(out, pair(ch.old, ch.new)...)
		} else {
			out = append(out, ch)
		}
	}
	return out
}

// title is how a statement begins, with the "family" that it is written after.
func (n *Node) title() string {
	if n.parent != nil && n.parent.def.flat {
		return n.parent.def.written() + " " + n.head()
	}
	return n.head()
}

// one prints what happened to one child at this level.
func (c *comparer) one(ch change, i int, changes []change, depth int, banner func()) {
	switch {
	case ch.old == nil:
		banner()
		placed := !userOrdered(ch.new) || c.context(changes, i, depth)
		c.print('+', ch.new, depth)
		if !placed {
			c.contextAfter(changes, i, depth)
		}
	case ch.new == nil:
		banner()
		c.print('-', ch.old, depth)
	case isLeaf(ch.new) && !sameWords(ch.old.values, ch.new.values),
		otherValue(ch):
		banner()
		c.print('-', ch.old, depth)
		c.print('+', ch.new, depth)
	default:
		if ch.old.inactive != ch.new.inactive || ch.old.protected != ch.new.protected {
			banner()
			c.mark(ch.old, ch.new, depth)
		}
		if ch.old.comment != ch.new.comment {
			banner()
			c.comment('-', ch.old, depth)
			c.comment('+', ch.new, depth)
		}
	}
}

func isLeaf(n *Node) bool { return n.def.kind == leaf || n.def.kind == leafList || n.def.kind == flag }

// otherValue reports a container that is written on the line of its value,
// which is that of a child without a name ("local-preference 200"), and has
// another one now. It changes as a whole.
func otherValue(ch change) bool {
	return ch.old != nil && ch.new != nil && ch.new.def.kind == container && (ch.new.def.single || ch.new.def.line) &&
		!sameWords(ch.old.ownValue(), ch.new.ownValue())
}

// ownValue is the value of the child whose name is not written.
func (n *Node) ownValue() []string {
	for _, k := range n.kids {
		if k.def.hidden && k.def.kind == leaf {
			return k.values
		}
	}
	return nil
}

func userOrdered(n *Node) bool { return n.def.kind == list && !n.def.sorted }

// pair aligns the children of both, in the order of printing, what is gone
// before what came. An entry that changed its place counts as both.
func pair(old, new *Node) []change {
	kept := inOrder(old, new)
	out := make([]change, 0, max(len(old.kids), len(new.kids)))
	i := 0
	for _, n := range new.kids {
		o := kept[n]
		if o == nil {
			for i < len(old.kids) && before(old.kids[i], n) && !keptOld(kept, new, old.kids[i]) {
				out = append(out, change{old: old.kids[i]})
				i++
			}
			out = append(out, change{new: n})
			continue
		}
		for i < len(old.kids) && old.kids[i] != o {
			out = append(out, change{old: old.kids[i]})
			i++
		}
		i++
		out = append(out, change{old: o, new: n})
	}
	for ; i < len(old.kids); i++ {
		out = append(out, change{old: old.kids[i]})
	}
	return out
}

// before tells whether a removed statement is printed before an added one.
func before(o, n *Node) bool {
	if o.def.order != n.def.order {
		return o.def.order < n.def.order
	}
	return true
}

func keptOld(kept map[*Node]*Node, new, o *Node) bool {
	n := new.find(o.def, o.keys)
	return n != nil && kept[n] == o
}

// inOrder maps new children to their old selves, leaving out those that would
// have to move: what stays is the longest run of entries in the same order.
func inOrder(old, new *Node) map[*Node]*Node {
	place := make(map[*Node]int, len(old.kids))
	for i, o := range old.kids {
		place[o] = i
	}
	var nodes []*Node
	var at []int
	kept := make(map[*Node]*Node, len(new.kids))
	for _, n := range new.kids {
		if o := old.find(n.def, n.keys); o != nil {
			kept[n] = o
			nodes = append(nodes, n)
			at = append(at, place[o])
		}
	}
	if slices.IsSorted(at) {
		return kept
	}
	stay := longestRising(at)
	for i, n := range nodes {
		if !stay[i] {
			delete(kept, n)
		}
	}
	return kept
}

// longestRising marks the longest subsequence of at that rises.
func longestRising(at []int) []bool {
	var tails []int // indexes into at: the smallest end of a run of each length
	prev := make([]int, len(at))
	for i, v := range at {
		j, _ := slices.BinarySearchFunc(tails, v, func(t, v int) int { return at[t] - v })
		prev[i] = -1
		if j > 0 {
			prev[i] = tails[j-1]
		}
		if j == len(tails) {
			tails = append(tails, i)
		} else {
			tails[j] = i
		}
	}
	stay := make([]bool, len(at))
	if len(tails) > 0 {
		for i := tails[len(tails)-1]; i >= 0; i = prev[i] {
			stay[i] = true
		}
	}
	return stay
}

// print writes a whole statement, each line with a sign.
func (c *comparer) print(sign byte, n *Node, depth int) {
	var p textPrinter
	if n.def.grouped || n.parent.def.flat {
		p.comment(n, 0)
		p.tags(n)
		p.b.WriteString(n.title())
		p.block(n, 0)
	} else {
		p.statement(n, 0)
	}
	for _, line := range strings.Split(strings.TrimSuffix(p.b.String(), "\n"), "\n") {
		c.line(sign, n, depth, line)
	}
}

// line writes a line. A leaf is indented by one more than the number of
// nodes above it, anything else by two more: that is how the router does it.
func (c *comparer) line(sign byte, n *Node, depth int, text string) {
	c.b.WriteByte(sign)
	spaces := depth + 2
	if isLeaf(n) {
		spaces = depth + 1
	}
	if spaces < 2 {
		spaces = 2
	}
	c.b.WriteString(strings.Repeat(" ", spaces))
	c.b.WriteString(text)
	c.b.WriteByte('\n')
}

// context prints the unchanged entry before an added one, so that its place is
// seen; nothing if that is said already, for the added one before it. It
// reports false if there is no unchanged entry before.
func (c *comparer) context(changes []change, i, depth int) bool {
	first := true
	for j := i - 1; j >= 0; j-- {
		prev := changes[j]
		if prev.new == nil {
			continue
		}
		if prev.new.def != changes[i].new.def {
			return false
		}
		if prev.old != nil {
			if first {
				c.line(' ', prev.new, depth, prev.new.title()+" { ... }")
			}
			return true
		}
		first = false
	}
	return false
}

// contextAfter prints the unchanged entry after an added one.
func (c *comparer) contextAfter(changes []change, i, depth int) {
	for _, next := range changes[i+1:] {
		if next.new == nil {
			continue
		}
		if next.new.def == changes[i].new.def && next.old != nil {
			c.line(' ', next.new, depth, next.new.title()+" { ... }")
		}
		return
	}
}

// mark prints a statement that was activated, deactivated or protected.
func (c *comparer) mark(old, new *Node, depth int) {
	head := new.title() + " { ... }"
	if isLeaf(new) {
		var p textPrinter
		p.body(new)
		head = p.b.String() + ";"
	}
	switch {
	case new.inactive && !old.inactive:
		c.line('!', new, depth, "inactive: "+head)
	case !new.inactive && old.inactive:
		c.line('!', new, depth, "active: "+head)
	}
	switch {
	case new.protected && !old.protected:
		c.line('!', new, depth, "protect: "+head)
	case !new.protected && old.protected:
		c.line('!', new, depth, "unprotect: "+head)
	}
}

func (c *comparer) comment(sign byte, n *Node, depth int) {
	if n.comment != "" {
		c.line(sign, n, depth, "/* "+n.comment+" */")
	}
}
