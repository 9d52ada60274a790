package config

import (
	"path"
	"slices"
	"strings"
)

// Effective returns the configuration as it acts: groups and interface ranges
// inherited, apply-paths expanded, inactive statements left out.
func (t *Tree) Effective() *Tree {
	root := t.root.copyTo(nil)
	dropInactive(root)
	var b budget
	b.inheritAll(root, root.Children("groups"))
	expandApplyPaths(root)
	dropApplied(root)
	return &Tree{root: root, cut: b.spent > maxInherited}
}

// maxInherited is how many statements may come from groups and ranges: more
// than any real configuration has, and what memory can hold. A few lines of
// wildcards can ask for billions.
const maxInherited = 500_000

// A budget counts what is inherited.
type budget struct{ spent int }

// spend takes one statement from the budget, and reports false if it is used up.
func (b *budget) spend() bool {
	b.spent++
	return b.spent <= maxInherited
}

// inheritAll gives root what interface ranges and groups say: members of
// ranges first, so that groups find them.
func (b *budget) inheritAll(root *Node, groups []*Node) {
	b.expandRanges(root)
	e := expander{budget: b, groups: groups}
	e.node(root, nil)
	b.expandRanges(root) // those that a group brought
}

// Cut reports whether Effective left something out, because groups and ranges
// stood for more statements than a router could hold.
func (t *Tree) Cut() bool { return t.cut }

func dropInactive(n *Node) {
	n.removeFunc(func(c *Node) bool { return c.inactive })
	for _, c := range n.kids {
		dropInactive(c)
	}
}

// An expander inherits groups.
type expander struct {
	*budget
	groups []*Node
}

// A source is what a group says of one place.
type source struct {
	group string
	node  *Node
}

// node inherits from sources, the nearest first, into n and all below it.
func (e *expander) node(n *Node, sources []source) {
	sources = append(e.applied(n), sources...)
	if except := n.find(n.def.sub.element("apply-groups-except"), nil); except != nil && !except.inactive {
		sources = slices.DeleteFunc(slices.Clone(sources), func(s source) bool { return slices.Contains(except.values, s.group) })
	}
	for _, s := range sources {
		for _, from := range s.node.kids {
			e.inherit(n, from, s.group)
		}
	}
	for _, c := range n.kids {
		if isLeaf(c) || c.def.name == "groups" {
			continue
		}
		e.node(c, below(sources, c))
	}
}

// applied returns what the groups that n applies say of n's place.
func (e *expander) applied(n *Node) []source {
	d := n.def.sub.element("apply-groups")
	if d == nil {
		return nil
	}
	apply := n.find(d, nil)
	if apply == nil || apply.inactive {
		return nil
	}
	var out []source
	seen := map[string]bool{}
	for _, name := range apply.values {
		out = append(out, e.group(name, n, seen)...)
	}
	return out
}

// group returns what a group says of n's place, and after it what the groups
// say that it applies itself. Each group counts once, where it is seen first.
func (e *expander) group(name string, n *Node, seen map[string]bool) []source {
	if seen[name] {
		return nil
	}
	seen[name] = true
	var out []source
	for _, g := range e.groups {
		if g.Key() != name {
			continue
		}
		for _, at := range places(g, n) {
			out = append(out, source{group: name, node: at})
		}
		for _, nested := range g.Values("apply-groups") {
			out = append(out, e.group(nested, n, seen)...)
		}
	}
	return out
}

// places returns the nodes of a group that stand for n's place; wildcards make
// them several.
func places(group, n *Node) []*Node {
	if n.parent == nil {
		return []*Node{group}
	}
	var out []*Node
	for _, p := range places(group, n.parent) {
		out = append(out, matching(p, n)...)
	}
	return out
}

// below narrows sources to what they say of a child.
func below(sources []source, c *Node) []source {
	var out []source
	for _, s := range sources {
		for _, m := range matching(s.node, c) {
			out = append(out, source{group: s.group, node: m})
		}
	}
	return out
}

// matching returns the children of a group's node that stand for c.
func matching(of, c *Node) []*Node {
	if len(c.keys) == 0 {
		if m := of.find(c.def, nil); m != nil {
			return []*Node{m}
		}
		return nil
	}
	var out []*Node
	from, to := of.span(c.def)
	for _, m := range of.kids[from:to] {
		if keysMatch(m.keys, c.keys) {
			out = append(out, m)
		}
	}
	return out
}

func keysMatch(patterns, keys []string) bool {
	if len(patterns) != len(keys) {
		return false
	}
	for i := range keys {
		if !keyMatches(patterns[i], keys[i]) {
			return false
		}
	}
	return true
}

// slashes keeps path.Match from treating the slashes of names as separators.
var slashes = strings.NewReplacer("/", "\x01")

func keyMatches(pattern, key string) bool {
	if !isWildcard(pattern) {
		return pattern == key
	}
	inside := strings.ReplaceAll(pattern[1:len(pattern)-1], "[!", "[^")
	ok, err := path.Match(slashes.Replace(inside), slashes.Replace(key))
	return ok && err == nil
}

func isWildcard(key string) bool {
	return len(key) > 2 && key[0] == '<' && key[len(key)-1] == '>'
}

// inherit gives n what a group has: a statement that is not there is added, a
// container or list entry as an empty one that is filled when it is visited.
func (e *expander) inherit(n, from *Node, group string) {
	if from.def.name == "apply-groups" || from.def.name == "apply-groups-except" || slices.ContainsFunc(from.keys, isWildcard) {
		return
	}
	have := n.find(from.def, from.keys)
	switch {
	case have != nil && from.def.kind == leafList:
		for _, v := range from.values {
			if !slices.Contains(have.values, v) {
				have.setValue(v)
				have.origin = &origin{group: group, value: v}
			}
		}
	case have != nil || n.excludes(from.def) || !e.spend():
	default:
		n.insert(&Node{def: from.def, parent: n, keys: from.keys, values: slices.Clone(from.values), comment: from.comment, origin: &origin{group: group}})
	}
}

// excludes tells whether n has made another choice than d.
func (n *Node) excludes(d *def) bool {
	if d.choice == "" {
		return false
	}
	return slices.ContainsFunc(n.kids, func(c *Node) bool { return c.def.choice == d.choice && c.def.order != d.order })
}
