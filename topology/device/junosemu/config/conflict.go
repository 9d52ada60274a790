package config

import (
	"slices"
	"strings"
)

// Conflicts lists the statements that were changed on the way from base to mine
// and, to something else, on the way from base to theirs: what Rebase decides
// in favour of mine.
func Conflicts(base, mine, theirs *Tree) []ValidationError {
	if base.root == theirs.root || base.Equal(theirs) || base.Equal(mine) {
		return nil
	}
	return conflicts(base.root, mine.root, theirs.root)
}

// conflicts compares the children of what is the same statement in all three;
// base may be nil.
func conflicts(base, mine, theirs *Node) []ValidationError {
	var out []ValidationError
	for _, m := range mine.kids {
		b, t := base.twin(m), theirs.twin(m)
		switch {
		case t == nil && b != nil && !equal(b, m):
			out = append(out, conflict(m, "changed here and deleted by another commit"))
		case t == nil || equal(m, t) || b != nil && (equal(b, m) || equal(b, t)):
		case isLeaf(m):
			out = append(out, conflict(m, "changed by another commit to '"+phrase(t)+"'"))
		default:
			out = append(out, conflicts(b, m, t)...)
		}
	}
	if base == nil {
		return out
	}
	for _, b := range base.kids {
		if t := theirs.twin(b); mine.twin(b) == nil && t != nil && !equal(b, t) {
			out = append(out, conflict(t, "deleted here and changed by another commit"))
		}
	}
	return out
}

// twin is the child of n that is the same statement as c.
func (n *Node) twin(c *Node) *Node {
	if n == nil {
		return nil
	}
	return n.find(c.def, c.keys)
}

func conflict(n *Node, what string) ValidationError {
	return ValidationError{Path: editPath(n.parent), Element: phrase(n), Message: what}
}

// phrase is how a statement begins, with its values.
func phrase(n *Node) string {
	words := []string{n.head()}
	if len(n.values) > 1 {
		words = append(words, "["+Words(n.values)+"]")
	} else {
		words = append(words, Words(n.values))
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}
