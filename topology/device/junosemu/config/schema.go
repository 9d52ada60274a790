package config

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed schema.txt
var schemaText string

// kind is what a statement is made of.
type kind uint8

const (
	container kind = iota
	list
	leaf
	leafList
	flag // a word that is there or not
)

// A def is what the schema says of one statement below one parent.
type def struct {
	name   string // in XML and JSON
	word   string // in curly and set form; empty: the same
	kind   kind
	keys   []keyDef
	typ    valueType
	choice string // of several with the same one, the last set wins
	order  int    // place among its siblings

	hidden, grouped, sorted, flat, single, line, secret bool
	presence, stored                                    bool

	sub *defSet
}

// A keyDef is one key of a list.
type keyDef struct {
	name    string
	typ     valueType
	choices map[string]valueType // not nil: a word, with an argument unless the type is empty
}

// A defSet is the statements that may stand below a parent.
type defSet struct {
	defs   []*def
	byName map[string]*def
	byWord map[string]*def // those that are written differently
	hidden *def            // the one whose name is not written
}

var noDefs = &defSet{}

// element finds a statement by its XML element name, hidden ones included.
func (s *defSet) element(name string) *def { return s.byName[name] }

// word finds a statement by how curly and set form begin it.
func (s *defSet) word(w string) *def {
	if d := s.byName[w]; d != nil && !d.hidden && d.word == "" {
		return d
	}
	return s.byWord[w]
}

// written is the statement's name in curly and set form.
func (d *def) written() string {
	if d.word != "" {
		return d.word
	}
	return d.name
}

// rootDef is the top of the hierarchy.
var rootDef = sync.OnceValue(func() *def {
	sub, err := parseSchema(schemaText)
	if err != nil {
		panic(err) // the text is embedded: a test reads it
	}
	return &def{name: "configuration", kind: container, sub: sub}
})

// A schemaLine is a line of schema text with what is indented below it.
type schemaLine struct {
	number int
	words  []string
	below  []*schemaLine
}

// parseSchema reads the notation that schema.txt explains.
func parseSchema(text string) (*defSet, error) {
	top, err := schemaLines(text)
	if err != nil {
		return nil, err
	}
	b := schemaBuilder{lines: map[string]*schemaLine{}, sets: map[string]*defSet{}}
	root := &schemaLine{}
	for _, l := range top.below {
		if l.words[0] == "define" && len(l.words) == 2 {
			b.lines[l.words[1]] = l
			continue
		}
		root.below = append(root.below, l)
	}
	b.lines["root"] = root
	return b.set("root")
}

// schemaLines turns indentation into a tree.
func schemaLines(text string) (*schemaLine, error) {
	root := &schemaLine{}
	stack := []*schemaLine{root}
	for i, raw := range strings.Split(text, "\n") {
		trimmed := strings.TrimLeft(raw, " ")
		if trimmed == "" || strings.HasPrefix(trimmed, "#") {
			continue
		}
		depth := (len(raw) - len(trimmed)) / 2
		if depth >= len(stack) {
			return nil, fmt.Errorf("schema line %d: indented too far", i+1)
		}
		l := &schemaLine{number: i + 1, words: strings.Fields(trimmed)}
		parent := stack[depth]
		parent.below = append(parent.below, l)
		stack = append(stack[:depth+1], l)
	}
	return root, nil
}

type schemaBuilder struct {
	lines map[string]*schemaLine
	sets  map[string]*defSet
}

// set builds a named set once; it may contain itself (groups hold the root).
func (b *schemaBuilder) set(name string) (*defSet, error) {
	if s := b.sets[name]; s != nil {
		return s, nil
	}
	l := b.lines[name]
	if l == nil {
		return nil, fmt.Errorf("schema: no define %s", name)
	}
	s := &defSet{}
	b.sets[name] = s
	return s, b.fill(s, l)
}

// applyDefs are the statements that any container may hold, printed first.
func applyDefs() []*def {
	return []*def{
		{name: "apply-groups", kind: leafList, typ: "name", sub: noDefs},
		{name: "apply-groups-except", kind: leafList, typ: "name", sub: noDefs},
	}
}

