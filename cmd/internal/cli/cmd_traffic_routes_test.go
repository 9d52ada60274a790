package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
	"github.com/ccl-lab/ccl/trafficgen/routes"
)

// A router between a host that speaks BGP and one that sends.
const (
	feedTopology = `name: feed
topology:
  nodes:
    r1: {kind: juniper_vjunosrouter, image: none, startup-config: r1.cfg}
    h1: {kind: linux, image: none, exec: [ip address add 10.1.1.2/24 dev eth1, ip route replace default via 10.1.1.1]}
    h2: {kind: linux, image: none, exec: [ip address add 10.1.2.2/24 dev eth1, ip route replace default via 10.1.2.1]}
  links:
    - endpoints: ["r1:ge-0/0/0", "h1:eth1"]
    - endpoints: ["r1:ge-0/0/1", "h2:eth1"]
`
	feedConfig = `system { host-name r1; }
interfaces {
    ge-0/0/0 { unit 0 { family inet { address 10.1.1.1/24; } } }
    ge-0/0/1 { unit 0 { family inet { address 10.1.2.1/24; } } }
    lo0 { unit 0 { family inet { address 10.255.0.1/32; } } }
}
routing-options { router-id 10.255.0.1; autonomous-system 65000; }
protocols { bgp { group feed { type external; peer-as 65100; neighbor 10.1.1.2; } } }
`
)

// TestTrafficRoutes announces ten thousand routes to a router and withdraws
// them, while traffic to some of them measures how fast they work.
func TestTrafficRoutes(t *testing.T) {
	porttest.New(t) // or skip
	dir := t.TempDir()
	t.Setenv("CCL_STATE_DIR", filepath.Join(dir, "state"))
	for name, text := range map[string]string{"feed.clab.yml": feedTopology, "r1.cfg": feedConfig} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, complaint := ccl(t, "lab", "deploy", filepath.Join(dir, "feed.clab.yml")); code != ExitOK {
		t.Fatalf("exit %d: %s", code, complaint)
	}
	t.Cleanup(func() {
		if code, _, complaint := ccl(t, "lab", "destroy", "feed"); code != ExitOK {
			t.Errorf("exit %d: %s", code, complaint)
		}
	})
	speak := []string{"traffic", "routes", "feed/h1", "--as", "65100", "--peer", "10.1.1.1", "--peer-as", "65000", "--count", "10000"}
	code, out, complaint := ccl(t, append(speak, "--sample", "feed/h2", "--streams", "5", "--rate", "200fps", "--json")...)
	if code != ExitOK {
		t.Fatalf("exit %d: %s", code, complaint)
	}
	var m routes.Measurement
	if err := json.Unmarshal([]byte(out), &m); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if m.Routes != 10000 || m.Sample != 5 || !m.Installation.Converged || !m.Removal.Complete {
		t.Errorf("%+v", m)
	}
	if i := m.Installation; len(i.Routes) != 5 || i.FirstRoute <= 0 || i.Full < i.FirstRoute || i.Routes[4].Stream != "100.103.15.0/24" {
		t.Errorf("installation %+v", i)
	}
	if r := m.Removal; r.First <= 0 || r.Full < r.First {
		t.Errorf("removal %+v", r)
	}
	for _, s := range m.Stats {
		if s.Received == 0 || s.Lost == 0 {
			t.Errorf("%s: received %d, lost %d", s.Stream, s.Received, s.Lost)
		}
	}
	// The wrong AS is not let in.
	code, _, complaint = ccl(t, "traffic", "routes", "feed/h1", "--as", "65101", "--peer", "10.1.1.1", "--peer-as", "65000", "--within", "2s")
	if code != ExitError || !strings.Contains(complaint, "is not established but ") {
		t.Errorf("exit %d: %s", code, complaint)
	}
}

func TestTrafficRoutesMistakes(t *testing.T) {
	t.Setenv("CCL_STATE_DIR", t.TempDir())
	session := []string{"traffic", "routes", "eth9", "--as", "1", "--peer", "10.0.0.1", "--peer-as", "2"}
	for flags, want := range map[string]string{
		"--first 10.0.0.1/24":       "is no prefix",
		"--first nowhere":           `--first "nowhere" is no prefix`,
		"--community 1":             `--community "1" is no community`,
		"--count 0":                 "0 routes are not within",
		"--router-id r1":            `--router-id "r1" is no address`,
		"--local 10.0.0.2 --peer x": `--peer "x" is no address`,
	} {
		code, _, complaint := ccl(t, append(session, strings.Fields(flags)...)...)
		if code != ExitUsage || !strings.Contains(complaint, want) {
			t.Errorf("%s: exit %d, %s", flags, code, complaint)
		}
	}
	if code, _, complaint := ccl(t, "traffic", "routes", "eth9"); code == ExitOK || !strings.Contains(complaint, "required") {
		t.Errorf("exit %d: %s", code, complaint)
	}
}
