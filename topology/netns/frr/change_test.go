package frr

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

// session is what bgpd says of a neighbor that tells whether it flapped.
type session struct {
	State       string `json:"bgpState"`
	Established int    `json:"connectionsEstablished"`
	Dropped     int    `json:"connectionsDropped"`
}

func bgpSession(t testing.TB, node *frrtest.Node, peer string) session {
	t.Helper()
	var peers map[string]session
	out := show(t, node, "bgpd", "show bgp neighbors "+peer+" json")
	if err := json.Unmarshal([]byte(out), &peers); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return peers[peer]
}

// converge waits until OSPF and BGP are up between the two.
func converge(t testing.TB, r1, r2 *frrtest.Node) {
	t.Helper()
	apply(t, r1, ring("1", "2"))
	apply(t, r2, ring("2", "1"))
	for _, node := range []*frrtest.Node{r1, r2} {
		frrtest.Eventually(t, func() string {
			return missing(show(t, node, "ospfd", "show ip ospf neighbor json"), `"Full`)
		})
		frrtest.Eventually(t, func() string {
			return missing(show(t, node, "bgpd", "show bgp summary json"), `"state":"Established"`)
		})
	}
	frrtest.Eventually(t, func() string {
		return missing(show(t, r1, "bgpd", "show bgp ipv4 unicast 198.51.100.2/32 json"), `"locPrf":200`)
	})
}

func TestChangesDoNotFlapSessions(t *testing.T) {
	r1, r2 := pair(t)
	converge(t, r1, r2)
	changes := []struct{ name, daemon, old, new, sent string }{
		{"cost", "ospfd", " ip ospf area 0.0.0.0\n ip ospf dead", " ip ospf area 0.0.0.0\n ip ospf cost 77\n ip ospf dead", "ospfd: ip ospf cost 77"},
		{"description", "bgpd", "description peer router", "description somebody else", "bgpd: neighbor 10.255.0.2 description somebody else"},
		{"network", "bgpd", "  network 203.0.113.0/24\n", "", "bgpd: no network 203.0.113.0/24"},
		{"another neighbor", "bgpd", " !\n", " neighbor 10.0.12.9 remote-as 65009\n !\n", "bgpd: neighbor 10.0.12.9 remote-as 65009"},
		{"local preference", "bgpd", "set local-preference 200", "set local-preference 250", "bgpd: set local-preference 250"},
	}
	before := bgpSession(t, r1, "10.255.0.2")
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			var outcome Outcome
			r1.Call(t, "Router.Apply", with(ring("1", "2"), c.daemon, c.old, c.new), &outcome)
			if outcome.Err != "" || !slices.Contains(outcome.Sent, c.sent) {
				t.Fatalf("error %q, sent:\n%s", outcome.Err, strings.Join(outcome.Sent, "\n"))
			}
			t.Logf("one line: %v", outcome.Took)
			if c.name == "local preference" {
				start := time.Now()
				frrtest.Eventually(t, func() string {
					return missing(show(t, r1, "bgpd", "show bgp ipv4 unicast 198.51.100.2/32 json"), `"locPrf":250`)
				})
				t.Logf("policy in effect after another %v", time.Since(start))
			}
			apply(t, r1, ring("1", "2"))
			if after := bgpSession(t, r1, "10.255.0.2"); after != before {
				t.Errorf("the session flapped: %+v, was %+v", after, before)
			}
			if gone := missing(show(t, r1, "ospfd", "show ip ospf neighbor json"), `"Full`); gone != "" {
				t.Errorf("the adjacency flapped: %s", gone)
			}
		})
	}
}

// everything is the running configuration of every daemon.
func everything(t testing.TB, node *frrtest.Node) string {
	t.Helper()
	var all strings.Builder
	for _, daemon := range []string{"zebra", "staticd", "ospfd", "ospf6d", "bgpd"} {
		all.WriteString("== " + daemon + "\n" + show(t, node, daemon, "show running-config"))
	}
	return all.String()
}