func (b *schemaBuilder) fill(s *defSet, l *schemaLine) error {
	s.byName = map[string]*def{}
	defs := applyDefs()
	for _, c := range l.below {
		if name, ok := strings.CutPrefix(c.words[0], "@"); ok {
			included, err := b.set(name)
			if err != nil {
				return err
			}
			for _, d := range included.defs[len(applyDefs()):] {
				defs = append(defs, new(*d))
			}
			continue
		}
		d, err := b.statement(c)
		if err != nil {
			return err
		}
		defs = append(defs, d)
	}
	// The version and the groups precede apply-groups at the top.
	if l == b.lines["root"] {
		slices.SortStableFunc(defs, func(x, y *def) int { return rootRank(x) - rootRank(y) })
	}
	for i, d := range defs {
		if s.byName[d.name] != nil {
			return fmt.Errorf("schema line %d: %s is there twice", l.number, d.name)
		}
		d.order = i
		s.byName[d.name] = d
		if d.hidden {
			s.hidden = d
		}
		if d.word != "" {
			if s.byWord == nil {
				s.byWord = map[string]*def{}
			}
			s.byWord[d.word] = d
		}
	}
	s.defs = defs
	return nil
}

func rootRank(d *def) int {
	switch d.name {
	case "version":
		return 0
	case "groups":
		return 1
	case "apply-groups", "apply-groups-except":
		return 2
	}
	return 3
}

func (b *schemaBuilder) statement(l *schemaLine) (*def, error) {
	name, stored := strings.CutPrefix(l.words[0], "~")
	d := &def{name: name, stored: stored, kind: flag, sub: noDefs}
	if len(l.below) > 0 {
		d.kind = container
		d.sub = &defSet{}
	}
	for _, w := range l.words[1:] {
		if err := b.word(d, w); err != nil {
			return nil, fmt.Errorf("schema line %d: %w", l.number, err)
		}
	}
	if len(l.below) > 0 {
		if err := b.fill(d.sub, l); err != nil {
			return nil, err
		}
	} else if d.sub == noDefs && (d.kind == list || d.kind == container) {
		d.sub = &defSet{}
		return d, b.fill(d.sub, l)
	}
	return d, nil
}

// word understands one word of a line after the name.
func (b *schemaBuilder) word(d *def, w string) (err error) {
	switch w {
	case "!":
		d.kind, d.presence = container, true
	case "hidden":
		d.hidden = true
	case "grouped":
		d.grouped = true
	case "sorted":
		d.sorted = true
	case "flat":
		d.flat = true
	case "single":
		d.single = true
	case "line":
		d.line = true
	case "secret":
		d.secret = true
	default:
		return b.argument(d, w)
	}
	return nil
}

func (b *schemaBuilder) argument(d *def, w string) (err error) {
	switch w[0] {
	case '\'':
		d.word = w[1:]
	case '*':
		d.kind = list
		d.keys = append(d.keys, parseKey(w[1:]))
	case '=':
		d.kind = leaf
		typ, many := strings.CutSuffix(w[1:], "...")
		if many {
			d.kind = leafList
		}
		d.typ = valueType(typ)
	case '?':
		d.choice = w[1:]
	case '@':
		if d.kind == flag {
			d.kind = container
		}
		d.sub, err = b.set(w[1:])
	default:
		err = fmt.Errorf("what is %q?", w)
	}
	return err
}

func parseKey(w string) keyDef {
	if strings.HasPrefix(w, "{") {
		k := keyDef{choices: map[string]valueType{}}
		for _, c := range strings.Split(strings.Trim(w, "{}"), "|") {
			word, typ, _ := strings.Cut(c, ":")
			k.choices[word] = valueType(typ)
		}
		return k
	}
	name, typ, _ := strings.Cut(w, ":")
	if typ == "" {
		typ = "name"
	}
	return keyDef{name: name, typ: valueType(typ)}
}
