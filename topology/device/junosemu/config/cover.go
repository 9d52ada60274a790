package config

import (
	"errors"
	"slices"
	"strings"
)

// A Treatment is what becomes of a statement.
type Treatment string

// The treatments.
const (
	ActedOn    Treatment = "acted-on"    // the data plane or a service does what it says
	StoredOnly Treatment = "stored-only" // kept and shown, and nothing else; a commit warns of it
	Unknown    Treatment = "unknown"     // no statement of the schema: a load refuses it
)

// A Covered is one statement of a text: what ends in a semicolon, an empty
// block, or a set command.
type Covered struct {
	Line      int       `json:"line"` // from 1
	Path      string    `json:"statement"`
	Treatment Treatment `json:"treatment"`
	Reason    string    `json:"reason,omitempty"` // of StoredOnly and Unknown: "the whole of [system ntp]", "syntax error"
	Hint      string    `json:"hint,omitempty"`   // of Unknown: the nearest word that would have been known
}

// Cover tells of each statement of a text, curly or set, whether it is acted
// on, in order of lines. It goes by the same marks of the schema as Unacted,
// which commits warn by. What is known is also returned as a configuration. An
// error, a *LoadError, is text that has no statements at all after some point:
// an open quotation or brace.
func Cover(text string) ([]Covered, *Tree, error) {
	c := coverer{curlyParser: curlyParser{loader: loader{lex: &lexer{src: text}}}, line: 1}
	tree := New()
	var err error
	if LooksLikeSet(text) {
		c.lex.lines = true
		err = c.commands(tree.root)
	} else {
		err = c.whole(tree.root)
	}
	if err != nil {
		return nil, nil, err
	}
	for _, n := range c.protect {
		n.protected = true
	}
	tree.root.sweep()
	return c.found, tree, nil
}

// A coverer loads what it can and notes what becomes of it.
type coverer struct {
	curlyParser
	found []Covered

	at, line int // a position and its line: positions only grow
}

// lineOf is the line of a position not before the last one asked for.
func (c *coverer) lineOf(pos int) int {
	c.line += strings.Count(c.lex.src[c.at:max(c.at, pos)], "\n")
	c.at = max(c.at, pos)
	return c.line
}

// whole reads a text in curly braces.
func (c *coverer) whole(root *Node) error {
	end, err := c.block(root, nil, 0)
	if err == nil && end.kind == tokenClose {
		err = c.lex.errorAt(end.pos, "syntax error", "}")
	}
	return err
}

// block reads statements up to } or the end of the text.
func (c *coverer) block(at *Node, entries *def, depth int) (token, error) {
	if depth > maxDepth {
		return token{}, c.lex.errorAt(c.lex.pos, "configuration is nested too deeply", "")
	}
	for {
		comment, tag, end, err := c.statement()
		switch {
		case err != nil:
			return token{}, err
		case len(c.words) == 0 && (end.kind == tokenClose || end.kind == tokenEOF):
			return end, nil
		case len(c.words) == 0:
			return token{}, c.lex.errorAt(end.pos, "syntax error", end.text)
		case end.kind != tokenOpen && end.kind != tokenEnd:
			last := c.words[len(c.words)-1]
			return token{}, c.lex.errorAt(last.pos+len(last.text), "syntax error, expecting ';' or '{'", last.text)
		}
		if err := c.one(at, entries, comment, tag, end, depth); err != nil {
			return token{}, err
		}
	}
}

// one places a statement and reads the block it opens.
func (c *coverer) one(at *Node, entries *def, comment string, tag tags, end token, depth int) error {
	line, words := c.lineOf(c.words[0].pos), append([]token(nil), c.words...)
	var got placed
	var err error
	if entries != nil {
		got, err = c.placeEntry(at, entries, words)
	} else {
		got, err = c.place(at, words, false)
	}
	if err == nil && end.kind == tokenOpen && got.open == nil {
		err = c.lex.errorAt(end.pos, "syntax error", "{")
	}
	if err != nil {
		c.unknown(at, words, line, err)
		if end.kind == tokenOpen {
			return c.skip(line)
		}
		return nil
	}
	c.mark(got, comment, tag)
	if end.kind != tokenOpen {
		c.note(got.last, words, line)
		return nil
	}
	before := len(c.found)
	closed, err := c.block(got.open, got.entries, depth+1)
	if err == nil && closed.kind != tokenClose {
		err = c.lex.errorAt(end.pos, "missing closing brace '}'", "{")
	}
	if err == nil && len(c.found) == before && got.last != nil {
		c.note(got.last, words, line)
	}
	return err
}

