package testplans

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/routes"
)

// Routes announces BGP routes from a host under a name (Start), or withdraws
// them and ends their session (Stop). One of the two names them.
type Routes struct {
	Start string `json:"start,omitempty"`
	Stop  string `json:"stop,omitempty"`

	// Of Start.
	Node    trafficgen.PortID `json:"node,omitzero"` // Node and Device only
	Session *routes.Spec      `json:"session,omitempty"`
	Set     *routes.Set       `json:"set,omitempty"`
	// Stream, if there is one, is sent to Sample of the routes, each in place of
	// its own destination, until the routes are withdrawn.
	Stream string      `json:"stream,omitempty"`
	Sample int         `json:"sample,omitempty"`
	Works  check.Bound `json:"works,omitempty"` // after which time all of the sample flows

	Gone   check.Bound `json:"gone,omitempty"` // of Stop: after which time none does
	Within Duration    `json:"within,omitempty"`
}

// What a routes step is when the plan does not say.
const (
	defaultFirstRoute = "100.64.0.0/24" // RFC 6598: nobody else's
	defaultSample     = 10
	maxSample         = 100
	defaultRouteTime  = time.Minute
)

var asNumber = integer(1, 1<<32-1)

var routesShape = &shape{
	name: "routes",
	doc:  "BGP routes announced from a host, thousands at a time.",
	fields: []field{
		{key: "start", is: givenName, doc: "Open a session, announce the routes under this name and keep them announced through the following steps."},
		{key: "stop", is: givenName, doc: "Withdraw these routes and end their session."},
		{key: "node", is: speakerPort, with: []string{"start"}, doc: "The host that announces them: a linux node, or node:interface."},
		{key: "as", is: asNumber, with: []string{"start"}, doc: "The host's AS number."},
		{key: "peer", is: address, with: []string{"start"}, doc: "The router's address. The router must be configured for the session."},
		{key: "peer-as", is: asNumber, with: []string{"start"}, doc: "The router's AS number."},
		{key: "local", is: address, with: []string{"start"}, doc: "The host's address; the one beside the router's unless said."},
		{key: "router-id", is: address, with: []string{"start"}, doc: "The host's router ID; its address unless said."},
		{key: "multihop", is: integer(1, 255), with: []string{"start"}, doc: "TTL of the session, to a router that is no neighbor."},
		{key: "first", is: prefix, with: []string{"start"}, doc: "The first prefix, which the others follow; " + defaultFirstRoute + " unless said."},
		{key: "count", is: integer(1, routes.MaxRoutes), with: []string{"start"}, doc: "How many prefixes."},
		{key: "as-path", is: list{of: asNumber, min: 1, single: true}, with: []string{"start"}, doc: "What follows the host's AS number in the AS path."},
		{key: "communities", is: list{of: routeCommunity, min: 1, single: true}, with: []string{"start"}, doc: "Communities of the routes: 65100:1."},
		{key: "med", is: integer(0, 1<<32-1), with: []string{"start"}, doc: "Their MULTI_EXIT_DISC."},
		{key: "stream", is: streamName, with: []string{"start"}, doc: "A stream that ends at the host. Copies of it are sent to some of the routes, and show when they work and when they are gone."},
		{key: "sample", is: integer(1, maxSample), with: []string{"stream"}, doc: "To how many of the routes, from the first to the last with even steps; 10 unless said."},
		{key: "works", is: bound(check.Time), with: []string{"stream"}, doc: "How long after the announcement traffic to all of the sample must flow (RFC 7747): < 2s."},
		{key: "gone", is: bound(check.Time), with: []string{"stop"}, doc: "How long after the withdrawal traffic to the last of the sample must have ended: < 2s."},
		{key: "within", is: duration(time.Second, maxWait), doc: "How long to wait for the session, and for traffic to follow; 1m unless said."},
	},
	choose: []choice{{keys: []string{"start", "stop"}}},
	finish: finishRoutes,
}

func finishRoutes(d *decoder, o *object) any {
	within, err := time.ParseDuration(o.text("within"))
	if err != nil { // it is not said
		within = defaultRouteTime
	}
	if o.has("stop") {
		return &Routes{Stop: o.text("stop"), Gone: check.Bound(o.text("gone")), Within: Duration(within)}
	}
	for _, key := range []string{"node", "as", "peer", "peer-as", "count"} {
		if !o.has(key) {
			d.mistake(o.node, "say node, as, peer, peer-as and count", "routes %s lack the key %q", o.text("start"), key)
			return nil
		}
	}
	step := &Routes{Start: o.text("start"), Stream: o.text("stream"), Works: check.Bound(o.text("works")), Within: Duration(within)}
	step.Node, _ = o.values["node"].(trafficgen.PortID)
	ok := false
	if step.Set, ok = d.routeSet(o); !ok {
		return nil
	}
	if step.Session, ok = d.routeSession(o, step.Set); !ok {
		return nil
	}
	if step.Stream != "" && !d.sampled(o, step) {
		return nil
	}
	return step
}

// routeSet is the routes of a step.
func (d *decoder) routeSet(o *object) (*routes.Set, bool) {
	set := &routes.Set{First: netip.MustParsePrefix(defaultFirstRoute)}
	set.Count, _ = o.values["count"].(int)
	if first := o.text("first"); first != "" {
		set.First = netip.MustParsePrefix(first)
	}
	path, _ := o.values["as-path"].([]any)
	for _, as := range path {
		set.Path = append(set.Path, uint32(as.(int)))
	}
	communities, _ := o.values["communities"].([]any)
	for _, c := range communities {
		set.Communities = append(set.Communities, c.(uint32))
	}
	if med, ok := o.values["med"].(int); ok {
		v := uint32(med)
		set.MED = &v
	}
	if err := set.Check(); err != nil {
		d.mistake(o.at["count"], "", "%v", err)
		return nil, false
	}
	return set, true
}

