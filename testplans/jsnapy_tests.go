package testplans

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
)

// The grammar of the tests in a JSNAPy test file:
//
//	tests:
//	  - no-diff: peer-state
//	    err: "{{post['peer-address']}} is {{post['peer-state']}}"
//	  - or:
//	      - is-equal: peer-state, Established
//	      - is-in: peer-type, Internal, External

// junctions join tests. JSNAPy takes them in capitals too.
var junctions = []string{"and", "or", "not"}

var rowTestShape = &shape{
	name: "test",
	doc:  "One test of the rows that are selected.",
	finish: func(d *decoder, o *object) any {
		test, _ := o.values["test"].(check.RowTest)
		for key, to := range map[string]*string{"err": &test.Err, "info": &test.Info} {
			*to = withArguments(o.text(key), test.Args)
		}
		test.IgnoreNull = o.values["ignore-null"] == true
		return test
	},
}

func init() {
	var operators []string
	for _, op := range check.JSNAPyOperators {
		rowTestShape.fields = append(rowTestShape.fields, field{key: op.Name, as: "test", is: rowOperator{JSNAPyOperator: op}})
		operators = append(operators, op.Name)
	}
	for _, name := range junctions {
		rowTestShape.fields = append(rowTestShape.fields, field{key: name, as: "test", is: junction{op: name}})
	}
	rowTestShape.fields = append(rowTestShape.fields,
		field{key: "err", is: orNothing{anyText}}, field{key: "info", is: orNothing{anyText}}, field{key: "ignore-null", is: pythonBool})
	rowTestShape.choose = []choice{{keys: append(operators, junctions...)}}
}

// undescribed is what stands in JSNAPy's files only, which the JSON Schema of
// plans does not describe.
type undescribed struct{}

func (undescribed) schema(*schemaWriter) map[string]any { return map[string]any{} }

// orNothing is a value that may be left empty.
type orNothing struct{ valueType }

func (o orNothing) read(d *decoder, n *yaml.Node) any {
	if n.ShortTag() == "!!null" {
		return nil
	}
	return o.valueType.read(d, n)
}

// pythonBool is a truth value as Python's YAML has them.
var pythonBool = scalar{what: "true or false", parse: func(d *decoder, n *yaml.Node) any {
	switch strings.ToLower(n.Value) {
	case "true", "yes", "on":
		return true
	case "false", "no", "off":
		return false
	}
	d.mistake(n, "", "expected true or false, not %s", describe(n))
	return nil
}}

// junction reads the tests below and, or, not.
type junction struct {
	undescribed
	op string
}

func (j junction) read(d *decoder, n *yaml.Node) any {
	tests, ok := readRowTests(d, n)
	switch {
	case !ok:
		return nil
	case j.op == "not" && len(tests) != 1:
		d.mistake(n, "join them below it with and, or write several nots", "not takes one test, and here are %d", len(tests))
		return nil
	case j.op != "not" && len(tests) < 2:
		d.mistake(n, "leave "+j.op+" out", "%s joins tests, and here is one", j.op)
		return nil
	}
	return check.RowTest{Op: j.op, Tests: tests}
}

// readRowTests reads a list of tests; it reports whether all of them are right.
func readRowTests(d *decoder, n *yaml.Node) ([]check.RowTest, bool) {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		d.mistake(n, "write - no-diff: ELEMENT, or another operator", "expected a list of tests, not %s", describe(n))
		return nil, false
	}
	var tests []check.RowTest
	for _, item := range n.Content {
		for i := 0; item.Kind == yaml.MappingNode && i+1 < len(item.Content); i += 2 {
			if key := item.Content[i]; slices.Contains(junctions, strings.ToLower(key.Value)) {
				key.Value = strings.ToLower(key.Value)
			}
		}
		if test, ok := rowTestShape.read(d, item).(check.RowTest); ok {
			tests = append(tests, test)
		}
	}
	return tests, len(tests) == len(n.Content)
}

// rowOperator reads what stands behind an operator: the element, and the
// operator's arguments behind commas.
type rowOperator struct {
	undescribed
	check.JSNAPyOperator
}

func (op rowOperator) read(d *decoder, n *yaml.Node) any {
	if n.ShortTag() == "!!null" && op.Bare {
		return check.RowTest{Op: op.Name}
	}
	value := (scalar{what: "an element, and behind a comma what it is compared with", parse: func(_ *decoder, n *yaml.Node) any { return n.Value }}).read(d, n)
	text, ok := value.(string)
	if !ok {
		return nil
	}
	path, rest, more := cutElement(text)
	if err := check.CheckXPath(path); err != nil {
		d.mistake(n, "the element is an XPath within the row", "%s: %v", op.Name, err)
		return nil
	}
	args, message, hint := op.arguments(rest, more)
	if message != "" {
		d.mistake(n, hint, "%s", message)
		return nil
	}
	return check.RowTest{Op: op.Name, Path: path, Args: args}
}

