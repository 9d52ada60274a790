package config

import (
	"slices"
	"strings"
)

// A PolicyExpr is what may stand where import, export and the like name a
// policy: the name, or a logical expression of policies, "( a && !b )".
type PolicyExpr struct {
	Name string        // of a policy; empty of an expression
	Op   string        // "&&", "||" or "!" of an expression
	Args []*PolicyExpr // one of "!", two or more of the others
}

// ParsePolicy reads the value of an import or export statement. What is no
// expression is a name.
func ParsePolicy(value string) *PolicyExpr {
	if beginsExpression(value) {
		p := policyParser{words: policyWords(value)}
		if e := p.or(); e != nil && len(p.words) == 0 {
			return e
		}
	}
	return &PolicyExpr{Name: value}
}

// Policies are the names of the policies of some values, in order.
func Policies(values []string) []string {
	var out []string
	var visit func(e *PolicyExpr)
	visit = func(e *PolicyExpr) {
		if e.Name != "" {
			out = append(out, e.Name)
		}
		for _, a := range e.Args {
			visit(a)
		}
	}
	for _, v := range values {
		visit(ParsePolicy(v))
	}
	return out
}

// beginsExpression tells an expression from a name, which cannot begin so.
func beginsExpression(v string) bool { return v != "" && (v[0] == '(' || v[0] == '!') }

// A policyParser reads an expression: "!" binds before "&&", "&&" before "||".
// Its methods return nil for what is none.
type policyParser struct {
	words []string
	depth int
}

func (p *policyParser) or() *PolicyExpr { return p.chain("||", p.and) }

func (p *policyParser) and() *PolicyExpr { return p.chain("&&", p.not) }

// chain reads operands with an operator between them.
func (p *policyParser) chain(op string, operand func() *PolicyExpr) *PolicyExpr {
	first := operand()
	if first == nil || !p.take(op) {
		return first
	}
	e := &PolicyExpr{Op: op, Args: []*PolicyExpr{first}}
	for {
		next := operand()
		if next == nil {
			return nil
		}
		if e.Args = append(e.Args, next); !p.take(op) {
			return e
		}
	}
}

// not reads a name, "! x" or "( x )".
func (p *policyParser) not() *PolicyExpr {
	if p.depth++; p.depth > maxDepth {
		return nil
	}
	defer func() { p.depth-- }()
	switch {
	case p.take("!"):
		if e := p.not(); e != nil {
			return &PolicyExpr{Op: "!", Args: []*PolicyExpr{e}}
		}
		return nil
	case p.take("("):
		if e := p.or(); e != nil && p.take(")") {
			return e
		}
		return nil
	case len(p.words) == 0 || slices.Contains(policyOperators, p.words[0]):
		return nil
	}
	name := p.words[0]
	p.words = p.words[1:]
	return &PolicyExpr{Name: strings.TrimPrefix(name, `"`)}
}

func (p *policyParser) take(word string) bool {
	if len(p.words) == 0 || p.words[0] != word {
		return false
	}
	p.words = p.words[1:]
	return true
}

var policyOperators = []string{"(", ")", "!", "&&", "||"}

// policyWords cuts an expression into operators and names. A name that was in
// quotation marks keeps the first, so that it is no operator.
func policyWords(text string) []string {
	var out []string
	for i := 0; i < len(text); {
		op := slices.IndexFunc(policyOperators, func(op string) bool { return strings.HasPrefix(text[i:], op) })
		switch {
		case text[i] == ' ' || text[i] == '\t' || text[i] == '\n':
			i++
		case op >= 0:
			out = append(out, policyOperators[op])
			i += len(policyOperators[op])
		case text[i] == '"':
			l := lexer{src: text, pos: i}
			t, err := l.quoted()
			if err != nil || t.text == "" {
				return nil
			}
			out, i = append(out, `"`+t.text), l.pos
		default:
			end := i
			for end < len(text) && strings.IndexByte(" \t\n()!&|\"", text[end]) < 0 {
				end++
			}
			if end == i {
				return nil // a single & or |
			}
			out, i = append(out, text[i:end]), end
		}
	}
	return out
}

// checkPolicy is what is wrong with the value of an import or export
// statement, or "".
func checkPolicy(v string) string {
	if beginsExpression(v) && ParsePolicy(v).Name == v {
		return "syntax error"
	}
	return ""
}

// normalPolicy writes an expression as the router prints it, with spaces
// around everything but after "!".
func normalPolicy(v string) string {
	if !beginsExpression(v) || checkPolicy(v) != "" {
		return v
	}
	var b strings.Builder
	for i, w := range policyWords(v) {
		if i > 0 && !strings.HasSuffix(b.String(), "!") {
			b.WriteByte(' ')
		}
		if slices.Contains(policyOperators, w) {
			b.WriteString(w)
			continue
		}
		b.WriteString(quote(strings.TrimPrefix(w, `"`)))
	}
	return b.String()
}

// written is a value as curly and set form have it.
func (t valueType) written(v string) string {
	if t == "policy" && beginsExpression(v) && checkPolicy(v) == "" {
		return v
	}
	return quote(v)
}

// whole adds to the first word of a policy expression the others that belong
// to it: those up to the last closing parenthesis. Any other word is a value
// of its own.
func (w *walk) whole(d *def, t token) token {
	if d.typ != "policy" || t.quoted && strings.ContainsRune(t.text, ' ') || !beginsExpression(t.text) {
		return t
	}
	open := strings.Count(t.text, "(") - strings.Count(t.text, ")")
	for w.i < len(w.words) && w.words[w.i].kind == tokenWord && (open > 0 || strings.HasSuffix(t.text, "!")) {
		next := w.words[w.i]
		w.i++
		open += strings.Count(next.text, "(") - strings.Count(next.text, ")")
		if next.quoted && !slices.Contains(policyOperators, next.text) {
			next.text = quote(next.text)
		}
		t.text += " " + next.text
	}
	t.quoted = false
	return t
}
