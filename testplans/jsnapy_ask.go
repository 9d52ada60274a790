package testplans

import (
	"fmt"
	"html"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
)

// What a JSNAPy test asks of the device: a command, or an RPC with arguments.

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
