package frr

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

// A changed policy takes effect on the routes that are there already, in both
// directions and families.
func TestPolicyIsReevaluated(t *testing.T) {
	r1, r2 := pair(t)
	six := func(own, peer string) map[string]string {
		texts := ring(own, peer)
		texts = with(texts, "bgpd", " exit-address-family\n", ` exit-address-family
 address-family ipv6 unicast
  network 2001:db8:500`+own+`::/48
  neighbor 10.255.0.`+peer+` activate
  neighbor 10.255.0.`+peer+` route-map six-in in
  neighbor 10.255.0.`+peer+` route-map six-out out
 exit-address-family
`)
		texts["bgpd"] += "route-map six-in permit 10\n set local-preference 111\nexit\nroute-map six-out permit 10\n set metric 5\nexit\n"
		return texts
	}
	apply(t, r1, six("1", "2"))
	apply(t, r2, six("2", "1"))
	sees := func(want string) {
		t.Helper()
		start := time.Now()
		frrtest.Eventually(t, func() string {
			return missing(show(t, r1, "bgpd", "show bgp ipv6 unicast 2001:db8:5002::/48 json"), want)
		})
		t.Logf("%s after %v", want, time.Since(start))
	}
	sees(`"locPrf":111`)
	sees(`"metric":5`)
	apply(t, r1, with(six("1", "2"), "bgpd", "local-preference 111", "local-preference 222"))
	sees(`"locPrf":222`)
	apply(t, r2, with(six("2", "1"), "bgpd", "set metric 5", "set metric 7"))
	sees(`"metric":7`)
}

func TestConcernedNeighbors(t *testing.T) {
	const before = `router bgp 65000
 neighbor g peer-group
 neighbor 10.0.0.1 remote-as 65001
 neighbor 10.0.0.2 remote-as 65002
 neighbor 10.0.0.3 peer-group g
 address-family ipv4 unicast
  neighbor g route-map outer out
  neighbor 10.0.0.1 route-map outer in
  neighbor 10.0.0.2 prefix-list other in
bgp community-list standard blue seq 5 permit 1:1
ip prefix-list other seq 5 permit any
route-map inner permit 10
 match community blue
route-map outer permit 10
 call inner
`
	for _, test := range []struct {
		name, old, new string
		want           []string
	}{
		{"nothing", "x", "x", nil},
		{"a list, by way of two route-maps", "permit 1:1", "permit 1:2", []string{"peer-group g", "10.0.0.1"}},
		{"a list bound directly", "permit any", "deny any", []string{"10.0.0.2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			texts := map[string]string{"bgpd": before}
			if test.old != test.new {
				texts = with(texts, "bgpd", test.old, test.new)
			}
			old, _ := parse(before)
			new, _ := parse(texts["bgpd"])
			if got := concerned(new, changedPolicies(old, new)); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestReopenedSessions(t *testing.T) {
	const before = `router bgp 65000
 bgp router-id 10.0.0.9
 neighbor 10.0.0.1 remote-as 65001
 neighbor 10.0.0.2 remote-as 65002
 neighbor 10.0.0.2 tcp-mss 1200
`
	for _, test := range []struct {
		name, old, new string
		want           []string
	}{
		{"nothing", before, before, nil},
		{"of a new router", "", before + " bgp graceful-restart\n", nil},
		{"all", before, before + " bgp graceful-restart\n", []string{"*"}},
		{"one", before, before + " neighbor 10.0.0.1 graceful-restart-disable\n", []string{"10.0.0.1"}},
		{"a new one", before, before + " neighbor 10.0.0.3 remote-as 1\n neighbor 10.0.0.3 tcp-mss 900\n", nil},
		{"a hold time", before, before + " neighbor 10.0.0.2 timers 3 9\n neighbor 10.0.0.1 timers connect 2\n", []string{"10.0.0.2"}},
		{"another segment size", before, strings.ReplaceAll(before, "1200", "1300"), []string{"10.0.0.2"}},
	} {
		old, err := parse(test.old)
		if err != nil {
			t.Fatal(err)
		}
		after, err := parse(test.new)
		if err != nil {
			t.Fatal(err)
		}
		if got := reopened(old, after); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
