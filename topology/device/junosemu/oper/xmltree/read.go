package xmltree

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxDepth bounds the nesting of a request: far more than any configuration
// has, far less than would exhaust the stack.
const maxDepth = 256

// Parse reads the one element of a document. Prefixes of elements and
// attributes are dropped, and so are namespace declarations and comments;
// white space between elements is not kept, text of leaves is kept as it is.
func Parse(doc []byte) (*Element, error) {
	d := xml.NewDecoder(bytes.NewReader(doc))
	var root *Element
	var open []*Element
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			e := &Element{Name: t.Name.Local, Attrs: attributes(t.Attr)}
			switch {
			case len(open) > 0:
				open[len(open)-1].Add(e)
			case root != nil:
				return nil, fmt.Errorf("a second element <%s> after <%s>", e.Name, root.Name)
			default:
				root = e
			}
			if open = append(open, e); len(open) > maxDepth {
				return nil, fmt.Errorf("elements nested deeper than %d", maxDepth)
			}
		case xml.EndElement:
			closeElement(open[len(open)-1])
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].Text += string(t)
			}
		}
	}
	if root == nil {
		return nil, errors.New("no element in the message")
	}
	return root, nil
}

// closeElement drops the white space between an element's children.
func closeElement(e *Element) {
	if len(e.Children) > 0 && strings.TrimSpace(e.Text) == "" {
		e.Text = ""
	}
}

func attributes(from []xml.Attr) []Attr {
	var attrs []Attr
	for _, a := range from {
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
			continue
		}
		attrs = append(attrs, Attr{a.Name.Local, a.Value})
	}
	return attrs
}
