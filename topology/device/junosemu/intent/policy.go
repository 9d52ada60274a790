package intent

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// An origin is where a route comes from, as far as policies tell them apart.
type origin string

const (
	bgpExternal origin = "bgp-external"
	bgpInternal origin = "bgp-internal"
	bgpRoutes   origin = "bgp" // where external and internal are not told apart
	direct      origin = "direct"
	static      origin = "static"
	ospfRoutes  origin = "ospf"
	isisRoutes  origin = "isis"
)

// protocol is what "from protocol" calls it.
func (o origin) protocols(v6 bool) []string {
	switch o {
	case bgpExternal, bgpInternal:
		return []string{"bgp"}
	case ospfRoutes:
		if v6 {
			return []string{"ospf3"}
		}
		return []string{"ospf", "ospf2"}
	}
	return []string{string(o)}
}

// frr is what "redistribute" calls it.
func (o origin) frr(v6 bool) string {
	switch {
	case o == direct:
		return "connected"
	case o == ospfRoutes && v6:
		return "ospf6"
	}
	return string(o)
}

// mark is the tag that routes of an origin carry inside bgpd, so that an
// outbound route-map can tell them apart. Tags do not leave the router.
func (o origin) mark() string {
	for i, x := range []origin{bgpExternal, bgpInternal, direct, static, ospfRoutes, isisRoutes} {
		if x == o {
			return fmt.Sprint(4_200_000_001 + i)
		}
	}
	return "4200000000"
}

func (o origin) isBGP() bool { return strings.HasPrefix(string(o), "bgp") }

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
}

// chain compiles the policies in order and the default action that follows.
func (b *mapBuilder) chain(names []string) {
	for _, name := range names {
		policy := b.set.c.policy(name)
		if policy == nil {
			continue // checkPolicies has complained
		}
		after := &label{}
		for _, t := range terms(policy) {
			if !b.done {
				b.term(policy, t, after)
			}
		}
		after.at = len(b.entries)
	}
	if !b.done {
		b.defaultAction()
	}
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
	if b.ctx.use == intoBGP || b.ctx.mark {
		return []string{"set tag " + b.ctx.origins[0].mark()}
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
	sets := b.actions(t.then)
	end := &label{}
	for _, w := range ways {
		e := entry{permit: true, matches: w.matches, sets: sets}
		switch {
		case w.action == "accept" || w.action == "" && t.then.Has("accept"):
			if w.action != "" {
				e.sets = nil // the action of a route filter stands alone
			}
			e.sets = append(slices.Clone(e.sets), b.finalSets()...)
		case w.action == "reject" || t.then.Has("reject"):
			e.permit, e.sets = false, nil
		case t.then.Value("next") == "policy":
			e.target = nextPolicy
		case len(sets) == 0:
			continue // matches, changes nothing, goes on
		default:
			e.target = end
		}
		if !b.done {
			b.add(e)
		}
	}
	end.at = len(b.entries)
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
