package testplans

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
)

// A jsnapy step runs JSNAPy test files as they are. It stands for one step for
// each test in them: a snapshot, a check, or a wait-until. What JSNAPy reads and
// does not look at is a mistake: a second operator in a test, values behind the
// first, iterate without an id where rows are compared, tests of a reply in
// format text. So are operators that there are not.

var jsnapyShape = onNodes("jsnapy", "The tests of JSNAPy test files, as they are, each as a step of its own. With snap a snapshot is taken for them, with check they are compared with one, and with neither only what is so now counts. Where JSNAPy would pass on nothing, this is an error.",
	field{key: "tests", is: testFileList{list{of: testFileName, min: 1, single: true}}, required: true, doc: "Test files, relative to the plan, or patterns for them; of each, what its tests_include lists, or all of its tests."},
	field{key: "snap", is: givenName, doc: "Take a snapshot under this name of all that the tests look at, and judge nothing yet."},
	field{key: "check", is: givenName, doc: "Compare with the snapshot of this name, which an earlier jsnapy step took with snap."},
	field{key: "within", is: duration(10*time.Millisecond, maxWait), doc: "Repeat each test until it holds, for so long at most."},
)

func init() {
	jsnapyShape.choose = append(jsnapyShape.choose,
		choice{keys: []string{"snap", "check"}, optional: true}, choice{keys: []string{"snap", "within"}, optional: true})
}

// testFileName is the path of a JSNAPy test file, or a pattern for several; its
// value is their names. What is wrong in them is told with positions of theirs.
var testFileName = scalar{what: "the path of a JSNAPy test file, relative to the plan", json: stringSchema("jsnapy/test_bgp.yml", "jsnapy/test_*.yml"),
	parse: func(d *decoder, n *yaml.Node) any {
		names, err := d.testFileNames(n.Value)
		switch {
		case err != nil:
			d.mistake(n, "", "%q is not a pattern for file names: %v", n.Value, err)
			return nil
		case len(names) == 0:
			d.mistake(n, "the path is relative to the plan", "no file is called %s", n.Value)
			return nil
		}
		for _, name := range names {
			if f := d.testFile(name); f.err != nil {
				d.mistake(n, "the path is relative to the plan", "cannot read the test file: %v", plainPathError(f.err))
				return nil
			}
		}
		return names
	}}

// testFileList is a list of test files, each once.
type testFileList struct{ list }

func (l testFileList) read(d *decoder, n *yaml.Node) any {
	items, _ := l.list.read(d, n).([]any)
	var all []string
	for _, names := range items {
		for _, name := range names.([]string) {
			if slices.Contains(all, name) {
				d.mistake(n, "", "the test file %s is listed twice", name)
				return nil
			}
			all = append(all, name)
		}
	}
	if all == nil {
		return nil
	}
	return all
}

// A sectionStep is what one of the steps stands for.
type sectionStep struct {
	section *testSection
	more    bool // others of the same jsnapy step follow it
}

// jsnapySteps returns the steps that one stands for: itself, unless it runs
// JSNAPy test files.
func (d *decoder) jsnapySteps(step *yaml.Node) []*yaml.Node {
	jsnapy := entry(step, "jsnapy")
	if jsnapy == nil {
		return []*yaml.Node{step}
	}
	names := []*yaml.Node{}
	if tests := entry(jsnapy, "tests"); tests != nil {
		names = append(names, tests)
		if tests.Kind == yaml.SequenceNode {
			names = tests.Content
		}
	}
	var sections []*testSection
	for _, name := range names {
		files, _ := d.testFileNames(name.Value) // an error is told when the step is read
		for _, file := range files {
			sections = append(sections, d.testFile(file).sections...)
		}
	}
	if len(sections) == 0 {
		return []*yaml.Node{step} // whose mistakes are told when it is read
	}
	if d.sections == nil {
		d.sections = map[*yaml.Node]sectionStep{}
	}
	steps := make([]*yaml.Node, len(sections))
	for i, section := range sections {
		one := *step
		steps[i] = &one
		d.sections[&one] = sectionStep{section, i < len(sections)-1}
	}
	return steps
}

