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

// members reads an object up to its closing brace. The marks of a member,
// "@name", may precede it or stand alone: {"@mtu": {"operation": "delete"}}.
func (r *jsonReader) members(e *element, depth int) error {
	marks := map[string][]map[string]any{}
	for r.dec.More() {
		tok, err := r.dec.Token()
		if err != nil {
			return err
		}
		name := tok.(string) // More was true within an object: a key
		switch {
		case name == "attributes" || name == "@":
			err = r.attributes(e, name, depth)
		case name == "data" && e.name != "":
			err = r.data(e)
		case strings.HasPrefix(name, "@"):
			marks[name[1:]], err = r.marks()
		default:
			err = r.value(e, name, depth+1)
		}
		if err != nil {
			return err
		}
	}
	for name, all := range marks {
		e.markMembers(name, all)
	}
	_, err := r.dec.Token()
	return err
}

// attributes reads the marks of an object. A statement can have the name
// "attributes" too, as RADIUS has it: what is in marks is plain, what is in a
// statement is not.
func (r *jsonReader) attributes(e *element, name string, depth int) error {
	var raw json.RawMessage
	if err := r.dec.Decode(&raw); err != nil {
		return err
	}
	of := jsonReader{dec: json.NewDecoder(bytes.NewReader(raw))}
	of.dec.UseNumber()
	all, err := marksOf(raw)
	if err != nil {
		return err
	}
	for _, v := range all {
		for _, x := range v {
			switch x.(type) {
			case map[string]any, []any:
				return of.value(e, name, depth+1)
			}
		}
	}
	if len(all) > 0 {
		e.markJSON(all[0])
	}
	return nil
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

// marks reads {"inactive": true, "junos:comment": …}, or an array of such: one
// for each value of a leaf-list, with null for those that have none.
func (r *jsonReader) marks() ([]map[string]any, error) {
	var raw json.RawMessage
	if err := r.dec.Decode(&raw); err != nil {
		return nil, err
	}
	return marksOf(raw)
}

func marksOf(raw json.RawMessage) ([]map[string]any, error) {
	var each []map[string]any
	if err := json.Unmarshal(raw, &each); err == nil {
		return each, nil
	}
	var one map[string]any
	err := json.Unmarshal(raw, &one)
	return []map[string]any{one}, err
}

// markMembers gives the elements of a name their marks; one that has only
// marks becomes an element.
func (e *element) markMembers(name string, all []map[string]any) {
	var there []*element
	for _, c := range e.below {
		if c.name == name {
			there = append(there, c)
		}
	}
	for i, marks := range all {
		switch {
		case marks == nil:
		case i < len(there):
			there[i].markJSON(marks)
		default:
			e.add(name).markJSON(marks)
		}
	}
}

func (e *element) markJSON(marks map[string]any) {
	for name, v := range marks {
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
}
