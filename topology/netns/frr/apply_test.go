package frr

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

// Apply applies texts and reports what happened.
func (r *Router) Apply(texts map[string]string, outcome *Outcome) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	r.sent = nil
	start := time.Now()
	err := r.suite.Apply(ctx, texts)
	outcome.Took = time.Since(start)
	outcome.Sent = r.sent
	if err != nil {
		outcome.Err = err.Error()
	}
	errors.As(err, &outcome.Refusal)
	return nil
}

// apply applies texts that must be taken.
func apply(t testing.TB, node *frrtest.Node, texts map[string]string) time.Duration {
	t.Helper()
	var outcome Outcome
	node.Call(t, "Router.Apply", texts, &outcome)
	if outcome.Err != "" {
		t.Fatalf("%s: Apply: %s", node.Name, outcome.Err)
	}
	return outcome.Took
}

// ring is the configuration of a router of the ring lab: the first and the
// last of two routers joined by eth1, 10.0.12.1 and 10.0.12.2.
func ring(own, peer string) map[string]string {
	texts := map[string]string{
		"zebra":   "ip router-id 10.255.0.OWN\n",
		"staticd": "ip route 192.0.2.0/24 blackhole\nipv6 route 2001:db8:dead::/48 blackhole\n",
		"ospfd": `interface eth1
 ip ospf area 0.0.0.0
 ip ospf dead-interval 4
 ip ospf hello-interval 1
 ip ospf network point-to-point
 ip ospf retransmit-interval 1
exit
interface lo
 ip ospf area 0.0.0.0
 ip ospf passive
exit
router ospf
 ospf router-id 10.255.0.OWN
 timers throttle lsa all 0
 timers throttle spf 0 50 200
 timers lsa min-arrival 0
exit
`,
		"ospf6d": `interface eth1
 ipv6 ospf6 area 0.0.0.0
 ipv6 ospf6 dead-interval 4
 ipv6 ospf6 hello-interval 1
 ipv6 ospf6 network point-to-point
exit
interface lo
 ipv6 ospf6 area 0.0.0.0
 ipv6 ospf6 passive
exit
router ospf6
 ospf6 router-id 10.255.0.OWN
 timers throttle spf 0 50 200
exit
`,
		"bgpd": `router bgp 65000
 bgp router-id 10.255.0.OWN
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 no bgp network import-check
 neighbor 10.255.0.PEER remote-as 65000
 neighbor 10.255.0.PEER description peer router
 neighbor 10.255.0.PEER update-source 10.255.0.OWN
 neighbor 10.255.0.PEER timers connect 1
 !
 address-family ipv4 unicast
  network 203.0.113.0/24
  network 198.51.100.OWN/32
  neighbor 10.255.0.PEER activate
  neighbor 10.255.0.PEER route-map from-peer in
  neighbor 10.255.0.PEER route-map to-peer out
 exit-address-family
exit
ip prefix-list customer seq 5 permit 198.51.100.0/24 le 32
ip prefix-list customer seq 10 permit 203.0.113.0/24 le 32
route-map from-peer permit 10
 match ip address prefix-list customer
 set local-preference 200
exit
route-map from-peer deny 20
exit
route-map to-peer permit 10
exit
`,
	}
	for name, text := range texts {
		texts[name] = strings.NewReplacer("OWN", own, "PEER", peer).Replace(text)
	}
	return texts
}

// with is a configuration with one daemon's text changed.
func with(texts map[string]string, daemon, old, new string) map[string]string {
	changed := map[string]string{}
	for name, text := range texts {
		changed[name] = text
	}
	if !strings.Contains(changed[daemon], old) {
		panic(daemon + " has no " + old)
	}
	changed[daemon] = strings.ReplaceAll(changed[daemon], old, new)
	return changed
}

func pair(t testing.TB) (r1, r2 *frrtest.Node) {
	t.Helper()
	r1, r2 = boot(t, "r1"), boot(t, "r2")
	frrtest.Connect(t, r1, r2, "eth1", []string{"10.0.12.1/30", "2001:db8:0:12::1/64"}, []string{"10.0.12.2/30", "2001:db8:0:12::2/64"})
	frrtest.Address(t, r1, "lo", "10.255.0.1/32", "2001:db8:255::1/128")
	frrtest.Address(t, r2, "lo", "10.255.0.2/32", "2001:db8:255::2/128")
	return r1, r2
}

func TestRingComesUp(t *testing.T) {
	r1, r2 := pair(t)
	start := time.Now()
	t.Logf("first configuration: %v, %v", apply(t, r1, ring("1", "2")), apply(t, r2, ring("2", "1")))
	t.Logf("the same again: %v", apply(t, r1, ring("1", "2")))
	frrtest.Eventually(t, func() string {
		what := missing(show(t, r1, "ospfd", "show ip ospf neighbor json"), `"Full`)
		if what != "" { // why there is none stands with the interfaces
			what += show(t, r1, "ospfd", "show ip ospf interface") + show(t, r2, "ospfd", "show ip ospf interface")
		}
		return what
	})
	t.Logf("OSPF full after %v", time.Since(start))
	frrtest.Eventually(t, func() string {
		return missing(show(t, r1, "ospf6d", "show ipv6 ospf6 neighbor json"), `"state":"Full"`)
	})
	t.Logf("OSPFv3 full after %v", time.Since(start))
	frrtest.Eventually(t, func() string { return missing(show(t, r1, "bgpd", "show bgp summary json"), `"state":"Established"`) })
	t.Logf("BGP established after %v", time.Since(start))
	frrtest.Eventually(t, func() string {
		return missing(show(t, r1, "bgpd", "show bgp ipv4 unicast 198.51.100.2/32 json"), `"locPrf":200`)
	})
}

// missing says what a text lacks, white space aside.
func missing(text, want string) string {
	if strings.Contains(strings.ReplaceAll(text, " ", ""), strings.ReplaceAll(want, " ", "")) {
		return ""
	}
	return "no " + want + " in " + text
}
