package config

import (
	"fmt"
	"slices"
	"strings"
)

// An element is configuration as XML and JSON carry it: names, attributes,
// text. Both are read to elements and loaded from there.
type element struct {
	name     string
	attrs    map[string]string
	text     string // without the space around it
	raw      string // with it, in XML
	chars    []byte // what has been read of it
	below    []*element
	comment  string // of the junos:comment before it
	line     int
	consumed bool // was a key
}

// The operations of elements: RFC 6241's, and Junos's under the same names.
const (
	opMerge   = "merge"
	opReplace = "replace"
	opCreate  = "create"
	opDelete  = "delete"
	opRemove  = "remove"
	opNone    = "none"
)

// elementLoader brings elements into a tree.
type elementLoader struct {
	loader
	strict  bool    // deleting what is not there is an error, as RFC 6241 has it
	protect []*Node // what is to be protected, from the end of the text on
}

func loadElements(base *Node, top *element) ([]Warning, error) {
	l := elementLoader{}
	return l.load(base, top, opMerge)
}

func (l *elementLoader) load(base *Node, top *element, op string) ([]Warning, error) {
	l.guarded = guarded(base)
	if err := l.children(base, top, op, 0); err != nil {
		return nil, err
	}
	for _, n := range l.protect {
		n.protected = true
	}
	return l.finish(), nil
}

// children loads what is below e; op is what is done with elements that do not
// say themselves.
func (l *elementLoader) children(at *Node, e *element, op string, depth int) error {
	if depth > maxDepth {
		return &LoadError{Message: "configuration is nested too deeply", Line: e.line, Column: 1}
	}
	for i, c := range e.below {
		if c.consumed {
			continue
		}
		// Of equal elements that replace, the second does not replace the first.
		again := i > 0 && e.below[i-1].name == c.name && c.operation(op) == opReplace
		if err := l.element(at, c, op, again, depth); err != nil {
			return err
		}
	}
	return nil
}

func (l *elementLoader) element(at *Node, e *element, op string, again bool, depth int) error {
	d := at.def.sub.element(e.name)
	if d == nil {
		return e.fail(at, "syntax error", e.name)
	}
	keys, err := e.keys(at, d)
	if err != nil {
		return err
	}
	there := at.find(d, keys)
	if l.guards(at, there, e) {
		return nil
	}
	op = e.operation(op)
	switch {
	case op == opDelete || op == opRemove:
		return l.remove(at, d, e, keys, op)
	case op == opCreate && there != nil && (d.kind != leafList || slices.Contains(there.values, d.typ.normal(e.text))):
		return e.failTag(at, "data-exists", "statement already exists", e.name)
	case op == opNone && there == nil:
		return e.failTag(at, "data-missing", "statement not found", e.name)
	case op == opNone && isLeaf(there):
		return nil
	}
	n := at.ensure(d, keys)
	if op == opReplace {
		l.warnings = append(l.warnings, n.clearUnprotected()...)
		if !again {
			n.values = nil
		}
	}
	l.mark(n, e)
	if err := l.content(n, e, op, depth); err != nil {
		return err
	}
	return l.place(at, n, e)
}

// content loads the value or the children of a statement.
func (l *elementLoader) content(n *Node, e *element, op string, depth int) error {
	d := n.def
	switch d.kind {
	case leaf, leafList:
		if e.text == "" && len(e.attrs) > 0 && len(n.values) > 0 {
			return nil // only its marks were meant
		}
		msg := d.typ.check(e.text)
		if msg == "" && len(e.below) > 0 {
			msg = "syntax error"
		}
		if msg != "" {
			return e.fail(n.parent, msg, e.text)
		}
		n.setValue(d.typ.normal(e.value(d)))
		return nil
	case flag:
		if len(e.below) > 0 {
			return e.fail(n, "syntax error", e.below[0].name)
		}
		return nil
	}
	if e.text != "" {
		if err := e.unnamed(n); err != nil {
			return err
		}
	}
	if op != opNone {
		op = opMerge
	}
	return l.children(n, e, op, depth+1)
}

// value is the text of a leaf. A login message may begin and end with space;
// anything else has space around it only from the way that XML is written.
func (e *element) value(d *def) string {
	if d.typ == "string" && e.raw != "" && e.text != "" && printable(e.raw) {
		return e.raw
	}
	return e.text
}

