package intent

import (
	"fmt"
	"slices"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// use is what a policy chain is applied to.
type use int

const (
	bgpImport use = iota
	bgpExport
	intoBGP // which routes of other protocols an export policy may announce
	intoOSPF
	intoISIS
)

// A mapContext is all that the meaning of a policy depends on.
type mapContext struct {
	use     use
	v6      bool
	origins []origin // those that routes can have here; not empty
	mark    bool     // bgpImport: routes get the mark of their origin
}

// An entry is one sequence number of a route-map.
type entry struct {
	permit  bool
	matches []string
	sets    []string
	target  *label // where to go on after a match; nil: the map ends
}

// A label is a place in a route-map, known when the entries are numbered.
type label struct{ at int }

// A mapBuilder compiles one chain of policies to one route-map.
type mapBuilder struct {
	set     *policySet
	ctx     mapContext
	name    string
	entries []entry
	done    bool // an entry that always matches has ended the map
	// tagged are the origins that the map tells apart by their mark.
	tagged map[origin]bool
	sub    *subroutine // not nil: inside of "from policy"
	asking []string    // the policies that are being asked, the outermost first
}

// A subroutine is where a policy that another one asks ("from policy") goes on.
type subroutine struct{ accept, reject *label }

// chain compiles the policies in order and the default action that follows.
func (b *mapBuilder) chain(names []string) {
	b.policies(names)
	if !b.done {
		b.defaultAction()
	}
}

// policies compiles policies, and expressions of policies, in order.
func (b *mapBuilder) policies(values []string) {
	for _, v := range values {
		switch e := config.ParsePolicy(v); {
		case e.Name != "":
			b.policy(e.Name)
		case !b.done:
			b.expression(e)
		}
	}
}

// policy compiles one policy. What it does not decide goes on after it.
func (b *mapBuilder) policy(name string) {
	policy := b.set.c.policy(name)
	if policy == nil || slices.Contains(b.asking, name) {
		return // checkPolicies has complained
	}
	b.asking = append(b.asking, name)
	after := &label{}
	for _, t := range terms(policy) {
		if !b.done {
			b.term(policy, t, after)
		}
	}
	after.at = len(b.entries)
	b.asking = b.asking[:len(b.asking)-1]
}

// defaultAction is Junos's: BGP takes and announces BGP routes and nothing
// else; the other protocols export nothing.
func (b *mapBuilder) defaultAction() {
	switch b.ctx.use {
	case bgpImport:
		b.add(entry{permit: true, sets: b.finalSets()})
	case bgpExport:
		for _, o := range b.ctx.origins {
			if !o.isBGP() {
				b.tagged[o] = true
				b.add(entry{matches: []string{"match tag " + o.mark()}})
			}
		}
		b.add(entry{permit: true})
	default:
		b.add(entry{})
	}
}

// finalSets mark an accepted route with its origin, where something asks for it.
func (b *mapBuilder) finalSets() []string {
	mark := "set tag " + b.ctx.origins[0].mark()
	switch {
	case b.ctx.use == intoBGP:
		// FRR calls the origin of what it redistributes incomplete, Junos IGP.
		return []string{mark, "set origin igp"}
	case b.ctx.mark:
		return []string{mark}
	}
	return nil
}

func (b *mapBuilder) add(e entry) {
	b.entries = append(b.entries, e)
	if len(e.matches) == 0 && e.target == nil {
		b.done = true
	}
}

// A term is a named one, or what stands outside of terms, which comes last.
type term struct {
	name  string
	from  *config.Node
	then  *config.Node
	hasTo bool
	node  *config.Node
}

func terms(policy *config.Node) []term {
	var out []term
	for _, t := range policy.Children("term") {
		out = append(out, term{t.Key(), t.Child("from"), t.Child("then"), t.Has("to"), t})
	}
	if policy.Has("from") || policy.Has("then") {
		out = append(out, term{"", policy.Child("from"), policy.Child("then"), policy.Has("to"), policy})
	}
	return out
}

// term compiles one term. Each way to match it is an entry of its own; they
// share what they do.
func (b *mapBuilder) term(policy *config.Node, t term, nextPolicy *label) {
	ways := b.conditions(policy, t)
	if len(ways) == 0 {
		return // can never match here
	}
	end := &label{}
	if names := t.from.Values("policy"); len(names) > 0 {
		b.ask(names, ways, end)
		b.effect(t.then, way{}, nextPolicy, end)
		b.done = false // only what the policies accept gets there
	} else {
		for _, w := range ways {
			b.effect(t.then, w, nextPolicy, end)
		}
	}
	end.at = len(b.entries)
}

// effect adds what a term does where one way to match it holds.
func (b *mapBuilder) effect(then *config.Node, w way, nextPolicy, end *label) {
	e := entry{permit: true, matches: w.matches, sets: b.actions(then)}
	switch {
	case w.action == "accept" || w.action == "" && then.Has("accept"):
		if w.action != "" {
			e.sets = nil // the action of a route filter stands alone
		}
		if b.sub != nil {
			e.target = b.sub.accept
		} else {
			e.sets = append(slices.Clone(e.sets), b.finalSets()...)
		}
	case w.action == "reject" || then.Has("reject"):
		e.permit, e.sets = false, nil
		if b.sub != nil {
			e.permit, e.target = true, b.sub.reject
		}
	case then.Value("next") == "policy":
		e.target = nextPolicy
	case len(e.sets) == 0:
		return // matches, changes nothing, goes on
	default:
		e.target = end
	}
	if !b.done {
		b.add(e)
	}
}

// ask compiles "from policy": where a way to match holds, the policies are
// asked. If they accept, the map goes on after them, else at end. What they
// change stays changed, and what they do not decide the default action does,
// as in Junos.
func (b *mapBuilder) ask(names []string, ways []way, end *label) {
	start, body := &label{}, &label{}
	for _, w := range ways {
		b.add(entry{permit: true, matches: w.matches, target: start})
	}
	if len(ways[0].matches) > 0 {
		b.add(entry{permit: true, target: end})
	}
	start.at = len(b.entries)
	outer := b.sub
	b.sub = &subroutine{accept: body, reject: end}
	b.policies(names)
	b.sub = outer
	b.subDefault(body, end)
	body.at = len(b.entries)
}

// subDefault is the default action of a policy that another one asks.
func (b *mapBuilder) subDefault(accept, reject *label) {
	switch b.ctx.use {
	case bgpImport:
		b.add(entry{permit: true, target: accept})
	case bgpExport:
		for _, o := range b.ctx.origins {
			if !o.isBGP() {
				b.tagged[o] = true
				b.add(entry{permit: true, matches: []string{"match tag " + o.mark()}, target: reject})
			}
		}
		b.add(entry{permit: true, target: accept})
	default:
		b.add(entry{permit: true, target: reject})
	}
}

// absorb appends another map, for routes that match a line.
func (b *mapBuilder) absorb(other *mapBuilder, match string) {
	shift := len(b.entries)
	moved := map[*label]bool{}
	for _, e := range other.entries {
		if match != "" {
			e.matches = append([]string{match}, e.matches...)
		}
		if e.target != nil && !moved[e.target] {
			moved[e.target] = true
			e.target.at += shift
		}
		b.entries = append(b.entries, e)
	}
}

// lines prints the route-map.
func (b *mapBuilder) lines() []string {
	var out []string
	for i, e := range b.entries {
		action := "deny"
		if e.permit {
			action = "permit"
		}
		out = append(out, fmt.Sprintf("route-map %s %s %d", b.name, action, 10*(i+1)))
		if e.target != nil {
			// There is always a later entry: the default action.
			if e.target.at == i+1 {
				out = append(out, " on-match next")
			} else {
				out = append(out, fmt.Sprintf(" on-match goto %d", 10*(e.target.at+1)))
			}
		}
		for _, l := range slices.Concat(e.matches, e.sets) {
			out = append(out, " "+l)
		}
		out = append(out, "exit", "!")
	}
	return out
}

// accepts tells whether some route can pass.
func (b *mapBuilder) accepts() bool {
	return slices.ContainsFunc(b.entries, func(e entry) bool { return e.permit && e.target == nil })
}

// policy finds a policy statement, or nil.
func (c *compiler) policy(name string) *config.Node {
	for _, p := range c.root.Lookup("policy-options").Children("policy-statement") {
		if p.Key() == name {
			return p
		}
	}
	return nil
}
