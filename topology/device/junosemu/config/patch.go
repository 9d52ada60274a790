package config

import (
	"fmt"
	"regexp"
	"strings"
)

// loadPatch does what a text in the form of Compare says:
//
//	[edit protocols bgp group mesh]
//	-    hold-time 30;
//	+    hold-time 90;
//	!    inactive: neighbor 10.0.0.2 { ... }
//	     neighbor 10.0.0.2 { ... }
//	+    neighbor 10.0.0.3;
//
// Lines with - take statements away, those with + add them, ! changes a mark,
// and lines without a sign say where in its list an added entry goes.
func loadPatch(base *Node, text string) ([]Warning, error) {
	p := patcher{base: base, at: base, guarded: guarded(base)}
	var hunk []patchLine
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		m := editBanner.FindStringSubmatch(line)
		if m == nil {
			hunk = append(hunk, patchLine{i + 1, line})
			continue
		}
		if err := p.hunk(hunk); err != nil {
			return nil, err
		}
		hunk = nil
		if err := p.move(i+1, m[1]); err != nil {
			return nil, err
		}
	}
	if err := p.hunk(hunk); err != nil {
		return nil, err
	}
	base.sweep()
	return p.warnings, nil
}

// A patchLine is a line and its number, from 1.
type patchLine struct {
	number int
	text   string
}

// A patcher is in the middle of a patch.
type patcher struct {
	base, at *Node
	guarded  bool
	warnings []Warning

	sign   byte // of the statement that is being collected
	first  int  // its first line
	lines  []string
	depth  int // open braces in it
	before *Node
	fresh  []*Node // entries that were added, until their place is known
}

var editBanner = regexp.MustCompile(`^\[edit ?(.*)\]\s*$`)

// hunk does what is said of one level: what goes first, since an entry that
// moves is taken away and put elsewhere.
func (p *patcher) hunk(lines []patchLine) error {
	for _, gone := range []bool{true, false} {
		p.before, p.fresh = nil, nil
		for _, l := range lines {
			if strings.TrimSpace(l.text) == "" || (l.text[0] == '-') != gone {
				continue
			}
			if err := p.line(l.number, l.text[0], l.text[1:]); err != nil {
				return err
			}
		}
		if err := p.flush(); err != nil {
			return err
		}
	}
	return nil
}

// line takes one line of a patch by its sign.
func (p *patcher) line(number int, sign byte, rest string) error {
	switch sign {
	case '+', '-':
		return p.collect(number, sign, rest)
	case '!', ' ':
		if err := p.flush(); err != nil {
			return err
		}
		if sign == '!' {
			return p.change(number, rest)
		}
		return p.context(rest)
	}
	return &LoadError{Message: "syntax error", BadElement: strings.TrimSpace(string(sign) + rest), Line: number, Column: 1}
}

// move goes to the level that a banner names. It is made if it is not there.
func (p *patcher) move(number int, path string) error {
	l := loader{lex: &lexer{src: path, lines: true}}
	words, _, err := l.command(nil)
	if err != nil {
		return p.position(err, number)
	}
	got, err := l.place(p.base, words, false)
	if err != nil {
		return p.position(err, number)
	}
	if got.open == nil {
		return &LoadError{Message: "syntax error", BadElement: path, Line: number, Column: 1}
	}
	p.at = got.open
	return nil
}

// collect adds a line to the statement with this sign, and acts on it when it
// is whole.
func (p *patcher) collect(number int, sign byte, rest string) error {
	if len(p.lines) == 0 {
		p.sign, p.first = sign, number
	}
	p.lines = append(p.lines, rest)
	trimmed := strings.TrimSuffix(strings.TrimSpace(rest), " ## SECRET-DATA")
	switch {
	case strings.HasSuffix(trimmed, "{"):
		p.depth++
	case trimmed == "}":
		p.depth--
	case strings.HasPrefix(trimmed, "/*"):
		return nil // belongs to the statement after it
	}
	if p.depth > 0 {
		return nil
	}
	return p.flush()
}

// flush acts on the statement that was collected.
func (p *patcher) flush() error {
	if len(p.lines) == 0 {
		return nil
	}
	text := strings.Join(p.lines, "\n")
	p.lines, p.depth = nil, 0
	ghost := ghostOf(p.at)
	c := curlyParser{loader: loader{lex: &lexer{src: text}}}
	end, err := c.body(ghost, nil, 0)
	if err == nil && end.kind == tokenClose {
		err = c.lex.errorAt(end.pos, "syntax error", "}")
	}
	if err != nil {
		return p.position(err, p.first)
	}
	for _, n := range c.protect {
		n.protected = true
	}
	for _, s := range ghost.kids {
		if s.def.flat {
			for _, k := range s.kids {
				p.apply(p.at.ensure(s.def, nil), k)
			}
			continue
		}
		p.apply(p.at, s)
	}
	return nil
}

