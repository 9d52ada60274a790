// Package xmltree is a small ordered XML tree: what Junos's operational
// replies are built from, and what requests are read into.
//
// encoding/xml's struct tags fit neither use: replies have attributes with a
// junos: prefix and an order that matters to readers, and requests come with
// any mixture of namespace prefixes. Names here are local names; a request's
// prefixes are dropped when it is read.
package xmltree

import "strings"

// An Attr is an attribute. Name may hold a prefix ("junos:style").
type Attr struct{ Name, Value string }

// An Element is an XML element with either text or children.
type Element struct {
	Name     string
	Attrs    []Attr
	Text     string
	Children []*Element
}

// New makes an element with children; nil children are left out.
func New(name string, children ...*Element) *Element {
	return (&Element{Name: name}).Add(children...)
}

// Leaf makes an element that holds text.
func Leaf(name, text string) *Element { return &Element{Name: name, Text: text} }

// Add appends children, leaving out nil ones, and returns e.
func (e *Element) Add(children ...*Element) *Element {
	for _, c := range children {
		if c != nil {
			e.Children = append(e.Children, c)
		}
	}
	return e
}

// Leaf appends an element that holds text, and returns e.
func (e *Element) Leaf(name, text string) *Element { return e.Add(Leaf(name, text)) }

// LeafIf appends an element that holds text unless the text is empty, and
// returns e.
func (e *Element) LeafIf(name, text string) *Element {
	if text == "" {
		return e
	}
	return e.Leaf(name, text)
}

// Set adds or replaces an attribute and returns e.
func (e *Element) Set(name, value string) *Element {
	for i := range e.Attrs {
		if e.Attrs[i].Name == name {
			e.Attrs[i].Value = value
			return e
		}
	}
	e.Attrs = append(e.Attrs, Attr{name, value})
	return e
}

// Attr is the value of an attribute, "" if it is not there.
func (e *Element) Attr(name string) string {
	if e == nil {
		return ""
	}
	for _, a := range e.Attrs {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

// Child is the first child of that name, or nil. It may be asked of nil.
func (e *Element) Child(name string) *Element {
	if e == nil {
		return nil
	}
	for _, c := range e.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Has reports whether there is a child of that name.
func (e *Element) Has(name string) bool { return e.Child(name) != nil }

// All is every child of that name.
func (e *Element) All(name string) []*Element {
	var all []*Element
	if e == nil {
		return nil
	}
	for _, c := range e.Children {
		if c.Name == name {
			all = append(all, c)
		}
	}
	return all
}

// Value is the text found by going down the names, without surrounding white
// space; "" if there is no such element.
func (e *Element) Value(names ...string) string {
	for _, name := range names {
		e = e.Child(name)
	}
	if e == nil {
		return ""
	}
	return strings.TrimSpace(e.Text)
}
