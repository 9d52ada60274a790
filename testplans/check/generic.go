package check

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/antchfx/xmlquery"
)

// subject is what the XPath selects, in words short enough for a sentence.
func (r *RPC) subject() string {
	return fmt.Sprintf("%s in %s", Shorten(strings.TrimSpace(r.XPath), 100), r.element())
}

func (r *RPC) judge(c *court) {
	for _, q := range r.queries() {
		subject, expected := r.subject(), r.Test.expected()
		text, ok := c.answer(q, subject, expected)
		if !ok {
			continue
		}
		doc, err := parseReply(text)
		if err != nil {
			c.add(q, Error, subject, expected, err.Error())
			continue
		}
		values, err := evaluate(doc, r.XPath)
		if err != nil {
			c.add(q, Error, subject, expected, err.Error())
			continue
		}
		c.rpcValues(q, r, doc, values)
	}
}

// rpcValues judges what was selected, unless the reply was no answer to select
// from: an error, or words such as "BGP is not running".
func (c *court) rpcValues(q Query, r *RPC, doc *xmlquery.Node, values []string) {
	subject, expected := r.subject(), r.Test.expected()
	refused, said := child(doc, "//rpc-error/error-message"), child(doc, "/output")
	switch {
	case refused != "":
		c.add(q, Error, subject, expected, "the device refused to answer: "+refused)
	case said != "" && len(values) == 0:
		c.add(q, Fail, subject, expected, said)
	case r.Test.Op == "" && len(values) == 1 && values[0] == "false":
		c.find(q, false, subject, "true", "false") // a condition rather than a selection
	default:
		c.test(q, r.Test, subject, values, func() string { return nothing(doc, r.XPath) })
	}
}

func (cmd *Command) judge(c *court) {
	for _, q := range cmd.queries() {
		subject := cmd.subject()
		expected := cmd.Test.expected()
		text, ok := c.answer(q, subject, expected)
		if !ok {
			continue
		}
		re, err := regexp.Compile(cmd.Matches)
		switch {
		case err != nil:
			c.add(q, Error, subject, expected, err.Error())
		case strings.TrimSpace(text) == "":
			c.add(q, Error, subject, expected, "an empty output")
		case cmd.Matches == "":
			c.test(q, cmd.Test, subject, []string{text}, noMatch)
		case cmd.Test.Op == "" && !re.MatchString(text):
			c.find(q, false, subject, "a match", "no match in: "+excerpt(text))
		default:
			c.test(q, cmd.Test, subject, firstGroups(re, text), noMatch)
		}
	}
}

// subject is what a test is applied to: what the expression finds, or all.
func (cmd *Command) subject() string {
	if cmd.Matches == "" {
		return fmt.Sprintf("the output of %q", cmd.Run)
	}
	return fmt.Sprintf("/%s/ in the output of %q", cmd.Matches, cmd.Run)
}

// firstGroups are the texts of the first group in every match, or of the whole
// match if the expression has no group.
func firstGroups(re *regexp.Regexp, text string) []string {
	var values []string
	for _, m := range re.FindAllStringSubmatch(text, -1) {
		values = append(values, strings.TrimSpace(m[min(1, len(m)-1)]))
	}
	return values
}

// excerpt is the beginning of an output, on one line.
func excerpt(text string) string {
	return Shorten(strings.Join(strings.Fields(text), " "), 120)
}

// expected is what the test wants to see, in words.
func (t Test) expected() string {
	op, err := t.operator()
	if t.Op == "" || err != nil {
		return "something there"
	}
	return op.words(t.Args)
}

// noMatch is what an expression found that matches nowhere.
func noMatch() string { return "nothing was selected" }

// test applies a test to what was selected, of which absent tells where that is
// nothing.
func (c *court) test(q Query, t Test, subject string, values []string, absent func() string) {
	if t.Op == "" {
		t.Op = "exists"
		if len(values) == 0 { // nobody said whose fault an absence is
			c.add(q, Error, subject, "something there", absent())
			return
		}
	}
	op, err := t.operator()
	if err != nil {
		c.add(q, Error, subject, "a test that can be applied", err.Error())
		return
	}
	expected := op.words(t.Args)
	switch op.Name {
	case "exists":
		c.find(q, len(values) > 0, subject, expected, some(values))
	case "not-exists":
		c.find(q, len(values) == 0, subject, expected, some(values))
	case "count":
		c.find(q, Bound(t.Args[0]).Holds(float64(len(values))), subject, expected, some(values))
	default:
		if len(values) == 0 {
			c.add(q, Error, subject, expected, absent())
			return
		}
		c.testEach(q, op, t.Args, subject, expected, values)
	}
}

func (c *court) testEach(q Query, op Operator, args []string, subject, expected string, values []string) {
	if op.each == nil { // all-same
		distinct := unique(values)
		c.find(q, len(distinct) == 1, subject, expected, some(distinct))
		return
	}
	var wrong []string
	for _, v := range values {
		if !op.each(v, args) {
			wrong = append(wrong, v)
		}
	}
	switch {
	case len(wrong) == 0:
		c.find(q, true, subject, expected, some(unique(values)))
	case len(values) == 1:
		c.find(q, false, subject, expected, shown(values[0]))
	default:
		c.find(q, false, subject, expected, fmt.Sprintf("%s (%d of %d values)", some(unique(wrong)), len(wrong), len(values)))
	}
}

func unique(values []string) []string {
	seen := make(map[string]bool, len(values))
	var out []string
	for _, v := range values {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// some lists the first few values and says how many there are.
func some(values []string) string { return someOf(values, ", ") }

func someOf(values []string, separator string) string {
	const most = 5
	if len(values) == 0 {
		return "nothing"
	}
	words := make([]string, 0, most)
	for _, v := range values[:min(most, len(values))] {
		words = append(words, shown(v))
	}
	s := strings.Join(words, separator)
	if len(values) > most {
		s += fmt.Sprintf("%s… (%d in all)", separator, len(values))
	}
	return s
}

// shown is a value on one line of bearable length.
func shown(v string) string {
	if v = excerpt(v); v == "" {
		return "empty text"
	}
	return v
}
