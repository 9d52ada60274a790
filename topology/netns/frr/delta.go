package frr

import (
	"cmp"
	"slices"
	"strings"
)

// A step is one line to be sent in one context.
type step struct {
	rank    int
	path    []string // contexts, outermost first
	text    string   // empty: only enter the context
	removes bool
}

// The ranks put steps in an order in which FRR takes each of them: what is
// referred to exists before what refers to it and outlives it; a router of a
// new AS number comes after the old one went.
const (
	rankGlobal = 10 * iota
	rankListRemove
	rankList
	rankMapRemove
	rankMap
	rankInterfaceRemove
	rankRouterRemove
	rankRouter
	rankInterface
	rankBFD
	rankRouteClear
	rankRoute
	rankRouteRemove
	rankMapGone
	rankListGone
	rankGlobalRemove
)

// delta lists the steps that lead from one canonical configuration to another.
func delta(old, new *line) []step {
	if stripped := withoutISIS(old, new); stripped != nil {
		return append(delta(old, stripped), delta(stripped, new)...)
	}
	old = old.clone()
	steps := append(removeNeighbors(old, new), removeGroups(old, new)...)
	d := differ{names: policyNames(new)}
	steps = append(steps, d.diff(nil, old, new)...)
	slices.SortStableFunc(steps, func(a, b step) int { return a.rank - b.rank })
	return steps
}

// withoutISIS is the old configuration without IS-IS if its levels change, else
// nil. A running isisd starts a level that it did not have, but does not flood
// there: IS-IS has to go and come back.
func withoutISIS(old, new *line) *line {
	changes := false
	for _, router := range old.children {
		if !router.has("router", "isis") {
			continue
		}
		if after := new.child(router.text); after != nil && isType(after) != isType(router) {
			changes = true
		}
	}
	if !changes {
		return nil
	}
	stripped := old.clone()
	stripped.remove(func(l *line) bool { return l.has("router", "isis") })
	for _, i := range stripped.children {
		if i.has("interface") {
			i.remove(func(l *line) bool {
				return l.has("isis") || l.has("no", "isis") || l.has("ip", "router", "isis") || l.has("ipv6", "router", "isis")
			})
		}
	}
	return stripped
}

// isType is the levels that an IS-IS router has.
func isType(router *line) string {
	for _, c := range router.children {
		if c.has("is-type") {
			return c.text
		}
	}
	return ""
}

// A differ compares two configurations. It knows the names of the lists and
// route-maps, and the prefixes of the routes to nowhere, that the new one has.
type differ struct{ names map[string]bool }

// policyNames are what a differ knows of the new configuration.
func policyNames(new *line) map[string]bool {
	names := map[string]bool{}
	for _, c := range new.children {
		names[policyName(c)] = true
		if isDiscard(c) {
			names[routePrefix(c)] = true
		}
	}
	return names
}

// policyName is the list or route-map that a statement belongs to, with its kind.
func policyName(l *line) string { return cmp.Or(listName(l.text), mapName(l.text)) }

// diff lists the steps for one context: first what goes, then what comes, and
// the contexts inside, in the order of the new configuration.
func (d differ) diff(path []string, old, new *line) []step {
	var steps []step
	replaced := valueKeys(new, cmp.Or(new.text, old.text))
	for _, o := range old.children {
		key := valueKey(old.text, o.text)
		switch {
		case new.child(o.text) != nil || (key != "" && replaced[key]):
		case isEmptied(o):
			steps = append(steps, d.diff(inside(path, o), o, &line{})...)
		default:
			steps = append(steps, d.removal(path, o))
		}
	}
	for _, n := range new.children {
		o := old.child(n.text)
		if o == nil {
			steps = append(steps, d.addition(path, n))
			o = &line{}
		}
		if opens(path, n) {
			steps = append(steps, d.diff(inside(path, n), o, n)...)
		}
	}
	return steps
}

// valueKeys are the single-valued statements that a context has, whatever
// their values.
func valueKeys(l *line, context string) map[string]bool {
	keys := map[string]bool{}
	for _, c := range l.children {
		keys[valueKey(context, c.text)] = true
	}
	return keys
}

func (d differ) addition(path []string, n *line) step {
	s := step{path: path, text: n.text, rank: d.rank(path, n, false)}
	if opens(path, n) {
		s.path, s.text = inside(path, n), ""
	}
	return s
}

func (d differ) removal(path []string, o *line) step {
	return step{path: path, text: negate(o.text), removes: true, rank: d.rank(path, o, true)}
}

// inside is the path of a context's content.
func inside(path []string, l *line) []string { return append(slices.Clone(path), l.text) }

