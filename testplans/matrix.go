package testplans

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/topology"
)

// A matrix multiplies a case: one case for every combination of its values.
// In every scalar of the case {name} stands for the combination's value and
// {{name}} for the text {name}; any other brace is itself, so that
// configuration text, XML and expressions need no escaping. A scalar that is
// nothing but {name} takes the value's type as well.

// A parameter is one line of a matrix.
type parameter struct {
	name   string
	values []*yaml.Node
}

const placeholder = `[A-Za-z_][A-Za-z0-9_-]*`

var (
	placeholders = regexp.MustCompile(`\{\{` + placeholder + `\}\}|\{` + placeholder + `\}`)
)

// caseNodes are the keys of a case that {name} does not reach.
var unsubstituted = []string{"id", "matrix"}

// matrix reads the matrix of a case, in the order of the file.
func (d *decoder) matrix(n *yaml.Node) []parameter {
	var parameters []parameter
	d.entries(n, "matrix", func(key, value *yaml.Node) {
		if !regexp.MustCompile(`^` + placeholder + `$`).MatchString(key.Value) {
			d.mistake(key, "use letters, digits, _ and -", "%q cannot be the name of a matrix value", key.Value)
			return
		}
		if value.Kind != yaml.SequenceNode || len(value.Content) == 0 {
			d.mistake(value, "", "the matrix value %s must be a list of at least one value, not %s", key.Value, describe(value))
			return
		}
		seen := map[string]bool{}
		for _, item := range value.Content {
			switch {
			case item.Kind != yaml.ScalarNode || item.Value == "":
				d.mistake(item, "", "a value of %s must be a number or text, not %s", key.Value, describe(item))
				return
			case seen[item.Value]:
				d.mistake(item, "", "the matrix value %s has %s twice", key.Value, item.Value)
				return
			}
			seen[item.Value] = true
		}
		parameters = append(parameters, parameter{key.Value, value.Content})
	})
	return parameters
}

// combinations is the number of cases a matrix makes, at most limit+1.
func combinations(parameters []parameter, limit int) int {
	n := 1
	for _, p := range parameters {
		if n *= len(p.values); n > limit {
			return limit + 1
		}
	}
	return n
}

// combination returns the i-th combination of values; the last parameter
// varies fastest.
func combination(parameters []parameter, i int) []*yaml.Node {
	values := make([]*yaml.Node, len(parameters))
	for p := len(parameters) - 1; p >= 0; p-- {
		n := len(parameters[p].values)
		values[p] = parameters[p].values[i%n]
		i /= n
	}
	return values
}

var unfitForID = regexp.MustCompile(`[^A-Za-z0-9._:/+-]+`)

// suffix is what a combination adds to the case's ID: "[pref=50,node=r2]".
// Runs of characters other than letters, digits and ._:/+- become one "_".
func suffix(parameters []parameter, values []*yaml.Node) string {
	if len(parameters) == 0 {
		return ""
	}
	parts := make([]string, len(parameters))
	for i, p := range parameters {
		parts[i] = p.name + "=" + unfitForID.ReplaceAllString(values[i].Value, "_")
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// substitute returns a copy of a case's node with the combination's values in
// place of their names, and its steps written out.
func (d *decoder) substitute(n *yaml.Node, parameters []parameter, values []*yaml.Node) *yaml.Node {
	byName := map[string]*yaml.Node{}
	for i, p := range parameters {
		byName[p.name] = values[i]
	}
	steps := &stepExpander{d: d, values: byName}
	out := *n
	out.Content = slices.Clone(n.Content)
	for i := 0; i+1 < len(n.Content); i += 2 {
		switch key, value := n.Content[i].Value, n.Content[i+1]; {
		case slices.Contains(stepParts, key):
			out.Content[i+1] = steps.expand(value)
		case !slices.Contains(unsubstituted, key):
			out.Content[i+1] = d.substituteIn(value, byName)
		}
	}
	return &out
}

func (d *decoder) substituteIn(n *yaml.Node, values map[string]*yaml.Node) *yaml.Node {
	out := *n
	if n.Kind != yaml.ScalarNode {
		out.Content = make([]*yaml.Node, len(n.Content))
		for i, child := range n.Content {
			out.Content[i] = child
			if n.Kind != yaml.MappingNode || i%2 == 1 { // not the keys
				out.Content[i] = d.substituteIn(child, values)
			}
		}
		return &out
	}
	if !strings.Contains(n.Value, "{") {
		return &out
	}
	out.Value = placeholders.ReplaceAllStringFunc(n.Value, func(match string) string {
		return d.replacement(n, match, values)
	})
	if m := placeholders.FindString(n.Value); m == n.Value && !strings.HasPrefix(m, "{{") {
		if v := values[m[1:len(m)-1]]; v != nil {
			out.Tag, out.Style = v.Tag, v.Style
		}
	} else if out.Value != n.Value && out.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		out.Tag, out.Style = "", 0 // "1{n}" may have become a number
	}
	return &out
}

func (d *decoder) replacement(n *yaml.Node, match string, values map[string]*yaml.Node) string {
	if strings.HasPrefix(match, "{{") {
		return match[1 : len(match)-1]
	}
	name := match[1 : len(match)-1]
	if v := values[name]; v != nil {
		return v.Value
	}
	names := make([]string, 0, len(values))
	for known := range values {
		names = append(names, known)
	}
	slices.Sort(names)
	hint := fmt.Sprintf("write {{%s}} for the text {%s}", name, name)
	switch near := nearest(name, names); {
	case name == roundName:
		hint = "it is the number of the round inside of repeat, and there only"
	case near != "":
		hint = fmt.Sprintf("did you mean {%s}?", near)
	case len(names) == 0:
		hint = "give the case a matrix with it, or " + hint
	}
	d.mistake(n, hint, "{%s} is not in this case's matrix", name)
	return match
}

// entries calls each for the entries of a mapping whose keys the author
// chooses, after checking that it is one and that no key is there twice.
func (d *decoder) entries(n *yaml.Node, what string, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		d.mistake(n, "", "%s must be a mapping with at least one entry, not %s", what, describe(n))
		return
	}
	seen := map[string]topology.Pos{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if first, twice := seen[key.Value]; twice {
			d.mistake(key, "", "%q is in %s twice; it is already on line %d", key.Value, what, first.Line)
			continue
		}
		seen[key.Value] = d.pos(key)
		if key.Kind != yaml.ScalarNode || !validName.MatchString(key.Value) {
			d.mistake(key, "use letters, digits and ._:-", "%q cannot be a name in %s", key.Value, what)
			continue
		}
		each(key, value)
	}
}

// namePattern is what names of streams, requirements and plans look like.
const namePattern = `^[A-Za-z0-9][A-Za-z0-9._:-]*$`

var validName = regexp.MustCompile(namePattern)
