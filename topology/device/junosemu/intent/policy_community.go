package intent

import "strings"

// communityMembers returns the members of a community definition.
func (c *compiler) communityMembers(name string) []string {
	return c.root.Values("policy-options", "community", name, "members")
}

// isRegex tells a pattern (65000:.*, 65000:*) from a community.
func isRegex(member string) bool {
	return strings.ContainsAny(member, "*?.[](){}^$|+")
}

// communityLists makes the lists of routes that have any of the definitions:
// one of those without wildcards, one for each that has. A definition needs
// all of its members.
func (s *policySet) communityLists(names []string) (found []string, ok bool) {
	var plain, rules []string
	for _, name := range names {
		n := s.c.root.Lookup("policy-options", "community", name)
		if n == nil {
			return nil, false // checkPolicies has complained
		}
		members := n.Values("members")
		switch {
		case n.Has("invert-match") || len(members) == 0 || !s.supported(members):
			s.c.unacted(n, "FRR has no such list")
			return nil, false
		case isRegex(members[0]):
			found = append(found, s.expanded.add(name, []string{"permit " + communityRegex(members[0])}))
		default:
			plain = append(plain, name)
			rules = append(rules, "permit "+strings.Join(members, " "))
		}
	}
	if len(plain) > 0 {
		found = append(found, s.standard.add(strings.Join(plain, "+"), rules))
	}
	return found, true
}

// supported are standard communities, and one pattern a definition.
func (s *policySet) supported(members []string) bool {
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
		case c == '{':
			end := strings.IndexByte(pattern[i:], '}') + i + 1
			if end <= i {
				end = len(pattern)
			}
			b.WriteString(pattern[i:end])
			i = end
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
