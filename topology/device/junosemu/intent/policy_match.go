package intent

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// A way is one conjunction of conditions that makes a term match.
type way struct {
	matches []string
	action  string // of a route filter that has its own: accept or reject
}

// conditions returns the ways to match a term: none if it cannot match here.
func (b *mapBuilder) conditions(policy *config.Node, t term) []way {
	if t.hasTo {
		return nil // warned of: the schema knows that "to" is not acted on
	}
	ways := []way{{}}
	if t.from == nil {
		return ways
	}
	for _, cond := range []func(*config.Node) ([]string, bool){
		b.fromFamily, b.fromTable, b.fromOrigin, b.fromASPath, b.fromNeighbor, b.fromNextHop, b.fromInterface, b.fromTag,
	} {
		alternatives, ok := cond(t.from)
		if !ok {
			return nil
		}
		ways = cross(ways, alternatives)
	}
	communities, ok := b.fromCommunity(t.from)
	if !ok {
		return nil
	}
	ways = crossAll(ways, communities)
	if slices.ContainsFunc(t.from.All(), unknowable) {
		return nil
	}
	plain, ok := b.fromPlain(t.from)
	if !ok {
		return nil
	}
	for i := range ways {
		ways[i].matches = slices.Concat(ways[i].matches, plain)
	}
	return b.fromPrefixes(policy, t, ways)
}

// unknowable are conditions that are stored and not acted on. A term that has
// one never matches: guessing that it does would let routes through.
func unknowable(n *config.Node) bool { return !n.Acted() }

// cross combines ways with alternative match lines; no alternatives: no condition.
func cross(ways []way, alternatives []string) []way {
	var all [][]string
	for _, a := range alternatives {
		all = append(all, []string{a})
	}
	return crossAll(ways, all)
}

// crossAll is cross with alternatives of several lines.
func crossAll(ways []way, alternatives [][]string) []way {
	if len(alternatives) == 0 {
		return ways
	}
	var out []way
	for _, w := range ways {
		for _, a := range alternatives {
			m := w
			m.matches = slices.Concat(w.matches, a)
			out = append(out, m)
		}
	}
	return out
}

func (b *mapBuilder) fromFamily(from *config.Node) ([]string, bool) {
	switch from.Value("family") {
	case "":
		return nil, true
	case "inet":
		return nil, !b.ctx.v6
	case "inet6":
		return nil, b.ctx.v6
	}
	return nil, false
}

// fromTable is "from rib": the table that the routes here are in, or another one.
func (b *mapBuilder) fromTable(from *config.Node) ([]string, bool) {
	name := from.Value("rib")
	table := "inet.0"
	if b.ctx.v6 {
		table = "inet6.0"
	}
	if instance := b.set.c.instance; instance != "" {
		table = instance + "." + table
	}
	return nil, name == "" || name == table
}

// fromOrigin reduces the origins to those that the term wants. Where these are
// all that can be here, nothing needs to be matched.
func (b *mapBuilder) fromOrigin(from *config.Node) ([]string, bool) {
	b.checkOrigin(from)
	var lines []string
	for _, o := range b.ctx.origins {
		if b.wants(from, o) {
			lines = append(lines, "match tag "+o.mark())
		}
	}
	if len(lines) == len(b.ctx.origins) || len(lines) == 0 {
		return nil, len(lines) > 0
	}
	for _, o := range b.ctx.origins {
		if b.wants(from, o) {
			b.tagged[o] = true
		}
	}
	return lines, true
}

// checkOrigin warns of protocols and kinds of routes that FRR cannot redistribute.
func (b *mapBuilder) checkOrigin(from *config.Node) {
	protocols := from.Values("protocol")
	for _, p := range protocols {
		switch p {
		case "bgp", "direct", "static", "aggregate", "ospf", "ospf2", "ospf3", "isis":
		case "local":
			b.set.c.differs(from.Child("protocol"), "the router's own addresses are no routes here")
		default:
			b.set.c.unacted(from.Child("protocol"), "there are no routes of "+p)
		}
	}
	igp := slices.ContainsFunc(protocols, func(p string) bool { return strings.HasPrefix(p, "ospf") || p == "isis" })
	if igp && from.Has("route-type") {
		b.set.c.unacted(from.Child("route-type"), "internal and external routes are told apart in BGP only")
	}
}

