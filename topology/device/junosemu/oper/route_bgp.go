package oper

import (
	"cmp"
	"context"
	"encoding/json"
	"net/netip"
	"strings"
	"time"
)

// A bgpPath holds the attributes of a BGP route.
type bgpPath struct {
	peer        netip.Addr
	routerID    string
	external    bool
	peerAS      int        // of the neighbor; in detailed forms only, else 0
	localAS     int        // that the neighbor knows; likewise
	nextHop     netip.Addr // the protocol next hop
	asPath      string     // as Junos prints it: "65004 I"
	localPref   int
	med         *int
	communities []string
}

// bgpEntry is one path of "show bgp ipv4 unicast json detail". The first
// element of each destination's list has only the prefix and no next hop.
type bgpEntry struct {
	ASPath struct {
		String string `json:"string"`
	} `json:"aspath"`
	Origin    string `json:"origin"`
	MED       *int   `json:"metric"`
	LocalPref *int   `json:"locPrf"`
	Valid     bool   `json:"valid"`
	Best      struct {
		Overall bool `json:"overall"`
	} `json:"bestpath"`
	Community struct {
		List []string `json:"list"`
	} `json:"community"`
	LargeCommunity struct {
		List []string `json:"list"`
	} `json:"largeCommunity"`
	ExtCommunity struct {
		String string `json:"string"` // "RT:65000:1 SoO:65000:2"
	} `json:"extendedCommunity"`
	LastUpdate struct {
		Epoch int64 `json:"epoch"`
	} `json:"lastUpdate"`
	Nexthops []struct {
		IP string `json:"ip"`
	} `json:"nexthops"`
	Peer struct {
		ID       string `json:"peerId"`
		RouterID string `json:"routerId"`
		Type     string `json:"type"`
	} `json:"peer"`
}

// bgpTable is the answer of "show bgp … json detail".
type bgpTable struct {
	Routes map[string][]json.RawMessage `json:"routes"`
}

// addBGP adds every path that a neighbor sent and policies accepted. The best path's next hops
// are those zebra resolved; the others' are resolved here in the same table.
func (r *Router) addBGP(ctx context.Context, f family, t *table, best map[netip.Prefix]route) error {
	var known bgpTable
	if err := r.askIfRunning(ctx, "bgpd", f.bgp, &known); err != nil {
		return err
	}
	var paths []route
	for destination, list := range known.Routes {
		prefix, err := netip.ParsePrefix(destination)
		if err != nil {
			continue
		}
		for _, raw := range list {
			var entry bgpEntry
			if err := json.Unmarshal(raw, &entry); err != nil {
				return err
			}
			rt, ok := r.fromBGP(entry, prefix, best[prefix], t)
			if !ok {
				continue // a header, or a route of our own
			}
			rt.hidden = !entry.Valid
			paths = append(paths, rt)
		}
	}
	t.routes = append(t.routes, paths...)
	return nil
}

// defaultLocalPref is what Junos shows for a route that carries none.
const defaultLocalPref = 100

func (r *Router) fromBGP(e bgpEntry, prefix netip.Prefix, installed route, t *table) (route, bool) {
	peer, err := netip.ParseAddr(e.Peer.ID)
	if err != nil || peer.IsUnspecified() || len(e.Nexthops) == 0 {
		return route{}, false
	}
	path := &bgpPath{
		peer: peer, routerID: e.Peer.RouterID, external: e.Peer.Type == "external",
		asPath: junosASPath(e.ASPath.String, e.Origin), localPref: defaultLocalPref,
		med: e.MED, communities: e.communities(),
	}
	if e.LocalPref != nil {
		path.localPref = *e.LocalPref
	}
	path.nextHop, _ = netip.ParseAddr(e.Nexthops[0].IP)
	rt := route{
		prefix: prefix, protocol: "BGP", preference: r.bgpPreference(peer),
		age: max(0, r.Now().Sub(time.Unix(e.LastUpdate.Epoch, 0))), kind: "Router", path: path,
	}
	if e.Best.Overall && installed.prefix.IsValid() {
		rt.active, rt.hops, rt.preference = installed.active, globalHops(installed.hops, path), installed.preference
		return rt, true
	}
	if via, ok := t.lookup(path.nextHop); ok {
		rt.hops = resolve(via, path.nextHop)
	}
	return rt, true
}

// addPeerAS tells the paths of a table the AS numbers of their sessions.
func (r *Router) addPeerAS(ctx context.Context, t *table) error {
	known := map[string]*bgpNeighbor{}
	if err := r.askIfRunning(ctx, "bgpd", "show bgp neighbors json", &known); err != nil {
		return err
	}
	for _, rt := range t.routes {
		if rt.path == nil {
			continue
		}
		if n := known[rt.path.peer.String()]; n != nil {
			rt.path.peerAS, rt.path.localAS = n.RemoteAS, n.LocalAS
		}
	}
	return nil
}

// communities are those of all kinds, in Junos's words.
func (e *bgpEntry) communities() []string {
	var all []string
	for _, c := range e.Community.List {
		all = append(all, cmp.Or(wellKnown[c], c))
	}
	for _, c := range e.LargeCommunity.List {
		all = append(all, "large:"+c)
	}
	for _, c := range strings.Fields(e.ExtCommunity.String) {
		c = strings.Replace(c, "RT:", "target:", 1)
		all = append(all, strings.Replace(c, "SoO:", "origin:", 1))
	}
	return all
}

// wellKnown are bgpd's and Junos's names of well-known communities.
var wellKnown = map[string]string{
	"noExport": "no-export", "noAdvertise": "no-advertise", "localAs": "no-export-subconfed", "noPeer": "no-peer",
	"gracefulShutdown": "graceful-shutdown", "acceptOwn": "accept-own", "llgrStale": "llgr-stale", "noLlgr": "no-llgr",
}

// bgpPreference is the configured preference of a neighbor's routes.
func (r *Router) bgpPreference(peer netip.Addr) int {
	if r.BGP != nil {
		if p := r.BGP(r.instance, peer).Preference; p != 0 {
			return p
		}
	}
	return protocols["bgp"].preference
}

// globalHops shows the global address of a directly connected IPv6 neighbor
// where zebra forwards to its link-local one, as Junos does.
func globalHops(hops []hop, path *bgpPath) []hop {
	if len(hops) == 1 && hops[0].to.IsLinkLocalUnicast() && path.external && !path.nextHop.IsLinkLocalUnicast() {
		return []hop{{to: path.nextHop, via: hops[0].via}}
	}
	return hops
}

// resolve is how a next hop is reached over a route: directly, or as the route
// goes.
func resolve(over route, nextHop netip.Addr) []hop {
	if over.kind == "Interface" && len(over.hops) > 0 {
		return []hop{{to: nextHop, via: over.hops[0].via}}
	}
	return over.hops
}

// junosASPath turns FRR's AS path and origin into Junos's: "65004 I". FRR calls
// an empty path Local and separates the members of a set by commas.
func junosASPath(path, origin string) string {
	code := map[string]string{"IGP": "I", "EGP": "E"}[origin]
	if code == "" {
		code = "?"
	}
	path = strings.ReplaceAll(path, ",", " ")
	if path == "" || path == "Local" {
		return code
	}
	return path + " " + code
}
