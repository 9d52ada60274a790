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
	expandRanges(root)
	e := expander{groups: root.Children("groups")}
	e.node(root, nil)
	expandRanges(root) // those that a group brought
	expandApplyPaths(root)
	dropApplied(root)
	return &Tree{root: root}
}

func dropInactive(n *Node) {
	n.removeFunc(func(c *Node) bool { return c.inactive })
	for _, c := range n.kids {
		dropInactive(c)
	}
}

// An expander inherits groups.
type expander struct{ groups []*Node }

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
			n.inherit(from, s.group)
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
	for _, name := range apply.values {
		out = append(out, e.group(name, n, nil)...)
	}
	return out
}

// group returns what a group says of n's place, and after it what the groups
// say that it applies itself; outer are those it was reached through.
func (e *expander) group(name string, n *Node, outer []string) []source {
	var out []source
	if slices.Contains(outer, name) {
		return nil // applies itself
	}
	for _, g := range e.groups {
		if g.Key() != name {
			continue
		}
		for _, at := range places(g, n) {
			out = append(out, source{group: name, node: at})
		}
		for _, nested := range g.Values("apply-groups") {
			out = append(out, e.group(nested, n, append(slices.Clone(outer), name))...)
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
func (n *Node) inherit(from *Node, group string) {
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
	case have != nil || n.excludes(from.def):
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
