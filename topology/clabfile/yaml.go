package clabfile

import (
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Reading of YAML nodes after the schema has complained about what does not fit:
// whatever has the wrong type reads as absent.

// target follows aliases. An alias to itself reads as absent.
func target(n *yaml.Node) *yaml.Node {
	for range 100 {
		if n == nil || n.Kind != yaml.AliasNode {
			return n
		}
		n = n.Alias
	}
	return nil
}

type entry struct{ key, value *yaml.Node }

// entries returns a map's entries in the file's order, with merge keys (<<)
// resolved: the map's own keys win over merged ones. A repeated key counts once.
func entries(n *yaml.Node) []entry {
	var all []entry
	seen := map[string]bool{}
	collect(n, &all, seen, 0)
	return all
}

// collect appends the entries of n. Merges nest at most depth 20 deep, which
// ends a merge of a map with itself.
func collect(n *yaml.Node, all *[]entry, seen map[string]bool, depth int) {
	n = target(n)
	if n == nil || depth > 20 {
		return
	}
	if n.Kind == yaml.SequenceNode && depth > 0 { // <<: [*a, *b]
		for _, m := range n.Content {
			collect(m, all, seen, depth+1)
		}
		return
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Tag == "!!merge":
			merges = append(merges, value)
		case key.Kind == yaml.ScalarNode && !seen[key.Value]:
			seen[key.Value] = true
			*all = append(*all, entry{key, value})
		}
	}
	for _, m := range merges {
		collect(m, all, seen, depth+1)
	}
}

// get returns the value of a key of a map, or nil if it is absent or null.
func get(n *yaml.Node, key string) *yaml.Node {
	for _, e := range entries(n) {
		if e.key.Value == key {
			if v := target(e.value); v != nil && v.Tag != "!!null" {
				return v
			}
			return nil
		}
	}
	return nil
}

// items returns the entries of a list, aliases followed.
func items(n *yaml.Node) []*yaml.Node {
	n = target(n)
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	var all []*yaml.Node
	for _, item := range n.Content {
		if item = target(item); item != nil {
			all = append(all, item)
		}
	}
	return all
}

// text returns a scalar as it is written.
func text(n *yaml.Node) string {
	n = target(n)
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

func texts(n *yaml.Node) []string {
	var all []string
	for _, item := range items(n) {
		all = append(all, text(item))
	}
	return all
}

func whole(n *yaml.Node) int {
	i, err := strconv.Atoi(text(n))
	if err != nil {
		return 0
	}
	return i
}