// wants tells whether a term wants routes of an origin: of the protocol, the
// kind of BGP neighbor and, where BGP tells them apart, the tag.
func (b *mapBuilder) wants(from *config.Node, o origin) bool {
	protocols, tags := from.Values("protocol"), from.Values("tag")
	if len(protocols) > 0 && !slices.ContainsFunc(o.protocols(b.ctx.v6), func(p string) bool { return slices.Contains(protocols, p) }) {
		return false
	}
	if len(tags) > 0 && (b.bgp() || b.ctx.use == intoBGP) && !slices.Contains(tags, o.tag) {
		return false
	}
	switch from.Value("route-type") {
	case "external":
		return o == bgpExternal
	case "internal":
		return o == bgpInternal
	}
	return true
}

func (b *mapBuilder) fromASPath(from *config.Node) ([]string, bool) {
	names, groups := from.Values("as-path"), from.Values("as-path-group")
	if len(names)+len(groups) == 0 {
		return nil, true
	}
	if !b.attributes() {
		return nil, false
	}
	options := b.set.c.root.Lookup("policy-options")
	var rules []string
	for _, name := range names {
		// checkPolicies has complained of those that are not there.
		rules = append(rules, "permit "+asPathRegex(options.Value("as-path", name, "path")))
	}
	for _, group := range groups {
		for _, p := range options.Lookup("as-path-group", group).Children("as-path") {
			rules = append(rules, "permit "+asPathRegex(p.Value("path")))
		}
	}
	return []string{"match as-path " + b.set.asPaths.add(strings.Join(slices.Concat(names, groups), "+"), rules)}, true
}

// bgp tells whether routes are BGP's here.
func (b *mapBuilder) bgp() bool { return b.ctx.use == bgpImport || b.ctx.use == bgpExport }

// attributes tells whether routes have BGP's attributes here.
func (b *mapBuilder) attributes() bool { return b.bgp() || b.ctx.use == intoBGP }

// fromCommunity returns alternatives, each a conjunction.
func (b *mapBuilder) fromCommunity(from *config.Node) ([][]string, bool) {
	names := from.Values("community")
	if len(names) == 0 {
		return nil, true
	}
	if !b.attributes() {
		return nil, false
	}
	return b.set.communityMatches(names)
}

func (b *mapBuilder) fromNeighbor(from *config.Node) ([]string, bool) {
	var lines []string
	for _, a := range from.Values("neighbor") {
		lines = append(lines, "match peer "+a)
	}
	if len(lines) > 0 && b.ctx.use != bgpImport {
		b.set.c.unacted(from.Child("neighbor"), "only import policies know the neighbor")
		return nil, false
	}
	return lines, true
}

func (b *mapBuilder) fromNextHop(from *config.Node) ([]string, bool) {
	hops := from.Values("next-hop")
	var lines []string
	for _, h := range hops {
		a, err := netip.ParseAddr(h)
		switch {
		case err != nil || a.Is6() != b.ctx.v6:
		case a.Is6():
			lines = append(lines, "match ipv6 next-hop address "+a.String())
		default:
			lines = append(lines, "match ip next-hop address "+a.String())
		}
	}
	return lines, len(hops) == 0 || len(lines) > 0
}

func (b *mapBuilder) fromInterface(from *config.Node) ([]string, bool) {
	names := from.Values("interface")
	var lines []string
	for _, name := range names {
		if u, ok := b.set.c.find(name); ok {
			lines = append(lines, "match interface "+u.device)
		}
	}
	return lines, len(names) == 0 || len(lines) > 0
}

// fromTag: towards an IGP FRR sees the tag that a route has. In BGP origins
// stand for tags.
func (b *mapBuilder) fromTag(from *config.Node) ([]string, bool) {
	if b.attributes() {
		return nil, true
	}
	var lines []string
	for _, tag := range from.Values("tag") {
		lines = append(lines, "match tag "+tag)
	}
	return lines, true
}

// fromPlain are conditions that FRR has in the same form, all of which must hold.
func (b *mapBuilder) fromPlain(from *config.Node) ([]string, bool) {
	var lines []string
	for _, name := range []string{"local-preference", "metric", "origin"} {
		v := from.Value(name)
		if v == "" {
			continue
		}
		if name != "metric" && !b.bgp() {
			return nil, false
		}
		lines = append(lines, "match "+name+" "+v)
	}
	return lines, true
}
