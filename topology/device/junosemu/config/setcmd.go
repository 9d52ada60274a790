package config

import (
	"slices"
	"strings"
)

// loadSet runs set, delete and the other commands of text, one a line,
// relative to base.
func loadSet(base *Node, text string) ([]Warning, error) {
	l := loader{lex: &lexer{src: text, lines: true}, guarded: guarded(base)}
	at := base
	var words []token
	for {
		var err error
		var end token
		if words, end, err = l.command(words[:0]); err != nil {
			return nil, err
		}
		if len(words) > 0 {
			if at, err = l.run(base, at, words); err != nil {
				return nil, err
			}
		}
		if end.kind == tokenEOF {
			return l.finish(), nil
		}
	}
}

// command reads the words of a line.
func (l *loader) command(words []token) ([]token, token, error) {
	for {
		t, err := l.lex.next()
		if err != nil {
			return nil, t, err
		}
		switch t.kind {
		case tokenEOF, tokenNewline:
			return words, t, nil
		case tokenComment:
		default:
			words = append(words, t)
		}
	}
}

// run executes a command below at; edit, up and top move it.
func (l *loader) run(base, at *Node, words []token) (*Node, error) {
	verb, args := words[0], words[1:]
	if len(args) == 0 && verb.text != "top" && verb.text != "up" && verb.text != "exit" && verb.text != "delete" {
		return nil, l.lex.errorAt(verb.pos, missing(verb.text), verb.text)
	}
	switch verb.text {
	case "set":
		_, err := l.place(at, args, false)
		return at, err
	case "delete":
		return at, l.delete(at, args)
	case "deactivate", "activate", "protect", "unprotect":
		return at, l.flagCommand(at, verb.text, args)
	case "annotate":
		return at, l.annotate(at, args)
	case "rename", "copy":
		return at, l.rename(at, verb, args)
	case "insert":
		return at, l.insertCommand(at, args)
	case "replace":
		return at, l.replacePattern(at, args)
	case "wildcard":
		return at, l.wildcardDelete(at, args)
	case "edit":
		got, err := l.place(at, args, false)
		if err == nil && got.open == nil {
			err = l.lex.errorAt(args[len(args)-1].pos, "syntax error", args[len(args)-1].text)
		}
		return got.open, err
	case "top":
		return base, nil
	case "up", "exit":
		if at != base && at.parent != nil {
			at = at.parent
		}
		return at, nil
	}
	return nil, l.lex.errorAt(verb.pos, "unknown command", verb.text)
}

func missing(verb string) string {
	if slices.Contains([]string{"set", "deactivate", "activate", "protect", "unprotect", "annotate", "rename", "copy", "insert", "replace", "wildcard", "edit"}, verb) {
		return "missing argument"
	}
	return "unknown command"
}

// delete removes the statement that words name; a Warning if there is none.
func (l *loader) delete(at *Node, words []token) error {
	if len(words) == 0 {
		l.warnings = append(l.warnings, at.clearUnprotected()...)
		return nil
	}
	found, err := l.locate(at, words)
	if err != nil {
		return err
	}
	if len(found.nodes) == 0 {
		l.notFound(words)
		return nil
	}
	parent := found.nodes[0].parent
	for _, n := range found.nodes {
		if found.value == "" {
			l.warnings = append(l.warnings, n.removeUnprotected()...)
			continue
		}
		if l.refused(n, "deleted") {
			continue
		}
		if n.values = slices.DeleteFunc(n.values, func(v string) bool { return v == found.value }); len(n.values) == 0 {
			parent.remove(n)
		}
	}
	l.emptied = append(l.emptied, parent)
	return nil
}

func (l *loader) notFound(words []token) {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.text
	}
	l.warnings = append(l.warnings, Warning{Path: strings.Join(texts, " "), Message: "statement not found"})
}

func (l *loader) flagCommand(at *Node, verb string, words []token) error {
	found, err := l.locate(at, words)
	if err != nil {
		return err
	}
	if len(found.nodes) == 0 {
		l.notFound(words)
	}
	for _, n := range found.nodes {
		switch verb {
		case "protect":
			n.protected, l.guarded = true, true
		case "unprotect":
			n.protected = false
		default:
			if !l.refused(n, verb+"d") {
				n.inactive = verb == "deactivate"
			}
		}
	}
	return nil
}

