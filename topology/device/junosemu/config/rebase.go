package config

import "slices"

// Rebase returns theirs with the changes that led from base to mine: what a
// private candidate commits when another commit came in between. Where both
// changed the same leaf, mine wins; Conflicts tells where.
func Rebase(base, mine, theirs *Tree) *Tree {
	if base.root == theirs.root || base.Equal(theirs) {
		return mine
	}
	root := theirs.root.copyTo(nil)
	rebase(base.root, mine.root, root)
	return &Tree{root: root}
}

// rebase brings the changes from base to mine into n.
func rebase(base, mine, n *Node) {
	for _, b := range base.kids {
		if mine.find(b.def, b.keys) != nil {
			continue
		}
		if gone := n.find(b.def, b.keys); gone != nil {
			n.remove(gone)
		}
	}
	for _, m := range mine.kids {
		b := base.find(m.def, m.keys)
		if b != nil && equal(b, m) {
			continue
		}
		target := n.find(m.def, m.keys)
		if b == nil || target == nil {
			if target != nil {
				n.remove(target)
			}
			if m.def.choice != "" {
				n.dropChoice(m.def)
			}
			n.insert(m.copyTo(n))
			continue
		}
		if b.inactive != m.inactive || b.protected != m.protected || b.comment != m.comment {
			target.inactive, target.protected, target.comment = m.inactive, m.protected, m.comment
		}
		if !sameWords(b.values, m.values) {
			target.values = slices.Clone(m.values)
		}
		rebase(b, m, target)
	}
}
