package oper

import (
	"context"
	"net/netip"
	"strings"
)

// addFiltered adds the routes that import policies refused: Junos keeps them,
// hidden. bgpd does as well (soft-reconfiguration inbound).
func (r *Router) addFiltered(ctx context.Context, f family, t *table) error {
	for i := range families {
		if families[i].table != f.table {
			continue
		}
		for _, neighbor := range filteredNeighbors(r.Intent().FRR["bgpd"], bgpFamilies[i].command) {
			routes, err := r.exchangedRoutes(ctx, neighbor, i, "filtered-routes")
			if err != nil {
				return err
			}
			for destination, route := range routes {
				if p, err := netip.ParsePrefix(destination); err == nil {
					t.routes = append(t.routes, r.filtered(p, neighbor, route))
				}
			}
		}
	}
	return nil
}

// filtered is a refused route. What policy it met, bgpd does not say.
func (r *Router) filtered(p netip.Prefix, neighbor netip.Addr, a exchangedRoute) route {
	path := &bgpPath{
		peer: neighbor, asPath: junosASPath(a.Path, map[string]string{"i": "IGP", "e": "EGP"}[a.Origin]),
		localPref: defaultLocalPref, med: a.MED, external: true,
	}
	if a.LocalPref != nil {
		path.localPref = *a.LocalPref
	}
	path.nextHop, _ = netip.ParseAddr(a.NextHop)
	return route{prefix: p, protocol: "BGP", preference: r.bgpPreference(neighbor), hidden: true, kind: "Router", path: path}
}

// filteredNeighbors are those with an import policy in a family ("ipv4 unicast").
func filteredNeighbors(text, family string) []netip.Addr {
	var out []netip.Addr
	inside := false
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == "address-family":
			inside = strings.Join(words[1:], " ") == family
		case words[0] == "exit-address-family":
			inside = false
		case inside && len(words) == 5 && words[0] == "neighbor" && words[2] == "route-map" && words[4] == "in":
			if a, err := netip.ParseAddr(words[1]); err == nil {
				out = append(out, a)
			}
		}
	}
	return out
}