// apply takes a statement away below at, or adds it.
func (p *patcher) apply(at, s *Node) {
	there := at.find(s.def, s.keys)
	if p.guarded {
		if n := (&Node{def: s.def, keys: s.keys, parent: at}); at.protector() != nil || there != nil && there.protected {
			p.warnings = append(p.warnings, refusal(at.protectorOr(there), n.Path(), "changed"))
			return
		}
	}
	if p.sign == '-' {
		if there == nil {
			p.warnings = append(p.warnings, Warning{Path: strings.TrimSpace(at.Path() + " " + s.head()), Message: "statement not found"})
			return
		}
		if isLeaf(there) && !sameWords(there.values, s.values) {
			p.warnings = append(p.warnings, Warning{Path: there.Path(), Message: fmt.Sprintf(
				"statement does not match patch; '%s' != '%s'", leafText(s), leafText(there))})
			return
		}
		if there == p.before {
			p.before = nil
		}
		p.warnings = append(p.warnings, there.removeUnprotected()...)
		return
	}
	if s.def.choice != "" {
		at.dropChoice(s.def)
	}
	if there != nil && isLeaf(there) && there.def.kind != leafList {
		at.remove(there)
		there = nil
	}
	if there != nil {
		there.overlay(s)
		return
	}
	n := s.copyTo(at)
	at.insert(n)
	p.settle(at, n)
}

// leafText is a leaf as it is written, without the semicolon.
func leafText(n *Node) string {
	var p textPrinter
	p.body(n)
	return p.b.String()
}

// settle moves a new entry behind the one that precedes it in the patch, or
// remembers it until the one that follows is seen.
func (p *patcher) settle(at, n *Node) {
	if !userOrdered(n) {
		return
	}
	if p.before != nil && p.before.parent == at && p.before.def == n.def {
		at.moveBeside(n, p.before, 1)
	} else {
		p.fresh = nil
	}
	if p.fresh != nil || p.before == nil || p.before.def != n.def {
		p.fresh = append(p.fresh, n)
	}
	p.before = n
}

// moveBeside puts n before (0) or after (1) other, in the same list.
func (n *Node) moveBeside(c, other *Node, after int) {
	n.remove(c)
	for i, k := range n.kids {
		if k == other {
			n.insertAt(i+after, c)
			return
		}
	}
	n.insert(c)
}

// context notes an unchanged entry: those that are added next go after it, and
// one that was just added and has no place yet goes before it.
func (p *patcher) context(rest string) error {
	n := p.named(rest)
	if n == nil {
		return nil // context is for people first
	}
	for _, f := range p.fresh {
		if f.parent == n.parent && f.def == n.def && f != n {
			n.parent.moveBeside(f, n, 0)
		}
	}
	p.before, p.fresh = n, nil
	return nil
}

// named finds the statement that "neighbor 10.0.0.1 { ... }" or a leaf names
// at this level.
func (p *patcher) named(text string) *Node {
	text = strings.TrimSpace(text)
	for _, end := range []string{"{ ... }", ";"} {
		text = strings.TrimSuffix(text, end)
	}
	l := loader{lex: &lexer{src: text, lines: true}}
	words, _, err := l.command(nil)
	if err != nil {
		return nil
	}
	if found, err := l.locate(p.at, words); err == nil && len(found.nodes) == 1 {
		return found.nodes[0]
	}
	return nil
}

// change sets or clears a mark: "inactive: group mesh { ... }".
func (p *patcher) change(number int, rest string) error {
	tag, statement, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n := p.named(statement)
	if n == nil {
		p.warnings = append(p.warnings, Warning{Path: statement, Message: "statement not found"})
		return nil
	}
	switch tag {
	case "inactive:":
		n.inactive = true
	case "active:":
		n.inactive = false
	case "protect:":
		n.protected = true
	case "unprotect:":
		n.protected = false
	default:
		return &LoadError{Message: "syntax error", BadElement: tag, Line: number, Column: 1}
	}
	return nil
}

// position moves the place of an error in a statement to that in the patch.
func (p *patcher) position(err error, first int) error {
	if e, ok := err.(*LoadError); ok && e.Line > 0 {
		e.Line += first - 1
	}
	return err
}

// overlay adds what from has to n.
func (n *Node) overlay(from *Node) {
	for _, v := range from.values {
		n.setValue(v)
	}
	for _, k := range from.kids {
		n.ensure(k.def, k.keys).overlay(k)
	}
	n.inactive = n.inactive || from.inactive
	if from.comment != "" {
		n.comment = from.comment
	}
}

// protectorOr is what protects at, or there itself.
func (n *Node) protectorOr(there *Node) *Node {
	if p := n.protector(); p != nil {
		return p
	}
	return there
}

// sweep removes containers that are empty and mean nothing so, at all levels
// below n.
func (n *Node) sweep() {
	for _, c := range append([]*Node(nil), n.kids...) {
		c.sweep()
		if len(c.kids) == 0 && c.def.kind == container && !c.def.presence && c.def.sub.hidden == nil && c.unmarked() {
			n.remove(c)
		}
	}
}
