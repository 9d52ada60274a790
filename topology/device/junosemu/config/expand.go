package config

import "strings"

// Expand writes out the statement names of a set command that are shortened
// but clear, as the command line of the router takes them: "prot ospf ar 0" is
// "protocols ospf area 0". Words that it cannot make out stay as they are.
func Expand(words []string) []string {
	at := rootDef()
	out := make([]string, 0, len(words))
	for len(words) > 0 {
		d, name := at.sub.begins(words[0])
		if d == nil {
			return append(out, words...)
		}
		if !d.hidden || name != "" {
			out = append(out, name)
			words = words[1:]
		}
		switch d.kind {
		case list:
			_, used := d.splitKeys(words)
			if used == 0 {
				return append(out, words...)
			}
			out, words = append(out, words[:used]...), words[used:]
		case leaf, leafList:
			if len(words) == 0 || words[0] == "[" {
				return append(out, words...)
			}
			out, words = append(out, d.typ.expand(words[0])), words[1:]
			continue
		}
		at = d
	}
	return out
}

// begins finds the statement that a word is, or shortens without doubt, and
// its name; "" for a statement whose name is not written.
func (s *defSet) begins(word string) (d *def, name string) {
	if d := s.word(word); d != nil {
		return d, word
	}
	if s.hidden != nil && s.hidden.mayBegin(word) && (s.hidden.kind != list || s.hidden.keys[0].name != "name" || s.hidden.name == "interface") {
		return s.hidden, ""
	}
	var found *def
	for _, d := range s.defs {
		if d.hidden || !strings.HasPrefix(d.written(), word) {
			continue
		}
		if found != nil {
			return nil, ""
		}
		found = d
	}
	if found == nil {
		if s.hidden != nil && s.hidden.mayBegin(word) {
			return s.hidden, ""
		}
		return nil, ""
	}
	return found, found.written()
}

// expand writes out a word of an enumeration that is shortened but clear.
func (t valueType) expand(v string) string {
	found := ""
	for _, w := range t.words() {
		switch {
		case w == v:
			return v
		case !strings.HasPrefix(w, v):
		case found != "":
			return v
		default:
			found = w
		}
	}
	if found == "" {
		return v
	}
	return found
}

// Words writes the words of a command, in quotation marks where they need them.
func Words(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		if out[i] = quote(w); w == "[" || w == "]" {
			out[i] = w
		}
	}
	return strings.Join(out, " ")
}
