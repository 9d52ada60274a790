package config

import (
	"slices"
	"strings"
)

// A Candidate is a word that may come next.
type Candidate struct {
	Word string // "bgp"; "<name>" stands for a value that the user chooses
	More bool   // something must or may follow: the statement has children or a value
	Mark byte   // as Junos's help marks it: '>' has a level of its own, '+' may be said again, else ' '
}

// mark is how Junos's help marks a statement.
func (d *def) mark() byte {
	switch {
	case d.kind == leafList:
		return '+'
	case (d.kind == container || d.kind == list) && len(d.sub.defs) > len(applyDefs()):
		return '>'
	case d.kind == list:
		return '+'
	}
	return ' '
}

// Complete lists what may follow the words of a set command, entries that
// exist among them. A word that cannot be is a *LoadError.
func (t *Tree) Complete(words ...string) ([]Candidate, error) {
	w := walk{loader: &loader{lex: &lexer{src: strings.Join(words, " ")}}, words: wordTokens(words)}
	cur, ghost := t.root, ghostOf(t.root)
	for w.i < len(words) {
		w.at = ghost
		d := ghost.def.sub.word(words[w.i])
		if d != nil {
			w.i++
		} else if d = ghost.def.sub.hidden; d == nil || !d.mayBegin(words[w.i]) {
			return nil, w.fail(w.words[w.i], "syntax error")
		}
		var keys []string
		switch d.kind {
		case leaf, leafList:
			if w.i >= len(words) {
				return d.typ.candidates(), nil
			}
			w.i++
			continue
		case flag:
			continue
		case list:
			var used int
			if keys, used = d.splitKeys(words[w.i:]); used == 0 {
				return d.keyCandidates(cur, words[w.i:]), nil
			}
			w.i += used
		}
		ghost = &Node{def: d, parent: ghost, keys: keys}
		if cur != nil {
			cur = cur.find(d, keys)
		}
	}
	return ghost.def.candidates(cur), nil
}

// candidates are the statements below d, and the entries of a list whose name
// is not written.
func (d *def) candidates(n *Node) []Candidate {
	var out []Candidate
	for _, s := range d.sub.defs {
		if !s.hidden {
			out = append(out, Candidate{Word: s.written(), More: s.kind != flag, Mark: s.mark()})
			continue
		}
		if s.kind == list {
			out = append(out, s.keyCandidates(n, nil)...)
		} else {
			out = append(out, s.typ.candidates()...)
		}
	}
	slices.SortStableFunc(out, func(a, b Candidate) int { return strings.Compare(a.Word, b.Word) })
	return out
}

// keyCandidates are the first keys of a list's entries, or the words of the
// key that follows given.
func (d *def) keyCandidates(n *Node, given []string) []Candidate {
	k := d.keys[min(len(given), len(d.keys)-1)]
	if k.choices != nil {
		var out []Candidate
		for w, typ := range k.choices {
			out = append(out, Candidate{Word: w, More: typ != "", Mark: ' '})
		}
		slices.SortFunc(out, func(a, b Candidate) int { return strings.Compare(a.Word, b.Word) })
		return out
	}
	out := []Candidate{{Word: "<" + k.name + ">", More: true, Mark: d.mark()}}
	if len(given) > 0 {
		return out
	}
	for _, e := range children(n, d) {
		if c := (Candidate{Word: e.keys[0], More: true, Mark: d.mark()}); !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

func (t valueType) candidates() []Candidate {
	var out []Candidate
	for _, w := range t.words() {
		out = append(out, Candidate{Word: w, Mark: ' '})
	}
	if out == nil {
		name, _, _ := strings.Cut(string(t), ":")
		out = append(out, Candidate{Word: "<" + name + ">", Mark: ' '})
	}
	return out
}
