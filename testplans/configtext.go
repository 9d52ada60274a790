package testplans

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// configVerbs are the commands that Junos takes in a set file.
var configVerbs = []string{"set", "delete", "activate", "deactivate", "rename", "copy", "insert",
	"annotate", "protect", "unprotect", "replace", "wildcard"}

// configRoots are the statements at the top of a Junos configuration. A first
// word that is near one of them is a slip of the pen; any other word is left
// to the device to judge.
var configRoots = []string{"access", "access-profile", "accounting-options", "applications", "apply-groups",
	"bridge-domains", "chassis", "class-of-service", "dynamic-profiles", "event-options", "fabric", "firewall",
	"forwarding-options", "groups", "interfaces", "logical-systems", "multi-chassis", "policy-options", "poe",
	"protocols", "routing-instances", "routing-options", "security", "services", "snmp", "switch-options",
	"system", "virtual-chassis", "vlans", "vmhost"}

// configLine is one set, delete, … command; "set" may be left out and is put
// back, so that a Configure holds complete commands.
var configLine = scalar{what: "a configuration command, such as set system host-name r1",
	json: stringSchema("set protocols ospf area 0.0.0.0 interface ge-0/0/0.0 metric 100"),
	parse: func(d *decoder, n *yaml.Node) any {
		line := strings.TrimSpace(n.Value)
		if message, hint := wrongConfigLine(line); message != "" {
			d.mistake(n, hint, "%s", message)
			return nil
		}
		if verb, _, _ := strings.Cut(line, " "); !slices.Contains(configVerbs, verb) {
			line = "set " + line
		}
		return line
	}}

// statement is a configuration statement in set form without "set".
var statement = scalar{what: "a configuration statement, such as protocols bgp group customer",
	json: stringSchema("protocols bgp group customer peer-as 65004"),
	parse: func(d *decoder, n *yaml.Node) any {
		line := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(n.Value), "set "))
		if message, hint := wrongConfigLine(line); message != "" {
			d.mistake(n, hint, "%s", message)
			return nil
		}
		return strings.Join(strings.Fields(line), " ")
	}}

func wrongConfigLine(line string) (message, hint string) {
	words := strings.Fields(line)
	switch {
	case len(words) == 0:
		return "this configuration line is empty", ""
	case strings.ContainsAny(line, "\r\n"):
		return "this configuration line has more than one line", "make each a list item of its own"
	case strings.Count(line, `"`)%2 != 0:
		return "this configuration line has a quote without its partner", ""
	case strings.HasSuffix(line, "{") || strings.HasSuffix(line, ";"):
		return "this is configuration in curly braces, not a set command", "use text: instead of set:"
	}
	root := words[0]
	if slices.Contains(configVerbs, root) {
		if len(words) == 1 {
			return fmt.Sprintf("%q says nothing after the verb", root), ""
		}
		root = words[1]
	}
	if slices.Contains(configRoots, root) {
		return "", ""
	}
	if near := nearest(root, configRoots); near != "" && len(near) > 5 {
		return fmt.Sprintf("no configuration begins with %q", root), "did you mean " + near + "?"
	}
	return "", ""
}

// configText is configuration in curly braces.
var configText = scalar{what: "configuration in curly braces", json: stringSchema(),
	parse: func(d *decoder, n *yaml.Node) any {
		if message := wrongBraces(n.Value); message != "" {
			d.mistake(n, "", "%s", message)
			return nil
		}
		return n.Value
	}}

// configFile is the path of a configuration file; it is read at once.
var configFile = scalar{what: "the path of a file, relative to the plan", json: stringSchema("configs/r2-policy.cfg"),
	parse: func(d *decoder, n *yaml.Node) any {
		file, err := d.readFile(n.Value)
		if err != nil {
			d.mistake(n, "the path is relative to the plan", "cannot read the configuration: %v", plainPathError(err))
			return nil
		}
		content := string(file.Content)
		if strings.TrimSpace(content) == "" {
			d.mistake(n, "", "the configuration file %s is empty", n.Value)
			return nil
		}
		if !isSetFile(content) {
			if message := wrongBraces(content); message != "" {
				d.mistake(n, "", "%s: %s", n.Value, message)
				return nil
			}
		}
		return content
	}}

// isSetFile reports whether configuration is a list of commands rather than
// braces: its first line that is no comment begins with a verb and does not
// open a block.
func isSetFile(content string) bool {
	for line := range strings.Lines(content) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		verb, _, _ := strings.Cut(line, " ")
		return slices.Contains(configVerbs, verb) && !strings.HasSuffix(line, "{") && !strings.HasSuffix(line, ";")
	}
	return false
}

// commands are the commands of a set file.
func commands(content string) []string {
	var lines []string
	for line := range strings.Lines(content) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// wrongBraces says what is wrong with the nesting of configuration text, ""
// if nothing is. Quoted text and comments do not count.
func wrongBraces(text string) string {
	line, depth, openedOn := 1, 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\n':
			line++
		case c == '"':
			end := strings.IndexByte(text[i+1:], '"')
			if end < 0 {
				return fmt.Sprintf("the quote on line %d of the configuration is not closed", line)
			}
			line += strings.Count(text[i+1:i+1+end], "\n")
			i += end + 1
		case c == '#':
			if end := strings.IndexByte(text[i:], '\n'); end >= 0 {
				i += end - 1
			} else {
				i = len(text)
			}
		case c == '/' && strings.HasPrefix(text[i:], "/*"):
			end := strings.Index(text[i:], "*/")
			if end < 0 {
				return fmt.Sprintf("the comment on line %d of the configuration is not closed", line)
			}
			line += strings.Count(text[i:i+end], "\n")
			i += end + 1
		case c == '{':
			if depth++; depth == 1 {
				openedOn = line
			}
		case c == '}':
			if depth--; depth < 0 {
				return fmt.Sprintf("line %d of the configuration closes a brace that was not opened", line)
			}
		}
	}
	if depth > 0 {
		return fmt.Sprintf("the brace opened on line %d of the configuration is not closed", openedOn)
	}
	return ""
}