// cutElement splits what is behind an operator at the first comma that is not
// in brackets, in which quotes are respected.
func cutElement(s string) (path, rest string, more bool) {
	depth, quote := 0, byte(0)
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case depth > 0 && (c == '"' || c == '\''):
			quote = c
		case c == '[' || c == '(':
			depth++
		case c == ']' || c == ')':
			depth--
		case c == ',' && depth <= 0:
			return strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+1:]), true
		}
	}
	return strings.TrimSpace(s), "", false
}

// arguments reads what is behind the element, or says what is wrong with it.
func (op rowOperator) arguments(rest string, more bool) (args []string, message, hint string) {
	if op.Name == "all-same" && strings.HasPrefix(rest, "[") {
		if err := check.CheckXPath("x" + rest); err != nil {
			return nil, "all-same: " + err.Error(), "behind the comma is a condition for the row that the others are compared with"
		}
		return []string{rest}, "", ""
	}
	if op.Takes == check.TakesNothing {
		if more {
			return nil, fmt.Sprintf("%s takes an element and nothing else; JSNAPy does not look at %q", op.Name, rest), "leave it out, or ask for it with is-equal, contains, …"
		}
		return nil, "", ""
	}
	if op.Takes != check.TakesRegexp {
		for part := range strings.SplitSeq(rest, ",") {
			args = append(args, strings.TrimSpace(part))
		}
	} else {
		args = []string{rest}
	}
	if more && len(args) > 1 && slices.Contains(args, "") {
		return nil, fmt.Sprintf("%s has a comma with nothing behind it", op.Name), ""
	}
	if !more || args[0] == "" {
		return nil, fmt.Sprintf("%s lacks what the element is compared with", op.Name), "write " + op.Name + ": ELEMENT, " + op.example()
	}
	if message, hint = op.wrong(args); message != "" {
		return nil, message, hint
	}
	return args, "", ""
}

// wrong says what is wrong with an operator's arguments, "" if nothing is.
func (op rowOperator) wrong(args []string) (message, hint string) {
	one := fmt.Sprintf("%s takes one value; JSNAPy does not look at what is behind %q", op.Name, args[0])
	switch op.Takes {
	case check.TakesValue:
		if len(args) > 1 {
			return one, "write or: with a test for each, or is-in for a list"
		}
	case check.TakesNumber, check.TakesRange:
		return op.wrongNumbers(args)
	case check.TakesRegexp:
		if err := check.CheckRegexp(args[0]); err != nil {
			return "regex: " + err.Error(), "expected a regular expression in RE2 syntax"
		}
	case check.TakesDelta:
		if len(args) > 1 {
			return one, ""
		}
		if err := check.CheckDelta(args[0]); err != nil {
			return "delta: " + err.Error(), "write delta: ELEMENT, 10%"
		}
	}
	return "", ""
}

func (op rowOperator) wrongNumbers(args []string) (message, hint string) {
	for _, a := range args {
		if _, err := strconv.ParseFloat(a, 64); err != nil || strings.Trim(a, "0123456789.+-eE") != "" {
			return fmt.Sprintf("%s: %q is not a number", op.Name, a), "write " + op.Name + ": ELEMENT, " + op.example()
		}
	}
	wanted, words := 1, "one number"
	if op.Takes == check.TakesRange {
		wanted, words = 2, "two numbers"
	}
	if len(args) != wanted {
		return fmt.Sprintf("%s takes %s, not %d", op.Name, words, len(args)), "write " + op.Name + ": ELEMENT, " + op.example()
	}
	if wanted == 2 {
		if err := check.Bound(args[0] + ".." + args[1]).Check(check.Number); err != nil {
			return op.Name + ": " + err.Error(), ""
		}
	}
	return "", ""
}

// example is what might be behind the element.
func (op rowOperator) example() string {
	switch op.Takes {
	case check.TakesNumber:
		return "10"
	case check.TakesRange:
		return "1, 5"
	case check.TakesList:
		return "up, down"
	case check.TakesDelta:
		return "10%"
	}
	return "VALUE"
}

var dollar = regexp.MustCompile(`\$([0-9]+)`)

// withArguments replaces $1, $2, … in a message by the test's arguments.
func withArguments(message string, args []string) string {
	return dollar.ReplaceAllStringFunc(message, func(s string) string {
		if i, err := strconv.Atoi(s[1:]); err == nil && i >= 1 && i <= len(args) {
			return args[i-1]
		}
		return s
	})
}
