package intent

import (
	"fmt"
	"slices"
	"strings"
)

// A policySet is the route-maps of one daemon and the lists they refer to.
type policySet struct {
	c        *compiler
	maps     []*mapBuilder
	byName   map[string]string // name of a map: its text
	prefix4  lists
	prefix6  lists
	asPaths  lists
	standard lists // of communities, each rule a conjunction
	expanded lists // of communities, each rule a regular expression

	large, largeExpanded, extended, extendedExpanded lists
}

func newPolicySet(c *compiler) *policySet {
	return &policySet{
		c: c, byName: map[string]string{},
		prefix4:  lists{head: "ip prefix-list"},
		prefix6:  lists{head: "ipv6 prefix-list"},
		asPaths:  lists{head: "bgp as-path access-list"},
		standard: lists{head: "bgp community-list standard"},
		expanded: lists{head: "bgp community-list expanded"},

		large:            lists{head: "bgp large-community-list standard"},
		largeExpanded:    lists{head: "bgp large-community-list expanded"},
		extended:         lists{head: "bgp extcommunity-list standard"},
		extendedExpanded: lists{head: "bgp extcommunity-list expanded"},
	}
}

// lists are rules ("permit 10.0.0.0/8") by the name of their list, in the
// order of first use.
type lists struct {
	head  string // what FRR calls them
	names []string
	rules map[string][]string
}

// add keeps a list and returns its name. A list of the same name with other
// content gets a number.
func (l *lists) add(name string, rules []string) string {
	if l.rules == nil {
		l.rules = map[string][]string{}
	}
	base := strings.ReplaceAll(name, " ", "_")
	name = base
	for i := 2; ; i++ {
		have, taken := l.rules[name]
		if !taken {
			l.names = append(l.names, name)
			l.rules[name] = rules
			return name
		}
		if slices.Equal(have, rules) {
			return name
		}
		name = fmt.Sprintf("%s-%d", base, i)
	}
}

// lines prints the lists.
func (l *lists) lines() []string {
	var out []string
	for _, name := range l.names {
		for i, r := range l.rules[name] {
			out = append(out, fmt.Sprintf("%s %s seq %d %s", l.head, name, 5*(i+1), r))
		}
	}
	return out
}

// build compiles a chain without keeping it.
func (s *policySet) build(chain []string, ctx mapContext) *mapBuilder {
	b := &mapBuilder{set: s, ctx: ctx, tagged: map[origin]bool{}}
	b.chain(chain)
	return b
}

// keep names a map and adds it, once.
func (s *policySet) keep(b *mapBuilder, base string) string {
	for i := 1; ; i++ {
		b.name = base
		if i > 1 {
			b.name = fmt.Sprintf("%s-%d", base, i)
		}
		text := strings.Join(b.lines(), "\n")
		have, taken := s.byName[b.name]
		if taken && have == text {
			return b.name
		}
		if !taken {
			s.byName[b.name] = text
			s.maps = append(s.maps, b)
			return b.name
		}
	}
}

// mapName is the name of a chain's route-map: the policies and the use.
func mapName(chain []string, ctx mapContext) string {
	name := wordsOfExpression.Replace(strings.Join(chain, "+"))
	if name == "" {
		name = "default"
	}
	switch ctx.use {
	case bgpImport:
		name += "-in"
	case bgpExport:
		name += "-out"
	case intoBGP, intoOSPF, intoISIS:
		name += "-" + ctx.origins[0].name
	}
	if ctx.v6 {
		name += "-v6"
	}
	return name
}

// wordsOfExpression makes the name of a map of policies and expressions of them.
var wordsOfExpression = strings.NewReplacer("( ", "", " )", "", " && ", "-and-", " || ", "-or-", "!", "not-", " ", "_")

// redistribution compiles what a chain lets through of one origin. The lists
// of a chain that lets nothing through are not kept.
func (s *policySet) redistribution(chain []string, ctx mapContext) (name string, accepts bool) {
	trial := newPolicySet(s.c)
	if !trial.build(chain, ctx).accepts() {
		return "", false
	}
	return s.keep(s.build(chain, ctx), mapName(chain, ctx)), true
}

// write prints lists and maps in FRR's order.
func (s *policySet) write(t *text) {
	for _, l := range []*lists{
		&s.prefix4, &s.prefix6, &s.asPaths, &s.expanded, &s.standard,
		&s.large, &s.largeExpanded, &s.extended, &s.extendedExpanded,
	} {
		t.lines(l.lines())
	}
	for _, m := range s.maps {
		t.b.WriteString(strings.Join(m.lines(), "\n") + "\n")
	}
}
