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

// staticNodes are the containers that hold static routes.
func (c *compiler) staticNodes() []*config.Node {
	nodes := []*config.Node{c.root.Lookup("routing-options", "static")}
	for _, rib := range c.root.Lookup("routing-options").Children("rib") {
		switch rib.Key() {
		case "inet.0", "inet6.0":
			nodes = append(nodes, rib.Child("static"))
		default:
			c.unacted(rib, "only inet.0 and inet6.0 are there")
		}
	}
	return nodes
}

// static translates static routes to staticd's text.
func (c *compiler) static() {
	var lines []string
	for _, s := range c.staticNodes() {
		for _, r := range s.Children("route") {
			lines = append(lines, c.route(r)...)
		}
	}
	var t text
	t.lines(lines)
	c.out.FRR["staticd"] = t.String()
}

func (c *compiler) route(r *config.Node) []string {
	p, err := netip.ParsePrefix(r.Key())
	if err != nil {
		c.fail(r.Parent(), "route "+r.Key(), "invalid prefix: "+r.Key())
		return nil
	}
	if p != p.Masked() {
		c.fail(r.Parent(), "route "+r.Key(), "host bits are set in the prefix: "+r.Key())
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
	distance := c.distance(r.Lookup("preference"), "metric-value", staticPreference)
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
		c.unacted(n, fmt.Sprintf("preferences above %d are taken as %d", maxDistance, maxDistance))
		return maxDistance
	}
	if d == 0 {
		return 1 // FRR keeps 0 for connected routes
	}
	return d
}
