package intent

import (
	"slices"
	"strconv"
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
	lines = append(lines, b.asPath(then)...)
	if b.ctx.use == bgpImport {
		lines = append(lines, b.importActions(then)...)
	}
	lines = append(lines, b.set.communityActions(then)...)
	return append(lines, b.nextHop(then)...)
}

// asPath is what a term puts in front of the path: numbers, or the neighbor's
// some more times. FRR holds one of the two.
func (b *mapBuilder) asPath(then *config.Node) []string {
	expand := then.Lookup("as-path-expand")
	words := then.Value("as-path-prepend")
	if v := expand.Value("aspath"); v != "" {
		words = strings.TrimSpace(v + " " + words)
	}
	last := expand.Lookup("last-as")
	switch {
	case words != "":
		if last != nil {
			b.set.c.differs(expand, "FRR cannot expand and prepend in one term")
		}
		return []string{"set as-path prepend " + strings.Join(strings.Fields(words), " ")}
	case last != nil:
		count := last.Value("count")
		if count == "" {
			count = "1"
		}
		return []string{"set as-path prepend last-as " + count}
	}
	return nil
}

// importActions are about the routing table: the tag and the preference. The
// lower preference is the better BGP path, whatever else says; FRR's word for
// that is weight.
func (b *mapBuilder) importActions(then *config.Node) []string {
	var lines []string
	if n := then.Lookup("tag"); n.Child("tag").Value() != "" {
		if b.ctx.mark {
			b.set.c.unacted(n, "FRR's tags already tell internal from external routes here, as the export policies ask for")
		} else {
			lines = append(lines, "set tag "+n.Child("tag").Value())
		}
	}
	if n := then.Lookup("preference"); n.Child("preference").Value() != "" {
		distance := b.set.c.distance(n, "preference", bgpPreference)
		lines = append(lines, "set distance "+strconv.Itoa(distance), "set weight "+strconv.Itoa(weightOf(distance)))
	}
	return lines
}

// weightOf orders BGP paths as their preferences do. It is below the weight of
// routes from other protocols, which win by their own preference.
func weightOf(preference int) int { return 32767 - preference }

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

// communityActions are the changes of communities. Of several, those that
// delete come first.
func (s *policySet) communityActions(then *config.Node) []string {
	var remove, lines []string
	add := map[communityKind][]string{}
	replace := false
	for _, a := range then.Children("community") {
		how, name := a.Keys()[0], a.Keys()[1]
		if how == "delete" {
			remove = append(remove, s.deletable(a, s.c.communityMembers(name))...)
			continue
		}
		if how == "set" {
			replace = true
			clear(add)
		}
		for _, m := range s.c.communityMembers(name) {
			kind := kindOf(m)
			switch {
			case isRegex(m):
				s.c.unacted(a, "a community with wildcards cannot be added")
			case kind == otherCommunity:
				s.c.unacted(a, "FRR cannot add "+m)
			case !slices.Contains(add[kind], m):
				add[kind] = append(add[kind], m)
			}
		}
	}
	lines = append(lines, s.deletions(remove)...)
	if slices.ContainsFunc(remove, isEvery) {
		if len(add[extendedCommunity]) == 0 {
			lines = append(lines, "set extcommunity none")
		} else {
			s.c.differs(then, "FRR cannot delete all extended communities and add some")
		}
	}
	for _, set := range []struct {
		kind communityKind
		name string
	}{{standardCommunity, "community"}, {largeCommunity, "large-community"}} {
		if members := add[set.kind]; len(members) > 0 {
			line := "set " + set.name
			for _, m := range members {
				line += " " + frrCommunity(m)
			}
			if !replace {
				line += " additive"
			}
			lines = append(lines, line)
		}
	}
	if replace && len(add[extendedCommunity]) > 0 {
		s.c.differs(then, "FRR adds extended communities to those that are there")
	}
	return append(lines, extendedAdditions(add[extendedCommunity])...)
}

// extendedAdditions: FRR has a line for route targets and one for origins.
func extendedAdditions(members []string) []string {
	var lines []string
	for _, kind := range []string{"rt", "soo"} {
		line := ""
		for _, m := range members {
			if value, ok := strings.CutPrefix(frrCommunity(m), kind+" "); ok {
				line += " " + value
			}
		}
		if line != "" {
			lines = append(lines, "set extcommunity "+kind+line)
		}
	}
	return lines
}

// deletable are the members that FRR can delete.
func (s *policySet) deletable(at *config.Node, members []string) []string {
	var out []string
	for _, m := range members {
		if kind := kindOf(m); kind == standardCommunity || kind == largeCommunity {
			out = append(out, m)
		} else {
			s.c.unacted(at, "FRR cannot delete "+m)
		}
	}
	return out
}

// isEvery reports a member that stands for all communities. To delete it takes
// the well-known, the extended and the large ones with it, as a router was seen
// to do, and not only those of two numbers.
func isEvery(member string) bool {
	return member == "*:*" || member == ".*:.*" || member == ".*"
}

// deletions delete communities that match any member. FRR takes one list a
// term for each kind.
func (s *policySet) deletions(members []string) []string {
	var lines []string
	for _, kind := range []communityKind{standardCommunity, largeCommunity} {
		var rules []string
		mine := membersByKind(members)[kind]
		if slices.ContainsFunc(members, isEvery) {
			mine = []string{".*"}
		}
		regex := slices.ContainsFunc(mine, isRegex)
		for _, m := range mine {
			if m == ".*" {
				rules = append(rules, "permit .*")
			} else if regex {
				rules = append(rules, "permit _"+communityPattern(m)+"_")
			} else {
				rules = append(rules, "permit "+frrCommunity(m))
			}
		}
		if len(rules) == 0 {
			continue
		}
		what, list := "comm-list", &s.standard
		switch {
		case kind == largeCommunity && regex:
			what, list = "large-comm-list", &s.largeExpanded
		case kind == largeCommunity:
			what, list = "large-comm-list", &s.large
		case regex:
			list = &s.expanded
		}
		lines = append(lines, "set "+what+" "+list.add("delete-"+listSuffix(mine), rules)+" delete")
	}
	return lines
}

// listSuffix makes a name of members.
func listSuffix(members []string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == ':' {
			return r
		}
		return '-'
	}, strings.Join(members, "+"))
}
