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
	text     string
	below    []*element
	comment  string // of the junos:comment before it
	line     int
	consumed bool // was a key
	again    bool // follows an element of the same name that replaces too
}

// elementLoader brings elements into a tree.
type elementLoader struct {
	warnings []Warning
}

func loadElements(base *Node, top *element) ([]Warning, error) {
	l := elementLoader{}
	if err := l.children(base, top, 0); err != nil {
		return nil, err
	}
	return l.warnings, nil
}

func (l *elementLoader) children(at *Node, e *element, depth int) error {
	if depth > maxDepth {
		return &LoadError{Message: "configuration is nested too deeply", Line: e.line, Column: 1}
	}
	for _, c := range e.below {
		if c.consumed {
			continue
		}
		if err := l.element(at, c, depth); err != nil {
			return err
		}
	}
	return nil
}

func (l *elementLoader) element(at *Node, e *element, depth int) error {
	d := at.def.sub.element(e.name)
	if d == nil {
		return e.fail(at, "syntax error", e.name)
	}
	keys, err := e.keys(at, d)
	if err != nil {
		return err
	}
	op := e.operation()
	if op == "delete" || op == "remove" {
		return l.remove(at, d, e, keys, op)
	}
	if op == "create" && at.find(d, keys) != nil {
		return e.fail(at, "data-exists: statement already exists", e.name)
	}
	n := at.ensure(d, keys)
	if op == "replace" {
		n.clear()
		if !e.again {
			n.values = nil
		}
	}
	e.mark(n)
	switch d.kind {
	case leaf, leafList:
		if msg := d.typ.check(e.text); msg != "" || len(e.below) > 0 {
			if msg == "" {
				msg = "syntax error"
			}
			return e.fail(at, msg, e.text)
		}
		n.setValue(d.typ.normal(e.text))
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
	return l.children(n, e, depth+1)
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

// keys takes the key elements of a list entry.
func (e *element) keys(at *Node, d *def) ([]string, error) {
	if d.kind != list {
		return nil, nil
	}
	var keys []string
	for _, k := range d.keys {
		c := e.key(k)
		if c == nil {
			if e.operation() == "delete" && len(keys) == 0 && len(e.below) == 0 {
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
		if msg := typ.check(c.text); msg != "" {
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

// operation is what the attributes ask for: Junos's or RFC 6241's.
func (e *element) operation() string {
	switch {
	case e.attrs["delete"] != "":
		return "delete"
	case e.attrs["replace"] != "":
		return "replace"
	}
	return e.attrs["operation"]
}

func (e *element) mark(n *Node) {
	if e.attrs["inactive"] != "" {
		n.inactive = e.attrs["inactive"] != "false"
	}
	if e.attrs["active"] != "" {
		n.inactive = e.attrs["active"] == "false"
	}
	if e.attrs["protect"] != "" {
		n.protected = e.attrs["protect"] != "false"
	}
	if e.attrs["unprotect"] != "" {
		n.protected = false
	}
	n.annotate(e.comment)
}

// remove deletes what e names. Junos warns of what is not there; RFC 6241
// lets "remove" pass silently.
func (l *elementLoader) remove(at *Node, d *def, e *element, keys []string, op string) error {
	if d.kind == list && keys == nil {
		at.removeFunc(func(c *Node) bool { return c.def.order == d.order })
		at.prune()
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
		at.remove(n)
	}
	if !found && op == "delete" {
		path := strings.TrimSpace(at.Path() + " " + d.name + " " + strings.Join(keys, " "))
		l.warnings = append(l.warnings, Warning{Path: strings.TrimSpace(path), Message: "statement not found"})
	}
	at.prune()
	return nil
}

func (e *element) fail(at *Node, message, bad string) error {
	err := &LoadError{Message: message, Path: editPath(at), BadElement: bad}
	if e.line > 0 {
		err.Line, err.Column = e.line, 1
	}
	if message == "syntax error" {
		err.Hint = nearest(bad, at.def.sub)
	}
	return err
}

// find returns the configuration element at or below e.
func (e *element) configuration() (*element, error) {
	for e.name != "configuration" {
		if len(e.below) != 1 {
			return nil, fmt.Errorf("no <configuration>")
		}
		e = e.below[0]
	}
	return e, nil
}
