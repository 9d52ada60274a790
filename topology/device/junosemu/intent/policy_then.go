package intent

import (
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// actions are the set lines of a term. For redistribution into BGP there are
// none but the mark: what an export policy changes, it changes at the neighbor.
func (b *mapBuilder) actions(then *config.Node) []string {
	switch b.ctx.use {
	case intoBGP:
		return nil
	case intoOSPF, intoISIS:
		return b.igpActions(then)
	}
	var lines []string
	lines = append(lines, number(then, "local-preference", "set local-preference ")...)
	lines = append(lines, number(then, "metric", "set metric ")...)
	if v := then.Value("origin"); v != "" {
		lines = append(lines, "set origin "+v)
	}
	if v := then.Value("as-path-prepend"); v != "" {
		lines = append(lines, "set as-path prepend "+strings.Join(strings.Fields(v), " "))
	}
	lines = append(lines, b.set.communityActions(then)...)
	return append(lines, b.nextHop(then)...)
}

// number is "metric 5", "metric add 5", "metric subtract 5".
func number(then *config.Node, name, set string) []string {
	n := then.Lookup(name)
	switch {
	case n == nil:
		return nil
	case n.Child(name) != nil:
		return []string{set + n.Child(name).Value()}
	case n.Has("add"):
		return []string{set + "+" + n.Value("add")}
	case n.Has("subtract"):
		return []string{set + "-" + n.Value("subtract")}
	}
	return nil
}

// nextHop is "next-hop self" and its kin.
func (b *mapBuilder) nextHop(then *config.Node) []string {
	n := then.Lookup("next-hop")
	if n == nil {
		return nil
	}
	ip, global := "set ip next-hop ", "set ip next-hop "
	if b.ctx.v6 {
		ip, global = "set ipv6 next-hop ", "set ipv6 next-hop global "
	}
	// FRR's peer-address is the router's own address on the way out, and the
	// neighbor's on the way in.
	switch {
	case n.Has("self") && b.ctx.use == bgpExport, n.Has("peer-address") && b.ctx.use == bgpImport:
		return []string{ip + "peer-address"}
	case n.Has("self"), n.Has("peer-address"):
		b.set.c.unacted(n, "FRR cannot do this in this direction")
		return nil
	}
	address := n.Child("address").Value()
	if address == "" || strings.Contains(address, ":") != b.ctx.v6 {
		return nil
	}
	return []string{global + address}
}

// igpActions are what a route that is redistributed into an IGP gets. Junos
// gives it metric 0 where the policy does not say.
func (b *mapBuilder) igpActions(then *config.Node) []string {
	lines := number(then, "metric", "set metric ")
	if t := then.Value("external", "type"); t != "" && b.ctx.use == intoOSPF {
		lines = append(lines, "set metric-type type-"+t)
	}
	if n := then.Lookup("tag"); n != nil && n.Child("tag").Value() != "0" {
		lines = append(lines, "set tag "+n.Child("tag").Value())
	}
	return lines
}

// communityActions are the changes of communities, in order. Of several,
// those that delete come first.
func (s *policySet) communityActions(then *config.Node) []string {
	var add, remove []string
	replace := false
	for _, a := range then.Children("community") {
		how, name := a.Keys()[0], a.Keys()[1]
		switch how {
		case "delete":
			if found, ok := s.communityLists([]string{name}); ok {
				remove = append(remove, "set comm-list "+found[0]+" delete")
			}
			continue
		case "set":
			replace, add = true, nil
		}
		for _, m := range s.c.communityMembers(name) {
			if isRegex(m) {
				s.c.unacted(a, "a community with wildcards cannot be added")
			} else if !slices.Contains(add, m) {
				add = append(add, m)
			}
		}
	}
	if len(add) == 0 {
		return remove
	}
	line := "set community " + strings.Join(add, " ")
	if !replace {
		line += " additive"
	}
	return append(remove, line)
}
