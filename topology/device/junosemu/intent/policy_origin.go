package intent

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// An origin is where a route comes from, as far as policies tell them apart.
type origin struct {
	name string
	tag  string // of routes that BGP policies tell apart by their tag, else ""
	nth  int    // which of these tags it is, from 1
}

var (
	bgpExternal     = origin{name: "bgp-external"}
	bgpInternal     = origin{name: "bgp-internal"}
	bgpRoutes       = origin{name: "bgp"} // where external and internal are not told apart
	direct          = origin{name: "direct"}
	static          = origin{name: "static"}
	ospfRoutes      = origin{name: "ospf"}
	isisRoutes      = origin{name: "isis"}
	aggregateRoutes = origin{name: "aggregate"}
)

// protocols are what "from protocol" calls it.
func (o origin) protocols(v6 bool) []string {
	switch o.name {
	case bgpExternal.name, bgpInternal.name:
		return []string{"bgp"}
	case ospfRoutes.name:
		if v6 {
			return []string{"ospf3"}
		}
		return []string{"ospf", "ospf2"}
	}
	return []string{o.name}
}

// frr is what "redistribute" calls it. Aggregates are routes that the data
// plane gives the kernel.
func (o origin) frr(v6 bool) string {
	switch {
	case o.name == direct.name:
		return "connected"
	case o.name == aggregateRoutes.name:
		return "kernel"
	case o.name == ospfRoutes.name && v6:
		return "ospf6"
	}
	return o.name
}

// mark is the tag that routes of an origin carry inside bgpd, so that an
// outbound route-map can tell them apart. Tags do not leave the router.
func (o origin) mark() string {
	for i, x := range []origin{bgpExternal, bgpInternal, direct, static, ospfRoutes, isisRoutes, aggregateRoutes} {
		if x.name == o.name {
			return fmt.Sprint(4_200_000_001 + i + 16*o.nth)
		}
	}
	return "4200000000"
}

func (o origin) isBGP() bool { return strings.HasPrefix(o.name, "bgp") }

// withTags splits an origin by tags that routes may have: one origin for each
// tag, and the origin itself for the others.
func (o origin) withTags(tags []string) []origin {
	var out []origin
	if !o.isBGP() && o != direct {
		for i, tag := range tags {
			out = append(out, origin{name: o.name, tag: tag, nth: i + 1})
		}
	}
	return append(out, o)
}

// others are the origins that an IGP can be given routes of, igp the other one.
func (c *compiler) others(igp origin, v6 bool) []origin {
	out := []origin{direct, static, igp, bgpRoutes}
	if c.hasAggregates(v6) {
		out = append(out, aggregateRoutes)
	}
	return out
}

// policyTags are the tags that the policies of some chains ask for, in order.
func (c *compiler) policyTags(chains [][]string) []string {
	var tags []string
	seen := map[string]bool{}
	var visit func(names []string)
	visit = func(names []string) {
		for _, name := range names {
			if seen[name] {
				continue
			}
			seen[name] = true
			for _, t := range terms(c.policy(name)) {
				for _, tag := range t.from.Values("tag") {
					if !slices.Contains(tags, tag) {
						tags = append(tags, tag)
					}
				}
				visit(config.Policies(t.from.Values("policy")))
			}
		}
	}
	for _, chain := range chains {
		visit(config.Policies(chain))
	}
	return tags
}
