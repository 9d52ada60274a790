package server_test

import (
	"strings"
	"testing"
)

// bgpStartup configures the neighbor of the recordings; the neighbor's own
// import policy replaces the group's.
const bgpStartup = `
policy-options {
    policy-statement of-group { then reject; }
    policy-statement of-neighbor { then accept; }
}
routing-options { router-id 10.255.0.1; autonomous-system 65000; }
protocols {
    bgp {
        group customer {
            type external;
            import of-group;
            export of-group;
            neighbor 10.0.41.1 { peer-as 65004; import of-neighbor; }
        }
    }
}
`

// TestFactsFromTheConfiguration: what a neighbor is configured with comes from
// the running configuration, and what it does from FRR.
func TestFactsFromTheConfiguration(t *testing.T) {
	r := newRig(t, bgpStartup)
	d := r.netconf()
	got := must(t, d, "<get-bgp-neighbor-information><neighbor-address>10.0.41.1</neighbor-address></get-bgp-neighbor-information>", "<bgp-peer")
	for _, want := range []string{
		"<peer-group>customer</peer-group>", "<import-policy>of-neighbor</import-policy>",
		"<export-policy>of-group</export-policy>", "<peer-state>Established</peer-state>", "<peer-as>65004</peer-as>",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	must(t, d, "<get-route-summary-information/>", "<router-id>10.255.0.1</router-id>")
}

// TestProtocolDeleted: a protocol that was deleted is not running, whatever its
// daemon still says.
func TestProtocolDeleted(t *testing.T) {
	r := newRig(t, bgpStartup)
	d := r.netconf()
	must(t, d, "<get-bgp-summary-information/>", "<peer-count>3</peer-count>")
	must(t, d, `<load-configuration action="set" format="text"><configuration-set>delete protocols bgp</configuration-set></load-configuration>`, "<ok/>")
	must(t, d, "<commit-configuration/>", "<commit-success/>")
	must(t, d, "<get-bgp-summary-information/>", "<output>BGP is not running</output>")
}

// TestActions: commands that do something reach the data plane.
func TestActions(t *testing.T) {
	r := newRig(t, bgpStartup)
	r.sensor.Programs["ping"] = "64 bytes from 10.0.41.1: icmp_seq=1 ttl=64 time=0.2 ms\n1 packets transmitted, 1 received, 0% packet loss, time 0ms\n"
	d := r.netconf()
	must(t, d, "<ping><host>10.0.41.1</host><count>1</count><rapid/></ping>", "<ping-success/>")
	must(t, d, "<clear-bgp-neighbor><neighbor>10.0.41.1</neighbor></clear-bgp-neighbor>", "rpc-reply")
	must(t, d, "<command>restart routing</command>", "Routing protocols process started")
	want := "ping -n -c 1 -s 56 -W 1 -i 0.01 10.0.41.1\nbgpd: clear bgp 10.0.41.1\nrestart routing"
	if got := strings.Join(r.sensor.Calls(), "\n"); got != want {
		t.Errorf("performed\n%s\nwant\n%s", got, want)
	}
}

// TestPolicies: the policies are those of the running configuration.
func TestPolicies(t *testing.T) {
	r := newRig(t, `policy-options { policy-statement take { term ours { from { protocol [ static direct ]; } then accept; } then reject; } policy-statement other { then accept; } }`)
	d := r.netconf()
	must(t, d, "<command>show policy</command>", "Configured policies:\ntake\nother")
	must(t, d, `<command format="text">show policy take</command>`, "Policy take:\n    Term ours:\n        from protocol static\n        from protocol direct\n        then accept\n    Term unnamed:\n        then reject\n")
	if got := rpc(t, d, "<command>show policy nowhere</command>"); !strings.Contains(got, "<error-message>Policy nowhere not found</error-message>") {
		t.Errorf("a policy that is not there: %s", got)
	}
}

// TestBoundFilters: which filters are bound is in the running configuration.
func TestBoundFilters(t *testing.T) {
	r := newRig(t, `
firewall { family inet { filter one { term all { then accept; } } filter two { term all { then accept; } } } }
interfaces {
    ge-0/0/0 { unit 0 { family inet { filter { input-list [ two one ]; output two; } address 10.0.41.2/30; } } }
}`)
	got := must(t, r.netconf(), `<command format="text">show interfaces filters</command>`, "Input Filter")
	const want = "ge-0/0/0.0      up    up   inet  two                  two\n                                 one\n"
	if !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}
