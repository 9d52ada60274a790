package config

// SameAt reports whether both trees hold the same statement at a path, given
// as Node.Path writes it. A path that neither holds is not the same.
func (t *Tree) SameAt(o *Tree, path string) bool {
	words, err := splitPath(path)
	if err != nil {
		return false
	}
	a, b := t.root.Lookup(words...), o.root.Lookup(words...)
	return a != nil && b != nil && equal(a, b)
}

// splitPath takes apart what Node.Path put together.
func splitPath(path string) ([]string, error) {
	l := lexer{src: path}
	var words []string
	for {
		t, err := l.next()
		if err != nil || t.kind == tokenEOF {
			return words, err
		}
		words = append(words, t.text)
	}
}