// annotate STATEMENT "comment"
func (l *loader) annotate(at *Node, words []token) error {
	last := words[len(words)-1]
	if len(words) < 2 {
		return l.lex.errorAt(last.pos, "missing argument", last.text)
	}
	found, err := l.locate(at, words[:len(words)-1])
	if err != nil {
		return err
	}
	if len(found.nodes) == 0 {
		l.notFound(words)
	}
	for _, n := range found.nodes {
		if l.refused(n, "annotated") {
			continue
		}
		if n.comment = ""; last.text != "" { // an empty comment takes the old one away
			n.annotate(last.text)
		}
	}
	return nil
}

// split cuts words at one of the given ones.
func split(words []token, at ...string) (before []token, word string, after []token) {
	for i, w := range words {
		if !w.quoted && slices.Contains(at, w.text) && i > 0 {
			return words[:i], w.text, words[i+1:]
		}
	}
	return words, "", nil
}

// rename PATH to ENTRY, copy PATH to ENTRY: the entry is named as it would be
// right below the parent of PATH.
func (l *loader) rename(at *Node, verb token, words []token) error {
	from, _, to := split(words, "to")
	if len(to) == 0 {
		return l.lex.errorAt(words[len(words)-1].pos, "missing argument", words[len(words)-1].text)
	}
	found, err := l.locate(at, from)
	if err != nil {
		return err
	}
	if len(found.nodes) != 1 || found.nodes[0].def.kind != list {
		l.notFound(from)
		return nil
	}
	old := found.nodes[0]
	if verb.text == "rename" && l.refused(old, "renamed") || l.refused(old.parent, "changed") {
		return nil
	}
	keys, err := l.entryKeys(old, to)
	if err != nil {
		return err
	}
	if old.parent.find(old.def, keys) != nil {
		return l.lex.errorAt(to[0].pos, "target already exists", to[0].text)
	}
	fresh := old.copyTo(old.parent)
	fresh.keys = keys
	if verb.text == "copy" {
		old.parent.insert(fresh)
		return nil
	}
	i := slices.Index(old.parent.kids, old)
	old.parent.remove(old)
	if old.def.sorted {
		old.parent.insert(fresh)
	} else {
		old.parent.insertAt(i, fresh)
	}
	return nil
}

// entryKeys reads the keys of a sibling of n: "group b", or "b" alone.
func (l *loader) entryKeys(n *Node, words []token) ([]string, error) {
	if words[0].text == n.def.name && !n.def.hidden {
		words = words[1:]
	}
	if len(words) == 0 {
		return nil, l.lex.errorAt(l.lex.pos, "missing argument", n.def.name)
	}
	w := walk{loader: l, words: words, at: ghostOf(n.parent)}
	if err := w.entry(n.def); err != nil {
		return nil, err
	}
	if w.i < len(words) {
		return nil, w.fail(words[w.i], "syntax error")
	}
	return w.got.last.keys, nil
}

func texts(words []token) []string {
	t := make([]string, len(words))
	for i, w := range words {
		t[i] = w.text
	}
	return t
}

// insert PATH before|after ENTRY moves an entry of a list that has an order.
func (l *loader) insertCommand(at *Node, words []token) error {
	from, where, to := split(words, "before", "after")
	if len(to) == 0 {
		return l.lex.errorAt(words[len(words)-1].pos, "missing argument", words[len(words)-1].text)
	}
	found, err := l.locate(at, from)
	if err != nil {
		return err
	}
	if len(found.nodes) != 1 || found.nodes[0].def.kind != list {
		l.notFound(from)
		return nil
	}
	n := found.nodes[0]
	if l.refused(n, "moved") {
		return nil
	}
	keys, err := l.entryKeys(n, to)
	if err != nil {
		return err
	}
	other := n.parent.find(n.def, keys)
	if other == nil || other == n {
		l.notFound(to)
		return nil
	}
	n.parent.remove(n)
	i := slices.Index(n.parent.kids, other)
	if where == "after" {
		i++
	}
	n.parent.insertAt(i, n)
	return nil
}
