package config

import (
	"slices"
	"strings"
)

// New returns an empty configuration.
func New() *Tree { return &Tree{root: &Node{def: rootDef()}} }

// Parse reads a whole configuration, in curly braces or set commands.
func Parse(text string) (*Tree, error) {
	t := New()
	format := FormatText
	if LooksLikeSet(text) {
		format = FormatSet
	}
	_, err := t.Load(format, Override, text)
	return t, err
}

// commands are what a line of set commands can begin with. None of them is a
// statement of the top level.
var commands = []string{"set", "delete", "deactivate", "activate", "protect", "unprotect", "annotate", "rename", "copy", "insert", "wildcard", "edit", "top", "up"}

// LooksLikeSet tells set commands from curly braces by their first word.
func LooksLikeSet(text string) bool {
	l := lexer{src: text}
	for {
		t, err := l.next()
		if err != nil || t.kind != tokenComment {
			return err == nil && t.kind == tokenWord && !t.quoted && slices.Contains(commands, t.text)
		}
	}
}

// Clone returns a copy that later loads of either do not affect.
func (t *Tree) Clone() *Tree { return &Tree{root: t.root} }

// Root is the top of the hierarchy. It is never nil.
func (t *Tree) Root() *Node { return t.root }

// Empty reports whether there is no statement at all.
func (t *Tree) Empty() bool { return len(t.root.kids) == 0 }

// Equal reports whether both hold the same statements in the same order, with
// the same marks and annotations.
func (t *Tree) Equal(o *Tree) bool { return t.root == o.root || equal(t.root, o.root) }

func equal(a, b *Node) bool {
	if a == b {
		return true
	}
	if a.def.name != b.def.name || a.comment != b.comment || a.inactive != b.inactive || a.protected != b.protected ||
		len(a.kids) != len(b.kids) || !sameWords(a.keys, b.keys) || !sameWords(a.values, b.values) {
		return false
	}
	for i := range a.kids {
		if !equal(a.kids[i], b.kids[i]) {
			return false
		}
	}
	return true
}

func sameWords(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// Load brings text into the tree. On an error, a *LoadError, the tree is
// unchanged. Deleting what is not there is a Warning, "statement not found".
func (t *Tree) Load(f Format, a Action, text string) ([]Warning, error) {
	return t.LoadAt(nil, f, a, text)
}

// LoadAt is Load relative to a hierarchy level, given as the words of a set
// command: what "load merge relative" and a set command below "edit" do.
func (t *Tree) LoadAt(at []string, f Format, a Action, text string) ([]Warning, error) {
	root := t.root.copyTo(nil)
	base := root
	existed := root.Lookup(at...) != nil
	if len(at) > 0 {
		got, err := (&loader{lex: &lexer{src: strings.Join(at, " ")}}).place(root, wordTokens(at), false)
		if err != nil {
			return nil, err
		}
		if got.open == nil {
			return nil, &LoadError{Message: "syntax error", BadElement: at[len(at)-1], Path: editPath(got.last)}
		}
		base = got.open
	}
	if (a == Override || a == Update) && f != FormatSet {
		base.clear()
	}
	warnings, err := load(base, f, a, text)
	if err != nil {
		return nil, err
	}
	if existed || len(base.kids) > 0 {
		base.prune()
	} else if base.parent != nil {
		// Made for the sake of its path only: nothing came of it.
		base.parent.remove(base)
		base.parent.prune()
	}
	t.root = root
	return warnings, nil
}

func load(base *Node, f Format, a Action, text string) ([]Warning, error) {
	switch {
	case (f == FormatSet || a == SetMode) && a != Patch:
		return loadSet(base, text)
	case a == Patch:
		return loadPatch(base, text)
	case f == FormatXML:
		return loadXML(base, text)
	case f == FormatJSON:
		return loadJSON(base, text)
	case f == FormatText || f == "":
		return loadCurly(base, text, a == Replace)
	}
	return nil, &LoadError{Message: "unknown format", BadElement: string(f)}
}

func wordTokens(words []string) []token {
	tokens := make([]token, len(words))
	for i, w := range words {
		tokens[i] = token{kind: tokenWord, text: w}
	}
	return tokens
}

// Subtree returns only what is at path and below, with its parents. A path
// that no configuration could have is a *LoadError; one that this
// configuration does not have gives an empty tree.
func (t *Tree) Subtree(path ...string) (*Tree, error) {
	if len(path) == 0 {
		return t, nil
	}
	found, err := t.locate(path)
	if err != nil || len(found) == 0 {
		return New(), err
	}
	root := &Node{def: t.root.def}
	into := root.withParents(found[0].parent)
	for _, n := range found {
		into.insertAt(len(into.kids), n.copyTo(into))
	}
	return &Tree{root: root}, nil
}

// withParents makes the chain of n and its parents, without their other
// children, below root, and returns the copy of n.
func (root *Node) withParents(n *Node) *Node {
	if n == nil || n.parent == nil {
		return root
	}
	return root.withParents(n.parent).ensure(n.def, n.keys)
}

func (t *Tree) locate(path []string) ([]*Node, error) {
	l := loader{lex: &lexer{src: strings.Join(path, " ")}}
	found, err := l.locate(t.root, wordTokens(path))
	if e, ok := err.(*LoadError); ok {
		e.Line, e.Column = 0, 0
	}
	return found.nodes, err
}

// Acted reports whether the emulator acts on the statement, or only stores it.
func (n *Node) Acted() bool { return n != nil && !n.def.stored }

// Level tells whether a path is one that a configuration can be edited at: a
// *LoadError if not.
func (t *Tree) Level(path ...string) error {
	_, err := t.Clone().LoadAt(path, FormatSet, SetMode, "")
	return err
}

// Unacted lists the statements that are stored and not acted on, each once,
// at the highest place below which nothing is acted on.
func (t *Tree) Unacted() []Warning {
	var out []Warning
	var visit func(n *Node)
	visit = func(n *Node) {
		for _, c := range n.kids {
			if c.def.stored {
				out = append(out, Warning{Path: c.Path(), Message: "statement is stored and not acted on"})
				continue
			}
			visit(c)
		}
	}
	visit(t.root)
	return out
}