// skip reads the block of an unknown statement: each statement in it is one
// more, the one that opened it is not.
func (c *coverer) skip(line int) error {
	opened := c.found[len(c.found)-1]
	c.found = c.found[:len(c.found)-1]
	before := len(c.found)
	for open := 1; open > 0; {
		_, _, end, err := c.statement()
		switch {
		case err != nil:
			return err
		case end.kind == tokenEOF:
			return c.lex.errorAt(end.pos, "missing closing brace '}'", "{")
		case end.kind == tokenClose:
			open--
		case end.kind == tokenOpen:
			open++
		case len(c.words) > 0:
			opened.Line = c.lineOf(c.words[0].pos)
			c.found = append(c.found, Covered{Line: opened.Line, Path: opened.Path + " … " + wordsText(c.words),
				Treatment: Unknown, Reason: "below [" + opened.Path + "]", Hint: opened.Hint})
		}
	}
	if len(c.found) == before {
		opened.Line = line
		c.found = append(c.found, opened)
	}
	return nil
}

// unknown notes a statement that cannot be placed.
func (c *coverer) unknown(at *Node, words []token, line int, err error) {
	one := Covered{Line: line, Path: strings.TrimSpace(at.Path() + " " + wordsText(words)), Treatment: Unknown, Reason: err.Error()}
	var e *LoadError
	if errors.As(err, &e) {
		if one.Reason, one.Hint = e.Message, e.Hint; e.BadElement != "" && !strings.Contains(e.Message, e.BadElement) {
			one.Reason += ": " + e.BadElement
		}
	}
	c.found = append(c.found, one)
}

// note notes a statement that is known, by the node that it ended at.
func (c *coverer) note(n *Node, words []token, line int) {
	one := Covered{Line: line, Path: n.Path(), Treatment: ActedOn}
	if n.def.kind == leaf || n.def.kind == leafList {
		one.Path = strings.TrimSpace(one.Path + " " + valueText(words))
	}
	for a := n; a != nil; a = a.parent {
		if a.def.stored {
			one.Treatment, one.Reason = StoredOnly, "[edit "+a.Path()+"]"
		}
	}
	c.found = append(c.found, one)
}

// commands reads a text of set commands.
func (c *coverer) commands(root *Node) error {
	at := root
	for {
		words, end, err := c.command(nil)
		if err != nil {
			return err
		}
		if len(words) > 0 {
			at = c.runCommand(root, at, words)
		}
		if end.kind == tokenEOF {
			return nil
		}
	}
}

// runCommand performs one command; only set makes a statement to be noted.
func (c *coverer) runCommand(root, at *Node, words []token) *Node {
	line := c.lineOf(words[0].pos)
	if words[0].text == "set" && len(words) > 1 {
		got, err := c.place(at, words[1:], false)
		switch {
		case err != nil:
			c.unknown(at, words[1:], line, err)
		case got.last != nil:
			c.note(got.last, words[1:], line)
		}
		return at
	}
	there, err := c.run(root, at, words)
	if err != nil {
		c.unknown(at, words, line, err)
		return at
	}
	return there
}

func wordsText(words []token) string {
	texts := make([]string, len(words))
	for i, w := range words {
		if texts[i] = w.text; w.kind == tokenWord {
			texts[i] = quote(w.text)
		}
	}
	return strings.Join(texts, " ")
}

// valueText is the value at the end of a leaf's words: one, those in brackets,
// or a policy expression.
func valueText(words []token) string {
	last := len(words) - 1
	if open := slices.IndexFunc(words, func(t token) bool { return beginsExpression(t.text) && !t.quoted }); open >= 0 && words[last].kind != tokenTo {
		texts := texts(words[open:])
		return strings.Join(texts, " ")
	}
	if words[last].kind == tokenTo {
		for last > 0 && words[last].kind != tokenFrom {
			last--
		}
	}
	return wordsText(words[last:])
}
