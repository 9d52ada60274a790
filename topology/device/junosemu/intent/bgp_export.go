package intent

import (
	"fmt"
	"slices"
)

// exports is what export policies ask of a family.
type exports struct {
	redistribute []string // lines
	origins      []origin // redistributed
	tagged       map[origin]bool
	out          map[*neighbor]string // outbound route-map
}

// exports compiles the export policies of a family. Policies say which routes
// of other protocols BGP announces, FRR wants these redistributed first: so
// whatever some policy lets through is redistributed, marked with a tag, and
// sorted out at each neighbor.
func (b *bgpCompiler) exports(f family) *exports {
	e := &exports{tagged: map[origin]bool{}, out: map[*neighbor]string{}}
	var chains [][]string
	for _, n := range b.neighbors {
		chains = append(chains, n.values("export"))
	}
	tags := b.policyTags(chains)
	for _, o := range []origin{direct, static, aggregateRoutes, ospfRoutes, isisRoutes} {
		if line := b.redistributed(f, o, tags); line != "" {
			e.redistribute = append(e.redistribute, line)
			e.origins = append(e.origins, o.withTags(tags)...)
		}
	}
	names := map[string]string{} // of what was built already: neighbors share policies
	for _, n := range b.neighbors {
		chain := n.values("export")
		if !n.families[f] || len(chain) == 0 && len(e.origins) == 0 {
			continue
		}
		ctx := mapContext{use: bgpExport, v6: f.v6, origins: append(b.learned(n), e.origins...)}
		key := fmt.Sprintf("%q %v", chain, n.internal)
		if name, built := names[key]; built {
			e.out[n] = name
			continue
		}
		m := b.maps.build(chain, ctx)
		for o := range m.tagged {
			e.tagged[o] = true
		}
		names[key] = b.maps.keep(m, mapName(chain, ctx))
		e.out[n] = names[key]
	}
	return e
}

// learned are the origins of BGP routes that may be sent to a neighbor.
func (b *bgpCompiler) learned(n *neighbor) []origin {
	if n.internal && !b.reflector {
		return []origin{bgpExternal} // internal ones are not passed on
	}
	return []origin{bgpExternal, bgpInternal}
}

// redistributed is the line that brings an origin into a family, or "".
func (b *bgpCompiler) redistributed(f family, o origin, tags []string) string {
	if !b.runs(o, f) {
		return ""
	}
	ctx := mapContext{use: intoBGP, v6: f.v6, origins: []origin{o}}
	var chains, tried [][]string
	for _, n := range b.neighbors {
		chain := n.values("export")
		if !n.families[f] || slices.ContainsFunc(tried, func(c []string) bool { return slices.Equal(c, chain) }) {
			continue
		}
		tried = append(tried, chain)
		if b.intoBGP(newPolicySet(b.compiler), &chain, ctx, tags).accepts() {
			chains = append(chains, chain)
		}
	}
	name := ""
	switch len(chains) {
	case 0:
		return ""
	case 1:
		name = b.maps.keep(b.intoBGP(b.maps, &chains[0], ctx, tags), mapName(chains[0], ctx))
	default:
		// Several policies want some of them: all come, each neighbor's own
		// policy chooses.
		name = b.maps.keep(b.intoBGP(b.maps, nil, ctx, tags), mapName([]string{"any"}, ctx))
	}
	return fmt.Sprintf("redistribute %s route-map %s", o.frr(f.v6), name)
}

// intoBGP compiles what a chain lets through of one origin, or everything if
// there is no chain; routes with the tags that policies ask for apart.
func (b *bgpCompiler) intoBGP(maps *policySet, chain *[]string, ctx mapContext, tags []string) *mapBuilder {
	whole := &mapBuilder{set: maps, ctx: ctx, tagged: map[origin]bool{}}
	whole.entries = b.ownAttributes(maps, ctx)
	for _, o := range ctx.origins[0].withTags(tags) {
		ctx.origins = []origin{o}
		one := &mapBuilder{set: maps, ctx: ctx, tagged: map[origin]bool{}}
		if chain == nil {
			one.add(entry{permit: true, sets: one.finalSets()})
		} else {
			one.chain(*chain)
		}
		match := ""
		if o.tag != "" {
			match = "match tag " + o.tag
		}
		whole.absorb(one, match)
	}
	return whole
}

// runs tells whether there can be routes of an origin.
func (b *bgpCompiler) runs(o origin, f family) bool {
	protocol := o.name
	switch o {
	case direct, static:
		return true
	case aggregateRoutes:
		return b.hasAggregates(f.v6)
	case ospfRoutes:
		protocol = o.protocols(f.v6)[0]
	}
	return b.scope.Has("protocols", protocol)
}
