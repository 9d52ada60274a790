package intent

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// An ospfVersion holds what OSPFv2 and OSPFv3 are called on either side.
type ospfVersion struct {
	junos    string // protocol in [edit protocols]
	daemon   string
	router   string // FRR's block
	prefix   string // of interface statements
	distance string
	v6       bool
}

var (
	ospfv2 = ospfVersion{"ospf", "ospfd", "ospf", "ip ospf ", "ospf", false}
	ospfv3 = ospfVersion{"ospf3", "ospf6d", "ospf6", "ipv6 ospf6 ", "ospf6", true}
)

// Junos's preferences of OSPF routes.
const (
	ospfInternal = 10
	ospfExternal = 150
)

// ospf translates [edit protocols ospf] or ospf3.
func (c *compiler) ospf(v ospfVersion) {
	n := c.scope.Lookup("protocols", v.junos)
	if n == nil || n.Has("disable") {
		return
	}
	var t text
	seen := map[string]string{}
	for _, area := range n.Children("area") {
		for _, i := range area.Children("interface") {
			for _, u := range c.ospfUnits(v, area, i) {
				if other, taken := seen[u.device]; taken {
					if other != area.Key() {
						c.fail(area, "interface "+u.name, "Interface is in more than one area")
					}
					continue
				}
				seen[u.device] = area.Key()
				t.block("interface "+u.device, c.ospfInterface(v, n, area, i, u))
			}
		}
	}
	maps := newPolicySet(c)
	router := c.ospfRouter(v, n, maps)
	t.block("router "+v.router, router)
	maps.write(&t)
	c.out.FRR[v.daemon] = t.String()
}

// ospfUnits are the logical interfaces that an interface statement means.
// "all" leaves out those that are named anywhere.
func (c *compiler) ospfUnits(v ospfVersion, area, i *config.Node) []unit {
	runs := func(u unit) bool { return (v.v6 && u.v6 || !v.v6 && u.v4) && !i.Has("disable") }
	if i.Key() != "all" {
		u, ok := c.find(i.Key())
		if !ok || !runs(u) {
			return nil
		}
		return []unit{u}
	}
	named := map[string]bool{}
	for _, a := range area.Parent().Children("area") {
		for _, other := range a.Children("interface") {
			if u, ok := c.find(other.Key()); ok {
				named[u.name] = true
			}
		}
	}
	var out []unit
	for _, u := range c.units {
		if runs(u) && !named[u.name] {
			out = append(out, u)
		}
	}
	return out
}

// ospfInterface is the interface block; the order is FRR's.
func (c *compiler) ospfInterface(v ospfVersion, ospf, area, i *config.Node, u unit) []string {
	var b ospfLines
	b.prefix = v.prefix
	if v.v6 {
		b.add("area " + area.Key())
	} else {
		b.network(i, u)
		b.lines = append(b.lines, c.ospfAuthentication(i)...)
	}
	switch {
	case !u.loopback():
		b.add("cost " + strconv.Itoa(c.ospfCost(ospf, i, u)))
	case v.v6:
		// Junos's cost of a loopback is 0, as is ospfd's; 1 is as near as
		// ospf6d comes.
		b.add("cost 1")
	}
	b.value(i, "hello-interval", "hello-interval")
	b.value(i, "dead-interval", "dead-interval")
	if v.v6 {
		b.retransmit(i, u)
		b.value(i, "priority", "priority")
	} else {
		b.value(i, "priority", "priority")
		b.retransmit(i, u)
	}
	b.value(i, "transit-delay", "transmit-delay")
	if v.v6 {
		b.network(i, u)
	} else {
		b.add("area " + area.Key())
	}
	for _, l := range c.bfdTimers(i.Lookup("bfd-liveness-detection")) {
		b.add(l)
	}
	if i.Has("passive") || u.loopback() {
		b.add("passive")
	}
	return b.lines
}

// ospfLines collects interface statements.
type ospfLines struct {
	prefix string
	lines  []string
}

func (b *ospfLines) add(s string) { b.lines = append(b.lines, b.prefix+s) }

func (b *ospfLines) value(n *config.Node, junos, frr string) {
	if v := n.Value(junos); v != "" {
		b.add(frr + " " + v)
	}
}

// retransmit is 1 s where the configuration is silent: FRR's 5 s cost a lab
// that starts all routers at once ten seconds.
func (b *ospfLines) retransmit(i *config.Node, u unit) {
	if i.Has("retransmit-interval") {
		b.value(i, "retransmit-interval", "retransmit-interval")
	} else if !u.loopback() {
		b.add("retransmit-interval 1")
	}
}

// network is the type of the link. FRR refuses one for a loopback, which "all"
// may mean too.
func (b *ospfLines) network(i *config.Node, u unit) {
	if u.loopback() {
		return
	}
	switch i.Value("interface-type") {
	case "p2p":
		b.add("network point-to-point")
	case "p2mp", "p2mp-over-lan":
		b.add("network point-to-multipoint")
	case "nbma":
		if b.prefix == ospfv2.prefix {
			b.add("network non-broadcast")
		}
	}
}

func (c *compiler) ospfAuthentication(i *config.Node) []string {
	a := i.Lookup("authentication")
	if key := a.Value("simple-password"); key != "" {
		return []string{"ip ospf authentication", "ip ospf authentication-key " + secret(key)}
	}
	keys := a.Children("md5")
	if len(keys) == 0 {
		return nil
	}
	lines := []string{"ip ospf authentication message-digest"}
	for _, k := range keys {
		lines = append(lines, fmt.Sprintf("ip ospf message-digest-key %s md5 %s", k.Key(), secret(k.Value("key"))))
	}
	return lines
}

// ospfCost is the metric, or the reference bandwidth over the speed that the
// interface's name stands for.
func (c *compiler) ospfCost(ospf, i *config.Node, u unit) int {
	if m, err := strconv.Atoi(i.Value("metric")); err == nil {
		return m
	}
	reference := 100_000_000
	if v, ok := bandwidth(ospf.Value("reference-bandwidth")); ok {
		reference = v
	}
	return min(max(reference/interfaceSpeed(u.name), 1), 65535)
}

func interfaceSpeed(name string) int {
	switch {
	case strings.HasPrefix(name, "fe-"):
		return 100_000_000
	case strings.HasPrefix(name, "xe-"):
		return 10_000_000_000
	case strings.HasPrefix(name, "et-"):
		return 100_000_000_000
	}
	return 1_000_000_000
}

// bandwidth reads "10g", "100m", "64k" or bits per second.
func bandwidth(s string) (int, bool) {
	if s == "" {
		return 0, false
	}
	factor := 1
	switch s[len(s)-1] {
	case 'k':
		factor = 1_000
	case 'm':
		factor = 1_000_000
	case 'g':
		factor = 1_000_000_000
	}
	if factor > 1 {
		s = s[:len(s)-1]
	}
	n, err := strconv.Atoi(s)
	return n * factor, err == nil
}
