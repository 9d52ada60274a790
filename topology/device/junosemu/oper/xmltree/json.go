package xmltree

import (
	"encoding/json"
	"strings"
)

// JSON is the element in Junos's JSON: every element is a list of objects, a
// leaf's text is under "data" and attributes are under "attributes".
func (e *Element) JSON() string {
	var b strings.Builder
	b.WriteString("{\n")
	e.list(&b, []*Element{e}, "    ")
	b.WriteString("\n}\n")
	return b.String()
}

func quoted(text string) string {
	q, err := json.Marshal(text)
	if err != nil { // cannot happen: any string can be marshalled
		return `""`
	}
	return string(q)
}

// list writes "name": [ … ] for elements of one name.
func (e *Element) list(b *strings.Builder, same []*Element, indent string) {
	b.WriteString(indent + quoted(same[0].Name) + " : [\n")
	for i, one := range same {
		if i > 0 {
			b.WriteString(",\n")
		}
		one.object(b, indent)
	}
	b.WriteString("\n" + indent + "]")
}

func (e *Element) object(b *strings.Builder, indent string) {
	inner := indent + "    "
	b.WriteString(indent + "{\n")
	first := true
	separate := func() {
		if !first {
			b.WriteString(",\n")
		}
		first = false
	}
	if len(e.Attrs) > 0 {
		separate()
		pairs := make([]string, len(e.Attrs))
		for i, a := range e.Attrs {
			pairs[i] = quoted(a.Name) + " : " + quoted(a.Value)
		}
		b.WriteString(inner + `"attributes" : {` + strings.Join(pairs, ", ") + "}")
	}
	if e.Text != "" {
		separate()
		b.WriteString(inner + `"data" : ` + quoted(e.Text))
	} else if len(e.Children) == 0 {
		separate()
		b.WriteString(inner + `"data" : [null]`)
	}
	written := map[string]bool{}
	for _, c := range e.Children {
		if written[c.Name] {
			continue
		}
		written[c.Name] = true
		separate()
		e.list(b, e.All(c.Name), inner)
	}
	b.WriteString("\n" + indent + "}")
}
