package config

import (
	"errors"
	"fmt"
)

// errProtected ends the placing of a statement that may not be changed.
var errProtected = errors.New("protected")

// hasProtected tells whether anything at or below n is protected.
func hasProtected(n *Node) bool {
	if n.protected {
		return true
	}
	for _, c := range n.kids {
		if hasProtected(c) {
			return true
		}
	}
	return false
}

// guarded tells whether the tree that n is in has anything protected: only
// then is every change looked at.
func guarded(n *Node) bool {
	for n.parent != nil {
		n = n.parent
	}
	return hasProtected(n)
}

// protector is the nearest protected statement at or above n, or nil.
func (n *Node) protector() *Node {
	for c := n; c != nil; c = c.parent {
		if c.protected {
			return c
		}
	}
	return nil
}

// refusal is the warning that something was not done to path, because of what
// is protected.
func refusal(protected *Node, path, done string) Warning {
	return Warning{Path: path, Message: fmt.Sprintf("[%s] is protected, '%s' cannot be %s", protected.Path(), path, done)}
}

// refused warns and reports true if n is protected from being changed.
func (l *loader) refused(n *Node, done string) bool {
	p := n.protector()
	if p == nil {
		return false
	}
	l.warnings = append(l.warnings, refusal(p, n.Path(), done))
	return true
}

// removeUnprotected takes n away with all below it, except what is protected,
// and returns a warning for each statement that stays because it is.
func (n *Node) removeUnprotected() []Warning {
	if p := n.protector(); p != nil {
		return []Warning{refusal(p, n.Path(), "deleted")}
	}
	if !hasProtected(n) {
		n.parent.remove(n)
		return nil
	}
	return n.clearUnprotected()
}

// clearUnprotected takes away all below n except what is protected.
func (n *Node) clearUnprotected() []Warning {
	if !hasProtected(n) {
		n.clear()
		return nil
	}
	var warnings []Warning
	for _, c := range append([]*Node(nil), n.kids...) {
		warnings = append(warnings, c.removeUnprotected()...)
	}
	return warnings
}

// guard refuses the next step of a walk that stands at something protected.
func (w *walk) guard() error {
	if !w.guarded {
		return nil
	}
	if p := w.at.protector(); p != nil {
		return w.refuse(p)
	}
	return nil
}

// guardChild refuses to change the leaf that d is, if it is protected.
func (w *walk) guardChild(d *def) error {
	if !w.guarded {
		return nil
	}
	if c := w.at.find(d, nil); c != nil && c.protected {
		return w.refuse(c)
	}
	return nil
}

func (w *walk) refuse(p *Node) error {
	path := w.base.Path()
	for _, t := range w.words {
		if path != "" {
			path += " "
		}
		path += t.text
	}
	w.warnings = append(w.warnings, refusal(p, path, "changed"))
	return errProtected
}

// elsewhere places a statement that was refused where nobody keeps it, so that
// what is below it is still read and checked.
func (l *loader) elsewhere(place func(*loader) (placed, error)) (placed, error) {
	free := *l
	free.guarded = false
	got, err := place(&free)
	got.refused = true
	return got, err
}
