package intent

import (
	"fmt"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// checkPolicies refuses references to policies, prefix lists, communities and
// AS paths that are not defined, wherever they are.
func (c *compiler) checkPolicies() {
	options := c.root.Lookup("policy-options")
	for _, p := range options.Children("policy-statement") {
		for _, t := range terms(p) {
			c.checkTerm(t)
		}
		if c.asks(p.Key(), p.Key(), map[string]bool{}) {
			c.fail(options, "policy-statement "+p.Key(), "Policy error: Policy "+p.Key()+" refers to itself")
		}
	}
	c.checkChains(c.root)
}

func (c *compiler) checkTerm(t term) {
	for _, kind := range []string{"prefix-list", "prefix-list-filter"} {
		for _, l := range t.from.Children(kind) {
			c.defined(t.from, kind+" "+l.Key(), "Prefix list", "prefix-list", l.Key())
		}
	}
	for _, name := range t.from.Values("as-path") {
		c.defined(t.from, "as-path", "AS path", "as-path", name)
	}
	for _, name := range t.from.Values("as-path-group") {
		c.defined(t.from, "as-path-group", "AS path group", "as-path-group", name)
	}
	for _, name := range t.from.Values("route-filter-list") {
		c.defined(t.from, "route-filter-list", "Route filter list", "route-filter-list", name)
	}
	for _, name := range t.from.Values("community") {
		c.defined(t.from, "community", "Community", "community", name)
	}
	for _, name := range config.Policies(t.from.Values("policy")) {
		c.defined(t.from, "policy", "Policy", "policy-statement", name)
	}
	if name := t.then.Value("damping"); name != "" {
		c.defined(t.then, "damping", "Damping", "damping", name)
	}
	for _, a := range t.then.Children("community") {
		c.defined(t.then, "community", "Community", "community", a.Keys()[1])
	}
}

func (c *compiler) defined(at *config.Node, element, what, list, name string) {
	if !c.root.Has("policy-options", list, name) {
		c.fail(at, element, fmt.Sprintf("Policy error: %s %s referenced but not defined", what, name))
	}
}

// checkChains visits import and export of every protocol.
func (c *compiler) checkChains(n *config.Node) {
	for _, k := range n.All() {
		switch k.Name() {
		case "policy-options", "interfaces", "system", "firewall", "class-of-service", "vrf-target":
			continue // what these import and export are no policies
		case "import", "export":
			for _, name := range config.Policies(k.Values()) {
				c.defined(n, k.Name(), "Policy", "policy-statement", name)
			}
		}
		c.checkChains(k)
	}
}

// asks tells whether a policy asks another, itself or through others.
func (c *compiler) asks(from, whom string, seen map[string]bool) bool {
	for _, t := range terms(c.policy(from)) {
		for _, name := range config.Policies(t.from.Values("policy")) {
			if name == whom {
				return true
			}
			if !seen[name] {
				seen[name] = true
				if c.asks(name, whom, seen) {
					return true
				}
			}
		}
	}
	return false
}
