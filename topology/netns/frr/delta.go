package frr

import (
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
	old = old.clone()
	steps := removeNeighbors(old, new)
	steps = append(steps, diff(nil, old, new, new)...)
	slices.SortStableFunc(steps, func(a, b step) int { return a.rank - b.rank })
	return steps
}

// diff lists the steps for one context: first what goes, then what comes, and
// the contexts inside, in the order of the new configuration. root is the whole
// new configuration.
func diff(path []string, old, new, root *line) []step {
	var steps []step
	for _, o := range old.children {
		switch {
		case new.child(o.text) != nil || isReplaced(o, old, new):
		case isEmptied(o):
			steps = append(steps, diff(inside(path, o), o, &line{}, root)...)
		default:
			steps = append(steps, removal(path, o, root))
		}
	}
	for _, n := range new.children {
		o := old.child(n.text)
		if o == nil {
			steps = append(steps, addition(path, n, root))
			o = &line{}
		}
		if opens(path, n) {
			steps = append(steps, diff(inside(path, n), o, n, root)...)
		}
	}
	return steps
}

// isReplaced reports whether the new context has another value for a statement
// of which there is only one.
func isReplaced(o, old, new *line) bool {
	key := valueKey(old.text, o.text)
	return key != "" && slices.ContainsFunc(new.children, func(n *line) bool {
		return valueKey(new.contextOr(old), n.text) == key
	})
}

// contextOr is the context's own statement; an empty one that stands for a
// missing context borrows the other's.
func (l *line) contextOr(other *line) string {
	if l.text == "" {
		return other.text
	}
	return l.text
}

func addition(path []string, n *line, root *line) step {
	s := step{path: path, text: n.text, rank: rank(path, n, root, false)}
	if opens(path, n) {
		s.path, s.text = inside(path, n), ""
	}
	return s
}

func removal(path []string, o *line, root *line) step {
	return step{path: path, text: negate(o.text), removes: true, rank: rank(path, o, root, true)}
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
func rank(path []string, l, root *line, removes bool) int {
	top := l
	if len(path) > 0 {
		top = &line{text: path[0]}
	}
	nested := len(path) > 0
	switch words := top.words(); {
	case listName(top.text) != "":
		return pick(removes, pick(remains(top, root, listName), rankListRemove, rankListGone), rankList)
	case words[0] == "route-map":
		return pick(removes && !nested, pick(remains(top, root, mapName), rankMapRemove, rankMapGone), rankMap)
	case words[0] == "interface":
		return pick(removes, rankInterfaceRemove, rankInterface)
	case words[0] == "router" && nested && isNeighborBFD(l):
		return rankBFD
	case words[0] == "router":
		return pick(removes && !nested, rankRouterRemove, rankRouter)
	case words[0] == "bfd":
		return rankBFD
	case isRoute(top):
		return pick(removes, pick(discards(top, root), rankRouteClear, rankRouteRemove), rankRoute)
	}
	return pick(removes, rankGlobalRemove, rankGlobal)
}

func pick(first bool, a, b int) int {
	if first {
		return a
	}
	return b
}

// remains reports whether the new configuration still has something of the
// same name.
func remains(l, root *line, name func(string) string) bool {
	return slices.ContainsFunc(root.children, func(c *line) bool { return name(c.text) == name(l.text) })
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
