package junosemu

import (
	"net/netip"
	"testing"
)

func TestAggregateTakes(t *testing.T) {
	p := netip.MustParsePrefix
	ten := AggregateIntent{Prefix: p("10.0.0.0/8")}
	policy := ten
	policy.Contributors = []ContributorRule{
		{Accept: true, Protocols: []string{"ospf"}, Prefixes: []PrefixRule{
			{Prefix: p("10.0.0.0/8"), Low: 8, High: 24},
			{Prefix: p("10.9.0.0/16"), Low: 16, High: 16},
			{Prefix: p("10.8.0.0/16"), Low: 16, High: 32, Action: "reject"},
		}},
		{Accept: true, Protocols: []string{"static"}},
		{},
	}
	generate := ten
	generate.Generate = true
	for _, test := range []struct {
		name      string
		aggregate AggregateIntent
		route     Contributor
		want      bool
	}{
		{"more specific", ten, Contributor{Prefix: p("10.1.0.0/16")}, true},
		{"outside", ten, Contributor{Prefix: p("11.1.0.0/16")}, false},
		{"itself", ten, Contributor{Prefix: p("10.0.0.0/8")}, false},
		{"less specific", ten, Contributor{Prefix: p("0.0.0.0/0")}, false},
		{"accepted", policy, Contributor{Prefix: p("10.1.1.0/24"), Protocol: "ospf"}, true},
		{"too long", policy, Contributor{Prefix: p("10.1.1.0/25"), Protocol: "ospf"}, false},
		{"the longest filter decides", policy, Contributor{Prefix: p("10.9.1.0/24"), Protocol: "ospf"}, false},
		{"a filter's own action", policy, Contributor{Prefix: p("10.8.1.0/24"), Protocol: "ospf"}, false},
		{"other protocol", policy, Contributor{Prefix: p("10.1.0.0/16"), Protocol: "bgp"}, false},
		{"second rule", policy, Contributor{Prefix: p("10.1.1.0/25"), Protocol: "static"}, true},
		{"generated from a next hop", generate, Contributor{Prefix: p("10.1.0.0/16"), NextHops: true}, true},
		{"generated without one", generate, Contributor{Prefix: p("10.1.0.0/16")}, false},
		{"of the other family", ten, Contributor{Prefix: p("2001:db8::/32")}, false},
	} {
		if got := test.aggregate.Takes(test.route); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
