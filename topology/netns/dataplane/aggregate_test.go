package dataplane

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

// Aggregates come with the first route that contributes and go with the last,
// and zebra knows them by their preference.
func TestAggregatesFollowTheirContributors(t *testing.T) {
	r1, r2 := pair(t)
	want := router("1")
	p := netip.MustParsePrefix
	fromOSPF := []junosemu.ContributorRule{{Accept: true, Protocols: []string{"ospf"}}, {}}
	want.Aggregates = []junosemu.AggregateIntent{
		{Prefix: p("10.255.0.0/16"), Preference: 130, Contributors: []junosemu.ContributorRule{{Accept: true, Protocols: []string{"aggregate"}}, {}}},
		{Prefix: p("10.255.0.0/24"), Preference: 131, Metric: 7, Reject: true, Contributors: fromOSPF},
		{Prefix: p("10.0.0.0/8"), Preference: 140, Generate: true, Contributors: fromOSPF},
		{Prefix: p("192.0.2.0/24"), Preference: 130},
		{Prefix: p("2001:db8:255::/48"), Preference: 130, Contributors: fromOSPF},
	}
	apply(t, r1, want)
	active := []string{
		"K>* 10.255.0.0/16 [130/0] unreachable (blackhole)",
		"K>* 10.255.0.0/24 [131/7] unreachable (ICMP unreachable)",
		"K>* 10.0.0.0/8 [140/0] via 10.0.12.2, eth1",
		"K>* 2001:db8:255::/48 [130/0] unreachable (blackhole)",
	}
	routesAre(t, r1, active)

	alone := router("2")
	alone.FRR = nil
	apply(t, r2, alone)
	routesAre(t, r1, nil)
	apply(t, r2, router("2"))
	routesAre(t, r1, active)

	apply(t, r1, router("1"))
	routesAre(t, r1, nil)
}

// A direct route contributes while its link is up.
func TestAggregateOfADirectRoute(t *testing.T) {
	r1, r2 := pair(t)
	want := router("1")
	want.Aggregates = []junosemu.AggregateIntent{{Prefix: netip.MustParsePrefix("10.0.0.0/16"), Preference: 130}}
	apply(t, r1, want)
	routesAre(t, r1, []string{"K>* 10.0.0.0/16 [130/0] unreachable (blackhole)"})
	other := router("2")
	other.Interfaces[0].Disabled = true
	apply(t, r2, other)
	routesAre(t, r1, nil)
}

// routesAre waits until zebra's kernel routes begin with these lines.
func routesAre(t *testing.T, node *frrtest.Node, want []string) {
	t.Helper()
	frrtest.Eventually(t, func() string {
		var table string
		for _, command := range []string{"show ip route kernel", "show ipv6 route kernel"} {
			var answer Answer
			node.Call(t, "Plane.FRR", Ask{"zebra", command}, &answer)
			table += answer.Output
		}
		count := strings.Count(table, "\nK")
		for _, w := range want {
			if !strings.Contains(table, "\n"+w) {
				return w + " is missing in " + table
			}
		}
		if count != len(want) {
			return "too many routes: " + table
		}
		return ""
	})
}
