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
}

// A family is one that BGP carries here.
type family struct {
	junos string // inet, inet6
	frr   string
	v6    bool
}

var families = []family{{"inet", "ipv4", false}, {"inet6", "ipv6", true}}

func (c *compiler) bgp() {
	n := c.root.Lookup("protocols", "bgp")
	if n == nil || n.Has("disable") {
		return
	}
	b := &bgpCompiler{compiler: c, node: n, maps: newPolicySet(c)}
	b.as = asNumber(c.root.Lookup("routing-options", "autonomous-system").Child("as-number").Value())
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
	lines := b.global()
	for _, n := range b.neighbors {
		lines = append(lines, n.lines()...)
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
	if b.any("multipath", "multiple-as") {
		lines = append(lines, "bgp bestpath as-path multipath-relax")
	}
	return append(lines, fmt.Sprintf("timers bgp %d %d", bgpHoldTime/3, bgpHoldTime))
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
			b.unacted(n.group, "FRR has one cluster identifier for all groups: "+first)
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

// exports is what export policies ask of a family.
type exports struct {
	redistribute []string // lines
	origins      []origin // redistributed
	tagged       map[origin]bool
	out          map[*neighbor]string // outbound route-map
}

// exports compiles the export policies of a family. Policies say which routes
// of other protocols BGP announces, FRR wants these redistributed first: so
// whatever some policy lets through is redistributed, marked with a tag, and
// sorted out at each neighbor.
func (b *bgpCompiler) exports(f family) *exports {
	e := &exports{tagged: map[origin]bool{}, out: map[*neighbor]string{}}
	for _, o := range []origin{direct, static, ospfRoutes, isisRoutes} {
		if line := b.redistributed(f, o); line != "" {
			e.redistribute = append(e.redistribute, line)
			e.origins = append(e.origins, o)
		}
	}
	for _, n := range b.neighbors {
		chain := n.values("export")
		if !n.families[f] || len(chain) == 0 && len(e.origins) == 0 {
			continue
		}
		ctx := mapContext{use: bgpExport, v6: f.v6, origins: append(b.learned(n), e.origins...)}
		m := b.maps.build(chain, ctx)
		for o := range m.tagged {
			e.tagged[o] = true
		}
		e.out[n] = b.maps.keep(m, mapName(chain, ctx))
	}
	return e
}

// learned are the origins of BGP routes that may be sent to a neighbor.
func (b *bgpCompiler) learned(n *neighbor) []origin {
	if n.internal && !b.reflector {
		return []origin{bgpExternal} // internal ones are not passed on
	}
	return []origin{bgpExternal, bgpInternal}
}

// redistributed is the line that brings an origin into a family, or "".
func (b *bgpCompiler) redistributed(f family, o origin) string {
	if !b.runs(o, f) {
		return ""
	}
	ctx := mapContext{use: intoBGP, v6: f.v6, origins: []origin{o}}
	var chains [][]string
	for _, n := range b.neighbors {
		chain := n.values("export")
		if !n.families[f] || slices.ContainsFunc(chains, func(c []string) bool { return slices.Equal(c, chain) }) {
			continue
		}
		if newPolicySet(b.compiler).build(chain, ctx).accepts() {
			chains = append(chains, chain)
		}
	}
	name := ""
	switch len(chains) {
	case 0:
		return ""
	case 1:
		name = b.maps.keep(b.maps.build(chains[0], ctx), mapName(chains[0], ctx))
	default:
		// Several policies want some of them: all come, each neighbor's own
		// policy chooses.
		all := &mapBuilder{set: b.maps, ctx: ctx, entries: []entry{{permit: true, sets: []string{"set tag " + o.mark()}}}}
		name = b.maps.keep(all, mapName([]string{"any"}, ctx))
	}
	return fmt.Sprintf("redistribute %s route-map %s", o.frr(f.v6), name)
}

// runs tells whether there can be routes of an origin.
func (b *bgpCompiler) runs(o origin, f family) bool {
	protocol := string(o)
	switch o {
	case direct, static:
		return true
	case ospfRoutes:
		protocol = o.protocols(f.v6)[0]
	}
	return b.root.Has("protocols", protocol)
}

// addressFamily is the block of a family; nothing if no neighbor has it.
func (b *bgpCompiler) addressFamily(f family, all map[bool]*exports) []string {
	e := all[f.v6]
	var peers []string
	for _, n := range b.neighbors {
		if n.families[f] {
			peers = append(peers, b.peerFamily(n, f, e)...)
		}
	}
	if len(peers) == 0 {
		return nil
	}
	preference := b.distance(b.node, "preference", bgpPreference)
	lines := []string{
		"address-family " + f.frr + " unicast",
		fmt.Sprintf(" distance bgp %d %d %d", preference, preference, preference),
	}
	for _, l := range slices.Concat(e.redistribute, peers, b.maximumPaths()) {
		lines = append(lines, " "+l)
	}
	return append(lines, "exit-address-family")
}

// maximumPaths: without multipath Junos uses one path, FRR all equal ones.
func (b *bgpCompiler) maximumPaths() []string {
	external, internal := 1, 1
	for _, n := range b.neighbors {
		if !n.has("multipath") {
			continue
		}
		if n.internal {
			internal = bgpPaths
		} else {
			external = bgpPaths
		}
	}
	return []string{fmt.Sprintf("maximum-paths %d", external), fmt.Sprintf("maximum-paths ibgp %d", internal)}
}

// peerFamily is what a family says of a neighbor; the order is FRR's.
func (b *bgpCompiler) peerFamily(n *neighbor, f family, e *exports) []string {
	head := "neighbor " + n.address.String() + " "
	lines := []string{head + "activate"}
	if n.has("cluster") && n.internal {
		lines = append(lines, head+"route-reflector-client")
	}
	if n.has("remove-private") {
		lines = append(lines, head+"remove-private-AS")
	}
	if n.has("as-override") {
		lines = append(lines, head+"as-override")
	}
	if limit := n.prefixLimit(f); limit != "" {
		lines = append(lines, head+limit)
	}
	if loops := b.root.Value("routing-options", "autonomous-system", "loops"); loops != "" {
		lines = append(lines, head+"allowas-in "+loops)
	}
	ctx := mapContext{use: bgpImport, v6: f.v6, origins: []origin{n.origin()}, mark: e.tagged[n.origin()]}
	if chain := n.values("import"); len(chain) > 0 || ctx.mark {
		name := b.maps.keep(b.maps.build(chain, ctx), mapName(append(chain, ctx.suffix()...), ctx))
		lines = append(lines, head+"route-map "+name+" in")
	}
	if name := e.out[n]; name != "" {
		lines = append(lines, head+"route-map "+name+" out")
	}
	return lines
}

// suffix tells apart import maps that mark what they take.
func (x mapContext) suffix() []string {
	if !x.mark {
		return nil
	}
	return []string{string(x.origins[0])}
}
