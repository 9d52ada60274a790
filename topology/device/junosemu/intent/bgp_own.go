package intent

import (
	"net/netip"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// ownAttributes are entries that give static and aggregate routes the
// attributes of their own: communities, a metric, an AS path.
func (b *bgpCompiler) ownAttributes(maps *policySet, ctx mapContext) []entry {
	var kinds []string
	switch ctx.origins[0] {
	case static:
		kinds = []string{"static"}
	case aggregateRoutes:
		kinds = []string{"aggregate", "generate"}
	}
	var out []entry
	for _, kind := range kinds {
		for _, n := range b.routeNodes(kind) {
			for _, r := range n.Children("route") {
				p, err := netip.ParsePrefix(r.Key())
				sets := b.ownSets(r, kind)
				if err != nil || p.Addr().Is6() != ctx.v6 || len(sets) == 0 {
					continue
				}
				list := &maps.prefix4
				if ctx.v6 {
					list = &maps.prefix6
				}
				m := &mapBuilder{ctx: ctx}
				match := "match " + m.ip() + " address prefix-list " + list.add(kind+"-"+p.String(), []string{"permit " + p.String()})
				out = append(out, entry{permit: true, matches: []string{match}, sets: sets, target: &label{at: len(out) + 1}})
			}
		}
	}
	return out
}

func (b *bgpCompiler) ownSets(r *config.Node, kind string) []string {
	var sets []string
	if m := r.Value("metric", "metric-value"); m != "" && kind == "static" {
		sets = append(sets, "set metric "+m) // aggregates bring theirs along
	}
	if path := r.Value("as-path", "path"); path != "" {
		sets = append(sets, "set as-path prepend "+strings.Join(strings.Fields(path), " "))
	}
	byKind := membersByKind(r.Values("community"))
	for kind, set := range map[communityKind]string{standardCommunity: "set community", largeCommunity: "set large-community"} {
		line := set
		for _, m := range byKind[kind] {
			line += " " + frrCommunity(m)
		}
		if line != set {
			sets = append(sets, line)
		}
	}
	sets = append(sets, extendedAdditions(byKind[extendedCommunity])...)
	if byKind[otherCommunity] != nil {
		b.unacted(r, "FRR has no such community")
	}
	return sets
}
