package clabfile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/topology"
)

// startup are the keys that decide with which configuration a node boots.
var startup = []string{"startup-config", "enforce-startup-config"}

// Derive returns the text of the topology file at path as containerlab is to
// deploy it when somebody else configures the lab:
//
//   - under another lab name;
//   - Junos nodes without their startup configurations;
//   - no node with commands to execute (exec).
//
// All else is as in the file, the environment expanded. Relative paths in it
// still start from the file's own directory. Derive expects a file that Load
// has accepted.
func Derive(path, name string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &report{file: path}
	root, err := decode(expand(string(text), os.LookupEnv, r))
	if err != nil || r.failed() || root == nil || root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s is no topology file", path)
	}
	f := &file{report: r, dir: filepath.Dir(path), topology: get(root, "topology")}
	kept := f.otherStartups()
	set(root, "name", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name})
	for _, level := range f.levels() {
		remove(level, append(slices.Clone(startup), "exec")...)
	}
	for _, k := range kept {
		set(k.node, k.key, k.value)
	}
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// kept is a setting that a node has to keep as its own, wherever it came from.
type kept struct {
	node  *yaml.Node
	key   string
	value *yaml.Node
}

// otherStartups are the settings of nodes that are not Junos.
func (f *file) otherStartups() []kept {
	var all []kept
	for _, e := range entries(get(f.topology, "nodes")) {
		own := target(e.value)
		d, kind, ok := f.define(e.key, own)
		if !ok || topology.IsJunos(kind) || own == nil {
			continue
		}
		for _, key := range startup {
			if v := d.value(key); v != nil {
				all = append(all, kept{own, key, v})
			}
		}
	}
	return all
}

// levels are all maps of the file that hold settings of nodes.
func (f *file) levels() []*yaml.Node {
	levels := []*yaml.Node{get(f.topology, "defaults")}
	for _, section := range []string{"kinds", "groups", "nodes"} {
		for _, e := range entries(get(f.topology, section)) {
			levels = append(levels, target(e.value))
		}
	}
	return levels
}

// remove takes keys out of a map and of those merged into it.
func remove(n *yaml.Node, keys ...string) {
	if n = target(n); n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); {
		key, value := n.Content[i], target(n.Content[i+1])
		if slices.Contains(keys, key.Value) {
			n.Content = slices.Delete(n.Content, i, i+2)
			continue
		}
		if key.Tag == "!!merge" && value != nil {
			remove(value, keys...)
			for _, part := range items(value) {
				remove(part, keys...)
			}
		}
		i += 2
	}
}

// set gives a map's key a value. A node that is null in the file becomes a map.
func set(n *yaml.Node, key string, value *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		*n = yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content[i+1] = value
			return
		}
	}
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, value)
}
