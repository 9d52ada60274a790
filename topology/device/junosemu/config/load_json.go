package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// loadJSON brings {"configuration": …} into the tree below base. Both of
// Junos's shapes are understood: the verbose one, [{"data": "x"}], and the
// compact one, "x".
func loadJSON(base *Node, text string) ([]Warning, error) {
	r := jsonReader{dec: json.NewDecoder(strings.NewReader(text)), text: text}
	r.dec.UseNumber()
	top := &element{}
	if err := r.value(top, "", 0); err != nil {
		return nil, r.position(err)
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, r.position(errors.New("more than one JSON value"))
	}
	if len(top.below) == 1 && top.below[0].name == "configuration" && base.parent == nil {
		top = top.below[0]
	}
	return loadElements(base, top)
}

type jsonReader struct {
	dec  *json.Decoder
	text string
}

func (r *jsonReader) position(err error) error {
	offset := min(int(r.dec.InputOffset()), len(r.text))
	e := (&lexer{src: r.text}).errorAt(offset, "json: "+err.Error(), "")
	return e
}

// value reads the value of member name into the elements it means below parent.
// At the top, name is "" and the members go to parent itself.
func (r *jsonReader) value(parent *element, name string, depth int) error {
	if depth > 4*maxDepth {
		return errors.New("configuration is nested too deeply")
	}
	tok, err := r.dec.Token()
	if err != nil {
		return err
	}
	switch t := tok.(type) {
	case json.Delim:
		if t == '[' {
			for r.dec.More() {
				if err := r.value(parent, name, depth+1); err != nil {
					return err
				}
			}
			_, err := r.dec.Token()
			return err
		}
		e := parent
		if name != "" {
			e = parent.add(name)
		}
		return r.members(e, depth)
	case nil:
		parent.add(name)
	case bool:
		if t {
			parent.add(name)
		}
	default:
		parent.add(name).text = fmt.Sprint(t)
	}
	return nil
}

func (e *element) add(name string) *element {
	c := &element{name: name}
	e.below = append(e.below, c)
	return c
}

// members reads an object up to its closing brace.
func (r *jsonReader) members(e *element, depth int) error {
	for r.dec.More() {
		tok, err := r.dec.Token()
		if err != nil {
			return err
		}
		name := tok.(string) // More was true within an object: a key
		switch {
		case name == "attributes" || name == "@":
			if err := r.attributes(e); err != nil {
				return err
			}
		case name == "data" && e.name != "":
			if err := r.data(e); err != nil {
				return err
			}
		case strings.HasPrefix(name, "@"):
			if err := r.memberAttributes(e, name[1:]); err != nil {
				return err
			}
		default:
			if err := r.value(e, name, depth+1); err != nil {
				return err
			}
		}
	}
	_, err := r.dec.Token()
	return err
}

// data is the value of a leaf, or [null].
func (r *jsonReader) data(e *element) error {
	var raw json.RawMessage
	if err := r.dec.Decode(&raw); err != nil {
		return err
	}
	var s string
	if err := json.Unmarshal(raw, &s); err == nil {
		e.text = s
		return nil
	}
	if raw[0] != '[' && raw[0] != '{' && !bytes.Equal(raw, []byte("null")) {
		e.text = string(raw)
	}
	return nil
}

// attributes reads {"inactive": "inactive", "junos:comment": …}, or an array of
// such, one for each value of a leaf-list, which is marked as a whole.
func (r *jsonReader) attributes(e *element) error {
	var raw json.RawMessage
	if err := r.dec.Decode(&raw); err != nil {
		return err
	}
	var attrs map[string]any
	var each []map[string]any
	if err := json.Unmarshal(raw, &each); err == nil {
		for _, a := range each {
			if a != nil {
				attrs = a
				break
			}
		}
	} else if err := json.Unmarshal(raw, &attrs); err != nil {
		return err
	}
	for name, v := range attrs {
		_, local, ok := strings.Cut(name, ":")
		if !ok {
			local = name
		}
		if local == "comment" {
			e.comment = bareComment(fmt.Sprint(v))
			continue
		}
		if e.attrs == nil {
			e.attrs = map[string]string{}
		}
		e.attrs[local] = fmt.Sprint(v)
	}
	return nil
}

// memberAttributes reads the compact form's marks of a leaf: "@description":
// {"inactive": true}. Marks that precede their leaf are dropped.
func (r *jsonReader) memberAttributes(e *element, name string) error {
	for _, c := range e.below {
		if c.name == name {
			return r.attributes(c)
		}
	}
	var skip json.RawMessage
	return r.dec.Decode(&skip)
}
