package intent

import (
	"slices"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// expression compiles a logical expression of policies: "( a && !b )". To the
// router a policy is true that accepts, and one that decides nothing or goes
// on to the next policy; one that rejects is false. The policy that is asked
// last does what the expression does. What that one does not decide goes on
// after the expression.
func (b *mapBuilder) expression(e *config.PolicyExpr) {
	start := len(b.entries)
	accept, reject, next := &label{}, &label{}, &label{}
	b.evaluate(e, accept, reject)
	accepted, rejected := b.leadsTo(accept, start), b.leadsTo(reject, start)
	if accepted || rejected {
		b.add(entry{permit: true, target: next})
	}
	if accepted {
		accept.at = len(b.entries)
		b.add(b.accepted())
	}
	if rejected {
		reject.at = len(b.entries)
		b.add(b.rejected())
	}
	next.at = len(b.entries)
	b.done = false // what is not decided gets there
}

// evaluate compiles an expression that goes to accept or to reject, and goes
// on after its last entry where it decides nothing.
func (b *mapBuilder) evaluate(e *config.PolicyExpr, accept, reject *label) {
	last := len(e.Args) - 1
	switch e.Op {
	case "":
		outer := b.sub
		b.sub = &subroutine{accept: accept, reject: reject}
		b.policy(e.Name)
		b.sub = outer
	case "!":
		b.evaluate(e.Args[0], reject, accept)
		b.add(entry{permit: true, target: reject})
	case "&&":
		for _, a := range e.Args[:last] {
			second := &label{}
			b.evaluate(a, second, reject)
			second.at = len(b.entries)
		}
		b.evaluate(e.Args[last], accept, reject)
	case "||":
		undecided := &label{}
		for _, a := range e.Args[:last] {
			second := &label{}
			b.evaluate(a, accept, second)
			b.add(entry{permit: true, target: undecided})
			second.at = len(b.entries)
		}
		b.evaluate(e.Args[last], accept, reject)
		undecided.at = len(b.entries)
	}
}

// accepted is the entry where a route is accepted: here, or in what has asked.
func (b *mapBuilder) accepted() entry {
	if b.sub != nil {
		return entry{permit: true, target: b.sub.accept}
	}
	return entry{permit: true, sets: b.finalSets()}
}

// rejected is the entry where a route is rejected.
func (b *mapBuilder) rejected() entry {
	if b.sub != nil {
		return entry{permit: true, target: b.sub.reject}
	}
	return entry{}
}

// leadsTo tells whether an entry from start on goes to a label.
func (b *mapBuilder) leadsTo(l *label, start int) bool {
	return slices.ContainsFunc(b.entries[start:], func(e entry) bool { return e.target == l })
}
