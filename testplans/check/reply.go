package check

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/antchfx/xmlquery"
	"github.com/antchfx/xpath"
)

// parseReply reads the content of an rpc-reply, which may be several elements.
func parseReply(s string) (*xmlquery.Node, error) {
	if strings.TrimSpace(s) == "" {
		return nil, errors.New("the reply is empty")
	}
	doc, err := xmlquery.Parse(strings.NewReader(s))
	if err != nil {
		return nil, fmt.Errorf("the reply is not XML: %w", err)
	}
	if xmlquery.FindOne(doc, "/*") == nil {
		return nil, fmt.Errorf("the reply is not XML: %q", excerpt(s))
	}
	return doc, nil
}

// document is the reply to a query with the element that the answer must have.
// Without one it finds an error, or, if the device said in words why it has
// nothing to tell ("BGP is not running"), a failure with those words.
func (c *court) document(q Query, element, subject, expected string) (*xmlquery.Node, bool) {
	text, ok := c.answer(q, subject, expected)
	if !ok {
		return nil, false
	}
	doc, err := parseReply(text)
	if err != nil {
		c.add(q, Error, subject, expected, err.Error())
		return nil, false
	}
	if xmlquery.FindOne(doc, "//"+element) != nil {
		return doc, true
	}
	if said := child(doc, "//output"); said != "" {
		c.add(q, Fail, subject, expected, said)
	} else if said := child(doc, "//rpc-error/error-message"); said != "" {
		c.add(q, Error, subject, expected, "the device refused to answer: "+said)
	} else {
		c.add(q, Error, subject, expected, fmt.Sprintf("a reply without <%s>", element))
	}
	return nil, false
}

// child is the trimmed text of the first element that a path selects, "" if
// there is none. The path is one of this package's own.
func child(n *xmlquery.Node, path string) string {
	found := xmlquery.FindOne(n, path)
	if found == nil {
		return ""
	}
	return strings.TrimSpace(found.InnerText())
}

// children is the trimmed text of every element that a path selects.
func children(n *xmlquery.Node, path string) []string {
	var texts []string
	for _, found := range xmlquery.Find(n, path) {
		texts = append(texts, strings.TrimSpace(found.InnerText()))
	}
	return texts
}

// evaluate applies an author's XPath. An expression may also yield a number,
// text or a truth value. Empty text, what is not a number, and anything made
// from the sum of nothing count as nothing selected.
func evaluate(doc *xmlquery.Node, path string) (values []string, err error) {
	return evaluateAt(xmlquery.CreateXPathNavigator(doc), path)
}

// evaluateAt is evaluate from a place in a document, of which absolute paths may
// select all.
func evaluateAt(at *xmlquery.NodeNavigator, path string) (values []string, err error) {
	expr, err := compileXPath(path)
	if err != nil {
		return nil, err
	}
	defer func() { // the library panics on some functions applied to nothing
		if p := recover(); p != nil {
			values, err = nil, fmt.Errorf("the XPath cannot be applied to the reply: %v", p)
		}
	}()
	for _, path := range summed(path) {
		if inner, err := compileXPath(path); err == nil && !inner.Select(at.Copy()).MoveNext() {
			return nil, nil
		}
	}
	switch v := expr.Evaluate(at.Copy()).(type) {
	case *xpath.NodeIterator:
		for v.MoveNext() {
			values = append(values, strings.TrimSpace(v.Current().Value()))
		}
	case string:
		if v = strings.TrimSpace(v); v != "" {
			values = []string{v}
		}
	case float64:
		if !math.IsNaN(v) {
			values = []string{strconv.FormatFloat(v, 'f', -1, 64)}
		}
	default:
		values = []string{fmt.Sprint(v)}
	}
	return values, nil
}

// summed lists the arguments of sum() in an expression. The sum of nothing is
// zero, which would let a misspelt path pass as "no errors".
func summed(path string) []string {
	var arguments []string
	for {
		_, rest, ok := strings.Cut(path, "sum(")
		if !ok {
			return arguments
		}
		depth := 1
		end := strings.IndexFunc(rest, func(r rune) bool {
			switch r {
			case '(':
				depth++
			case ')':
				depth--
			}
			return depth == 0
		})
		if end < 0 {
			return arguments
		}
		arguments = append(arguments, rest[:end])
		path = rest
	}
}
