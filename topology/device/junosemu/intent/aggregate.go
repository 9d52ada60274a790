package intent

import (
	"slices"
	"strconv"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// aggregatePreference is Junos's preference of aggregate and generated routes.
const aggregatePreference = 130

// aggregates translates aggregate and generated routes.
func (c *compiler) aggregates() {
	for _, kind := range []string{"aggregate", "generate"} {
		for _, n := range c.routeNodes(kind) {
			for _, r := range n.Children("route") {
				c.aggregate(n, r, kind == "generate")
			}
		}
	}
}

func (c *compiler) aggregate(n, r *config.Node, generate bool) {
	p, ok := c.destination(r)
	if !ok {
		return
	}
	if slices.ContainsFunc(c.out.Aggregates, func(a junosemu.AggregateIntent) bool { return a.Prefix == p }) {
		c.unacted(r, "there is another aggregate route to "+p.String())
		return
	}
	normal := c.distance(n.Lookup("defaults"), "preference", aggregatePreference)
	metric, _ := strconv.Atoi(r.Value("metric", "metric-value"))
	if metric > maxKernelMetric {
		c.differs(r, "metrics above "+strconv.Itoa(maxKernelMetric)+" are taken as that")
	}
	if r.Has("full") {
		c.differs(r, "AS paths of contributing routes are left out")
	}
	c.out.Aggregates = append(c.out.Aggregates, junosemu.AggregateIntent{
		Prefix: p, Preference: c.distance(r.Lookup("preference"), "metric-value", normal),
		Metric: min(metric, maxKernelMetric), Reject: !r.Has("discard"),
		Generate:     generate && !r.Has("discard"),
		Contributors: c.contributors(r, p.Addr().Is6()),
	})
}

// maxKernelMetric is what is left of a kernel route's metric below its preference.
const maxKernelMetric = 1<<24 - 1

// hasAggregates tells whether a family has aggregate routes.
func (c *compiler) hasAggregates(v6 bool) bool {
	return slices.ContainsFunc(c.out.Aggregates, func(a junosemu.AggregateIntent) bool { return a.Prefix.Addr().Is6() == v6 })
}

// contributors are the policies that say which routes contribute.
func (c *compiler) contributors(r *config.Node, v6 bool) []junosemu.ContributorRule {
	var rules []junosemu.ContributorRule
	b := &mapBuilder{set: newPolicySet(c), ctx: mapContext{v6: v6}}
	for _, name := range r.Values("policy") {
		for _, t := range terms(c.policy(name)) {
			if rule, ok := b.contributorRule(r, t); ok {
				rules = append(rules, rule)
			}
		}
	}
	return rules
}

// contributorRule is a term that decides.
func (b *mapBuilder) contributorRule(r *config.Node, t term) (junosemu.ContributorRule, bool) {
	rule := junosemu.ContributorRule{Accept: t.then.Has("accept")}
	if !rule.Accept && !t.then.Has("reject") || t.hasTo {
		return rule, false
	}
	for _, k := range t.from.All() {
		switch k.Name() {
		case "protocol", "prefix-list", "prefix-list-filter", "route-filter", "route-filter-list":
		case "family":
			if k.Value() != "" && (k.Value() == "inet6") != b.ctx.v6 {
				return rule, false
			}
		default:
			b.set.c.unacted(r.Lookup("policy"), "contributing routes are told apart by protocol and prefix only")
			return rule, false
		}
	}
	for _, p := range t.from.Values("protocol") {
		if p == "ospf2" || p == "ospf3" {
			p = "ospf"
		}
		rule.Protocols = append(rule.Protocols, p)
	}
	matches, any := b.prefixMatches(t.from)
	if any && len(matches) == 0 {
		return rule, false // prefixes of the other family
	}
	for _, m := range matches {
		rule.Prefixes = append(rule.Prefixes, junosemu.PrefixRule{Prefix: m.prefix, Low: m.low, High: m.high, Action: m.action})
	}
	return rule, true
}
