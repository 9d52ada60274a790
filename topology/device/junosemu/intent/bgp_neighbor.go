package intent

import (
	"fmt"
	"net/netip"
	"strconv"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// A neighbor is one BGP session with what its group and BGP itself give it.
type neighbor struct {
	bgp, group, node *config.Node
	address          netip.Addr
	internal         bool
	peerAS           string
	localAS          string // local-as, or "" for the router's own
	families         map[family]bool
	evpn             bool
	bfd              []string
}

// levels are where a statement is looked for, the nearest first.
func (n *neighbor) levels() []*config.Node { return []*config.Node{n.node, n.group, n.bgp} }

// lookup finds a statement at the nearest level that has it.
func (n *neighbor) lookup(path ...string) *config.Node {
	for _, l := range n.levels() {
		if found := l.Lookup(path...); found != nil {
			return found
		}
	}
	return nil
}

func (n *neighbor) has(path ...string) bool        { return n.lookup(path...) != nil }
func (n *neighbor) value(path ...string) string    { return n.lookup(path...).Value() }
func (n *neighbor) values(path ...string) []string { return n.lookup(path...).Values() }
func (n *neighbor) number(path ...string) (int, bool) {
	v, err := strconv.Atoi(n.value(path...))
	return v, err == nil
}

func (n *neighbor) origin() origin {
	if n.internal {
		return bgpInternal
	}
	return bgpExternal
}

// neighbor checks and gathers one neighbor; nil if something is wrong.
func (b *bgpCompiler) neighbor(g, node *config.Node) *neighbor {
	n := &neighbor{bgp: b.node, group: g, node: node, families: map[family]bool{}}
	var err error
	if n.address, err = netip.ParseAddr(node.Key()); err != nil {
		return nil // a wildcard that no group expanded
	}
	complain := func(message string) *neighbor {
		b.fail(g, "neighbor "+node.Key(), fmt.Sprintf("Error in neighbor %s of group %s:\n%s", node.Key(), g.Key(), message))
		return nil
	}
	n.localAS = asNumber(n.lookup("local-as").Child("as-number").Value())
	if b.as == "" && n.localAS != "" {
		b.as = n.localAS
	}
	if b.as == "" {
		return complain("must define local autonomous system when enabling BGP")
	}
	n.peerAS = asNumber(n.value("peer-as"))
	if problem := n.kind(b.as); problem != "" {
		return complain(problem)
	}
	if n.localAS == b.as {
		n.localAS = ""
	}
	b.neighborFamilies(n)
	n.bfd = b.bfdTimers(n.lookup("bfd-liveness-detection"))
	b.reflector = b.reflector || n.internal && n.has("cluster")
	return n
}

// kind decides between internal and external, and the neighbor's AS.
func (n *neighbor) kind(as string) (problem string) {
	if n.localAS != "" {
		as = n.localAS
	}
	switch kind := n.group.Value("type"); {
	case kind == "internal", kind == "" && n.peerAS == as:
		n.internal = true
		if n.peerAS == "" {
			n.peerAS = as
		}
		if n.peerAS != as {
			return "peer AS number must match the local AS for an internal peer"
		}
	case n.peerAS == "":
		return "peer AS number must be configured for an external peer"
	case n.peerAS == as:
		return "peer AS number must not be the local AS for an external peer"
	}
	return ""
}

// neighborFamilies: what is configured, or the family of the address.
func (b *bgpCompiler) neighborFamilies(n *neighbor) {
	for _, l := range n.levels() {
		if !l.Has("family") {
			continue
		}
		for _, f := range families {
			n.families[f] = l.Has("family", f.junos, "unicast") || l.Has("family", f.junos, "any")
		}
		n.evpn = l.Has("family", "evpn", "signaling")
		return
	}
	for _, f := range families {
		n.families[f] = f.v6 == n.address.Is6()
	}
}

// lines are the neighbor's own statements.
func (b *bgpCompiler) neighborLines(n *neighbor) []string {
	var lines []string
	add := func(format string, args ...any) {
		lines = append(lines, "neighbor "+n.address.String()+" "+fmt.Sprintf(format, args...))
	}
	add("remote-as %s", n.peerAS)
	if n.localAS != "" {
		add("local-as %s%s", n.localAS, n.localASOptions())
	}
	if d := n.node.Value("description"); d != "" {
		add("description %s", d)
	}
	if n.has("disable") {
		add("shutdown")
	}
	for _, l := range n.bfd {
		add("%s", l)
	}
	if key := n.value("authentication-key"); key != "" {
		add("password %s", secret(key))
	}
	if n.has("passive") {
		add("passive")
	}
	if n.has("shutdown") {
		add("shutdown")
	}
	if ttl := n.multihop(); ttl > 1 && !n.internal {
		add("ebgp-multihop %d", ttl)
	}
	if n.has("enforce-first-as") {
		add("enforce-first-as")
	}
	if !n.internal && !n.has("advertise-peer-as") && !n.has("as-override") {
		add("sender-as-path-loop-detection")
	}
	if a := n.value("local-address"); a != "" {
		add("update-source %s", a)
	}
	if size := n.value("tcp-mss"); size != "" {
		add("tcp-mss %s", size)
	}
	if mode := b.restartMode(n); mode != "" {
		add("%s", mode)
	}
	delay, _ := n.number("out-delay")
	add("advertisement-interval %d", delay)
	if hold, ok := n.number("hold-time"); ok && hold != bgpHoldTime {
		add("timers %d %d", hold/3, hold)
	}
	add("timers connect %d", bgpConnectRetry)
	return lines
}

// localASOptions: Junos's "private" hides the local AS from other neighbors;
// no-prepend-global-as shows only the local AS to this one; an alias is the
// one or the other, never both.
func (n *neighbor) localASOptions() string {
	l := n.lookup("local-as")
	switch {
	case l.Has("no-prepend-global-as"), l.Has("alias"):
		return " no-prepend replace-as"
	case l.Has("private"):
		return " no-prepend"
	}
	return ""
}

// removePrivate is FRR's statement. Junos's plain form stops at the first
// public AS, FRR's does nothing to a path that has one.
func (n *neighbor) removePrivate() string {
	switch {
	case n.has("remove-private", "all", "replace"):
		return "remove-private-AS all replace-AS"
	case n.has("remove-private", "all"):
		return "remove-private-AS all"
	case n.has("remove-private"):
		return "remove-private-AS"
	}
	return ""
}

// multihop is the TTL of an external session: 1, or what multihop says; 64 if
// it says nothing.
func (n *neighbor) multihop() int {
	if !n.has("multihop") {
		return 1
	}
	if ttl, ok := n.number("multihop", "ttl"); ok {
		return ttl
	}
	return 64
}

// prefixLimit counts what was received, or what policies accepted. Without
// teardown, Junos only warns; after one it starts again, at once unless told
// otherwise, which in FRR is a minute.
func (n *neighbor) prefixLimit(f family) string {
	limit, force := n.lookup("family", f.junos, "unicast", "prefix-limit"), " force"
	if limit == nil {
		limit, force = n.lookup("family", f.junos, "unicast", "accepted-prefix-limit"), ""
	}
	most := limit.Value("maximum")
	if most == "" {
		return ""
	}
	teardown := limit.Lookup("teardown")
	if teardown == nil {
		return "maximum-prefix " + most + " warning-only" + force
	}
	line := "maximum-prefix " + most
	if percent := teardown.Child("limit-threshold").Value(); percent != "" && percent != "75" {
		line += " " + percent
	}
	idle := teardown.Lookup("idle-timeout")
	if idle.Has("forever") {
		return line + force
	}
	minutes := idle.Child("timeout").Value()
	if minutes == "" {
		minutes = "1"
	}
	return line + " restart " + minutes + force
}
