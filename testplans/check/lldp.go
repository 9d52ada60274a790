package check

import (
	"strings"

	"github.com/antchfx/xmlquery"
)

func (l *LLDP) expected() string {
	if l.Port == "" {
		return l.Neighbor
	}
	return l.Neighbor + " at " + l.Port
}

func (l *LLDP) sentence() string {
	return "the LLDP neighbor at " + l.Interface + " of " + l.Nodes.String() + " is " + l.expected()
}

func (l *LLDP) judge(c *court) {
	subject := "LLDP neighbor at " + l.Interface
	for _, q := range l.queries() {
		doc, ok := c.document(q, "lldp-neighbors-information", subject, l.expected())
		if !ok {
			continue
		}
		var there []string
		holds := false
		for _, n := range xmlquery.Find(doc, "//lldp-neighbor-information") {
			port := child(n, "lldp-local-port-id")
			if port == "" {
				port = child(n, "lldp-local-interface")
			}
			if !sameInterface(l.Interface, port) {
				continue
			}
			holds = holds || l.holds(n)
			there = append(there, remote(n))
		}
		c.find(q, holds, subject, l.expected(), orNone(strings.Join(there, ", ")))
	}
}

// holds reports whether a neighbor is the one that is wanted.
func (l *LLDP) holds(n *xmlquery.Node) bool {
	name := child(n, "lldp-remote-system-name")
	if host, _, _ := strings.Cut(name, "."); !strings.EqualFold(l.Neighbor, name) && !strings.EqualFold(l.Neighbor, host) {
		return false
	}
	return l.Port == "" || l.Port == child(n, "lldp-remote-port-id") || l.Port == child(n, "lldp-remote-port-description")
}

// remote is a neighbor in words: "r2 at ge-0/0/1 (to r1)".
func remote(n *xmlquery.Node) string {
	s := child(n, "lldp-remote-system-name")
	if s == "" {
		s = child(n, "lldp-remote-chassis-id")
	}
	if port := child(n, "lldp-remote-port-id"); port != "" {
		s += " at " + port
	}
	if description := child(n, "lldp-remote-port-description"); description != "" {
		s += " (" + description + ")"
	}
	return s
}
