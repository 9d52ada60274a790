package config

import (
	"errors"

	"github.com/agext/levenshtein"
)

// A loader brings one text into a tree that is being built.
type loader struct {
	lex      *lexer
	replace  bool    // replace: and delete: tags are honoured
	guarded  bool    // something is protected: changes are looked at
	emptied  []*Node // something below them was deleted
	warnings []Warning
}

// finish removes what deletions have left empty: not at once, since what
// follows in the text may put something there again.
func (l *loader) finish() []Warning {
	for _, n := range l.emptied {
		n.prune()
	}
	return l.warnings
}

// placed is where a statement's words led to.
type placed struct {
	first   *Node // what the statement is about: the first node that is not "family"
	open    *Node // what a following { opens
	entries *def  // a grouped list whose entries a following { opens
	last    *Node // the last node touched, leaf or not
	refused bool  // it led nowhere: something on the way is protected
}

// A walk puts the words of one statement into the tree.
type walk struct {
	*loader
	words   []token
	i       int
	base    *Node // where it began
	at      *Node
	got     placed
	replace bool
}

// place puts a statement below parent, making what is not there. What is
// protected stays as it is: that is a warning, and the statement goes nowhere.
func (l *loader) place(parent *Node, words []token, replace bool) (placed, error) {
	w := walk{loader: l, words: words, base: parent, at: parent, got: placed{open: parent}, replace: replace}
	for w.i < len(words) {
		if err := w.step(); errors.Is(err, errProtected) {
			return l.elsewhere(func(free *loader) (placed, error) { return free.place(ghostOf(parent), words, false) })
		} else if err != nil {
			return placed{}, err
		}
	}
	return w.got, nil
}

// placeEntry puts an entry of a grouped list, whose name was said before.
func (l *loader) placeEntry(parent *Node, d *def, words []token) (placed, error) {
	w := walk{loader: l, words: words, base: parent, at: parent, got: placed{open: parent}}
	err := w.guard()
	if err == nil {
		err = w.list(d, words[0])
	}
	for err == nil && w.i < len(words) {
		err = w.step()
	}
	if errors.Is(err, errProtected) {
		return l.elsewhere(func(free *loader) (placed, error) { return free.placeEntry(ghostOf(parent), d, words) })
	}
	if err != nil {
		return placed{}, err
	}
	return w.got, nil
}

// step consumes one statement name and what belongs to it.
func (w *walk) step() error {
	t := w.words[w.i]
	if t.kind != tokenWord {
		return w.fail(t, "syntax error")
	}
	if w.got.entries != nil {
		return w.fail(t, "syntax error")
	}
	if err := w.guard(); err != nil {
		return err
	}
	d := w.at.def.sub.word(t.text)
	if d == nil {
		if d = w.at.def.sub.hidden; d == nil || !d.mayBegin(t.text) {
			return w.fail(t, "syntax error")
		}
	} else {
		w.i++
	}
	switch d.kind {
	case list:
		return w.list(d, t)
	case leaf:
		return w.leaf(d, t)
	case leafList:
		return w.leafList(d, t)
	}
	w.touch(w.at.ensure(d, nil))
	if d.kind == container {
		w.at = w.got.last
		w.got.open = w.at
	} else {
		w.got.open = nil
	}
	return nil
}

// mayBegin tells whether a word that is no statement may begin a hidden one.
func (d *def) mayBegin(word string) bool {
	typ := d.typ
	if d.kind == list {
		typ = d.keys[0].typ
		if d.name == "interface" {
			return looksLikeInterface(word)
		}
	}
	return typ.check(word) == ""
}

// looksLikeInterface keeps a mistyped statement from becoming an interface.
func looksLikeInterface(word string) bool {
	for i := range len(word) {
		if c := word[i]; isDigit(c) || c == '*' || c == '<' || c == '[' {
			return true
		}
	}
	return word == "all" || word == "irb" || word == "vlan" || word == "dsc" || word == "vme" || word == "lsi" || word == "tap"
}

func (w *walk) list(d *def, name token) error {
	if w.i >= len(w.words) {
		if d.grouped || d.name == "groups" {
			w.got.entries = d
			return nil
		}
		return w.fail(name, "missing argument")
	}
	if w.words[w.i].kind == tokenFrom {
		return w.bracket(func(t token) error {
			w.i--
			err := w.entry(d)
			w.got.open = nil
			return err
		})
	}
	if err := w.entry(d); err != nil {
		return err
	}
	w.at = w.got.last
	w.got.open = w.at
	return nil
}

