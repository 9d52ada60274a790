package testplans

import (
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A testFile is a JSNAPy test file that was read.
type testFile struct {
	err      error // why it could not be read
	sections []*testSection
}

// testFile reads a JSNAPy test file that the plan names, once. What is wrong in
// it is told with its own name and positions.
func (d *decoder) testFile(name string) *testFile {
	if f := d.testFiles[name]; f != nil {
		return f
	}
	if d.testFiles == nil {
		d.testFiles = map[string]*testFile{}
	}
	f := &testFile{}
	d.testFiles[name] = f
	file, err := d.readFile(name)
	if err != nil {
		f.err = err
		return f
	}
	shown := name
	if !filepath.IsAbs(name) {
		shown = filepath.Join(filepath.Dir(d.file), name)
	}
	own := &decoder{file: shown, document: "JSNAPy test file"}
	f.sections = own.testSections(file.Content)
	for _, s := range f.sections {
		s.test.File = name
	}
	d.mistakes = append(d.mistakes, own.mistakes...)
	return f
}

// testFileNames are the names of test files that a name in the plan stands for:
// itself, unless it is a pattern.
func (d *decoder) testFileNames(name string) ([]string, error) {
	if !strings.ContainsAny(name, "*?[") {
		return []string{name}, nil
	}
	dir := filepath.Dir(d.file)
	if filepath.IsAbs(name) {
		return filepath.Glob(name)
	}
	found, err := filepath.Glob(filepath.Join(literal.Replace(dir), name))
	if err != nil {
		return nil, err
	}
	for i := range found {
		if found[i], err = filepath.Rel(dir, found[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// literal has a path stand for itself in a pattern.
var literal = strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`)

// includeKey is the key of a test file that lists the tests to run.
const includeKey = "tests_include"

// testSections reads the tests that a file includes, in that order: all of
// them, unless it says which.
func (d *decoder) testSections(content []byte) []*testSection {
	root := d.parse(content)
	if root == nil {
		return nil
	}
	mergeKeys(root)
	if root.Kind != yaml.MappingNode || len(root.Content) == 0 {
		d.mistake(root, "write bgp_peers: and below it - command: show bgp summary", "a JSNAPy test file is a mapping of tests, not %s", describe(root))
		return nil
	}
	if d.isJSNAPyConfig(root) {
		return nil
	}
	keys := map[string]*yaml.Node{}
	var names []string
	for i := 0; i+1 < len(root.Content); i += 2 {
		key := root.Content[i]
		switch first := keys[key.Value]; {
		case first != nil:
			d.mistake(key, "give it another name", "%s is here twice; it is already on line %d, and JSNAPy runs only the last", key.Value, first.Line)
			continue
		case key.Value != includeKey:
			names = append(names, key.Value)
		}
		keys[key.Value] = key
	}
	var sections []*testSection
	for _, name := range d.included(entry(root, includeKey), names) {
		if s := d.section(keys[name], entry(root, name)); s != nil {
			sections = append(sections, s)
		}
	}
	return sections
}

// included are the tests that tests_include lists, or all.
func (d *decoder) included(n *yaml.Node, names []string) []string {
	if n == nil {
		if len(names) == 0 {
			d.mistake(&yaml.Node{Line: 1, Column: 1}, "", "the file has no test")
		}
		return names
	}
	items := n.Content
	if n.Kind == yaml.ScalarNode && n.ShortTag() != "!!null" {
		items = []*yaml.Node{n}
	}
	if n.Kind == yaml.MappingNode || len(items) == 0 {
		d.mistake(n, "list tests of this file, or leave it out to run all", "%s must be a list of names, not %s", includeKey, describe(n))
	}
	var included []string
	for _, item := range items {
		switch {
		case !slices.Contains(names, item.Value):
			d.mistake(item, suggest(item.Value, names), "there is no test %q in this file", item.Value)
		case slices.Contains(included, item.Value):
			d.mistake(item, "", "the test %s is included twice", item.Value)
		default:
			included = append(included, item.Value)
		}
	}
	return included
}

// isJSNAPyConfig reports whether a file is JSNAPy's list of hosts and test files.
// A plan names the test files itself: such a file may hold passwords, which
// must not become a part of what is kept of a plan.
func (d *decoder) isJSNAPyConfig(root *yaml.Node) bool {
	tests := entry(root, "tests")
	if entry(root, "hosts") == nil && (tests == nil || tests.Kind != yaml.SequenceNode || len(tests.Content) == 0 || tests.Content[0].Kind != yaml.ScalarNode) {
		return false
	}
	hint := "name the test files that it lists"
	if tests != nil && len(tests.Content) > 0 {
		var names []string
		for _, item := range tests.Content {
			names = append(names, item.Value)
		}
		hint = "name the test files that it lists: tests: [" + strings.Join(names, ", ") + "]"
	}
	d.mistake(root, hint, "this is a JSNAPy configuration, not a test file")
	return true
}

// mergeKeys puts the entries of mappings behind the key << into the mapping that
// has it, as Python's YAML does. Its own entries prevail.
func mergeKeys(n *yaml.Node) {
	for _, child := range n.Content {
		mergeKeys(child)
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	var own, merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Value != "<<" || value.Kind == yaml.ScalarNode:
			own = append(own, key, value)
		case value.Kind == yaml.SequenceNode:
			merged = append(merged, value.Content...)
		default:
			merged = append(merged, value)
		}
	}
	for _, from := range merged {
		for i := 0; from.Kind == yaml.MappingNode && i+1 < len(from.Content); i += 2 {
			if key := from.Content[i]; !hasKey(own, key.Value) {
				own = append(own, key, from.Content[i+1])
			}
		}
	}
	n.Content = own
}

// hasKey reports whether a key is among keys and values.
func hasKey(entries []*yaml.Node, key string) bool {
	for i := 0; i < len(entries); i += 2 {
		if entries[i].Value == key {
			return true
		}
	}
	return false
}
