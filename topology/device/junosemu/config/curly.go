package config

// maxDepth keeps hostile text from exhausting the stack; real configurations
// stay below twenty.
const maxDepth = 64

// tags are what may precede a statement.
type tags struct {
	inactive, protect, replace, delete, active bool
}

func (t *tags) set(word string) bool {
	switch word {
	case "inactive:":
		t.inactive = true
	case "protect:":
		t.protect = true
	case "replace:":
		t.replace = true
	case "delete:":
		t.delete = true
	case "active:":
		t.active = true
	default:
		return false
	}
	return true
}

// A curlyParser reads text in curly braces.
type curlyParser struct {
	loader
	words   []token // of the current statement, reused
	protect []*Node // what protect: tags mark, from the end of the text on
}

// loadCurly brings text into the tree below base.
func loadCurly(base *Node, text string, replace bool) ([]Warning, error) {
	p := curlyParser{loader: loader{lex: &lexer{src: text}, replace: replace, guarded: guarded(base)}}
	end, err := p.body(base, nil, 0)
	if err != nil {
		return nil, err
	}
	if end.kind == tokenClose {
		return nil, p.lex.errorAt(end.pos, "syntax error", "}")
	}
	for _, n := range p.protect {
		n.protected = true
	}
	return p.finish(), nil
}

// body reads statements until } or the end of the text; of a grouped list, if
// entries is not nil.
func (p *curlyParser) body(at *Node, entries *def, depth int) (token, error) {
	if depth > maxDepth {
		return token{}, p.lex.errorAt(p.lex.pos, "configuration is nested too deeply", "")
	}
	for {
		comment, tag, end, err := p.statement()
		if err != nil {
			return token{}, err
		}
		if len(p.words) == 0 {
			if end.kind == tokenEnd || end.kind == tokenOpen || tag != (tags{}) {
				return token{}, p.lex.errorAt(end.pos, "syntax error", end.text)
			}
			return end, nil
		}
		if end.kind != tokenOpen && end.kind != tokenEnd {
			last := p.words[len(p.words)-1]
			return token{}, p.lex.errorAt(last.pos+len(last.text), "syntax error, expecting ';' or '{'", last.text)
		}
		if err := p.apply(at, entries, comment, tag, end, depth); err != nil {
			return token{}, err
		}
	}
}

// statement reads the words up to ; { } or the end, with what precedes them.
func (p *curlyParser) statement() (comment string, tag tags, end token, err error) {
	p.words = p.words[:0]
	for {
		t, err := p.lex.next()
		if err != nil {
			return "", tag, t, err
		}
		switch t.kind {
		case tokenComment:
			if len(p.words) == 0 && t.text != "" {
				comment = t.text
			}
		case tokenWord, tokenFrom, tokenTo:
			if len(p.words) == 0 && !t.quoted && t.kind == tokenWord && tag.set(t.text) {
				continue
			}
			p.words = append(p.words, t)
		default:
			return comment, tag, t, nil
		}
	}
}

// apply brings one statement into the tree and reads the block it opens.
func (p *curlyParser) apply(at *Node, entries *def, comment string, tag tags, end token, depth int) error {
	if tag.delete && p.replace {
		return p.deleteTagged(at, end)
	}
	var got placed
	var err error
	if entries != nil {
		got, err = p.placeEntry(at, entries, p.words)
	} else {
		got, err = p.place(at, p.words, tag.replace && p.replace)
	}
	if err != nil {
		return err
	}
	if p.mark(got, comment, tag); got.refused && p.guarded {
		p.guarded = false
		defer func() { p.guarded = true }()
	}
	if end.kind != tokenOpen {
		if got.entries != nil {
			return p.lex.errorAt(end.pos, "missing argument", p.words[0].text)
		}
		return nil
	}
	if got.open == nil {
		return p.lex.errorAt(end.pos, "syntax error", "{")
	}
	open := end
	close, err := p.body(got.open, got.entries, depth+1)
	if err != nil {
		return err
	}
	if close.kind != tokenClose {
		return p.lex.errorAt(open.pos, "missing closing brace '}'", "{")
	}
	return nil
}

// mark gives a statement its comment and what its tags say.
func (p *curlyParser) mark(got placed, comment string, tag tags) {
	n := got.first
	if n == nil || (comment == "" && tag == tags{}) || !got.refused && p.guarded && p.refused(n, "changed") {
		return
	}
	n.annotate(comment)
	if tag.inactive {
		n.inactive = true
	}
	if tag.active {
		n.inactive = false
	}
	if tag.protect {
		p.protect = append(p.protect, n)
	}
}

// deleteTagged removes the statement that a delete: tag marks.
func (p *curlyParser) deleteTagged(at *Node, end token) error {
	if end.kind != tokenEnd {
		return p.lex.errorAt(end.pos, "syntax error", end.text)
	}
	return p.delete(at, p.words)
}
