package intent

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

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
	preference := b.preference()
	lines := []string{
		"address-family " + f.frr + " unicast",
		fmt.Sprintf(" distance bgp %d %d %d", preference, preference, preference),
	}
	lines = append(lines, b.damping(f)...)
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

// peerFamily is what a family says of a neighbor.
func (b *bgpCompiler) peerFamily(n *neighbor, f family, e *exports) []string {
	var lines []string
	add := func(format string, args ...any) {
		lines = append(lines, "neighbor "+n.address.String()+" "+fmt.Sprintf(format, args...))
	}
	add("activate")
	add("soft-reconfiguration inbound") // what was received is shown and counted
	if n.has("cluster") && n.internal {
		add("route-reflector-client")
	}
	lines = append(lines, b.addPath(n, f)...)
	if how := n.removePrivate(); how != "" {
		add("%s", how)
	}
	if n.has("as-override") {
		add("as-override")
	}
	if n.has("multihop", "no-nexthop-change") && !n.internal {
		add("attribute-unchanged next-hop")
	}
	if limit := n.prefixLimit(f); limit != "" {
		add("%s", limit)
	}
	if loops := b.loops(n, f); loops > 0 {
		add("%s", strings.TrimSuffix(fmt.Sprintf("allowas-in %d", loops), " 3")) // its default, which it does not print
	}
	if b.weighted {
		add("weight %d", weightOf(b.preferenceOf(n)))
	}
	if name := b.importMap(n, f, e); name != "" {
		add("route-map %s in", name)
	}
	if name := e.out[n]; name != "" {
		add("route-map %s out", name)
	}
	return lines
}

// importMap is the inbound route-map, or "". It has the policies, the mark that
// export policies ask for, and the neighbor's own preference.
func (b *bgpCompiler) importMap(n *neighbor, f family, e *exports) string {
	ctx := mapContext{use: bgpImport, v6: f.v6, origins: []origin{n.origin()}, mark: e.tagged[n.origin()]}
	chain := n.values("import")
	own := b.preferenceOf(n) != b.preference()
	if len(chain) == 0 && !ctx.mark && !own {
		return ""
	}
	m := &mapBuilder{set: b.maps, ctx: ctx, tagged: map[origin]bool{}}
	if own {
		m.entries = []entry{{permit: true, sets: []string{fmt.Sprintf("set distance %d", b.preferenceOf(n))}, target: &label{at: 1}}}
	}
	m.chain(chain)
	return b.maps.keep(m, mapName(append(slices.Clone(chain), ctx.suffix()...), ctx))
}

// preference is that of BGP routes whose group and neighbor say nothing.
func (b *bgpCompiler) preference() int { return b.distance(b.node, "preference", bgpPreference) }

// preferenceOf is that of a neighbor's routes.
func (b *bgpCompiler) preferenceOf(n *neighbor) int {
	for _, l := range n.levels() {
		if l.Has("preference") {
			return b.distance(l, "preference", bgpPreference)
		}
	}
	return bgpPreference
}

// comparesPreferences tells whether BGP routes can have different preferences.
func (b *bgpCompiler) comparesPreferences() bool {
	if slices.ContainsFunc(b.neighbors, func(n *neighbor) bool { return b.preferenceOf(n) != b.preference() }) {
		return true
	}
	for _, p := range b.root.Lookup("policy-options").Children("policy-statement") {
		for _, t := range terms(p) {
			if t.then.Has("preference") {
				return true
			}
		}
	}
	return false
}

// addPath: Junos takes and sends several paths only where it is told to.
func (b *bgpCompiler) addPath(n *neighbor, f family) []string {
	head := "neighbor " + n.address.String() + " "
	node := n.lookup("family", f.junos, "unicast", "add-path")
	var lines []string
	if !node.Has("receive") {
		lines = append(lines, head+"disable-addpath-rx")
	}
	if send := node.Lookup("send"); send != nil {
		b.differs(send, "FRR sends all paths, not a number of them")
		lines = append(lines, head+"addpath-tx-all-paths")
	}
	return lines
}

// loops is how often FRR shall allow the own AS in a path. Junos counts up to
// the time when it refuses.
func (b *bgpCompiler) loops(n *neighbor, f family) int {
	for _, v := range []string{
		n.value("family", f.junos, "unicast", "loops", "loops"), n.value("local-as", "loops"),
		b.autonomousSystem().Value("loops"),
	} {
		if times, err := strconv.Atoi(v); err == nil {
			return times - 1
		}
	}
	return 0
}

// suffix tells apart import maps that mark what they take.
func (x mapContext) suffix() []string {
	if !x.mark {
		return nil
	}
	return []string{x.origins[0].name}
}
