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
	if root := own.parse(file.Content); root != nil {
		f.sections = own.testSections(root)
	}
	for _, s := range f.sections {
		s.test.File = name
	}
	d.mistakes = append(d.mistakes, own.mistakes...)
	return f
}

// includeKey is the key of a test file that lists the tests to run.
const includeKey = "tests_include"

// testSections reads the tests that a file includes, in that order: all of
// them, unless it says which.
func (d *decoder) testSections(root *yaml.Node) []*testSection {
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
