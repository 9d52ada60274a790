package testplans

import (
	"fmt"
	"html"
	"slices"
	"strings"

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

// rpcArguments are the arguments of an RPC, as XML.
type rpcArguments struct{ undescribed }

// filterKey is the one argument that is not an element of its own.
const filterKey = "filter_xml"

func (rpcArguments) read(d *decoder, n *yaml.Node) any {
	if n.Kind != yaml.MappingNode {
		d.mistake(n, "write interface-name: ge-0/0/0 below it", "expected the RPC's arguments, not %s", describe(n))
		return nil
	}
	var b strings.Builder
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if strings.ReplaceAll(key.Value, "-", "_") == filterKey {
			b.WriteString(filterXML(value.Value))
			continue
		}
		values := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			values = value.Content
		}
		for _, v := range values {
			b.WriteString(argumentXML(d, strings.ReplaceAll(key.Value, "_", "-"), v))
		}
	}
	return b.String()
}

// argumentXML is one argument: true is an element without text, false is none.
func argumentXML(d *decoder, name string, v *yaml.Node) string {
	switch {
	case v.Kind != yaml.ScalarNode || v.ShortTag() == "!!null":
		d.mistake(v, "", "the argument %s must be a text or true, not %s", name, describe(v))
		return ""
	case v.ShortTag() == "!!bool" && strings.EqualFold(v.Value, "true"):
		return "<" + name + "/>"
	case v.ShortTag() == "!!bool":
		return ""
	}
	return "<" + name + ">" + html.EscapeString(v.Value) + "</" + name + ">"
}

// filterXML is the part of the configuration that a path such as
// configuration/system/login names, as elements in each other.
func filterXML(path string) string {
	names := strings.Split(strings.Trim(path, "/"), "/")
	if names[0] != "configuration" {
		names = append([]string{"configuration"}, names...)
	}
	xml := ""
	for _, name := range slices.Backward(names) {
		if xml == "" {
			xml = "<" + name + "/>"
		} else {
			xml = "<" + name + ">" + xml + "</" + name + ">"
		}
	}
	return xml
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
		d.mistake(n, "write - command: show bgp summary, or - rpc: NAME, and - iterate:", "the test %s must be a list, not %s", name, describe(n))
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

// ask finds out what the test asks the device.
func (d *decoder) ask(s *testSection, parts map[string]*object) {
	command, rpc := parts["command"], parts["rpc"]
	switch {
	case command != nil && rpc != nil:
		d.mistake(rpc.keys["rpc"], "make it a test of its own", "the test %s has command and rpc, but they exclude each other", s.test.Name)
	case command != nil:
		for _, key := range []string{"kwargs", "args"} {
			if parts[key] != nil {
				d.mistake(parts[key].keys[key], "", "%s makes sense only beside rpc", key)
			}
		}
		d.askCommand(s, command, parts["format"])
	case rpc != nil:
		d.askRPC(s, rpc, parts)
	default:
		d.mistake(s.key, "write - command: show bgp summary, or - rpc: get-bgp-summary-information", "the test %s asks nothing: it has neither command nor rpc", s.test.Name)
	}
}

// changingCommands begin commands that a test must not run: it may be repeated.
var changingCommands = []string{"request", "clear", "restart", "configure", "edit", "start", "set", "delete"}

func (d *decoder) askCommand(s *testSection, o, format *object) {
	at := o.at["command"]
	command, pipe, _ := strings.Cut(o.text("command"), "|")
	command, pipe = strings.Join(strings.Fields(command), " "), strings.Join(strings.Fields(pipe), " ")
	if verb, _, _ := strings.Cut(command, " "); slices.Contains(changingCommands, verb) {
		d.mistake(at, "tests begin with show", "%q changes the device; a test only looks", command)
		return
	}
	text := format != nil && format.text("format") == "text"
	if pipe != "" && !text && pipe != "display xml" && pipe != "no-more" {
		d.mistake(at, "leave it out, and select with xpath", "what is behind | would make text of the reply: %q", pipe)
		return
	}
	if text {
		if len(s.test.Selections) > 0 {
			d.mistake(format.keys["format"], "leave format out", "a reply in format text has no elements to test; JSNAPy tests nothing then")
			return
		}
		if s.test.Run = command; pipe != "" && pipe != "no-more" {
			s.test.Run += " | " + pipe
		}
		return
	}
	s.test.RPC = "<command>" + html.EscapeString(command) + "</command>"
}

func (d *decoder) askRPC(s *testSection, o *object, parts map[string]*object) {
	at, name := o.at["rpc"], strings.ReplaceAll(strings.TrimSpace(o.text("rpc")), "_", "-")
	arguments := ""
	for _, key := range []string{"args", "kwargs"} {
		if parts[key] != nil {
			arguments += parts[key].text(key)
		}
	}
	config := name == "get-config" || name == "get-configuration"
	switch err := check.CheckRPC(name); {
	case err != nil:
		d.mistake(at, "expected the name of an RPC, such as get-bgp-summary-information", "%v", err)
	case parts["format"] != nil && parts["format"].text("format") == "text":
		d.mistake(parts["format"].keys["format"], "leave format out, or write command: show …", "the reply to an RPC is XML here, and format says text")
	case !config && strings.Contains(arguments, "<configuration"):
		d.mistake(at, "use rpc: get-config", "%s works only with get-config", filterKey)
	case config:
		s.test.RPC = fmt.Sprintf(`<get-configuration database="committed">%s</get-configuration>`, arguments)
	default:
		s.test.RPC = "<" + name + ">" + arguments + "</" + name + ">"
	}
}
