package testplans

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
)

// The grammar of one test of a JSNAPy test file, which is a list:
//
//	bgp_peers:
//	  - command: show bgp summary
//	  - iterate:
//	      xpath: //bgp-peer
//	      id: peer-address
//	      tests: […]

var sectionItemShape = &shape{
	name: "test",
	doc:  "A part of a JSNAPy test.",
	fields: []field{
		{key: "command", is: sentence},
		{key: "rpc", is: anyText},
		{key: "format", is: oneOf("xml", "text")},
		{key: "kwargs", is: orNothing{rpcArguments{}}},
		{key: "args", is: orNothing{rpcArguments{}}},
		{key: "iterate", is: selectionShape("iterate")},
		{key: "item", is: selectionShape("item")},
		{key: "description", is: orNothing{anyText}},
		{key: "ignore-null", is: pythonBool},
	},
	finish: func(_ *decoder, o *object) any { return o },
}

func selectionShape(name string) *shape {
	return &shape{
		name: name,
		fields: []field{
			{key: "xpath", is: xpathExpr, required: true, doc: "The rows that are tested: //bgp-peer."},
			{key: "id", is: orNothing{idPaths{}}},
			{key: "tests", is: rowTestList{}, required: true, doc: "What is asked of them: - no-diff: peer-state."},
		},
		finish: func(d *decoder, o *object) any {
			s := check.Selection{XPath: o.text("xpath"), Item: name == "item"}
			s.ID, _ = o.values["id"].([]string)
			s.Tests, _ = o.values["tests"].([]check.RowTest)
			if op := firstSince(s.Tests); op != "" && len(s.ID) == 0 && !s.Item {
				d.mistake(o.node, "say id: what tells a row from others, such as name", "%s compares rows by their id, and this iterate has none; JSNAPy compares nothing then", op)
				return nil
			}
			return s
		},
	}
}

// rowTestList is a list of tests.
type rowTestList struct{ undescribed }

func (rowTestList) read(d *decoder, n *yaml.Node) any {
	if tests, ok := readRowTests(d, n); ok {
		return tests
	}
	return nil
}

// idPaths are paths, in a list or in one text with commas.
type idPaths struct{ undescribed }

func (idPaths) read(d *decoder, n *yaml.Node) any {
	items := n.Content
	if n.Kind == yaml.ScalarNode {
		items = []*yaml.Node{n}
	}
	var paths []string
	for _, item := range items {
		rest, more := item.Value, true
		for more {
			var path string
			path, rest, more = cutElement(rest)
			if err := check.CheckXPath(path); err != nil {
				d.mistake(item, "expected paths within the row, such as ./name", "id: %v", err)
				return nil
			}
			if path != "." { // which JSNAPy takes for no id at all
				paths = append(paths, path)
			}
		}
	}
	return paths
}

// A testSection is one test of a JSNAPy test file.
type testSection struct {
	test check.JSNAPy // without nodes and snapshot
	// since is what in it compares with a snapshot: "no-diff", "" if nothing does.
	since string
	key   *yaml.Node // its name in the file
}

// section reads one test, nil after a mistake.
func (d *decoder) section(key, n *yaml.Node) *testSection {
	name := key.Value
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		d.mistake(n, "write - command: show bgp summary, or - rpc: NAME, and - iterate:", "the test %s must be a list", name)
		return nil
	}
	parts := map[string]*object{}
	s := &testSection{test: check.JSNAPy{Name: name}, key: key}
	before := len(d.mistakes)
	for _, item := range n.Content {
		o, ok := sectionItemShape.read(d, item).(*object)
		if !ok {
			continue
		}
		for _, key := range []string{"command", "rpc", "format", "kwargs", "args", "ignore-null"} {
			if !o.has(key) {
				continue
			}
			if parts[key] != nil {
				d.mistake(o.keys[key], "make it a test of its own", "the test %s has %s twice; it is already on line %d", name, key, parts[key].keys[key].Line)
			}
			parts[key] = o
		}
		for _, key := range []string{"iterate", "item"} {
			if selected, ok := o.values[key].(check.Selection); ok {
				s.test.Selections = append(s.test.Selections, selected)
			}
		}
	}
	if len(d.mistakes) == before {
		d.ask(s, parts)
	}
	if len(d.mistakes) > before {
		return nil
	}
	s.finish(parts["ignore-null"])
	return s
}

// finish hands ignore-null on to every test, and finds out what compares with a
// snapshot.
func (s *testSection) finish(ignore *object) {
	if len(s.test.Selections) == 0 {
		s.since = "comparing whole replies"
	}
	for i := range s.test.Selections {
		tests := s.test.Selections[i].Tests
		if ignore != nil && ignore.values["ignore-null"] == true {
			ignoreNull(tests)
		}
		if s.since == "" {
			s.since = firstSince(tests)
		}
	}
}

func ignoreNull(tests []check.RowTest) {
	for i := range tests {
		tests[i].IgnoreNull = true
		ignoreNull(tests[i].Tests)
	}
}

// firstSince is the first operator that compares with a snapshot, or "".
func firstSince(tests []check.RowTest) string {
	for _, t := range tests {
		if slices.ContainsFunc(check.JSNAPyOperators, func(op check.JSNAPyOperator) bool { return op.Name == t.Op && op.Since }) {
			return t.Op
		}
		if op := firstSince(t.Tests); op != "" {
			return op
		}
	}
	return ""
}
