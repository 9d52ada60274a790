package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// replacePattern performs
//
//	replace pattern OLD with NEW [upto N]
//
// in every name, value and annotation at and below at: N times at most. What a
// statement no longer may be by it is an error.
func (l *loader) replacePattern(at *Node, words []token) error {
	if len(words) < 4 || words[0].text != "pattern" || words[2].text != "with" {
		return l.lex.errorAt(words[len(words)-1].pos, "syntax error, expecting 'pattern OLD with NEW'", words[len(words)-1].text)
	}
	pattern, err := regexp.Compile(words[1].text)
	if err != nil {
		return l.lex.errorAt(words[1].pos, "invalid regular expression", words[1].text)
	}
	r := replacer{loader: l, pattern: pattern, with: words[3], text: backReferences(words[3].text), left: -1}
	switch rest := words[4:]; {
	case len(rest) == 2 && rest[0].text == "upto":
		if r.left, err = strconv.Atoi(rest[1].text); err != nil || r.left < 1 {
			return l.lex.errorAt(rest[1].pos, "invalid number", rest[1].text)
		}
	case len(rest) > 0:
		return l.lex.errorAt(rest[0].pos, "syntax error", rest[0].text)
	}
	return r.below(at)
}

// backReference is what stands for a part of the match: \1.
var backReference = regexp.MustCompile(`\\(\d)`)

func backReferences(text string) string {
	return backReference.ReplaceAllString(strings.ReplaceAll(text, "$", "$$"), "$${$1}")
}

// A replacer is one replace pattern at work.
type replacer struct {
	*loader
	pattern *regexp.Regexp
	with    token
	text    string // with, as Go's regular expressions write it
	left    int    // replacements still allowed; negative: any number
}

func (r *replacer) below(n *Node) error {
	for _, c := range append([]*Node(nil), n.kids...) {
		if err := r.statement(c); err != nil {
			return err
		}
	}
	return nil
}

func (r *replacer) statement(n *Node) error {
	if r.left == 0 {
		return nil
	}
	keys, changed, err := r.words(n, n.keys, nil)
	if err != nil {
		return err
	}
	values, changedToo, err := r.words(n, n.values, &n.def.typ)
	if err != nil {
		return err
	}
	if (changed || changedToo) && r.refused(n, "changed") {
		return nil
	}
	if changed {
		if other := n.parent.find(n.def, keys); other != nil && other != n {
			return r.fail(n, "target already exists")
		}
		n.rekey(keys)
	}
	if changedToo {
		n.values = values
	}
	if n.comment != "" {
		n.annotate(r.pattern.ReplaceAllString(n.comment, r.text))
	}
	return r.below(n)
}

// rekey gives an entry other keys, in its place or where its list sorts it.
func (n *Node) rekey(keys []string) {
	parent := n.parent
	for i, k := range parent.kids {
		if k == n {
			parent.remove(n)
			n.keys = keys
			parent.insertAt(i, n)
			break
		}
	}
	parent.resort(n)
}

// words replaces in each word. typ is the type of all of them, or nil for the
// keys of n.
func (r *replacer) words(n *Node, words []string, typ *valueType) (out []string, changed bool, err error) {
	for i, w := range words {
		if r.left == 0 || !r.pattern.MatchString(w) {
			out = append(out, w)
			continue
		}
		replaced := r.pattern.ReplaceAllString(w, r.text)
		t := keyType(n.def, i)
		if typ != nil {
			t = *typ
		}
		if message := t.check(replaced); message != "" {
			return nil, false, r.fail(n, fmt.Sprintf("'%s' cannot become '%s': %s", w, replaced, message))
		}
		out = append(out, t.normal(replaced))
		changed = true
		r.left--
	}
	return out, changed, nil
}

func (r *replacer) fail(n *Node, message string) error {
	e := r.lex.errorAt(r.with.pos, message, r.with.text)
	e.Path = editPath(n)
	return e
}

// wildcardDelete performs "wildcard delete PATH PATTERN": it deletes the
// entries of the list or the statements at PATH whose name matches.
func (l *loader) wildcardDelete(at *Node, words []token) error {
	last := words[len(words)-1]
	if words[0].text != "delete" || len(words) < 2 {
		return l.lex.errorAt(last.pos, "syntax error, expecting 'delete'", last.text)
	}
	pattern, err := regexp.Compile("^(?:" + last.text + ")$")
	if err != nil {
		return l.lex.errorAt(last.pos, "invalid regular expression", last.text)
	}
	path := words[1 : len(words)-1]
	candidates, err := l.wildcardCandidates(at, path)
	if err != nil {
		return err
	}
	matched := 0
	for _, n := range candidates {
		name := n.def.written()
		if len(n.keys) > 0 {
			name = n.keys[0]
		}
		if !pattern.MatchString(name) {
			continue
		}
		matched++
		l.emptied = append(l.emptied, n.parent)
		l.warnings = append(l.warnings, n.removeUnprotected()...)
	}
	if matched == 0 {
		l.notFound(append(append([]token(nil), path...), last))
	}
	return nil
}

// wildcardCandidates are the entries of the list that path ends at, or the
// statements below the one that it names: a list that deleting them leaves as
// it is.
func (l *loader) wildcardCandidates(at *Node, path []token) ([]*Node, error) {
	if len(path) == 0 {
		return slices.Clone(at.kids), nil
	}
	found, err := l.locate(at, path)
	if err != nil || len(found.nodes) == 0 {
		return nil, err
	}
	if d := found.nodes[0].def; d.kind == list && path[len(path)-1].text == d.written() && !d.hidden {
		return found.nodes, nil
	}
	return slices.Clone(found.nodes[0].kids), nil
}
