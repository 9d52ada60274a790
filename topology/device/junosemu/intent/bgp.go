package intent

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// bgpPreference is Junos's preference of BGP routes, internal and external.
const bgpPreference = 170

// Junos's hold time; keepalives are sent every third of it.
const bgpHoldTime = 90

// bgpConnectRetry is the time between attempts to connect, in seconds. Junos
// leaves it to TCP; FRR's 120 s would be what a lab waits for.
const bgpConnectRetry = 2

// bgpPaths is how many paths "multipath" spreads traffic over.
const bgpPaths = 16

// A bgpCompiler translates [edit protocols bgp].
type bgpCompiler struct {
	*compiler
	node      *config.Node
	as        string
	neighbors []*neighbor
	maps      *policySet
	reflector bool // some neighbor is a client
	weighted  bool // routes can have different preferences
}

// A family is one that BGP carries here.
type family struct {
	junos string // inet, inet6
	frr   string
	v6    bool
}

var families = []family{{"inet", "ipv4", false}, {"inet6", "ipv6", true}}

func (c *compiler) bgp() {
	n := c.scope.Lookup("protocols", "bgp")
	if n == nil || n.Has("disable") {
		return
	}
	b := &bgpCompiler{compiler: c, node: n, maps: newPolicySet(c)}
	b.as = asNumber(c.autonomousSystem().Child("as-number").Value())
	for _, g := range n.Children("group") {
		for _, peer := range g.Children("neighbor") {
			if p := b.neighbor(g, peer); p != nil {
				b.neighbors = append(b.neighbors, p)
			}
		}
	}
	if len(b.neighbors) == 0 || len(c.errs) > 0 {
		return
	}
	slices.SortStableFunc(b.neighbors, func(x, y *neighbor) int { return x.address.Compare(y.address) })
	b.checkTwice()
	b.weighted = b.comparesPreferences()
	b.write()
}

// asNumber turns 1.10 to 65546.
func asNumber(s string) string {
	high, low, ok := strings.Cut(s, ".")
	if !ok {
		return s
	}
	h, _ := strconv.Atoi(high)
	l, _ := strconv.Atoi(low)
	return strconv.Itoa(h<<16 + l)
}

func (b *bgpCompiler) checkTwice() {
	for i := 1; i < len(b.neighbors); i++ {
		if n := b.neighbors[i]; n.address == b.neighbors[i-1].address {
			b.fail(n.group, "neighbor "+n.address.String(), "Neighbor is already configured in group "+b.neighbors[i-1].group.Key())
		}
	}
}

// write makes the text of bgpd.
func (b *bgpCompiler) write() {
	var afs [][]string
	exports := map[bool]*exports{}
	for _, f := range families {
		exports[f.v6] = b.exports(f)
	}
	for _, f := range families {
		if lines := b.addressFamily(f, exports); len(lines) > 0 {
			afs = append(afs, lines)
		}
	}
	if lines := b.evpn(); len(lines) > 0 {
		afs = append(afs, lines)
	}
	lines := b.global()
	for _, n := range b.neighbors {
		lines = append(lines, b.neighborLines(n)...)
	}
	for _, af := range afs {
		lines = append(lines, "!")
		lines = append(lines, af...)
	}
	var t text
	// FRR looks at a changed route-map after 5 s, and never if told 0.
	t.lines([]string{"bgp route-map delay-timer 1"})
	t.block("router bgp "+b.as, lines)
	b.maps.write(&t)
	b.out.FRR["bgpd"] = t.String()
}

// global is the part above the neighbors.
func (b *bgpCompiler) global() []string {
	var lines []string
	if id := b.routerID(); id != "" {
		lines = append(lines, "bgp router-id "+id)
	}
	lines = append(lines, "no bgp ebgp-requires-policy", "no bgp default ipv4-unicast")
	if id := b.clusterID(); id != "" {
		lines = append(lines, "bgp cluster-id "+id)
	}
	// FRR would wait a second for more neighbors before the first update.
	lines = append(lines, "coalesce-time 0")
	if b.any("no-client-reflect") {
		lines = append(lines, "no bgp client-to-client reflection")
	}
	lines = append(lines, b.bestPath()...)
	lines = append(lines, b.gracefulRestart()...)
	return append(lines, fmt.Sprintf("timers bgp %d %d", bgpHoldTime/3, bgpHoldTime))
}

// bestPath is how paths are compared; FRR does it one way for all groups.
// Junos compares MEDs neighbor AS by neighbor AS, FRR in the order of arrival.
func (b *bgpCompiler) bestPath() []string {
	var lines []string
	if b.any("multipath", "multiple-as") {
		lines = append(lines, "bgp bestpath as-path multipath-relax")
	}
	if b.node.Has("path-selection", "always-compare-med") {
		lines = append(lines, "bgp always-compare-med")
	}
	if !b.node.Has("path-selection", "cisco-non-deterministic") {
		lines = append(lines, "bgp deterministic-med")
	}
	if b.node.Has("path-selection", "external-router-id") {
		lines = append(lines, "bgp bestpath compare-routerid")
	}
	return lines
}

// clusterID is the first one; FRR has one a router.
func (b *bgpCompiler) clusterID() string {
	first := ""
	for _, n := range b.neighbors {
		id := n.value("cluster")
		if id == "" {
			continue
		}
		if first != "" && id != first {
			b.differs(n.lookup("cluster"), "FRR has one cluster identifier for all groups: "+first)
		}
		if first == "" {
			first = id
		}
	}
	return first
}

// any tells whether some neighbor has a statement, itself or inherited.
func (b *bgpCompiler) any(path ...string) bool {
	return slices.ContainsFunc(b.neighbors, func(n *neighbor) bool { return n.has(path...) })
}
