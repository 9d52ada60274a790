package intent

import (
	"slices"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// TestPolicyExpressions follows a route through the entries of an expression's
// route-map: yes accepts, no rejects, on decides nothing.
func TestPolicyExpressions(t *testing.T) {
	for expression, want := range map[string]string{
		"yes": "accept", "no": "reject", "on": "on",
		"( yes )": "accept", "( no )": "reject", "( on )": "on",
		"( yes && yes )": "accept", "( yes && no )": "reject", "( yes && on )": "on",
		"( no && yes )": "reject", "( on && yes )": "accept", "( on && no )": "reject", "( on && on )": "on",
		"( yes || no )": "accept", "( no || yes )": "accept", "( no || no )": "reject", "( no || on )": "on", "( on || no )": "on",
		"!yes": "reject", "!no": "accept", "!on": "reject", "!!no": "reject",
		"( yes && !no )": "accept", "( yes && !yes )": "reject", "( !no || no )": "accept",
		"( no || yes && no )":       "reject",
		"( ( no || yes ) && yes )":  "accept",
		"( !( no && yes ) && on )":  "on",
		"( no || no || yes )":       "accept",
		"( yes && yes && no )":      "reject",
		"( yes && ask )":            "accept",
		"( ask && ( no || refuse))": "reject",
	} {
		if got := verdict(t, expression); got != want {
			t.Errorf("%s: %s, want %s", expression, got, want)
		}
	}
}

// verdict is what becomes of a route that one value of an export statement sees.
func verdict(t *testing.T, value string) string {
	t.Helper()
	tree, err := config.Parse(`
set policy-options policy-statement yes then accept
set policy-options policy-statement no then reject
set policy-options policy-statement on then metric 5
set policy-options policy-statement ask term a from policy ( on && yes )
set policy-options policy-statement ask term a then accept
set policy-options policy-statement ask then reject
set policy-options policy-statement refuse term a from policy ( !yes || no )
set policy-options policy-statement refuse term a then accept
set policy-options policy-statement refuse then reject
`)
	if err != nil {
		t.Fatal(err)
	}
	c := &compiler{root: tree.Root()}
	b := &mapBuilder{set: newPolicySet(c), ctx: mapContext{use: intoBGP, origins: []origin{static}}, tagged: map[origin]bool{}}
	b.policies([]string{value})
	for i := 0; i < len(b.entries); {
		switch e := b.entries[i]; {
		case len(e.matches) > 0:
			t.Fatalf("%s: entry %d has a condition: %q", value, i, e.matches)
		case e.target != nil && e.target.at <= i:
			t.Fatalf("%s: entry %d goes back to %d", value, i, e.target.at)
		case e.target != nil:
			i = e.target.at
		case e.permit:
			return "accept"
		default:
			return "reject"
		}
	}
	return "on"
}

// TestPolicyExpressionInFRR gives bgpd an expression.
func TestPolicyExpressionInFRR(t *testing.T) {
	requireFRR(t)
	want, warnings, err := compileText(t, base+`
set policy-options prefix-list mine 192.0.2.0/24
set policy-options community drop members 65000:666
set policy-options policy-statement spare term a from community drop
set policy-options policy-statement spare term a then reject
set policy-options policy-statement spare then accept
set policy-options policy-statement mine term a from prefix-list mine
set policy-options policy-statement mine term a then accept
set policy-options policy-statement mine then reject
set routing-options static route 192.0.2.0/24 discard
set protocols bgp group g export ( spare && mine )
set protocols bgp group g import [ ok ( !spare || mine ) ]
`)
	if err != nil || len(warnings) > 0 {
		t.Fatal(warnings, err)
	}
	acceptedByFRR(t, want)
	for _, name := range []string{"route-map spare-and-mine-out permit", "route-map ok+not-spare-or-mine-in permit"} {
		if !slices.ContainsFunc(strings.Split(want.FRR["bgpd"], "\n"), func(l string) bool { return strings.HasPrefix(l, name) }) {
			t.Errorf("no %q in\n%s", name, want.FRR["bgpd"])
		}
	}
}
