package explain

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// A node is a schema, as far as the schemas of this project go.
type node struct {
	Ref         string           `json:"$ref"`
	Defs        map[string]*node `json:"$defs"`
	Description string           `json:"description"`
	Type        typeNames        `json:"type"`
	Enum        []any            `json:"enum"`
	Const       any              `json:"const"`
	Examples    []any            `json:"examples"`
	Minimum     *float64         `json:"minimum"`
	Maximum     *float64         `json:"maximum"`
	Items       *node            `json:"items"`
	Properties  map[string]*node `json:"properties"`
	Required    []string         `json:"required"`
	Others      others           `json:"additionalProperties"`
	AnyOf       []*node          `json:"anyOf"`
	OneOf       []*node          `json:"oneOf"`
	AllOf       []*node          `json:"allOf"`
	Not         *node            `json:"not"`
	Dependent   map[string]*node `json:"dependentSchemas"`

	target *node // of Ref
}

// placeholder is the definition of what any value may be in a case with a
// matrix. It is left out everywhere: it would double every sentence.
const placeholder = "#/$defs/placeholder"

// typeNames are one name or several.
type typeNames []string

func (t *typeNames) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		*t = typeNames{""}
		return json.Unmarshal(text, &(*t)[0])
	}
	return json.Unmarshal(text, (*[]string)(t))
}

// others are the values of keys that anybody may choose: a schema, or false.
type others struct{ *node }

func (o *others) UnmarshalJSON(text []byte) error {
	if text[0] != '{' {
		return nil
	}
	return json.Unmarshal(text, &o.node)
}

// parts are the schemas right inside a schema that describe values of a file.
func (n *node) parts() []*node {
	parts := slices.Concat(n.AnyOf, n.OneOf)
	if n.Items != nil {
		parts = append(parts, n.Items)
	}
	if n.Others.node != nil {
		parts = append(parts, n.Others.node)
	}
	return parts
}

// link finds what the references mean.
func (n *node) link(defs map[string]*node) {
	if n.Ref != "" {
		n.target = defs[strings.TrimPrefix(n.Ref, "#/$defs/")]
	}
	for _, below := range slices.Concat(n.parts(), slices.Collect(maps.Values(n.Properties)), slices.Collect(maps.Values(n.Defs))) {
		below.link(defs)
	}
}

// mappings are the schemas with keys of their own that a value may have, in
// lists and under chosen names too.
func (n *node) mappings() []*node {
	var all []*node
	if n.target != nil && n.Ref != placeholder {
		all = n.target.mappings()
	}
	if len(n.Properties) > 0 {
		all = append(all, n)
	}
	for _, part := range n.parts() {
		for _, m := range part.mappings() {
			if !slices.Contains(all, m) {
				all = append(all, m)
			}
		}
	}
	return all
}

// keys are a mapping's own keys, the required ones first.
func (n *node) keys() []string {
	keys := slices.Sorted(maps.Keys(n.Properties))
	slices.SortStableFunc(keys, func(a, b string) int {
		return cmp.Compare(slices.Index(n.Required, b), slices.Index(n.Required, a))
	})
	return keys
}

// doc is what is said of a value here, or else of the shape that it has.
func (n *node) doc() string {
	if n.Description == "" && n.target != nil {
		return n.target.doc()
	}
	return n.Description
}

// beside are the keys of which one must stand beside a key.
func (n *node) beside(key string) []string {
	if n.Dependent[key] == nil {
		return nil
	}
	return required(n.Dependent[key].AnyOf)
}

// rules are the choices between keys, as sentences.
func (n *node) rules() []string {
	var rules []string
	excluded := map[string][]string{} // what a key cannot stand beside
	for _, c := range n.AllOf {
		keys := required(slices.Concat(c.AnyOf, c.OneOf))
		switch {
		case len(c.AnyOf) == 1:
			rules = append(rules, keys[0]+" is needed")
		case len(c.AnyOf) > 0:
			rules = append(rules, "at least one of "+strings.Join(keys, ", "))
		case slices.ContainsFunc(c.OneOf, func(n *node) bool { return n.Not != nil }) && len(keys) == 2:
			excluded[keys[0]] = append(excluded[keys[0]], keys[1])
		case slices.ContainsFunc(c.OneOf, func(n *node) bool { return n.Not != nil }):
			rules = append(rules, "at most one of "+strings.Join(keys, ", "))
		case len(c.OneOf) > 0:
			rules = append(rules, "one of "+strings.Join(keys, ", "))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(excluded)) {
		if others := excluded[key]; len(others) == 1 {
			rules = append(rules, "at most one of "+key+", "+others[0])
		} else {
			rules = append(rules, "either "+key+" or any of "+strings.Join(others, ", "))
		}
	}
	return rules
}

// required are the keys that the alternatives of a choice are about.
func required(alternatives []*node) []string {
	var keys []string
	for _, a := range alternatives {
		keys = append(keys, a.Required...)
	}
	return keys
}
