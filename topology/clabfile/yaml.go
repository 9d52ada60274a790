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
	m := merger{seen: map[string]bool{}}
	m.collect(n, false)
	return m.all
}

// merger collects the entries of a map and of those merged into it.
type merger struct {
	all  []entry
	seen map[string]bool
	maps int // looked at so far
}

// maxMerged bounds the maps of one merge, which may hold itself.
const maxMerged = 100

func (m *merger) collect(n *yaml.Node, merged bool) {
	n = target(n)
	if m.maps++; n == nil || m.maps > maxMerged {
		return
	}
	if n.Kind == yaml.SequenceNode && merged { // <<: [*a, *b]
		for _, part := range n.Content {
			m.collect(part, true)
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
		case key.Kind == yaml.ScalarNode && !m.seen[key.Value]:
			m.seen[key.Value] = true
			m.all = append(m.all, entry{key, value})
		}
	}
	for _, part := range merges {
		m.collect(part, true)
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
