package intent

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// A prefixMatch is a prefix with the lengths of what it matches below it.
type prefixMatch struct {
	prefix netip.Prefix
	low    int // lengths from here
	high   int // to here
	action string
}

// fromPrefixes adds the prefix conditions of a term: prefix lists, prefix list
// filters and route filters, any of which may match.
func (b *mapBuilder) fromPrefixes(policy *config.Node, t term, ways []way) []way {
	conditions, any := b.prefixMatches(t.from)
	if !any {
		return ways
	}
	if len(conditions) == 0 {
		return nil // of the other family, or empty
	}
	base := policy.Key()
	if t.name != "" {
		base += ":" + t.name
	}
	var out []way
	for _, action := range actionsOf(conditions) {
		name := base
		if action != "" {
			name += ":" + action
		}
		lines := b.prefixList(name, conditions, action)
		if lines.empty {
			continue
		}
		match := fmt.Sprintf("match %s address prefix-list %s", b.ip(), lines.name)
		for _, w := range cross(ways, []string{match}) {
			w.action = action
			out = append(out, w)
		}
	}
	return out
}

func (b *mapBuilder) ip() string {
	if b.ctx.v6 {
		return "ipv6"
	}
	return "ip"
}

func actionsOf(conditions []prefixMatch) []string {
	var out []string
	for _, c := range conditions {
		if !slices.Contains(out, c.action) {
			out = append(out, c.action)
		}
	}
	return out
}

// prefixMatches collects conditions of this family; any tells whether there
// were prefix conditions at all.
func (b *mapBuilder) prefixMatches(from *config.Node) (out []prefixMatch, any bool) {
	add := func(prefix, kind, argument, action string) {
		p, err := netip.ParsePrefix(prefix)
		if err != nil || p.Addr().Is6() != b.ctx.v6 {
			return
		}
		out = append(out, lengths(p.Masked(), kind, argument, action)...)
	}
	for _, l := range from.Children("prefix-list") {
		any = true
		for _, p := range b.set.c.prefixList(l.Key()) {
			add(p, "exact", "", "")
		}
	}
	for _, l := range from.Children("prefix-list-filter") {
		any = true
		for _, p := range b.set.c.prefixList(l.Key()) {
			add(p, l.Keys()[1], "", inlineAction(l))
		}
	}
	filter := func(f *config.Node) {
		argument := ""
		if len(f.Keys()) > 2 {
			argument = f.Keys()[2]
		}
		add(f.Key(), f.Keys()[1], argument, inlineAction(f))
	}
	for _, l := range from.Values("route-filter-list") {
		any = true
		for _, f := range b.set.c.root.Lookup("policy-options", "route-filter-list", l).Children("rf_list") {
			filter(f)
		}
	}
	for _, f := range from.Children("route-filter") {
		any = true
		filter(f)
	}
	return out, any
}

func inlineAction(n *config.Node) string {
	switch {
	case n.Has("accept"):
		return "accept"
	case n.Has("reject"):
		return "reject"
	}
	return ""
}

// prefixList returns the items of a list.
func (c *compiler) prefixList(name string) []string {
	var out []string
	for _, i := range c.root.Lookup("policy-options", "prefix-list", name).Children("prefix-list-item") {
		out = append(out, i.Key())
	}
	return out
}

// lengths turns Junos's match types to ranges of lengths.
func lengths(p netip.Prefix, kind, argument, action string) []prefixMatch {
	m := prefixMatch{prefix: p, low: p.Bits(), high: p.Bits(), action: action}
	longest := p.Addr().BitLen()
	switch kind {
	case "orlonger":
		m.high = longest
	case "longer":
		m.low, m.high = p.Bits()+1, longest
	case "upto":
		m.high = length(argument)
	case "prefix-length-range":
		low, high, _ := strings.Cut(argument, "-")
		m.low, m.high = length(low), length(high)
	case "through":
		return through(p, argument, action)
	}
	if m.low < p.Bits() {
		m.low = p.Bits()
	}
	if m.low > m.high || m.high > longest {
		return nil
	}
	return []prefixMatch{m}
}

func length(s string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(s, "/"))
	if err != nil {
		return -1
	}
	return n
}

// through is every prefix on the way from p down to another.
func through(p netip.Prefix, to, action string) []prefixMatch {
	end, err := netip.ParsePrefix(to)
	if err != nil {
		return nil
	}
	var out []prefixMatch
	for bits := p.Bits(); bits <= end.Bits(); bits++ {
		step := netip.PrefixFrom(end.Addr(), bits).Masked()
		out = append(out, prefixMatch{prefix: step, low: bits, high: bits, action: action})
	}
	return out
}

type namedList struct {
	name  string
	empty bool
}

// prefixList makes the list of the conditions that have one action. Junos takes
// the longest filter that covers a route and then only asks that one; a list
// is asked from the top, so longer prefixes come first, and those that also
// a shorter one would match end with a denial of what they did not take.
func (b *mapBuilder) prefixList(name string, conditions []prefixMatch, action string) namedList {
	sorted := slices.Clone(conditions)
	slices.SortStableFunc(sorted, func(x, y prefixMatch) int { return y.prefix.Bits() - x.prefix.Bits() })
	var rules []string
	permits := false
	for i, m := range sorted {
		verb := "permit"
		if m.action != action {
			verb = "deny"
		}
		permits = permits || verb == "permit"
		rules = append(rules, verb+" "+m.rule())
		last := i+1 == len(sorted) || sorted[i+1].prefix != m.prefix
		if last && covered(m.prefix, sorted[i+1:]) {
			rules = append(rules, "deny "+prefixMatch{prefix: m.prefix, low: m.prefix.Bits(), high: m.prefix.Addr().BitLen()}.rule())
		}
	}
	if !permits {
		return namedList{empty: true}
	}
	if b.ctx.v6 {
		return namedList{name: b.set.prefix6.add(name, rules)}
	}
	return namedList{name: b.set.prefix4.add(name, rules)}
}

// covered tells whether a shorter prefix of the list contains p.
func covered(p netip.Prefix, shorter []prefixMatch) bool {
	return slices.ContainsFunc(shorter, func(m prefixMatch) bool {
		return m.prefix.Bits() < p.Bits() && m.prefix.Contains(p.Addr())
	})
}

// rule is the condition in FRR's words.
func (m prefixMatch) rule() string {
	bits, longest := m.prefix.Bits(), m.prefix.Addr().BitLen()
	if bits == 0 && m.low == 0 && m.high == longest {
		return "any"
	}
	s := m.prefix.String()
	if m.low > bits {
		s += fmt.Sprintf(" ge %d", m.low)
	}
	if m.high > bits {
		s += fmt.Sprintf(" le %d", m.high)
	}
	return s
}