// finishJSNAPy makes a plain step of the part of a jsnapy step that a node is.
func (d *decoder) finishJSNAPy(o *object) {
	jsnapy, ok := o.values["jsnapy"].(map[string]any)
	step := d.sections[o.node]
	section := step.section
	if !ok || section == nil {
		return
	}
	delete(o.values, "jsnapy")
	if step.more {
		o.values["go-on"] = true
	}
	of := fmt.Sprintf("%s in %s", section.test.Name, section.test.File)
	if title, ok := o.values["title"].(string); ok {
		o.values["title"] = title + ": " + of
	}
	text := func(key string) string {
		s, _ := jsnapy[key].(string)
		return s
	}
	if name := text("snap"); name != "" {
		snapshot := map[string]any{"name": sectionSnapshot(name, section), "nodes": jsnapy["nodes"]}
		if section.test.RPC != "" {
			snapshot["rpc"] = section.test.RPC
		} else {
			snapshot["run"] = section.test.Run
		}
		o.values["snapshot"] = snapshot
		return
	}
	test := section.test
	for _, node := range jsnapy["nodes"].([]any) {
		test.Nodes = append(test.Nodes, fmt.Sprint(node))
	}
	if name := text("check"); name != "" {
		test.Snapshot = sectionSnapshot(name, section)
	} else if section.since != "" {
		d.mistake(o.keys["jsnapy"], "take a snapshot with jsnapy: {snap: NAME, …} and compare with check: NAME",
			"%s on line %d of %s needs a snapshot to compare with: %s", section.test.Name, section.key.Line, section.test.File, section.since)
		return
	}
	spec := check.Spec{JSNAPy: &test}
	if within := text("within"); within != "" {
		o.values["wait-until"] = map[string]any{"within": within, "check": spec}
		return
	}
	o.values["check"] = spec
}

// sectionSnapshot is the name of what a snapshot keeps for one test.
func sectionSnapshot(name string, s *testSection) string {
	return fmt.Sprintf("%s (%s in %s)", name, s.test.Name, s.test.File)
}

// jsnapy checks that a test of a JSNAPy test file has what it is compared with.
func (f *follower) jsnapy(test *check.JSNAPy) {
	if test.Snapshot == "" {
		return
	}
	name, _, _ := strings.Cut(test.Snapshot, " ")
	if branch := f.otherBranch(test.Snapshot); branch != "" {
		f.takenBeside(branch, name)
		return
	}
	was, there := f.snapshots[test.Snapshot]
	if !there {
		f.noSectionSnapshot(name, test)
		return
	}
	nodes, _ := was.step["nodes"].([]any)
	for _, node := range test.Nodes {
		if !slices.Contains(nodes, any(node)) {
			f.mistake("take it there too, or leave the node out", "snapshot %s was not taken on %s; see line %d", name, node, was.line)
		}
	}
}

// noSectionSnapshot is the mistake of comparing with what no jsnapy step took.
func (f *follower) noSectionSnapshot(name string, test *check.JSNAPy) {
	if f.passed[test.Snapshot] != 0 {
		f.noSnapshot(test.Snapshot)
		return
	}
	var names []string
	for other := range f.snapshots {
		if first, _, ok := strings.Cut(other, " ("); ok {
			names = append(names, first)
		}
	}
	if slices.Contains(names, name) {
		f.mistake("take the same test files with snap and with check", "snapshot %s keeps nothing for %s in %s", name, test.Name, test.File)
		return
	}
	slices.Sort(names)
	hint := "take it in an earlier step: jsnapy: {snap: " + name + ", …}"
	if near := nearest(name, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	f.mistake(hint, "there is no snapshot %s of JSNAPy tests here", name)
}
