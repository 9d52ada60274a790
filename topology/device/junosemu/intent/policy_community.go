package intent

import (
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// communityMembers returns the members of a community definition.
func (c *compiler) communityMembers(name string) []string {
	return c.root.Values("policy-options", "community", name, "members")
}

// isRegex tells a pattern (65000:.*, 65000:*) from a community.
func isRegex(member string) bool {
	return strings.ContainsAny(member, "*?.[](){}^$|+")
}

// communityList makes the list of routes that have any of the definitions.
// A definition needs all of its members.
func (s *policySet) communityList(names []string) (match string, ok bool) {
	regex := false
	for _, name := range names {
		n := s.c.root.Lookup("policy-options", "community", name)
		if n == nil {
			return "", false // checkPolicies has complained
		}
		members := n.Values("members")
		if n.Has("invert-match") || len(members) == 0 || !s.supported(n, members) {
			s.c.unacted(n, "FRR has no such list")
			return "", false
		}
		for _, m := range members {
			regex = regex || isRegex(m)
		}
	}
	list := strings.Join(names, "+")
	if !regex {
		var rules []string
		for _, name := range names {
			rules = append(rules, "permit "+strings.Join(s.c.communityMembers(name), " "))
		}
		return "community " + s.standard.add(list, rules), true
	}
	var rules []string
	for _, name := range names {
		rules = append(rules, "permit "+communityRegex(s.c.communityMembers(name)[0]))
	}
	return "community " + s.expanded.add(list+"-regex", rules), true
}

// supported are standard communities, and one pattern a definition.
func (s *policySet) supported(n *config.Node, members []string) bool {
	for _, m := range members {
		if strings.Count(m, ":") != 1 && !wellKnown(m) {
			return false // target:, origin:, large:
		}
		if isRegex(m) && len(members) > 1 {
			return false
		}
	}
	return true
}

func wellKnown(m string) bool {
	switch m {
	case "no-export", "no-advertise", "no-peer", "local-AS", "graceful-shutdown", "accept-own", "blackhole":
		return true
	}
	return false
}

// communityRegex turns Junos's pattern to one of FRR's, which sees all
// communities of a route in one line. A bare * stands for any number.
func communityRegex(pattern string) string {
	pattern = strings.TrimSuffix(strings.TrimPrefix(pattern, "^"), "$")
	left, right, _ := strings.Cut(pattern, ":")
	return "_" + number16(left) + ":" + number16(right) + "_"
}

func number16(p string) string {
	if p == "*" {
		return "[0-9]+"
	}
	return strings.ReplaceAll(p, ".", "[0-9]")
}

// asPathRegex turns Junos's pattern over AS numbers, which matches a whole
// path, to one of FRR's over characters.
func asPathRegex(pattern string) string {
	var b strings.Builder
	b.WriteString("^")
	for i := 0; i < len(pattern); {
		switch c := pattern[i]; {
		case c == ' ':
			i++
		case c == '.':
			b.WriteString(asTerm("[0-9]+"))
			i++
		case c >= '0' && c <= '9':
			end := i
			for end < len(pattern) && pattern[end] >= '0' && pattern[end] <= '9' {
				end++
			}
			b.WriteString(asTerm(pattern[i:end]))
			i = end
		case c == '^' || c == '$':
			i++ // every pattern is anchored
		case strings.HasPrefix(pattern[i:], "()"):
			i += 2 // the empty path
		default:
			b.WriteByte(c) // ( ) | * + ? { , }
			i++
		}
	}
	b.WriteString("$")
	return b.String()
}

// asTerm is one AS number with what separates it from the one before.
func asTerm(number string) string { return "((^| )" + number + ")" }
