package clabfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/topology"
)

var nodeName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._|-]*$`)

// definition is where a node's settings come from, the nearest first: node,
// group, kind, defaults.
type definition []*yaml.Node

// value returns the nearest setting of a key, or nil.
func (d definition) value(key string) *yaml.Node {
	for _, level := range d {
		if v := get(level, key); v != nil {
			return v
		}
	}
	return nil
}

// merged joins the maps of all levels; the nearest value of a key wins.
func (d definition) merged(key string) map[string]string {
	all := map[string]string{}
	for _, level := range slices.Backward(d) {
		for _, e := range entries(get(level, key)) {
			all[e.key.Value] = text(e.value)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// appended joins the lists of all levels, the defaults' first. What is there
// already is not added again.
func (d definition) appended(key string) []string {
	var all []string
	for _, level := range slices.Backward(d) {
		for _, item := range texts(get(level, key)) {
			if !slices.Contains(all, item) {
				all = append(all, item)
			}
		}
	}
	return all
}

// node resolves one node of the file, or reports why it cannot and returns nil.
func (f *file) node(key, own *yaml.Node) *topology.Node {
	name := key.Value
	if !nodeName.MatchString(name) {
		f.at(key, fmt.Sprintf("%q cannot be a node's name: expected letters, digits, dot, dash and underscore", name), "")
		return nil
	}
	d, kind, ok := f.define(key, own)
	if !ok {
		return nil
	}
	n := &topology.Node{
		Name:    name,
		Kind:    kind,
		Image:   text(d.value("image")),
		Type:    text(d.value("type")),
		Group:   text(d.value("group")),
		Exec:    d.appended("exec"),
		Env:     d.merged("env"),
		Sysctls: d.merged("sysctls"),
		Labels:  d.merged("labels"),
		Pos:     f.pos(key),
	}
	magic := f.magic(name)
	for i, command := range n.Exec {
		n.Exec[i] = magic.Replace(command)
	}
	if v := d.value("startup-config"); v != nil {
		n.StartupConfig = f.startupConfig(name, v, magic)
	}
	return n
}

// define finds the levels of a node and its kind. The kind is that of the node,
// its group, the defaults' group, or the defaults; the group is that of the node,
// its kind, or the defaults.
func (f *file) define(key, own *yaml.Node) (definition, string, bool) {
	defaults, groups := get(f.topology, "defaults"), get(f.topology, "groups")
	group := func(level *yaml.Node) *yaml.Node { return get(groups, text(get(level, "group"))) }

	given := definition{own, group(own), group(defaults), defaults}.value("kind")
	if given == nil {
		f.at(key, fmt.Sprintf("node %s has no kind", key.Value),
			"give it one, or set topology.defaults.kind")
		return nil, "", false
	}
	kind := text(given)
	if !knownKind(kind) {
		f.at(given, fmt.Sprintf("unknown kind %q", kind), didYouMean(kind, kinds))
		return nil, "", false
	}
	ofKind := get(get(f.topology, "kinds"), kind)
	named := definition{own, ofKind, defaults}.value("group")
	return definition{own, get(groups, text(named)), ofKind, defaults}, canonicalKind(kind), true
}

// magic replaces containerlab's variables in paths and commands of a node.
func (f *file) magic(node string) *strings.Replacer {
	return strings.NewReplacer(
		"__clabNodeName__", node,
		"__clabNodeDir__", filepath.Join(f.labDir, node),
		"__clabDir__", f.labDir,
		"__clabLabName__", f.longName,
	)
}

// startupConfig returns the text of a startup configuration: the value itself
// if it has several lines, else the content of the file it names.
func (f *file) startupConfig(node string, v *yaml.Node, magic *strings.Replacer) string {
	value := text(v)
	if strings.Contains(value, "\n") {
		return value
	}
	if strings.Contains(value, "://") {
		f.at(v, fmt.Sprintf("startup-config of node %s is an address: %s", node, value),
			"download it and name the file")
		return ""
	}
	path := magic.Replace(value)
	if home, err := os.UserHomeDir(); err == nil && strings.HasPrefix(path, "~/") {
		path = filepath.Join(home, path[2:])
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(f.dir, path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		f.at(v, fmt.Sprintf("startup-config of node %s: %s", node, f.reason(err, path)), nearestFile(path))
		return ""
	}
	return string(content)
}

// reason says why a file could not be read, with its path as seen from the
// topology file.
func (f *file) reason(err error, path string) string {
	if rel, relErr := filepath.Rel(f.dir, path); relErr == nil {
		path = rel
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "there is no file " + path
	}
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return path + ": " + err.Error()
}

// nearestFile is a hint naming a file in the same directory.
func nearestFile(path string) string {
	dir, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return ""
	}
	var names []string
	for _, e := range dir {
		names = append(names, e.Name())
	}
	return didYouMean(filepath.Base(path), names)
}