func TestRefusalChangesNothing(t *testing.T) {
	r1, r2 := pair(t)
	converge(t, r1, r2)
	before, sessionBefore := everything(t, r1), bgpSession(t, r1, "10.255.0.2")
	base := with(with(ring("1", "2"), "staticd", "192.0.2.0/24 blackhole", "192.0.2.0/24 10.0.12.2"), "ospfd", "hello-interval 1", "hello-interval 2")
	tests := []struct {
		name, daemon, old, new string
		command, context, says string
	}{
		{"unknown word", "bgpd", " !\n", " neighbor 10.255.0.2 colour blue\n !\n", "neighbor 10.255.0.2 colour blue", "router bgp 65000", "Unknown command"},
		{"value out of range", "bgpd", "timers connect 1", "timers connect 99999", "neighbor 10.255.0.2 timers connect 99999", "router bgp 65000", "Unknown command"},
		{"own address as neighbor", "bgpd", " !\n", " neighbor 10.0.12.1 remote-as 65000\n !\n", "neighbor 10.0.12.1 remote-as 65000", "router bgp 65000", "Can not configure the local system as neighbor"},
		{"last daemon but one", "ospf6d", "router ospf6\n", "router ospf6\n maximum-paths many\n", "maximum-paths many", "router ospf6", "Unknown command"},
		{"new daemon", "isisd", "", "router isis core\n net\n", "net", "router isis core", "incomplete"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var outcome Outcome
			r1.Call(t, "Router.Apply", with(base, test.daemon, test.old, test.new), &outcome)
			if outcome.Refusal == nil {
				t.Fatalf("not refused: %q", outcome.Err)
			}
			r := outcome.Refusal
			if r.Daemon != test.daemon || r.Command != test.command || r.Context != test.context || !strings.Contains(r.Error(), test.says) {
				t.Errorf("refusal %+v: %v", r, r)
			}
			t.Logf("%v, back as before after %v", r, outcome.Took)
			if after := everything(t, r1); after != before {
				t.Errorf("configuration after the refusal:\n%s\nbefore:\n%s", after, before)
			}
			if running(t, r1, "isisd") {
				t.Error("isisd runs, though its first configuration was refused")
			}
		})
	}
	// isisd takes this line without a word of refusal, and drops it.
	var outcome Outcome
	r1.Call(t, "Router.Apply", with(base, "isisd", "", "router isis core\n net 12.34\n"), &outcome)
	if want := "isisd accepted the configuration but runs another: -net 12.34 (in router isis core)"; !strings.HasPrefix(outcome.Err, want) {
		t.Errorf("a line that was dropped: %q, want %q", outcome.Err, want)
	}
	if after := everything(t, r1); after != before {
		t.Errorf("configuration after the mismatch:\n%s\nbefore:\n%s", after, before)
	}
	if after := bgpSession(t, r1, "10.255.0.2"); after != sessionBefore {
		t.Errorf("the session flapped: %+v, was %+v", after, sessionBefore)
	}
}

func TestKilledDaemonComesBack(t *testing.T) {
	r1, r2 := pair(t)
	converge(t, r1, r2)
	before := everything(t, r1)
	r1.Call(t, "Router.Kill", "ospfd", nil)
	if running(t, r1, "ospfd") {
		t.Fatal("ospfd runs after Kill")
	}
	apply(t, r1, with(ring("1", "2"), "ospfd", "hello-interval 1", "hello-interval 2"))
	if running(t, r1, "ospfd") {
		t.Fatal("Apply started a killed daemon")
	}
	apply(t, r1, ring("1", "2"))
	r1.Call(t, "Router.Start", "ospfd", nil)
	if after := everything(t, r1); after != before {
		t.Errorf("configuration after Start:\n%s\nbefore:\n%s", after, before)
	}
	start := time.Now()
	frrtest.Eventually(t, func() string {
		return missing(show(t, r1, "ospfd", "show ip ospf neighbor json"), `"Full`)
	})
	t.Logf("full again %v after Start", time.Since(start))
	r1.Call(t, "Router.Restart", struct{}{}, nil)
	if after := everything(t, r1); after != before {
		t.Errorf("configuration after Restart:\n%s\nbefore:\n%s", after, before)
	}
	frrtest.Eventually(t, func() string {
		return missing(show(t, r1, "bgpd", "show bgp summary json"), `"state":"Established"`)
	})
	t.Logf("BGP again %v after the kill", time.Since(start))
}
