package intent

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// maxDistance is FRR's limit of a distance; 255 means unusable.
const maxDistance = 254

// staticPreference is Junos's preference of static routes.
const staticPreference = 5

// routeNodes are the containers that hold routes of a kind: static, aggregate
// or generate.
func (c *compiler) routeNodes(kind string) []*config.Node {
	options := c.scope.Lookup("routing-options")
	nodes := []*config.Node{options.Lookup(kind)}
	for _, rib := range options.Children("rib") {
		switch rib.Key() {
		case c.table("inet.0"), c.table("inet6.0"):
			nodes = append(nodes, rib.Lookup(kind))
		default:
			c.unacted(rib, fmt.Sprintf("only %s and %s are there", c.table("inet.0"), c.table("inet6.0")))
		}
	}
	return nodes
}

// static translates static routes to staticd's text.
func (c *compiler) static() {
	var lines []string
	for _, s := range c.routeNodes("static") {
		normal := c.distance(s.Lookup("defaults"), "preference", staticPreference)
		for _, r := range s.Children("route") {
			lines = append(lines, c.route(r, normal)...)
		}
	}
	var t text
	t.lines(lines)
	c.out.FRR["staticd"] = t.String()
}

// destination is the prefix of a route; ok is false if it is none.
func (c *compiler) destination(r *config.Node) (p netip.Prefix, ok bool) {
	p, err := netip.ParsePrefix(r.Key())
	switch {
	case err != nil:
		c.fail(r.Parent(), "route "+r.Key(), "invalid prefix: "+r.Key())
	case p != p.Masked():
		c.fail(r.Parent(), "route "+r.Key(), hostBits(r.Key()))
	default:
		return p, true
	}
	return p, false
}

// route translates one; preference is that of routes which have none.
func (c *compiler) route(r *config.Node, preference int) []string {
	p, ok := c.destination(r)
	if !ok {
		return nil
	}
	head := "ip route "
	if p.Addr().Is6() {
		head = "ipv6 route "
	}
	head += p.String() + " "
	tail := ""
	if tag := r.Value("tag", "metric-value"); tag != "" && tag != "0" {
		tail = " tag " + tag
	}
	distance := c.distance(r.Lookup("preference"), "metric-value", preference)
	tail += " " + strconv.Itoa(distance)
	var lines []string
	switch {
	case r.Has("discard"):
		lines = append(lines, head+"blackhole"+tail)
	case r.Has("reject"):
		lines = append(lines, head+"reject"+tail)
	}
	for _, hop := range r.Values("next-hop") {
		if target, ok := c.target(r, hop, p); ok {
			lines = append(lines, head+target+tail)
		}
	}
	lines = append(lines, c.qualified(r, p, head, distance)...)
	if len(lines) == 0 && !r.Has("next-hop") {
		c.fail(r.Parent(), "route "+r.Key(), "next-hop, discard, reject or another target must be configured")
	}
	return lines
}

// qualified translates next hops with a preference of their own.
func (c *compiler) qualified(r *config.Node, p netip.Prefix, head string, distance int) []string {
	var lines []string
	for _, q := range r.Children("qualified-next-hop") {
		target, ok := c.target(r, q.Key(), p)
		if !ok {
			continue
		}
		if name := q.Value("interface"); name != "" {
			u, known := c.find(name)
			if !known {
				c.unacted(q, "this router has no interface "+name)
				continue
			}
			target = q.Key() + " " + u.device
		}
		lines = append(lines, fmt.Sprintf("%s%s %d", head, target, c.distance(q, "preference", distance)))
	}
	return lines
}

// target is a next hop in FRR's words: an address, an interface, or both.
func (c *compiler) target(r *config.Node, hop string, p netip.Prefix) (string, bool) {
	a, err := netip.ParseAddr(hop)
	if err != nil {
		u, ok := c.find(hop)
		if !ok {
			c.unacted(r, "this router has no interface "+hop)
		}
		return u.device, ok
	}
	if a.Is4() != p.Addr().Is4() {
		c.fail(r, "next-hop", fmt.Sprintf("next hop %s is not of the family of %s", hop, p))
		return "", false
	}
	return strings.TrimSpace(a.String()), true
}

// distance is the preference at leaf below n in FRR's range.
func (c *compiler) distance(n *config.Node, leaf string, otherwise int) int {
	v := n.Value(leaf)
	if v == "" {
		return otherwise
	}
	d, err := strconv.Atoi(v)
	if err != nil || d > maxDistance {
		c.differs(n, fmt.Sprintf("preferences above %d are taken as %d", maxDistance, maxDistance))
		return maxDistance
	}
	if d == 0 {
		return 1 // FRR keeps 0 for connected routes
	}
	return d
}