// entry consumes the keys of a list entry.
func (w *walk) entry(d *def) error {
	var keys []string
	for _, k := range d.keys {
		t, err := w.argument(d)
		if err != nil {
			return err
		}
		if k.choices == nil {
			if msg := k.typ.check(t.text); msg != "" {
				return w.fail(t, msg)
			}
			keys = append(keys, k.typ.normal(t.text))
			continue
		}
		typ, ok := k.choices[t.text]
		if !ok {
			return w.fail(t, "syntax error")
		}
		keys = append(keys, t.text)
		if typ == "" {
			continue
		}
		arg, err := w.argument(d)
		if err != nil {
			return err
		}
		if msg := typ.check(arg.text); msg != "" {
			return w.fail(arg, msg)
		}
		keys = append(keys, typ.normal(arg.text))
	}
	w.touch(w.at.ensure(d, keys))
	return nil
}

// argument takes the next word as a value.
func (w *walk) argument(d *def) (token, error) {
	if w.i >= len(w.words) {
		return token{}, w.fail(w.words[len(w.words)-1], "missing argument")
	}
	t := w.words[w.i]
	if t.kind != tokenWord {
		return token{}, w.fail(t, "syntax error")
	}
	w.i++
	return t, nil
}

func (w *walk) leaf(d *def, name token) error {
	t, err := w.argument(d)
	if err != nil {
		return err
	}
	value, err := w.value(d, t)
	if err != nil {
		return err
	}
	if err := w.guardChild(d); err != nil {
		return err
	}
	w.touch(w.at.ensure(d, nil))
	w.got.last.setValue(value)
	w.got.open = nil
	return nil
}

// value is what a word, and what belongs to it, is worth as a value of d.
func (w *walk) value(d *def, t token) (string, error) {
	t = w.whole(d, t)
	if msg := d.typ.check(t.text); msg != "" {
		return "", w.fail(t, msg)
	}
	return d.typ.normal(t.text), nil
}

func (w *walk) leafList(d *def, name token) error {
	if w.i >= len(w.words) {
		return w.fail(name, "missing argument")
	}
	var values []string
	one := func(t token) error {
		v, err := w.value(d, t)
		values = append(values, v)
		return err
	}
	var err error
	if w.words[w.i].kind == tokenFrom {
		err = w.bracket(one)
	} else if t, missing := w.argument(d); missing != nil {
		err = missing
	} else {
		err = one(t)
	}
	if err == nil {
		err = w.guardChild(d)
	}
	if err != nil {
		return err // nothing is there that a failed statement began
	}
	w.touch(w.at.ensure(d, nil))
	w.got.open = nil
	for _, v := range values {
		w.got.last.setValue(v)
	}
	return nil
}

// bracket calls one for each word between [ and ], of which there is at least
// one: a list of nothing could not be told from no list.
func (w *walk) bracket(one func(token) error) error {
	open := w.words[w.i]
	w.i++
	for n := 0; w.i < len(w.words); n++ {
		t := w.words[w.i]
		w.i++
		if t.kind == tokenTo && n == 0 {
			return w.fail(t, "missing argument")
		}
		if t.kind == tokenTo {
			return nil
		}
		if t.kind != tokenWord {
			return w.fail(t, "syntax error")
		}
		if err := one(t); err != nil {
			return err
		}
	}
	return w.fail(open, "missing closing bracket")
}

// touch notes a node that the statement went through; the first that is meant
// by a replace tag is emptied.
func (w *walk) touch(n *Node) {
	w.got.last = n
	if w.got.first == nil && !n.def.flat {
		w.got.first = n
		if w.replace {
			w.warnings = append(w.warnings, n.clearUnprotected()...)
			n.values = nil
		}
	}
}

// fail makes the error of a word at this place.
func (w *walk) fail(t token, message string) error {
	e := w.lex.errorAt(t.pos, message, t.text)
	e.Path = editPath(w.at)
	if message == "syntax error" {
		e.Hint = nearest(t.text, w.at.def.sub)
	}
	return e
}

// editPath is the banner of a place: "[edit protocols bgp]".
func editPath(n *Node) string {
	if p := n.Path(); p != "" {
		return "[edit " + p + "]"
	}
	return "[edit]"
}

// nearest is the statement that a mistyped word most probably meant, or "".
func nearest(word string, s *defSet) string {
	best, score := "", 0.7
	for _, d := range s.defs {
		if v := levenshtein.Match(word, d.name, nil); !d.hidden && v > score {
			best, score = d.name, v
		}
	}
	return best
}
