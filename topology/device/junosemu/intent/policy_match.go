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
		b.fromFamily, b.fromOrigin, b.fromASPath, b.fromCommunity, b.fromNeighbor, b.fromNextHop, b.fromInterface, b.fromTag,
	} {
		alternatives, ok := cond(t.from)
		if !ok {
			return nil
		}
		ways = cross(ways, alternatives)
	}
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
func unknowable(n *config.Node) bool {
	switch n.Name() {
	case "instance", "rib", "area", "as-path-group", "condition", "color", "level", "policy", "preference",
		"route-filter-list", "source-address-filter":
		return true
	}
	return false
}

// cross combines ways with alternative match lines; no alternatives: no condition.
func cross(ways []way, alternatives []string) []way {
	if len(alternatives) == 0 {
		return ways
	}
	var out []way
	for _, w := range ways {
		for _, a := range alternatives {
			m := w
			m.matches = append(slices.Clone(w.matches), a)
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

// fromOrigin reduces the origins to those that the term wants. Where these are
// all that can be here, nothing needs to be matched.
func (b *mapBuilder) fromOrigin(from *config.Node) ([]string, bool) {
	protocols, routeType := from.Values("protocol"), from.Value("route-type")
	wanted := func(o origin) bool {
		if len(protocols) > 0 && !slices.ContainsFunc(o.protocols(b.ctx.v6), func(p string) bool { return slices.Contains(protocols, p) }) {
			return false
		}
		switch routeType {
		case "external":
			return o == bgpExternal
		case "internal":
			return o == bgpInternal
		}
		return true
	}
	var lines []string
	for _, o := range b.ctx.origins {
		if wanted(o) {
			lines = append(lines, "match tag "+o.mark())
		}
	}
	if len(lines) == len(b.ctx.origins) || len(lines) == 0 {
		return nil, len(lines) > 0
	}
	for _, o := range b.ctx.origins {
		if wanted(o) {
			b.tagged[o] = true
		}
	}
	return lines, true
}

func (b *mapBuilder) fromASPath(from *config.Node) ([]string, bool) {
	names := from.Values("as-path")
	if len(names) == 0 {
		return nil, true
	}
	if !b.bgp() {
		return nil, false
	}
	var rules []string
	for _, name := range names {
		def := b.set.c.root.Lookup("policy-options", "as-path", name)
		if def == nil {
			return nil, false // checkPolicies has complained
		}
		rules = append(rules, "permit "+asPathRegex(def.Value("path")))
	}
	return []string{"match as-path " + b.set.asPaths.add(strings.Join(names, "+"), rules)}, true
}

// bgp tells whether routes have BGP's attributes here.
func (b *mapBuilder) bgp() bool { return b.ctx.use == bgpImport || b.ctx.use == bgpExport }

func (b *mapBuilder) fromCommunity(from *config.Node) ([]string, bool) {
	names := from.Values("community")
	if len(names) == 0 {
		return nil, true
	}
	if !b.bgp() {
		return nil, false
	}
	found, ok := b.set.communityLists(names)
	var lines []string
	for _, l := range found {
		lines = append(lines, "match community "+l)
	}
	return lines, ok
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

func (b *mapBuilder) fromTag(from *config.Node) ([]string, bool) {
	tags := from.Values("tag")
	if len(tags) > 0 && (b.bgp() || b.ctx.use == intoBGP) {
		b.set.c.unacted(from.Child("tag"), "BGP policies do not see the tag of a route")
		return nil, false
	}
	var lines []string
	for _, tag := range tags {
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