// routeSession is the session that the routes are announced on.
func (d *decoder) routeSession(o *object, set *routes.Set) (*routes.Spec, bool) {
	s := &routes.Spec{Peer: netip.MustParseAddr(o.text("peer"))}
	as, _ := o.values["as"].(int)
	peerAS, _ := o.values["peer-as"].(int)
	multihop, _ := o.values["multihop"].(int)
	s.AS, s.PeerAS, s.Multihop = uint32(as), uint32(peerAS), uint8(multihop)
	if local := o.text("local"); local != "" {
		s.Local = netip.MustParseAddr(local)
	}
	if id := o.text("router-id"); id != "" {
		s.RouterID = netip.MustParseAddr(id)
	}
	switch {
	case s.Local.IsValid() && s.Local.Is4() != s.Peer.Is4():
		d.mistake(o.at["local"], "", "%v and %v are not of one address family", s.Local, s.Peer)
	case s.RouterID.IsValid() && !s.RouterID.Is4():
		d.mistake(o.at["router-id"], "", "a router ID is an IPv4 address")
	case s.Peer.Is6() && !s.RouterID.IsValid():
		d.mistake(o.at["peer"], "say router-id: 192.0.2.1, for example", "a session over IPv6 needs a router ID, which is an IPv4 address")
	case set.First.Addr().Is4() != s.Peer.Is4() && o.has("first"):
		d.mistake(o.at["first"], "", "%v is not of the session's address family", set.First)
	case set.First.Addr().Is4() != s.Peer.Is4():
		d.mistake(o.at["peer"], "say first: 2001:db8::/48, for example", "%v is not of the session's address family", set.First)
	default:
		return s, true
	}
	return nil, false
}

// sampled settles the traffic that shows which routes work: its stream must lead
// to the host, and have a destination that can be another.
func (d *decoder) sampled(o *object, step *Routes) bool {
	step.Sample = min(defaultSample, step.Set.Count)
	if n, ok := o.values["sample"].(int); ok {
		step.Sample = n
	}
	s, known := d.read[step.Stream]
	at := o.at["stream"]
	switch {
	case step.Sample > step.Set.Count:
		d.mistake(o.at["sample"], "", "there are only %d routes to send to", step.Set.Count)
	case !known: // it has a mistake of its own
		return true
	case s.bothWays:
		d.mistake(at, "take one that is not bidirectional", "stream %s flows both ways, but nothing flows back from the routes", step.Stream)
	case len(s.Layers) > 0 || s.Capture != "":
		d.mistake(at, "take one without layers and pcap", "stream %s has a destination of its own, not that of the routes", step.Stream)
	case s.To.Node != step.Node.Node:
		d.mistake(at, "", "stream %s ends at %s, but the routes lead to %s", step.Stream, s.To.Node, step.Node.Node)
	case s.IPv6 == step.Set.First.Addr().Is4():
		d.mistake(at, "", "stream %s is not of the routes' IP version", step.Stream)
	default:
		return true
	}
	return false
}

// speakerPort is the port of a host that can open a TCP connection.
var speakerPort = scalar{what: "a linux node, or node:interface", json: stringSchema("h1", "h1:eth1"),
	parse: func(d *decoder, n *yaml.Node) any {
		name, _, _ := strings.Cut(n.Value, ":")
		if d.topology != nil {
			switch node := d.topology.Node(name); {
			case node != nil && node.IsJunos():
				d.mistake(n, "linux nodes are "+listed(d.hostNames()), "%s is a %s node; routes are announced from a linux node", name, node.Kind)
				return nil
			case node != nil && node.IsGenerator():
				d.mistake(n, "take a host with an address of its own", "%s is a port of the traffic generator and opens no sessions", name)
				return nil
			}
		}
		return port.parse(d, n)
	}}

// routeCommunity is a BGP community (RFC 1997) of routes that we announce.
var routeCommunity = scalar{what: "a community, such as 65100:1", json: map[string]any{"type": "string", "pattern": `^[0-9]+:[0-9]+$`, "examples": []any{"65100:1"}},
	parse: func(d *decoder, n *yaml.Node) any {
		c, err := routes.ParseCommunity(n.Value)
		if err != nil {
			d.mistake(n, "write it as 65100:1, both numbers below 65536", "%v", err)
			return nil
		}
		return c
	}}

// sentence describes the step for people.
func (r *Routes) sentence() string {
	if r.Stop != "" {
		s := "Withdraw the routes of " + r.Stop
		if r.Gone != "" {
			s += " and check that traffic to them ends in " + r.Gone.Words()
		}
		return s
	}
	s := fmt.Sprintf("Announce %d routes from %s (AS %d) to %s", r.Set.Count, r.Node.Node, r.Session.AS, r.Session.Peer)
	switch {
	case r.Works != "":
		s += fmt.Sprintf(" and check that traffic to %d of them flows in %s", r.Sample, r.Works.Words())
	case r.Stream != "":
		s += fmt.Sprintf(" and check that traffic to %d of them flows", r.Sample)
	}
	return s
}
