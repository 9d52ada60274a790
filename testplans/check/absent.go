package check

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/agext/levenshtein"
	"github.com/antchfx/xmlquery"
)

// quotedText is a text in an XPath, in which no name stands for an element.
var quotedText = regexp.MustCompile(`'[^']*'|"[^"]*"`)

// pathStep is a step of an XPath by its name, or what only looks like one: a
// function, an axis, an attribute or a variable.
var pathStep = regexp.MustCompile(`[@$]?[A-Za-z_][\w.-]*(?:\s*\(|\s*::)?`)

// operatorNames are XPath's operators that look like names.
var operatorNames = []string{"and", "or", "div", "mod"}

// nothing says that an XPath selected nothing and, where it names an element that
// the reply does not have at all, that: the name is often misspelt.
func nothing(doc *xmlquery.Node, path string) string {
	const said = "nothing was selected"
	there := elementNames(doc)
	for _, name := range pathStep.FindAllString(quotedText.ReplaceAllString(path, ""), -1) {
		switch last := name[len(name)-1]; {
		case last == '(' || last == ':' || name[0] == '@' || name[0] == '$',
			slices.Contains(operatorNames, name), slices.Contains(there, name):
			continue
		}
		if near := nearestName(name, there); near != "" {
			return fmt.Sprintf("%s: there is no %s in the reply, but %s", said, name, near)
		}
		return fmt.Sprintf("%s: there is no %s in the reply", said, name)
	}
	return said
}

// elementNames are the names of all elements, each once, without prefixes.
func elementNames(doc *xmlquery.Node) (names []string) {
	seen := map[string]bool{}
	for _, n := range xmlquery.Find(doc, "//*") {
		if !seen[n.Data] {
			seen[n.Data] = true
			names = append(names, n.Data)
		}
	}
	return names
}

// nearestName is the name most like one, "" if none is much like it.
func nearestName(name string, all []string) (near string) {
	best := 0.6 // of 1, which is the same
	for _, other := range all {
		if s := levenshtein.Similarity(name, other, nil); s > best {
			near, best = other, s
		}
	}
	return near
}
