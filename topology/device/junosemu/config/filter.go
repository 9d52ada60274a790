package config

// Filter returns what an XML subtree filter (<configuration><protocols/>…)
// selects: a named element selects all below it; a key or leaf with text
// restricts its parent to what matches. An element that no configuration has
// is a *LoadError.
func (t *Tree) Filter(xml string) (*Tree, error) {
	top, err := parseXML(xml)
	if err != nil {
		return nil, err
	}
	if c, err := top.configuration(); err == nil {
		top = c
	}
	if len(top.below) == 0 {
		return t, nil
	}
	root := &Node{def: t.root.def}
	if err := selectBelow(root, t.root, top); err != nil {
		return nil, err
	}
	return &Tree{root: root}, nil
}

// selectBelow copies what the children of e select of n's children to out.
func selectBelow(out, n *Node, e *element) error {
	for _, c := range e.below {
		d := n.def.sub.element(c.name)
		if d == nil {
			return c.fail(n, "syntax error", c.name)
		}
		for _, k := range n.Children(c.name) {
			if err := selectOne(out, k, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// selectOne copies what e selects of n, if n matches.
func selectOne(out, n *Node, e *element) error {
	if isLeaf(n) {
		if e.text == "" || contains(n.values, n.def.typ.normal(e.text)) {
			n.addTo(out)
		}
		return nil
	}
	rest := &element{name: e.name, line: e.line}
	restricted := false
	for _, c := range e.below {
		value, isKey := n.keyElement(c.name)
		if !isKey {
			rest.below = append(rest.below, c)
			continue
		}
		if c.text == "" {
			restricted = true // <name/>: only the names
			continue
		}
		if value != c.text {
			return nil
		}
	}
	if len(rest.below) == 0 && !restricted {
		n.addTo(out)
		return nil
	}
	shell := out.find(n.def, n.keys)
	if shell == nil {
		shell = &Node{def: n.def, keys: n.keys, inactive: n.inactive, protected: n.protected}
	}
	if err := selectBelow(shell, n, rest); err != nil {
		return err
	}
	if len(shell.kids) > 0 || restricted {
		if shell.parent == nil {
			shell.parent = out
			out.insertAt(len(out.kids), shell)
		}
	}
	return nil
}

// addTo copies n below out, unless it is there.
func (n *Node) addTo(out *Node) {
	if out.find(n.def, n.keys) == nil {
		out.insert(n.copyTo(out))
	}
}

// keyElement returns the value of a key by its element name.
func (n *Node) keyElement(name string) (value string, ok bool) {
	n.eachKey(func(k, v string) {
		if k == name {
			value, ok = v, true
		}
	})
	return value, ok
}

func contains(values []string, v string) bool {
	for _, x := range values {
		if x == v {
			return true
		}
	}
	return false
}