// unnamed takes the text of a container for the leaf whose name is not written
// in curly form, as the router does: <autonomous-system>65001</autonomous-system>.
func (e *element) unnamed(n *Node) error {
	h := n.def.sub.hidden
	if h == nil || h.kind != leaf {
		return e.fail(n, "syntax error", e.text)
	}
	if msg := h.typ.check(e.text); msg != "" {
		return e.fail(n, msg, e.text)
	}
	n.ensure(h, nil).setValue(h.typ.normal(e.text))
	return nil
}

// guards warns and reports true if something protected keeps e from being
// loaded: at itself, or what is there already.
func (l *elementLoader) guards(at, there *Node, e *element) bool {
	if !l.guarded || e.attrs["unprotect"] != "" {
		return false
	}
	where := at
	if there != nil && there.protected {
		where = there
	}
	p := where.protector()
	if p == nil {
		return false
	}
	path := strings.TrimSpace(at.Path() + " " + e.name)
	if there != nil {
		path = there.Path()
	}
	l.warnings = append(l.warnings, refusal(p, path, "changed"))
	return true
}

// keys takes the key elements of a list entry.
func (e *element) keys(at *Node, d *def) ([]string, error) {
	if d.kind != list {
		return nil, nil
	}
	var keys []string
	for _, k := range d.keys {
		c := e.key(k)
		if c == nil {
			if op := e.operation(""); (op == opDelete || op == opRemove) && len(keys) == 0 && len(e.below) == 0 {
				return nil, nil // all entries
			}
			return nil, e.fail(at, "missing argument", e.name)
		}
		c.consumed = true
		typ := k.typ
		if k.choices != nil {
			keys = append(keys, c.name)
			if typ = k.choices[c.name]; typ == "" {
				continue
			}
		}
		msg := typ.check(c.text)
		if msg == "" && d.hidden && len(keys) == 0 && !d.mayBegin(c.text) {
			msg = "syntax error" // in curly form it would be a statement, or nothing
		}
		if msg != "" {
			return nil, c.fail(at, msg, c.text)
		}
		keys = append(keys, typ.normal(c.text))
	}
	return keys, nil
}

func (e *element) key(k keyDef) *element {
	for _, c := range e.below {
		if k.choices == nil && c.name == k.name {
			return c
		}
		if _, ok := k.choices[c.name]; ok {
			return c
		}
	}
	return nil
}

// remove deletes what e names. Junos warns of what is not there; RFC 6241
// lets "remove" pass silently and wants an error for "delete".
func (l *elementLoader) remove(at *Node, d *def, e *element, keys []string, op string) error {
	if d.kind == list && keys == nil {
		for _, c := range children(at, d) {
			l.warnings = append(l.warnings, c.removeUnprotected()...)
		}
		l.emptied = append(l.emptied, at)
		return nil
	}
	n := at.find(d, keys)
	found := n != nil
	switch {
	case found && d.kind == leafList && e.text != "":
		before := len(n.values)
		n.values = slices.DeleteFunc(slices.Clone(n.values), func(v string) bool { return v == d.typ.normal(e.text) })
		found = len(n.values) < before
		if len(n.values) == 0 {
			at.remove(n)
		}
	case found:
		l.warnings = append(l.warnings, n.removeUnprotected()...)
	}
	if !found && op == opDelete {
		if l.strict {
			return e.failTag(at, "data-missing", "statement not found", e.name)
		}
		path := strings.TrimSpace(at.Path() + " " + d.name + " " + strings.Join(keys, " "))
		l.warnings = append(l.warnings, Warning{Path: strings.TrimSpace(path), Message: "statement not found"})
	}
	l.emptied = append(l.emptied, at)
	return nil
}

func (e *element) fail(at *Node, message, bad string) error { return e.failure(at, message, bad) }

// failTag is a failure that RFC 6241 has an error-tag for.
func (e *element) failTag(at *Node, tag, message, bad string) error {
	err := e.failure(at, message, bad)
	err.Tag = tag
	return err
}

func (e *element) failure(at *Node, message, bad string) *LoadError {
	err := &LoadError{Message: message, Path: editPath(at), BadElement: bad}
	if e.line > 0 {
		err.Line, err.Column = e.line, 1
	}
	if message == "syntax error" {
		err.Hint = nearest(bad, at.def.sub)
	}
	return err
}

// configuration returns the configuration element at or below e. Below a
// statement it is one of the statement's own: "system archival configuration".
func (e *element) configuration() (*element, error) {
	for e.name != "configuration" {
		if len(e.below) != 1 || rootDef().sub.element(e.name) != nil {
			return nil, fmt.Errorf("no <configuration>")
		}
		e = e.below[0]
	}
	return e, nil
}
