package intent

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// isisTag names the one IS-IS process.
const isisTag = "junos"

// isis translates [edit protocols isis]. FRR has one distance for IS-IS, 115;
// it lies between the same neighbors as Junos's 15 and 18 do.
func (c *compiler) isis() {
	n := c.scope.Lookup("protocols", "isis")
	if n == nil || n.Has("disable") {
		return
	}
	var t text
	for _, i := range n.Children("interface") {
		for _, u := range c.isisUnits(n, i) {
			t.block("interface "+u.device, c.isisInterface(n, i, u))
		}
	}
	maps := newPolicySet(c)
	net := c.isisNET(n)
	if net == "" {
		c.unacted(n, "no interface has an ISO address, and IS-IS has no name without one")
		return
	}
	if restartEnabled(c.scope.Lookup("routing-options", "graceful-restart"), n.Lookup("graceful-restart")) {
		c.differs(c.scope.Lookup("routing-options", "graceful-restart"), "isisd does not restart gracefully")
	}
	t.block("router isis "+isisTag, c.isisRouter(n, net, maps))
	maps.write(&t)
	c.out.FRR["isisd"] = t.String()
}

// isisUnits are the logical interfaces that an interface statement means.
func (c *compiler) isisUnits(isis, i *config.Node) []unit {
	if i.Has("disable") {
		return nil
	}
	if i.Key() != "all" {
		u, ok := c.find(i.Key())
		if !ok || !u.iso && !u.loopback() {
			return nil
		}
		return []unit{u}
	}
	named := map[string]bool{}
	for _, other := range isis.Children("interface") {
		if u, ok := c.find(other.Key()); ok {
			named[u.name] = true
		}
	}
	var out []unit
	for _, u := range c.units {
		if u.iso && !named[u.name] {
			out = append(out, u)
		}
	}
	return out
}

// levels are those that run: both, but for those disabled here or above.
func levels(nodes ...*config.Node) []string {
	var out []string
	for _, l := range []string{"1", "2"} {
		disabled := false
		for _, n := range nodes {
			disabled = disabled || n.Has("level", l, "disable")
		}
		if !disabled {
			out = append(out, l)
		}
	}
	return out
}

func (c *compiler) isisRouter(n *config.Node, net string, maps *policySet) []string {
	var lines []string
	run := levels(n)
	switch {
	case len(run) == 0:
		return nil
	case len(run) == 1:
		lines = append(lines, fmt.Sprintf("is-type level-%s%s", run[0], only(run[0])))
	}
	lines = append(lines, "net "+net)
	if n.Has("overload") {
		lines = append(lines, "set-overload-bit")
	}
	if n.Has("topologies", "ipv6-unicast") {
		lines = append(lines, "topology ipv6-unicast")
	}
	lines = append(lines, isisLifetime(n), isisDelay(n))
	for _, x := range []struct{ level, statement string }{{"1", "area-password"}, {"2", "domain-password"}} {
		l := n.Lookup("level", x.level)
		if key := l.Value("authentication-key"); key != "" {
			method := "md5"
			if l.Value("authentication-type") == "simple" {
				method = "clear"
			}
			lines = append(lines, x.statement+" "+method+" "+secret(key)+" authenticate snp validate")
		}
	}
	return append(lines, c.isisExport(n, run, maps)...)
}

// isisRefresh is how long before its end Junos renews an LSP, in seconds.
const isisRefresh = 317

// isisLifetime is how long an LSP lives; FRR's defaults are Junos's.
func isisLifetime(n *config.Node) string {
	lifetime, refresh := 1200, 900
	if v, err := strconv.Atoi(n.Value("lsp-lifetime")); err == nil {
		lifetime, refresh = v, max(v-isisRefresh, 1)
	}
	return fmt.Sprintf("lsp-timers gen-interval 1 refresh-interval %d max-lifetime %d", refresh, lifetime)
}

// isisDelay: where the configuration is silent, routes are computed at once.
func isisDelay(n *config.Node) string {
	o := n.Lookup("spf-options")
	if o == nil {
		return "spf-delay-ietf init-delay 0 short-delay 50 long-delay 200 holddown 1000 time-to-learn 500"
	}
	delay, hold := spfOptions(o)
	return fmt.Sprintf("spf-delay-ietf init-delay %s short-delay %s long-delay %s holddown %s time-to-learn 500", delay, delay, hold, hold)
}

// isisExport is what the export policies let into IS-IS.
func (c *compiler) isisExport(n *config.Node, run []string, maps *policySet) []string {
	chain := n.Values("export")
	if len(chain) == 0 {
		return nil
	}
	var lines []string
	for _, v6 := range []bool{false, true} {
		family := "ipv4"
		if v6 {
			family = "ipv6"
		}
		for _, o := range c.others(ospfRoutes, v6) {
			name, accepts := maps.redistribution(chain, mapContext{use: intoISIS, v6: v6, origins: []origin{o}})
			if !accepts {
				continue
			}
			for _, level := range run {
				lines = append(lines, fmt.Sprintf("redistribute %s %s level-%s route-map %s", family, o.frr(v6), level, name))
			}
		}
	}
	return lines
}

// isisNET is the network entity title of the process: its own, or the ISO
// address of the first interface that has one.
func (c *compiler) isisNET(n *config.Node) string {
	for _, own := range n.Children("net") {
		if isISOAddress(own.Key()) {
			return own.Key()
		}
		c.fail(n, "net "+own.Key(), "invalid ISO address: "+own.Key())
	}
	for _, i := range c.root.Lookup("interfaces").Children("interface") {
		for _, u := range i.Children("unit") {
			if c.instanceOf(i.Key()+"."+u.Key()) != c.instance {
				continue
			}
			for _, a := range u.Lookup("family", "iso").Children("address") {
				if isISOAddress(a.Key()) {
					return a.Key()
				}
				c.fail(a.Parent(), "address "+a.Key(), "invalid ISO address: "+a.Key())
			}
		}
	}
	return ""
}

// isISOAddress checks an area, a system ID of six bytes and a selector of 0.
func isISOAddress(s string) bool {
	b, err := hex.DecodeString(strings.ReplaceAll(s, ".", ""))
	return err == nil && len(b) >= 8 && len(b) <= 20 && b[len(b)-1] == 0
}