// negate is the statement that takes another back.
func negate(text string) string {
	if rest, ok := strings.CutPrefix(text, "no "); ok {
		return rest
	}
	words := strings.Fields(text)
	for _, n := range unusualNo {
		if _, ok := matchPattern(strings.Fields(n.statement), words); ok {
			return strings.ReplaceAll(n.no, "*", words[1])
		}
	}
	return "no " + text
}

// unusualNo are the statements that "no" and their full text do not take back,
// with what does; "*" there is the statement's second word. bfdd's timers can
// only be set to their defaults.
var unusualNo = []struct{ statement, no string }{
	{"maximum-paths ibgp *", "no maximum-paths ibgp"},
	{"maximum-paths *", "no maximum-paths"},
	{"area * stub no-summary", "no area * stub"},
	{"domain-password *", "no domain-password"},
	{"area-password *", "no area-password"},
	{"neighbor * bfd * * *", "no neighbor * bfd"},
	{"detect-multiplier *", "detect-multiplier 3"},
	{"receive-interval *", "receive-interval 300"},
	{"transmit-interval *", "transmit-interval 300"},
	{"echo transmit-interval *", "echo transmit-interval 50"},
	{"echo receive-interval *", "echo receive-interval 50"},
}

// opens reports whether a statement, found in path, opens a context.
func opens(path []string, l *line) bool {
	if len(l.children) > 0 {
		return true
	}
	switch l.words()[0] {
	case "router", "route-map", "interface", "vrf", "bfd":
		return len(path) == 0
	case "address-family":
		return len(path) == 1
	case "peer", "profile":
		return slices.Equal(path, []string{"bfd"})
	}
	return false
}

// isEmptied reports whether a context cannot be removed as a whole: it goes
// when its content went.
func isEmptied(l *line) bool {
	switch l.words()[0] {
	case "interface", "vrf", "address-family", "bfd":
		return true
	}
	return false
}

// rank is the place of a step, by what its outermost statement is.
func (d differ) rank(path []string, l *line, removes bool) int {
	top := l
	if len(path) > 0 {
		top = &line{text: path[0]}
	}
	nested := len(path) > 0
	switch words := top.words(); {
	case listName(top.text) != "":
		return pick(removes, pick(d.names[policyName(top)], rankListRemove, rankListGone), rankList)
	case words[0] == "route-map":
		return pick(removes && !nested, pick(d.names[policyName(top)], rankMapRemove, rankMapGone), rankMap)
	case words[0] == "interface":
		return pick(removes, rankInterfaceRemove, rankInterface)
	case words[0] == "router" && nested && isNeighborBFD(l):
		// bgpd turns BFD on again when it is told to forget the profile.
		return pick(removes && strings.Contains(l.text, " bfd profile "), rankRouter, rankBFD)
	case words[0] == "router" && nested && removes && isDefaultCost(l):
		return rankRouter - 1
	case words[0] == "router":
		return pick(removes && !nested, rankRouterRemove, rankRouter)
	case words[0] == "bfd":
		return rankBFD
	case isRoute(top):
		return pick(removes, pick(isDiscard(top) || d.names[routePrefix(top)], rankRouteClear, rankRouteRemove), rankRoute)
	}
	return pick(removes, rankGlobalRemove, rankGlobal)
}

func pick(first bool, a, b int) int {
	if first {
		return a
	}
	return b
}

// isDefaultCost reports the cost of an area's default route, which ospfd lets
// go only while the area is still a stub.
func isDefaultCost(l *line) bool {
	words := l.words()
	return len(words) > 2 && words[0] == "area" && words[2] == "default-cost"
}

// isNeighborBFD reports a BGP neighbor's request for BFD, which comes last.
func isNeighborBFD(l *line) bool {
	words := l.words()
	return len(words) > 2 && words[0] == "neighbor" && words[2] == "bfd"
}

// lists are the statements that are entries of a named list; the name follows.
var lists = []string{
	"ip prefix-list", "ipv6 prefix-list", "ip access-list", "access-list", "ipv6 access-list", "bgp as-path access-list",
	"bgp community-list standard", "bgp community-list expanded", "bgp community-list",
	"bgp large-community-list standard", "bgp large-community-list expanded", "bgp large-community-list",
	"bgp extcommunity-list standard", "bgp extcommunity-list expanded", "bgp extcommunity-list",
}

// listName is the kind and name of the list that a statement is an entry of.
func listName(text string) string {
	words := strings.Fields(text)
	for _, l := range lists {
		if key, ok := matchPattern(append(strings.Fields(l), "*"), words); ok {
			return key
		}
	}
	return ""
}

// mapName is the route-map that a statement opens an entry of.
func mapName(text string) string {
	key, _ := matchPattern([]string{"route-map", "*"}, strings.Fields(text))
	return key
}
