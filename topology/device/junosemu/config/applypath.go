package config

import (
	"net/netip"
	"slices"
	"strings"
)

// applyPaths calls f with every prefix list that has an apply-path, and what
// that stands for in root.
func applyPaths(root *Node, f func(list, apply *Node, prefixes []string)) {
	for _, l := range root.Child("policy-options").Children("prefix-list") {
		if apply := l.Child("apply-path"); apply != nil && !apply.inactive {
			f(l, apply, pathPrefixes(root, apply.Value()))
		}
	}
}

// expandApplyPaths puts what apply-paths find into their prefix lists.
func expandApplyPaths(root *Node) {
	applyPaths(root, func(l, _ *Node, prefixes []string) {
		d := l.def.sub.element("prefix-list-item")
		for _, p := range prefixes {
			l.ensure(d, []string{p})
		}
	})
}

// noteApplyPaths notes what apply-paths find, for people to see.
func noteApplyPaths(root *Node) {
	applyPaths(root, func(_, apply *Node, prefixes []string) { apply.origin = &origin{paths: prefixes} })
}

// pathPrefixes lists the networks of the addresses and prefixes that a path
// with wildcards leads to, each once, in order of the configuration:
// "protocols bgp group <*> neighbor <*>".
func pathPrefixes(root *Node, path string) []string {
	found := []*Node{root}
	words := strings.Fields(path)
	for len(words) > 0 && len(found) > 0 {
		used := 0
		var next []*Node
		for _, n := range found {
			below, took := pathStep(n, words)
			used = max(used, took)
			next = append(next, below...)
		}
		if used == 0 {
			return nil
		}
		found, words = next, words[used:]
	}
	var out []string
	for _, n := range found {
		for _, w := range append(slices.Clone(n.keys), n.values...) {
			if p := networkOf(w); p != "" && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// pathStep follows the first statement of words, with its keys or value, and
// returns where that leads and how many words it was.
func pathStep(n *Node, words []string) (below []*Node, used int) {
	d := n.def.sub.word(words[0])
	if d != nil {
		used = 1
	} else if d = n.def.sub.hidden; d == nil {
		return nil, 0
	}
	patterns := words[used:]
	want := 0
	switch {
	case d.kind == list:
		want = 1
	case (d.kind == leaf || d.kind == leafList) && len(patterns) > 0:
		want = 1
	}
	if len(patterns) < want {
		return nil, 0
	}
	for _, c := range children(n, d) {
		if c.inactive {
			continue
		}
		if want == 1 && !slices.ContainsFunc(append(slices.Clone(c.keys), c.values...), func(w string) bool { return keyMatches(patterns[0], w) }) {
			continue
		}
		below = append(below, c)
	}
	return below, used + want
}

// networkOf is the network of an address or prefix, or "".
func networkOf(word string) string {
	if p, err := netip.ParsePrefix(word); err == nil {
		return p.Masked().String()
	}
	if a, err := netip.ParseAddr(word); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()).String()
	}
	return ""
}
