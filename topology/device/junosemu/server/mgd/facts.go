package mgd

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
)

// What operational commands show of the running configuration.

// configured reports whether the running configuration of a routing instance
// has a statement.
func (d *Daemon) configured(instance string, path ...string) bool {
	scope := d.compile().effective
	if instance != "" {
		scope = scope.Lookup("routing-instances", "instance", instance)
	}
	return scope.Has(path...)
}

// bound is what a family of a unit filters and polices packets with in the
// running configuration.
func (d *Daemon) bound(unit, family string) oper.Binding {
	port, number, _ := strings.Cut(unit, ".")
	f := d.compile().effective.Lookup("interfaces", "interface", port, "unit", number, "family", family)
	filters := func(direction string) []string {
		if name := f.Value("filter", direction, "filter-name"); name != "" {
			return []string{name}
		}
		return f.Values("filter", direction+"-list")
	}
	return oper.Binding{
		FilterInput: filters("input"), FilterOutput: filters("output"),
		PolicerInput: f.Value("policer", "input"), PolicerOutput: f.Value("policer", "output"),
	}
}

// families are the protocol families of a unit (ge-0/0/0.0) in the running
// configuration, with the addresses of each as configured.
func (d *Daemon) families(unit string) map[string][]string {
	port, number, _ := strings.Cut(unit, ".")
	all := map[string][]string{}
	configured := d.compile().effective.Lookup("interfaces", "interface", port, "unit", number, "family")
	for _, family := range configured.All() {
		all[family.Name()] = nil
		for _, a := range family.Children("address") {
			all[family.Name()] = append(all[family.Name()], a.Key())
		}
	}
	return all
}

// bgpConfig is what the running configuration says of a BGP neighbor of a routing
// instance, "" being the master one. Policies of the neighbor replace those of the
// group, and those the ones of BGP.
func (d *Daemon) bgpConfig(instance string, peer netip.Addr) oper.BGPConfig {
	scope := d.compile().effective
	if instance != "" {
		scope = scope.Lookup("routing-instances", "instance", instance)
	}
	bgp := scope.Lookup("protocols", "bgp")
	for _, group := range bgp.Children("group") {
		for _, neighbor := range group.Children("neighbor") {
			if a, err := netip.ParseAddr(neighbor.Key()); err != nil || a != peer {
				continue
			}
			nearest := func(leaf string) []string {
				for _, level := range []*config.Node{neighbor, group, bgp} {
					if policies := level.Values(leaf); len(policies) > 0 {
						return policies
					}
				}
				return nil
			}
			preference := 0
			if p := nearest("preference"); len(p) > 0 {
				preference, _ = strconv.Atoi(p[0])
			}
			return oper.BGPConfig{Group: group.Key(), Import: nearest("import"), Export: nearest("export"), Preference: preference}
		}
	}
	return oper.BGPConfig{}
}
