package intent

import (
	"slices"
	"strings"
)

// communityKind is which attribute a community is in.
type communityKind int

const (
	standardCommunity communityKind = iota
	largeCommunity
	extendedCommunity
	otherCommunity // that FRR has no list for
)

// kindOf reads the prefix that Junos tells kinds apart by.
func kindOf(member string) communityKind {
	switch first, _, _ := strings.Cut(member, ":"); {
	case first == "large":
		return largeCommunity
	case first == "target", first == "origin":
		return extendedCommunity
	case strings.Count(member, ":") == 1, wellKnown(member):
		return standardCommunity
	}
	return otherCommunity
}

func wellKnown(m string) bool {
	switch m {
	case "no-export", "no-advertise", "no-peer", "local-AS", "graceful-shutdown", "accept-own", "blackhole":
		return true
	}
	return false
}

// frrCommunity is a member in FRR's words, without what tells its kind; those
// of an extended one are "rt" and "soo".
func frrCommunity(member string) string {
	switch name, value, _ := strings.Cut(member, ":"); name {
	case "large":
		return value
	case "target":
		return "rt " + strings.TrimSuffix(value, "L")
	case "origin":
		return "soo " + value
	}
	if member == "no-export-subconfed" {
		return "local-AS"
	}
	return member
}

// communityMembers returns the members of a community definition.
func (c *compiler) communityMembers(name string) []string {
	return c.root.Values("policy-options", "community", name, "members")
}

// isRegex tells a pattern (65000:.*, 65000:*) from a community.
func isRegex(member string) bool {
	if kindOf(member) == extendedCommunity {
		member = strings.ReplaceAll(member, ".", "") // of an IPv4 address
	}
	return strings.ContainsAny(member, "*?.[](){}^$|+")
}

// communityMatches are the lines that match routes which have any of the
// definitions. A definition needs all of its members.
func (s *policySet) communityMatches(names []string) (out [][]string, ok bool) {
	var plain, rules []string
	for _, name := range names {
		n := s.c.root.Lookup("policy-options", "community", name)
		if n == nil {
			return nil, false // checkPolicies has complained
		}
		byKind := membersByKind(n.Values("members"))
		invert := n.Has("invert-match")
		if len(byKind) == 0 || byKind[otherCommunity] != nil || invert && len(byKind) > 1 {
			s.c.unacted(n, "FRR has no such list")
			return nil, false
		}
		if members := byKind[standardCommunity]; len(byKind) == 1 && members != nil && !invert && !slices.ContainsFunc(members, isRegex) {
			plain = append(plain, name)
			rules = append(rules, "permit "+strings.Join(members, " "))
			continue
		}
		var lines []string
		for kind := standardCommunity; kind < otherCommunity; kind++ {
			if members := byKind[kind]; members != nil {
				lines = append(lines, s.communityMatch(name, kind, members, invert))
			}
		}
		out = append(out, lines)
	}
	if len(plain) > 0 {
		out = append(out, []string{"match community " + s.standard.add(strings.Join(plain, "+"), rules)})
	}
	return out, true
}

func membersByKind(members []string) map[communityKind][]string {
	byKind := map[communityKind][]string{}
	for _, m := range members {
		byKind[kindOf(m)] = append(byKind[kindOf(m)], m)
	}
	return byKind
}

// communityMatch matches routes that have all members of one kind, or not all.
func (s *policySet) communityMatch(name string, kind communityKind, members []string, invert bool) string {
	what := [...]string{"community", "large-community", "extcommunity"}[kind]
	plain := [...]*lists{&s.standard, &s.large, &s.extended}[kind]
	expanded := [...]*lists{&s.expanded, &s.largeExpanded, &s.extendedExpanded}[kind]
	if !invert && !slices.ContainsFunc(members, isRegex) {
		var words []string
		for _, m := range members {
			words = append(words, frrCommunity(m))
		}
		return "match " + what + " " + plain.add(name, []string{"permit " + strings.Join(words, " ")})
	}
	regex := allOf(members)
	if !invert {
		return "match " + what + " " + expanded.add(name, []string{"permit " + regex})
	}
	return "match " + what + " " + expanded.add(name, []string{"deny " + regex, "permit .*"})
}

// allOf is the expression of a line of communities that has all of the members,
// in whatever order.
func allOf(members []string) string {
	var orders []string
	permute(members, func(order []string) {
		var words []string
		for _, m := range order {
			words = append(words, communityPattern(m))
		}
		orders = append(orders, "_"+strings.Join(words, "([ ].*)?[ ]")+"_")
	})
	if len(orders) == 1 {
		return orders[0]
	}
	return "(" + strings.Join(orders, "|") + ")"
}

// permute calls f with every order of words.
func permute(words []string, f func([]string)) {
	var step func(done, left []string)
	step = func(done, left []string) {
		if len(left) == 0 {
			f(done)
			return
		}
		for i := range left {
			step(append(slices.Clone(done), left[i]), slices.Concat(left[:i], left[i+1:]))
		}
	}
	step(nil, words)
}

// communityPattern turns Junos's pattern to one of FRR's, which sees all
// communities of a route in one line. A bare * stands for any number.
func communityPattern(member string) string {
	if wellKnown(member) {
		return member
	}
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(member, "^"), "$"), ":")
	switch parts[0] {
	case "large":
		parts = parts[1:]
	case "target":
		parts[0] = "RT"
	case "origin":
		parts[0] = "SoO"
	}
	for i, p := range parts {
		parts[i] = numberPattern(p, kindOf(member))
	}
	return strings.Join(parts, ":")
}

// numberPattern is the pattern of one number; the dots of an extended
// community's are those of an address.
func numberPattern(p string, kind communityKind) string {
	switch {
	case p == "*":
		return "[0-9]+"
	case kind == extendedCommunity && strings.Count(p, ".") == 3:
		return strings.ReplaceAll(p, ".", "[.]")
	}
	return strings.ReplaceAll(p, ".", "[0-9]")
}
