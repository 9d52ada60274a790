package config

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// loadXML brings <configuration>…</configuration>, or what may stand in it,
// into the tree below base. Namespaces are ignored.
func loadXML(base *Node, text string) ([]Warning, error) {
	top, err := parseConfiguration(text, base)
	if err != nil {
		return nil, err
	}
	return loadElements(base, top)
}

// parseConfiguration reads what is to be loaded at base: what is inside
// <configuration>, which may itself be inside <config> and the like, or bare.
func parseConfiguration(text string, base *Node) (*element, error) {
	top, err := parseXML(text)
	if err != nil {
		return nil, err
	}
	if len(top.below) == 1 && base.parent == nil {
		if c, err := top.configuration(); err == nil {
			return c, nil
		}
	}
	return top, nil
}

// Edit is what edit-config of RFC 6241 does with XML.
type Edit struct {
	Default string // default-operation: merge (also if empty), replace, none
	Strict  bool   // deleting what is not there is an error; else a Warning, as the router has it
}

// Edit brings XML into the tree. On an error, a *LoadError, the tree is
// unchanged.
func (t *Tree) Edit(o Edit, text string) ([]Warning, error) {
	root := t.root.copyTo(nil)
	top, err := parseConfiguration(text, root)
	if err != nil {
		return nil, err
	}
	op := opMerge
	switch o.Default {
	case "", opMerge:
	case opReplace:
		root.clear()
	case opNone:
		op = opNone
	default:
		return nil, &LoadError{Message: "syntax error", BadElement: o.Default}
	}
	l := elementLoader{strict: o.Strict}
	if top.operation("") == opReplace {
		root.clear()
	} else if top.operation("") != "" {
		op = top.operation("")
	}
	warnings, err := l.load(root, top, op)
	if err != nil {
		return nil, err
	}
	t.root = root
	return warnings, nil
}

// parseXML reads text to a nameless element that holds what is there.
func parseXML(text string) (*element, error) {
	dec := xml.NewDecoder(strings.NewReader(text))
	top := &element{}
	stack := []*element{top}
	comment := ""
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return top, nil
		}
		if err != nil {
			line, column := dec.InputPos()
			return nil, &LoadError{Message: "xml: " + xmlMessage(err), Line: line, Column: column}
		}
		at := stack[len(stack)-1]
		switch t := tok.(type) {
		case xml.StartElement:
			if len(stack) > maxDepth {
				return nil, &LoadError{Message: "configuration is nested too deeply"}
			}
			line, _ := dec.InputPos()
			e := &element{name: t.Name.Local, line: line, comment: comment, attrs: xmlAttrs(t.Attr)}
			comment = ""
			at.below = append(at.below, e)
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
			at.raw = string(at.chars)
			at.text, at.chars = strings.TrimSpace(at.raw), nil
			parent := stack[len(stack)-1]
			if at.name == "comment" && len(at.below) == 0 {
				comment = bareComment(at.text)
				parent.below = parent.below[:len(parent.below)-1]
			}
		case xml.CharData:
			at.chars = append(at.chars, t...)
		}
	}
}

func xmlMessage(err error) string {
	var s *xml.SyntaxError
	if errors.As(err, &s) {
		return s.Msg
	}
	return err.Error()
}

func bareComment(s string) string {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "/*"), "*/")
	return strings.TrimSpace(strings.TrimLeft(s, "#"))
}

func xmlAttrs(in []xml.Attr) map[string]string {
	var out map[string]string
	for _, a := range in {
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[a.Name.Local] = a.Value
	}
	return out
}
