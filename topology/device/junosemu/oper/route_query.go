package oper

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
	"github.com/ccl-lab/ccl/topology/device/junosemu/shortprefix"
)

// A routeQuery is what get-route-information was asked for.
type routeQuery struct {
	table, protocol string
	prefix          netip.Prefix // not valid: every destination
	host            bool         // an address, not a prefix: longest match
	extent          string       // exact, longer, best, or "" for a destination and all within it
	active          bool         // only those in use
	inactive        bool         // only those not in use
	hidden          bool         // those that policies refused
	nextHop         netip.Addr   // protocol next hop, or gateway
	community       *regexp.Regexp
	asPath          *regexp.Regexp
	style           string // brief, terse, detail, extensive
}

func newRouteQuery(rpc *xmltree.Element) (routeQuery, error) {
	q := routeQuery{
		table: rpc.Value("table"), protocol: rpc.Value("protocol"), style: style(rpc),
		active: rpc.Has("active-path"), inactive: rpc.Has("inactive-path"), hidden: rpc.Has("hidden"),
	}
	for _, extent := range []string{"exact", "longer", "best"} {
		if rpc.Has(extent) {
			q.extent = extent
		}
	}
	if err := q.readAttributes(rpc); err != nil {
		return q, err
	}
	return q, q.readDestination(rpc.Value("destination"))
}

func (q *routeQuery) readDestination(destination string) error {
	if destination == "" || destination == "default" {
		return nil
	}
	if addr, err := netip.ParseAddr(destination); err == nil {
		q.prefix, q.host = netip.PrefixFrom(addr, addr.BitLen()), true
		return nil
	}
	prefix, err := netip.ParsePrefix(shortprefix.Whole(destination))
	if err != nil {
		return &Refusal{Message: "invalid prefix or address", BadElement: destination}
	}
	q.prefix = prefix.Masked()
	return nil
}

// readAttributes reads what selects routes by their attributes.
func (q *routeQuery) readAttributes(rpc *xmltree.Element) (err error) {
	if hop := rpc.Value("next-hop"); hop != "" {
		if q.nextHop, err = netip.ParseAddr(hop); err != nil {
			return &Refusal{Message: "invalid ip address or hostname", BadElement: hop}
		}
	}
	if pattern := rpc.Value("community"); pattern != "" {
		if q.community, err = regexp.Compile("^(" + strings.ReplaceAll(pattern, "*", "[0-9]+") + ")$"); err != nil {
			return &Refusal{Message: "invalid community", BadElement: pattern}
		}
	}
	if pattern := rpc.Value("aspath-regex"); pattern != "" {
		if q.asPath, err = regexp.Compile(asPathPattern(pattern)); err != nil {
			return &Refusal{Message: "invalid AS path regular expression", BadElement: pattern}
		}
	}
	return nil
}

// asPathPattern turns a pattern over AS numbers to one over a path in which a
// space goes before each number. It matches the whole path, as in Junos.
func asPathPattern(pattern string) string {
	var b strings.Builder
	b.WriteString("^")
	for _, token := range asPathTokens.FindAllString(strings.Trim(pattern, `"`), -1) {
		switch {
		case token == ".":
			b.WriteString("( [0-9]+)")
		case token[0] >= '0' && token[0] <= '9':
			b.WriteString("( " + token + ")")
		case token == "^", token == "$":
		default:
			b.WriteString(token)
		}
	}
	return b.String() + "$"
}

// asPathTokens are numbers, repetitions ({1,3}) and single characters.
var asPathTokens = regexp.MustCompile(`[0-9]+|\{[0-9,]+\}|[^ ]`)

// means reports whether the query is about a table: it names none, or this one,
// or the routing instance that it belongs to.
func (q routeQuery) means(table string) bool {
	return q.table == "" || q.table == table || strings.HasPrefix(table, q.table+".")
}

// selectFrom picks the routes that the query asks for. A prefix means that
// destination and all within it; if there is none, the longest match, which is
// also what a plain address means.
func (q routeQuery) selectFrom(t *table) []route {
	var selected []route
	for _, rt := range q.atDestination(t) {
		if rt.protocolMatches(q.protocol) && q.takes(rt) {
			selected = append(selected, rt)
		}
	}
	return selected
}

// takes tells whether a route is in the state and has the attributes asked for.
func (q routeQuery) takes(rt route) bool {
	switch {
	case rt.hidden != q.hidden, q.active && !rt.active, q.inactive && rt.active:
		return false
	case q.nextHop.IsValid() && !slices.ContainsFunc(rt.hops, func(h hop) bool { return h.to == q.nextHop }) &&
		(rt.path == nil || rt.path.nextHop != q.nextHop):
		return false
	case q.community != nil && (rt.path == nil || !slices.ContainsFunc(rt.path.communities, q.community.MatchString)):
		return false
	case q.asPath != nil && (rt.path == nil || !q.asPath.MatchString(numbers(rt.path.asPath))):
		return false
	}
	return true
}

// numbers are those of an AS path, a space before each, without the origin.
func numbers(path string) string {
	words := strings.Fields(path)
	out := ""
	for _, w := range words[:max(0, len(words)-1)] {
		out += " " + w
	}
	return out
}

func (q routeQuery) atDestination(t *table) []route {
	if !q.prefix.IsValid() {
		return t.routes
	}
	var within []route
	for _, rt := range t.routes {
		inside := q.prefix.Overlaps(rt.prefix) && rt.prefix.Bits() > q.prefix.Bits()
		if rt.prefix == q.prefix && q.extent != "longer" || inside && !q.host && (q.extent == "" || q.extent == "longer") {
			within = append(within, rt)
		}
	}
	if len(within) > 0 || q.extent == "exact" || q.extent == "longer" {
		return within
	}
	match := netip.Prefix{}
	for _, rt := range t.routes {
		if !rt.hidden && rt.prefix.Contains(q.prefix.Addr()) && rt.prefix.Bits() <= q.prefix.Bits() && rt.prefix.Bits() >= match.Bits() {
			match = rt.prefix
		}
	}
	for _, rt := range t.routes {
		if match.IsValid() && rt.prefix == match {
			within = append(within, rt)
		}
	}
	return within
}
