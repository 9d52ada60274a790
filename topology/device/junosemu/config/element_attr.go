package config

import (
	"regexp"
	"slices"
)

// operation is what the attributes ask for, Junos's or RFC 6241's; otherwise
// if they do not say.
func (e *element) operation(otherwise string) string {
	switch {
	case e.attrs["delete"] != "":
		return opDelete
	case e.attrs["replace"] != "":
		return opReplace
	case e.attrs["operation"] != "":
		return e.attrs["operation"]
	}
	return otherwise
}

// mark gives a statement what attributes and comment say of it.
func (l *elementLoader) mark(n *Node, e *element) {
	if e.attrs["inactive"] != "" {
		n.inactive = e.attrs["inactive"] != "false"
	}
	if e.attrs["active"] != "" {
		n.inactive = e.attrs["active"] == "false"
	}
	if v := e.attrs["protect"]; v != "" && v != "false" {
		l.protect = append(l.protect, n)
	} else if v == "false" || e.attrs["unprotect"] != "" {
		n.protected = false
	}
	n.annotate(e.comment)
}

// place renames a list entry, or moves it within its list, if the attributes
// ask for it:
//
//	<group rename="rename" name="new"><name>old</name></group>
//	<term insert="before" name="second"><name>first</name></term>
//	<term insert="after" key="[name='second']"><name>third</name></term>
func (l *elementLoader) place(at, n *Node, e *element) error {
	where := e.attrs["insert"]
	if n.def.kind != list || where == "" && e.attrs["rename"] == "" {
		return nil
	}
	if where == "first" || where == "last" {
		return moveToEnd(at, n, where)
	}
	keys, ok := e.reference(n)
	if !ok {
		return e.fail(at, "missing argument", e.name)
	}
	other := at.find(n.def, keys)
	switch {
	case where == "" && other != nil && other != n:
		return e.failTag(at, "data-exists", "target already exists", e.name)
	case where == "":
		i := slices.Index(at.kids, n)
		at.remove(n)
		n.keys = keys
		at.insertAt(i, n)
		at.resort(n)
		return nil
	case where != "before" && where != "after":
		return e.fail(at, "syntax error", where)
	case other == nil || other == n:
		return e.failTag(at, "data-missing", "statement not found", e.name)
	}
	at.remove(n)
	i := slices.Index(at.kids, other)
	if where == "after" {
		i++
	}
	at.insertAt(i, n)
	return nil
}

// resort puts an entry where the order of its list wants it, if it has one.
func (n *Node) resort(c *Node) {
	if c.def.sorted {
		n.remove(c)
		n.insert(c)
	}
}

// moveToEnd makes n the first or the last of its list.
func moveToEnd(at, n *Node, where string) error {
	at.remove(n)
	from, to := at.span(n.def)
	if where == "first" {
		to = from
	}
	at.insertAt(to, n)
	return nil
}

// keyPredicate is one key in an XPath predicate: [name='second'].
var keyPredicate = regexp.MustCompile(`\[\s*(?:[\w-]+:)?([\w-]+)\s*=\s*(?:'([^']*)'|"([^"]*)")\s*\]`)

// reference reads the keys of another entry of n's list from the attributes of
// e: one attribute a key, or all in the attribute key, as YANG has them. Keys
// that are not named are n's own.
func (e *element) reference(n *Node) (keys []string, ok bool) {
	given := map[string]string{}
	for _, m := range keyPredicate.FindAllStringSubmatch(e.attrs["key"], -1) {
		given[m[1]] = m[2] + m[3]
	}
	own := n.keys
	for _, k := range n.def.keys {
		used := k.own(own)
		fresh, there, valid := k.given(given, e.attrs)
		switch {
		case !valid:
			return nil, false
		case there:
			keys, ok = append(keys, fresh...), true
		default:
			keys = append(keys, own[:used]...)
		}
		own = own[used:]
	}
	return keys, ok
}

// own is how many of an entry's words belong to its first key.
func (k keyDef) own(words []string) int {
	if k.choices != nil && len(words) > 1 && k.choices[words[0]] != "" {
		return 2
	}
	return min(1, len(words))
}

// given returns the words of a key that a predicate or an attribute names.
func (k keyDef) given(predicate, attrs map[string]string) (words []string, there, valid bool) {
	if k.choices == nil {
		v, there := predicate[k.name]
		if !there {
			v, there = attrs[k.name]
		}
		return []string{k.typ.normal(v)}, there, !there || k.typ.check(v) == ""
	}
	for word, typ := range k.choices {
		v, there := predicate[word]
		switch {
		case !there:
		case typ == "":
			return []string{word}, true, true
		default:
			return []string{word, typ.normal(v)}, true, typ.check(v) == ""
		}
	}
	return nil, false, true
}
