package config

import "strings"

// DifferenceNamespaces declare the prefixes that CompareXML uses; they belong
// to the <configuration> element around it.
const DifferenceNamespaces = ` xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" xmlns:yang="urn:ietf:params:xml:ns:yang:1"`

// CompareXML is Compare for programs: the children of <configuration> that
// turn old into new, with operations of RFC 6241 (nc:operation), places in
// lists (yang:insert, yang:key) and marks. Edit, or Load, does what it says.
func CompareXML(old, new *Tree) string {
	var d xmlDiff
	d.level(old.root, new.root, 1)
	return d.p.b.String()
}

type xmlDiff struct{ p xmlPrinter }

// level writes what differs below two nodes that are the same statement: what
// goes first, since an entry that moves is taken away and put elsewhere.
func (d *xmlDiff) level(old, new *Node, indent int) {
	if equal(old, new) {
		return
	}
	changes := pair(old, new)
	for _, ch := range changes {
		if ch.new == nil {
			d.gone(ch.old, indent)
		}
	}
	for i, ch := range changes {
		switch {
		case ch.new == nil:
		case ch.old == nil:
			d.came(ch.new, changes, i, indent)
		case !equal(ch.old, ch.new):
			d.changed(ch.old, ch.new, indent)
		}
	}
}

// gone writes a statement that is taken away.
func (d *xmlDiff) gone(n *Node, indent int) {
	d.p.indent(indent)
	d.p.b.WriteString("<" + n.def.name + ` nc:operation="delete"`)
	if len(n.keys) == 0 {
		d.p.b.WriteString("/>\n")
		return
	}
	d.p.b.WriteString(">\n")
	n.eachKey(func(name, value string) { d.p.leaf(name, value, "", indent+1) })
	d.close(n, indent)
}

func (d *xmlDiff) close(n *Node, indent int) {
	d.p.indent(indent)
	d.p.b.WriteString("</" + n.def.name + ">\n")
}

// came writes a statement that is new, whole, and where in its list it goes.
func (d *xmlDiff) came(n *Node, changes []change, i, indent int) {
	extra := ` nc:operation="create"`
	if userOrdered(n) {
		extra += d.where(n, changes, i)
	}
	if isLeaf(n) && n.def.kind != flag {
		extra = ` nc:operation="replace"` // a leaf-list is several elements
	}
	d.p.extra = extra
	d.p.node(n, indent)
}

// where is the place of an entry: after the one that precedes it.
func (d *xmlDiff) where(n *Node, changes []change, i int) string {
	for j := i - 1; j >= 0; j-- {
		prev := changes[j].new
		if prev == nil {
			continue
		}
		if prev.def != n.def {
			break
		}
		return ` yang:insert="after" yang:key="` + escapeAttribute(prev.predicate()) + `"`
	}
	return ` yang:insert="first"`
}

// predicate names an entry by its keys: [name='mesh'].
func (n *Node) predicate() string {
	var b strings.Builder
	n.eachKey(func(name, value string) {
		mark := "'"
		if strings.Contains(value, mark) {
			mark = `"`
		}
		b.WriteString("[" + name + "=" + mark + value + mark + "]")
	})
	return b.String()
}

// changed writes a statement that stays and is different.
func (d *xmlDiff) changed(old, new *Node, indent int) {
	marks := changedMarks(old, new)
	if isLeaf(new) {
		if !sameWords(old.values, new.values) {
			marks = ` nc:operation="replace"` + marks
		}
		d.leafChanged(new, marks, old.comment != new.comment, indent)
		return
	}
	d.comment(new, old.comment != new.comment, indent)
	d.p.indent(indent)
	d.p.b.WriteString("<" + new.def.name + marks + ">\n")
	new.eachKey(func(name, value string) { d.p.leaf(name, value, "", indent+1) })
	d.level(old, new, indent+1)
	d.close(new, indent)
}

func (d *xmlDiff) leafChanged(n *Node, marks string, annotated bool, indent int) {
	d.comment(n, annotated, indent)
	if n.def.kind == flag {
		d.p.leaf(n.def.name, "", marks, indent)
		return
	}
	for _, v := range n.values {
		d.p.leaf(n.def.name, v, marks, indent)
	}
}

func (d *xmlDiff) comment(n *Node, changed bool, indent int) {
	if changed && n.comment != "" {
		d.p.indent(indent)
		d.p.b.WriteString("<junos:comment>/* " + escapeXML(n.comment) + " */</junos:comment>\n")
	}
}

// changedMarks are the attributes that turn old's marks into new's.
func changedMarks(old, new *Node) string {
	marks := ""
	switch {
	case new.inactive && !old.inactive:
		marks += ` inactive="inactive"`
	case !new.inactive && old.inactive:
		marks += ` active="active"`
	}
	switch {
	case new.protected && !old.protected:
		marks += ` protect="protect"`
	case !new.protected && old.protected:
		marks += ` unprotect="unprotect"`
	}
	return marks
}
