// Package clabfile reads containerlab topology files.
//
// Reading has four steps: the environment is expanded in the text (expand.go),
// the YAML is held against containerlab's schema (check.go, schema.go), each
// node is resolved from node, group, kind and defaults (nodes.go), and the links
// are joined to the nodes (links.go). Everything that is wrong is reported at
// once, each problem with its place in the file.
//
// Startup configurations are taken as they are: unlike containerlab, neither the
// environment nor templates are expanded in them, because a Junos configuration
// may hold both "${" and "{{".
package clabfile

import (
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/topology"
)

// Load reads the containerlab topology file at path, with the startup
// configurations it names. What is wrong in the file is an *Error holding every
// problem; a file that cannot be read is the error of the operating system.
func Load(path string) (*topology.Topology, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	return parse(text, path, abs)
}

// parse reads a topology file's text. shown is the file's name in messages, abs
// its absolute path, which relative paths in it start from.
func parse(text []byte, shown, abs string) (*topology.Topology, error) {
	r := &report{file: shown}
	expanded := expand(string(text), os.LookupEnv, r)
	if r.failed() {
		return nil, r.err()
	}
	root, err := decode(expanded)
	if err != nil {
		r.add(yamlProblem(shown, expanded, err))
		return nil, r.err()
	}
	if root == nil {
		r.at(nil, "the file is empty", "a topology file starts with name: and topology:")
		return nil, r.err()
	}
	c := &checker{report: r}
	fileShape(c, root, "the file")
	if c.gaveUp {
		return nil, r.err()
	}
	t := resolve(root, abs, r)
	if r.failed() {
		return nil, r.err()
	}
	return t, nil
}

// decode parses YAML to the node of its only document; nil means empty.
func decode(text string) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		return nil, nil
	}
	return doc.Content[0], nil
}

// resolve turns the checked file into a topology, reporting what the schema
// alone cannot see: kinds, references, files.
func resolve(root *yaml.Node, abs string, r *report) *topology.Topology {
	t := &topology.Topology{Name: text(get(root, "name")), File: abs}
	f := &file{
		report:   r,
		dir:      filepath.Dir(abs),
		labDir:   filepath.Join(filepath.Dir(abs), "clab-"+t.Name),
		longName: longName(root, t.Name),
		topology: get(root, "topology"),
	}
	for _, e := range entries(get(f.topology, "kinds")) {
		if !knownKind(e.key.Value) {
			r.at(e.key, fmt.Sprintf("unknown kind %q", e.key.Value), didYouMean(e.key.Value, kinds))
		}
	}
	for _, e := range entries(get(f.topology, "nodes")) {
		if n := f.node(e.key, e.value); n != nil {
			t.Nodes = append(t.Nodes, n)
		}
	}
	if f.topology != nil && len(entries(get(f.topology, "nodes"))) == 0 {
		r.at(f.topology, "the topology has no nodes", "")
	}
	l := &linker{file: f, topology: t, used: map[string]topology.Pos{}}
	for _, n := range items(get(f.topology, "links")) {
		if link := l.link(n); link != nil {
			t.Links = append(t.Links, link)
		}
	}
	return t
}

// file is what resolving one topology file needs to know.
type file struct {
	*report
	dir      string // of the topology file
	labDir   string // containerlab's directory for the lab's files
	longName string // containerlab's name of the lab, with its prefix
	topology *yaml.Node
}

// longName is the lab's name with containerlab's prefix, "clab" unless the file
// gives another.
func longName(root *yaml.Node, name string) string {
	prefix := "clab"
	if n := get(root, "prefix"); n != nil {
		prefix = text(n)
	}
	if prefix == "" || prefix == "__lab-name" {
		return name
	}
	return prefix + "-" + name
}
