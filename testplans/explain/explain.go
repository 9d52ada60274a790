// Package explain tells people what a file may say, key by key, in the terminal.
// It reads the same JSON Schema that editors complete by.
package explain

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// A Topic is a place in a file: the file itself, or the value of a key.
type Topic struct {
	Path string `json:"path"` // cases.steps.traffic; empty for the file itself
	What string `json:"what"` // "a mapping", "text, such as 30s"
	Doc  string `json:"doc"`
	Keys []Key  `json:"keys,omitempty"` // of each shape that it may have the required ones first
	// Rules say which keys exclude or need each other.
	Rules []string `json:"rules,omitempty"`
	// Also are other places with a key of this name.
	Also []string `json:"also,omitempty"`
}

// A Key is one that a mapping takes.
type Key struct {
	Name     string   `json:"name"`
	What     string   `json:"what"`
	Doc      string   `json:"doc"`
	Required bool     `json:"required,omitempty"`
	Beside   []string `json:"beside,omitempty"` // it makes sense only beside one of these
}

// A Guide answers questions about one kind of file.
type Guide struct{ places []place }

// A place is a value that a file may have, at its shortest path.
type place struct {
	path []string
	node *node
}

func (p place) String() string { return strings.Join(p.path, ".") }

// New makes a guide of a JSON Schema (draft 2020-12).
func New(schema []byte) (*Guide, error) {
	var root node
	if err := json.Unmarshal(schema, &root); err != nil {
		return nil, fmt.Errorf("JSON Schema: %w", err)
	}
	root.link(root.Defs)
	return &Guide{places: walk(&root)}, nil
}

// walk finds every place, the shallow ones first. What stands in several places,
// a check for example, is entered at each but described below the first only.
func walk(root *node) []place {
	places := []place{{node: root}}
	entered := map[*node]bool{}
	for i := 0; i < len(places); i++ {
		at := places[i]
		for _, m := range at.node.mappings() {
			if entered[m] {
				continue
			}
			entered[m] = true
			for _, key := range m.keys() {
				path := append(slices.Clone(at.path), key)
				places = append(places, place{path, m.Properties[key]})
			}
		}
	}
	return places
}

// Names are the keys that can be asked for, each once, sorted.
func (g *Guide) Names() []string {
	names := map[string]bool{}
	for _, p := range g.places[1:] {
		names[p.path[len(p.path)-1]] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// Explain describes a place by its path or the end of one: cases.steps.traffic,
// or traffic. Without one it describes the file. Of several places the
// shallowest is described and the others are named.
func (g *Guide) Explain(path string) (*Topic, error) {
	var found []place
	for _, p := range g.places {
		switch whole := p.String(); {
		case whole == path:
			found = append([]place{p}, found...)
		case path != "" && strings.HasSuffix(whole, "."+path):
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return nil, g.unknown(path)
	}
	t := found[0].topic()
	for _, p := range found[1:] {
		t.Also = append(t.Also, p.String())
	}
	return t, nil
}

// unknown is the error for a path that leads nowhere.
func (g *Guide) unknown(path string) error {
	last := path[strings.LastIndex(path, ".")+1:]
	const close = 0.6 // of 1, for equal words
	near, best := "", close
	for _, name := range g.Names() {
		if s := levenshtein.Similarity(last, name, nil); s > best {
			near, best = name, s
		}
	}
	switch {
	case near == last && last != "":
		return fmt.Errorf("there is no key %s, but %s is one elsewhere", path, last)
	case near != "":
		return fmt.Errorf("there is no key %s; did you mean %s?", path, near)
	}
	if places := g.speaking(last); len(places) > 0 {
		return fmt.Errorf("there is no key %s; %s is spoken of at %s", path, last, strings.Join(places, ", "))
	}
	return fmt.Errorf("there is no key %s; these are the keys at the top: %s", path, strings.Join(g.places[0].topic().names(), ", "))
}

// speaking are places whose values or description have a word, a few of the
// shallow ones.
func (g *Guide) speaking(word string) []string {
	const most = 5
	re, err := regexp.Compile(`(?i)\b` + regexp.QuoteMeta(word) + `\b`)
	if word == "" || err != nil {
		return nil
	}
	var at []string
	for _, p := range g.places[1:] {
		if len(at) < most && (re.MatchString(p.node.what()) || re.MatchString(p.node.doc())) {
			at = append(at, p.String())
		}
	}
	return at
}

// names are the names of a topic's keys.
func (t *Topic) names() []string {
	names := make([]string, len(t.Keys))
	for i, k := range t.Keys {
		names[i] = k.Name
	}
	return names
}

func (p place) topic() *Topic {
	t := &Topic{Path: p.String(), What: p.node.what(), Doc: p.node.doc()}
	for _, m := range p.node.mappings() {
		for _, name := range m.keys() {
			n := m.Properties[name]
			t.Keys = append(t.Keys, Key{Name: name, What: n.what(), Doc: n.doc(),
				Required: slices.Contains(m.Required, name), Beside: m.beside(name)})
		}
		t.Rules = append(t.Rules, m.rules()...)
	}
	return t
}
