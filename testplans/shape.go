package testplans

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The grammar of plans is a table of shapes (grammar.go, grammar_check.go).
// Reading a file, refusing what is wrong with it and describing it as a JSON
// Schema all follow the same table, so that they cannot disagree. What is read
// is plain maps and lists in the form that encoding/json expects for Plan.

// A valueType reads one kind of value and describes it. read reports mistakes
// to the decoder and then returns nil.
type valueType interface {
	read(d *decoder, n *yaml.Node) any
	schema(s *schemaWriter) map[string]any
}

// A field is a key that a shape accepts.
type field struct {
	key      string
	doc      string
	is       valueType
	required bool
	as       string   // key of the result, if it is another
	with     []string // only beside one of these keys
}

// A choice is a set of keys that exclude each other.
type choice struct {
	keys     []string
	optional bool // none is fine too
	any      bool // several are fine too
}

// A shape is a mapping with known keys.
type shape struct {
	name   string // in messages and in the schema
	doc    string
	fields []field
	choose []choice
	// finish checks what the table cannot say and may reshape the result.
	finish func(d *decoder, o *object) any
}

// An object is a mapping that is being read.
type object struct {
	node   *yaml.Node
	keys   map[string]*yaml.Node
	at     map[string]*yaml.Node // value nodes
	values map[string]any        // by result key
	meant  []string              // keys that a misspelt one was probably meant to be
}

func (o *object) has(key string) bool { return o.at[key] != nil }

// text is a value that was read as a string, "" if there is none.
func (o *object) text(key string) string {
	s, _ := o.values[key].(string)
	return s
}

func (s *shape) field(key string) *field {
	i := slices.IndexFunc(s.fields, func(f field) bool { return f.key == key })
	if i < 0 {
		return nil
	}
	return &s.fields[i]
}

func (s *shape) keys() []string {
	keys := make([]string, len(s.fields))
	for i, f := range s.fields {
		keys[i] = f.key
	}
	return keys
}

// read reads a mapping. Fields are read in the table's order, not the file's:
// a field may refer to what an earlier one defined.
func (s *shape) read(d *decoder, n *yaml.Node) any {
	if n.Kind != yaml.MappingNode {
		d.mistake(n, "it takes the keys "+listed(s.keys()), "%s must be a mapping, not %s", s.name, describe(n))
		return nil
	}
	before := len(d.mistakes)
	o := s.open(d, n)
	d.above = append(d.above, s)
	defer func() { d.above = d.above[:len(d.above)-1] }()
	for _, f := range s.fields {
		value := o.at[f.key]
		switch {
		case value == nil && slices.Contains(o.meant, f.key):
		case value == nil && f.required:
			d.mistake(n, f.doc, "%s lacks the key %q", s.name, f.key)
		case value == nil:
		case len(f.with) > 0 && !slices.ContainsFunc(f.with, o.has):
			d.mistake(o.keys[f.key], "", "in %s, %q makes sense only beside %s", s.name, f.key, alternatives(f.with))
		default:
			if v := f.is.read(d, value); v != nil {
				o.values[f.result()] = v
			}
		}
	}
	for _, c := range s.choose {
		c.check(d, s, o)
	}
	if len(d.mistakes) > before {
		return nil
	}
	if s.finish != nil {
		return s.finish(d, o)
	}
	return o.values
}

func (f *field) result() string {
	if f.as != "" {
		return f.as
	}
	return f.key
}

// open sorts a mapping's keys and reports those that are unknown or repeated.
func (s *shape) open(d *decoder, n *yaml.Node) *object {
	o := &object{node: n, keys: map[string]*yaml.Node{}, at: map[string]*yaml.Node{}, values: map[string]any{}}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch first := o.keys[key.Value]; {
		case key.Value == "<<":
			d.mistake(key, "repeat the keys, or use an alias for the whole value", "merge keys are not part of a plan")
		case s.field(key.Value) == nil:
			near := nearest(key.Value, s.keys())
			hint := s.suggestKey(near)
			if first, _, more := strings.Cut(key.Value, " "); more && s.field(first) != nil {
				near, hint = first, "a colon is missing after "+first
			}
			o.meant = append(o.meant, near)
			if above := emptyAbove(n, i); near == "" && above != "" {
				hint = "if it belongs to " + above + ", indent it deeper than " + above
			} else if above := d.owner(key.Value); near == "" && above != "" {
				hint = key.Value + " is a key of the " + above + ": write it beside " + s.name + ", not inside"
			}
			d.mistake(key, hint, "unknown key %q in %s", key.Value, s.name)
		case first != nil:
			d.mistake(key, "", "key %q is repeated in %s; it is already on line %d", key.Value, s.name, first.Line)
		default:
			o.keys[key.Value], o.at[key.Value] = key, value
		}
	}
	return o
}

// emptyAbove is the nearest key before the i-th element of a mapping that has
// no value: what follows it may have been meant to be its value.
func emptyAbove(n *yaml.Node, i int) string {
	for i -= 2; i >= 0; i -= 2 {
		if key, value := n.Content[i], n.Content[i+1]; value.Kind == yaml.ScalarNode && value.ShortTag() == "!!null" && value.Value == "" {
			return key.Value
		}
	}
	return ""
}

// owner is the shape directly around the one being opened, if the key is one of
// its own, else "".
func (d *decoder) owner(key string) string {
	if n := len(d.above); n > 0 && d.above[n-1].field(key) != nil {
		return d.above[n-1].name
	}
	return ""
}

func (s *shape) suggestKey(near string) string {
	if near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return s.name + " takes the keys " + listed(s.keys())
}

func (c choice) check(d *decoder, s *shape, o *object) {
	var found []string
	for _, key := range c.keys {
		if o.has(key) {
			found = append(found, key)
		}
	}
	meant := slices.ContainsFunc(c.keys, func(key string) bool { return slices.Contains(o.meant, key) })
	switch {
	case len(found) == 0 && meant:
	case len(found) == 0 && !c.optional:
		d.mistake(o.node, "", "%s needs %s", s.name, alternatives(c.keys))
	case len(found) > 1 && !c.any:
		d.mistake(o.keys[found[1]], "keep one of them", "%s has %s, but they exclude each other", s.name, strings.Join(found, " and "))
	}
}

func alternatives(keys []string) string {
	if len(keys) == 1 {
		return keys[0]
	}
	last := len(keys) - 1
	return strings.Join(keys[:last], ", ") + " or " + keys[last]
}

// describe names what a node is, for "must be …, not …".
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		if len(n.Content) == 0 {
			return "an empty list"
		}
		return "a list"
	}
	if n.ShortTag() == "!!null" {
		return "empty"
	}
	return fmt.Sprintf("%q", shortened(n.Value))
}

// shortened keeps quoted text within a line.
func shortened(s string) string {
	const most = 60
	s, _, cut := strings.Cut(s, "\n")
	if r := []rune(s); len(r) > most {
		s, cut = string(r[:most]), true
	}
	if cut {
		s += "…"
	}
	return s
}
