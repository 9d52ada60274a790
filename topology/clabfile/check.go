package clabfile

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A shape says what a YAML node must look like. It reports what does not fit;
// what names the place in the words of the file ("node r1").
type shape func(c *checker, n *yaml.Node, what string)

// checker walks a file. Aliases make a small file large, so the walk is bounded.
type checker struct {
	*report
	visited int
	gaveUp  bool
}

// maxVisits bounds the walk: a lab of a thousand nodes needs some ten thousand.
const maxVisits = 500_000

// enter reports whether the walk may go into n, and resolves aliases. Null is
// never entered: containerlab reads it as absent.
func (c *checker) enter(n *yaml.Node) (*yaml.Node, bool) {
	c.visited++
	if c.visited > maxVisits && !c.gaveUp {
		c.gaveUp = true
		c.at(n, "the file is too large, or its aliases repeat each other", "")
	}
	n = target(n)
	return n, !c.gaveUp && n != nil && n.Tag != "!!null"
}

func (c *checker) expected(n *yaml.Node, what, want string) {
	c.at(n, fmt.Sprintf("%s: expected %s, found %s", what, want, kindOf(n)), "")
}

// kindOf says what a YAML node is, for messages.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a map"
	case yaml.SequenceNode:
		return "a list"
	}
	if n.Tag == "!!str" {
		return strconv.Quote(n.Value)
	}
	return n.Value
}

// anything accepts every node.
func anything(*checker, *yaml.Node, string) {}

// str accepts a scalar; YAML numbers and booleans are taken as written.
func str(c *checker, n *yaml.Node, what string) {
	if n, ok := c.enter(n); ok && n.Kind != yaml.ScalarNode {
		c.expected(n, what, "a string")
	}
}

func tagged(want string, tags ...string) shape {
	return func(c *checker, n *yaml.Node, what string) {
		if n, ok := c.enter(n); ok && (n.Kind != yaml.ScalarNode || !slices.Contains(tags, n.Tag)) {
			c.expected(n, what, want)
		}
	}
}

var (
	boolean = tagged("true or false", "!!bool")
	integer = tagged("a whole number", "!!int")
	number  = tagged("a number", "!!int", "!!float")
)

// word accepts one of the given strings, in any case.
func word(words ...string) shape {
	return func(c *checker, n *yaml.Node, what string) {
		n, ok := c.enter(n)
		if !ok {
			return
		}
		if n.Kind != yaml.ScalarNode || !slices.Contains(words, strings.ToLower(n.Value)) {
			c.at(n, fmt.Sprintf("%s: expected %s, found %s", what, strings.Join(words, ", "), kindOf(n)),
				didYouMean(n.Value, words))
		}
	}
}

// matching accepts a string of the given pattern, described by want.
func matching(pattern, want string) shape {
	re := regexp.MustCompile(pattern)
	return func(c *checker, n *yaml.Node, what string) {
		if n, ok := c.enter(n); ok && (n.Kind != yaml.ScalarNode || !re.MatchString(n.Value)) {
			c.expected(n, what, want)
		}
	}
}

// list accepts a list; its entries are named by the list and their number.
func list(of shape) shape { return each("", of) }

// each is a list whose entries have a name of their own, counted from 1.
func each(name string, of shape) shape {
	return func(c *checker, n *yaml.Node, what string) {
		n, ok := c.enter(n)
		if !ok {
			return
		}
		if n.Kind != yaml.SequenceNode {
			c.expected(n, what, "a list")
			return
		}
		for i, item := range n.Content {
			entry := fmt.Sprintf("%s, entry %d", what, i+1)
			if name != "" {
				entry = within(fmt.Sprintf("%s %d", name, i+1), strings.TrimPrefix(what, name+"s of "))
			}
			of(c, item, entry)
		}
	}
}

// dict accepts a map whose keys are free; name completes what.
func dict(name string, of shape) shape {
	return func(c *checker, n *yaml.Node, what string) {
		if !c.mapping(n, what) {
			return
		}
		for _, e := range entries(n) {
			of(c, e.value, strings.TrimSpace(name+" "+e.key.Value))
		}
	}
}

// fields accepts a map with the given keys.
type fields map[string]shape

func (f fields) shape(c *checker, n *yaml.Node, what string) {
	if !c.mapping(n, what) {
		return
	}
	known := sortedKeys(f)
	for _, e := range entries(n) {
		of, ok := f[e.key.Value]
		if !ok {
			c.at(e.key, fmt.Sprintf("unknown key %q in %s", e.key.Value, what), didYouMean(e.key.Value, known))
			continue
		}
		of(c, e.value, within(e.key.Value, what))
	}
}

// within names a part of what. The outer levels of the file go without saying.
func within(part, what string) string {
	switch what {
	case "the file", "topology", "links":
		return part
	}
	return part + " of " + what
}

// mapping reports whether n is a map, and complains about repeated keys.
func (c *checker) mapping(n *yaml.Node, what string) bool {
	n, ok := c.enter(n)
	if !ok {
		return false
	}
	if n.Kind != yaml.MappingNode {
		c.expected(n, what, "a map")
		return false
	}
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			c.expected(key, what, "a word as key")
			continue
		}
		if line, repeated := first[key.Value]; repeated {
			c.at(key, fmt.Sprintf("key %q is repeated in %s", key.Value, what), fmt.Sprintf("it is first on line %d", line))
		} else {
			first[key.Value] = key.Line
		}
	}
	return true
}

// required adds keys that must be there to a map's shape.
func required(of shape, keys ...string) shape {
	return func(c *checker, n *yaml.Node, what string) {
		of(c, n, what)
		n = target(n)
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for _, key := range keys {
			if get(n, key) == nil {
				c.at(n, fmt.Sprintf("%s has no %s", what, key), "")
			}
		}
	}
}

func sortedKeys(f fields) []string {
	keys := make([]string, 0, len(f))
	for k := range f {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
