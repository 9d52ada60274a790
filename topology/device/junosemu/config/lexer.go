package config

import (
	"strings"
)

// tokenKind is what a token is.
type tokenKind uint8

const (
	tokenEOF tokenKind = iota
	tokenWord
	tokenOpen    // {
	tokenClose   // }
	tokenEnd     // ;
	tokenFrom    // [
	tokenTo      // ]
	tokenComment // text of /* */ or #, without the marks
	tokenNewline // only when lines mean something
)

// A token is a piece of configuration text.
type token struct {
	kind   tokenKind
	text   string
	quoted bool
	pos    int // byte offset
}

// A lexer cuts curly or set text into tokens.
type lexer struct {
	src   string
	pos   int
	lines bool // a line break is a token: set commands
}

// next returns the next token, or a *LoadError for text that is none.
func (l *lexer) next() (token, error) {
	l.skipSpace()
	if l.pos >= len(l.src) {
		return token{kind: tokenEOF, pos: l.pos}, nil
	}
	start := l.pos
	switch c := l.src[start]; c {
	case '{', '}', ';', '[', ']':
		l.pos++
		return token{kind: punctuation(c), text: l.src[start:l.pos], pos: start}, nil
	case '\n':
		l.pos++
		return token{kind: tokenNewline, text: "\n", pos: start}, nil
	case '"':
		return l.quoted()
	case '#':
		return l.lineComment(), nil
	case '/':
		if strings.HasPrefix(l.src[start:], "/*") {
			return l.blockComment()
		}
	}
	for l.pos < len(l.src) && (!endsWord(l.src[l.pos]) || l.inWildcard(start)) {
		l.pos++
	}
	return token{kind: tokenWord, text: l.src[start:l.pos], pos: start}, nil
}

// inWildcard tells whether a bracket belongs to the word that began at start:
// <ge-0/0/[0-3]>.
func (l *lexer) inWildcard(start int) bool {
	c := l.src[l.pos]
	return (c == '[' || c == ']') && l.src[start] == '<' && l.src[l.pos-1] != '>'
}

func punctuation(c byte) tokenKind {
	switch c {
	case '{':
		return tokenOpen
	case '}':
		return tokenClose
	case ';':
		return tokenEnd
	case '[':
		return tokenFrom
	}
	return tokenTo
}

func (l *lexer) skipSpace() {
	for l.pos < len(l.src) {
		switch l.src[l.pos] {
		case ' ', '\t', '\r':
			l.pos++
		case '\n':
			if l.lines {
				return
			}
			l.pos++
		default:
			return
		}
	}
}

func endsWord(c byte) bool {
	switch c {
	case ' ', '\t', '\r', '\n', '{', '}', ';', '[', ']', '"':
		return true
	}
	return false
}

// quoted reads "…" with \" \\ \n \t within.
func (l *lexer) quoted() (token, error) {
	start := l.pos
	l.pos++
	var b strings.Builder
	plain := l.pos
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; c {
		case '"':
			b.WriteString(l.src[plain:l.pos])
			l.pos++
			return token{kind: tokenWord, text: b.String(), quoted: true, pos: start}, nil
		case '\\':
			if l.pos+1 >= len(l.src) {
				return token{}, l.errorAt(start, "missing closing quote", "")
			}
			b.WriteString(l.src[plain:l.pos])
			b.WriteByte(unescape(l.src[l.pos+1]))
			l.pos += 2
			plain = l.pos
		default:
			l.pos++
		}
	}
	return token{}, l.errorAt(start, "missing closing quote", "")
}

func unescape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	}
	return c
}

func (l *lexer) lineComment() token {
	start := l.pos
	end := strings.IndexByte(l.src[start:], '\n')
	if end < 0 {
		end = len(l.src) - start
	}
	l.pos = start + end
	text := l.src[start:l.pos]
	if strings.HasPrefix(text, "##") {
		text = "" // the router's own remark: not kept
	}
	text = strings.TrimSpace(strings.TrimLeft(text, "#"))
	return token{kind: tokenComment, text: text, pos: start}
}

func (l *lexer) blockComment() (token, error) {
	start := l.pos
	end := strings.Index(l.src[start+2:], "*/")
	if end < 0 {
		return token{}, l.errorAt(start, "missing end of comment", "")
	}
	l.pos = start + 2 + end + 2
	return token{kind: tokenComment, text: strings.TrimSpace(l.src[start+2 : l.pos-2]), pos: start}, nil
}

// errorAt makes an error of the place in the text.
func (l *lexer) errorAt(pos int, message, bad string) *LoadError {
	before := l.src[:min(pos, len(l.src))]
	line := strings.Count(before, "\n") + 1
	column := len(before) - strings.LastIndexByte(before, '\n')
	return &LoadError{Message: message, BadElement: bad, Line: line, Column: column}
}

// quote writes a word so that the lexer reads it back: bare if it can be.
func quote(s string) string {
	if s != "" && !needsQuotes(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// needsQuotes is true for everything that is not plainly a word. The router
// quotes what a regular expression or a shell would see something in.
func needsQuotes(s string) bool {
	if s[0] == '#' || strings.HasPrefix(s, "/*") {
		return true
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.IndexByte("-_.:/*@+,%=<>~", c) >= 0:
		default:
			return true
		}
	}
	return strings.HasSuffix(s, ":") && len(s) > 1 && isTag(s)
}

func isTag(s string) bool {
	switch s {
	case "inactive:", "protect:", "replace:", "delete:", "active:":
		return true
	}
	return false
}
