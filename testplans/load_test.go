package testplans

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen"
)

var update = flag.Bool("update", false, "write what was seen to the golden files")

// TestTitles compares every sentence that the sample plan's steps get: they are
// what customers read.
func TestTitles(t *testing.T) {
	p, err := Load("testdata/ring.yaml", ringLookup)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, c := range p.Cases {
		fmt.Fprintf(&b, "%s %s\n", c.ID, c.Title)
		for _, steps := range [][]Step{c.Setup, c.Steps, c.Teardown} {
			for _, s := range steps {
				fmt.Fprintf(&b, "\t%d:%d %s: %s\n", s.Pos.Line, s.Pos.Column, s.Kind(), s.Title)
				if len([]rune(s.Title)) > maxTitle {
					t.Errorf("the title is longer than %d: %s", maxTitle, s.Title)
				}
			}
		}
	}
	const golden = "testdata/ring.titles"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("titles (-want +got):\n%s", diff)
	}
}

func TestLoadPlan(t *testing.T) {
	p, err := Load("testdata/ring.yaml", ringLookup)
	if err != nil {
		t.Fatal(err)
	}
	abs, _ := filepath.Abs("testdata")
	if p.Name != "ring-rollout" || p.Type != FeatureRollout || p.File != filepath.Join(abs, "ring.yaml") || p.Topology != filepath.Join(abs, "ring.clab.yml") {
		t.Errorf("plan is %s, %s, %s, %s", p.Name, p.Type, p.File, p.Topology)
	}
	want := []Requirement{{"R1", "Every adjacency is up within 30 s of a cold start"}, {"R2", "A single link failure costs less than 200 ms"}}
	if diff := cmp.Diff(want, p.Requirements); diff != "" {
		t.Errorf("requirements: %s", diff)
	}
	if c := p.Case("POL-001[pref=150]"); c == nil || c.Params["pref"] != "150" || c.Title != "Local preference 150 is seen on the far side" {
		t.Errorf("matrix case is %+v", c)
	}
	if c := p.Case("POL-001"); c != nil {
		t.Errorf("a case with a matrix is also there without: %+v", c)
	}
}

// oneStepOf loads one step, the last if there are several, and returns it without its title and position.
func oneStepOf(t *testing.T, step string) Step {
	t.Helper()
	steps := parsed(t, oneStep(step)).Cases[0].Steps
	s := steps[len(steps)-1]
	if want := (topology.Pos{File: "plan.yaml", Line: 10 + len(steps), Column: 9}); s.Pos != want {
		t.Errorf("the step is at %s, want %s", s.Pos, want)
	}
	s.Title, s.Pos = "", topology.Pos{}
	return s
}

func TestSteps(t *testing.T) {
	testSteps(t, []stepTest{
		{`configure: {node: r2, set: ["a b {{c}}", delete protocols]}`, Step{Configure: &Configure{Node: "r2", Set: []string{"set a b {c}", "delete protocols"}}}},
		{`configure: {node: r2, set: a b, confirmed: 2m}`, Step{Configure: &Configure{Node: "r2", Set: []string{"set a b"}, Confirmed: Duration(2 * time.Minute)}}},
		{`rollback: {node: r1}`, Step{Rollback: &Rollback{Node: "r1", To: 1}}},
		{`rollback: {node: r1, to: 3}`, Step{Rollback: &Rollback{Node: "r1", To: 3}}},
		{`wait-until: {within: 30s, ospf: {nodes: [r1, r2], neighbors: 2, state: full}}`,
			Step{WaitUntil: &WaitUntil{Within: Duration(30 * time.Second), Check: check.Spec{OSPF: &check.OSPF{Nodes: check.Nodes{"r1", "r2"}, Neighbors: "2", State: "full"}}}}},
		{`wait-until: {within: 1m, interval: 2s, rpc: get-x, node: r1, xpath: //a}`,
			Step{WaitUntil: &WaitUntil{Within: Duration(time.Minute), Interval: Duration(2 * time.Second), Check: check.Spec{RPC: &check.RPC{Nodes: check.Nodes{"r1"}, Name: "get-x", XPath: "//a"}}}}},
		{`check: {route: {node: r1, prefix: 10.0.2.0/24, protocol: OSPF, next-hop: 10.0.41.4}}`,
			Step{Check: &check.Spec{Route: &check.Route{Nodes: check.Nodes{"r1"}, Prefix: "10.0.2.0/24", Protocol: "ospf", NextHop: "10.0.41.4"}}}},
		{`check: {bgp: {nodes: all, neighbors: ">=  1"}}`,
			Step{Check: &check.Spec{BGP: &check.BGP{Nodes: check.Nodes{"r1", "r2", "r3", "r4"}, Count: ">= 1"}}}},
		{`check: {rpc: get-x, node: r1, xpath: //a, is-equal: 05}`,
			Step{Check: &check.Spec{RPC: &check.RPC{Nodes: check.Nodes{"r1"}, Name: "get-x", XPath: "//a", Test: check.Test{Op: "is-equal", Args: []string{"05"}}}}}},
		{`check: {rpc: get-x, node: r1, xpath: //a, in-range: [1, 5]}`,
			Step{Check: &check.Spec{RPC: &check.RPC{Nodes: check.Nodes{"r1"}, Name: "get-x", XPath: "//a", Test: check.Test{Op: "in-range", Args: []string{"1..5"}}}}}},
		{`check: {command: show x, node: r1, matches: "a(b)", exists: true}`,
			Step{Check: &check.Spec{Command: &check.Command{Nodes: check.Nodes{"r1"}, Run: "show x", Matches: "a(b)", Test: check.Test{Op: "exists"}}}}},
		{`check: {command: show x, node: r1, contains: up}`,
			Step{Check: &check.Spec{Command: &check.Command{Nodes: check.Nodes{"r1"}, Run: "show x", Test: check.Test{Op: "contains", Args: []string{"up"}}}}}},
		{`ping: {from: h1, to: 2001:db8::1, loss: 0%}`, Step{Ping: &Ping{From: "h1", To: "2001:db8::1", Loss: "0%"}}},
		{`traceroute: {from: r1, to: h2, via: r2, hops: 3}`, Step{Traceroute: &Traceroute{From: "r1", To: "h2", Via: []string{"r2"}, Hops: "3"}}},
		{`traffic: {run: s, duration: 1500ms, loss: "< 0.1%", latency-p99: "< 5ms"}`, Step{Traffic: &Traffic{Run: "s", Duration: Duration(1500 * time.Millisecond), Loss: "< 0.1%", Latency: "< 5ms"}}},
		{"traffic: {run: s}", Step{Traffic: &Traffic{Run: "s", Loss: "= 0"}}},
		{"traffic: {start: s}\n      - traffic: {stop: s}", Step{Traffic: &Traffic{Stop: "s"}}},
		{"traffic: {start: s}\n      - " + `converge: {stream: s, outage: "< 200ms"}`, Step{Converge: &Converge{Stream: "s", Outage: "< 200ms"}}},
		{"traffic: {start: s}\n      - " + `converge: {streams: [s], full: "< 1s", first-route: "< 500ms", loss-derived: "< 1s", rate-derived: < 2s, within: 10s}`,
			Step{Converge: &Converge{Streams: []string{"s"}, Within: Duration(10 * time.Second),
				ConvergenceBounds: check.ConvergenceBounds{Full: "< 1s", FirstRoute: "< 500ms", LossDerived: "< 1s", RateDerived: "< 2s"}}}},
		{`fault: {link: "r1:eth1", state: down}`, Step{Fault: &Fault{Link: "r1:ge-0/0/0", State: "down"}}},
		{`fault: {process: {node: r2, name: ospfd}, state: killed}`, Step{Fault: &Fault{Process: &Process{Node: "r2", Name: "ospfd"}, State: "killed"}}},
	})
}

// A stepTest is a step and what it is read as.
type stepTest struct {
	yaml string
	want Step
}

func testSteps(t *testing.T, tests []stepTest) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.yaml, func(t *testing.T) {
			if diff := cmp.Diff(test.want, oneStepOf(t, test.yaml), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})); diff != "" {
				t.Errorf("step (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConfigureFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("set.cfg", "# a comment\nset system host-name x\n\ndelete protocols rip\n")
	write("braces.cfg", "/* a { comment */\nsystem {\n    host-name \"a } b\";\n}\n")
	write("plan.yaml", oneStep("configure: {node: r1, file: set.cfg}")+"      - configure: {node: r1, file: braces.cfg, load: replace}\n")
	p, err := Load(filepath.Join(dir, "plan.yaml"), ringLookup)
	if err != nil {
		t.Fatal(err)
	}
	steps := p.Cases[0].Steps
	if diff := cmp.Diff([]string{"set system host-name x", "delete protocols rip"}, steps[0].Configure.Set); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(steps[1].Configure.Text, "host-name") || steps[1].Configure.Load != "replace" {
		t.Errorf("configure is %+v", steps[1].Configure)
	}
}

func TestStreams(t *testing.T) {
	plan := func(stream string) string {
		return head + "streams:\n  s: {" + stream + "}\ncases: [{id: A, title: A, steps: [{traffic: {run: s}}]}]\n"
	}
	h1, h2 := trafficgen.PortID{Node: "h1", Device: "eth1"}, trafficgen.PortID{Node: "h2", Device: "eth1"}
	tests := []struct {
		yaml string
		want trafficgen.Stream
	}{
		{"from: h1, to: h2", trafficgen.Stream{From: h1, To: h2, Size: 512, Rate: 1000}},
		{`from: "h1:eth1", to: h2, udp: {sport: 1, dport: 2}, ttl: 3, dscp: af41`, trafficgen.Stream{From: h1, To: h2, Size: 512, Rate: 1000, SrcPort: 1, DstPort: 2, TTL: 3, DSCP: 34}},
		{"from: h1, to: h2, size: 64, rate: 1Gbps", trafficgen.Stream{From: h1, To: h2, Size: 64, Rate: 1e9 / (8 * 84)}},
		{"from: h1, to: h2, size: 1518, rate: 2.5kfps, duration: 3s", trafficgen.Stream{From: h1, To: h2, Size: 1518, Rate: 2500, Duration: 3 * time.Second}},
		{"from: h1, to: h2, udp: {flows: 100}", trafficgen.Stream{From: h1, To: h2, Size: 512, Rate: 1000, Flows: 100}},
		{"from: h1, to: h2, ip: 6", trafficgen.Stream{From: h1, To: h2, Size: 512, Rate: 1000, IPv6: true}},
		{"from: h1, to: h2, ipv6: true", trafficgen.Stream{From: h1, To: h2, Size: 512, Rate: 1000, IPv6: true}},
		{"from: h1, to: h2, size: [64, 1518]", trafficgen.Stream{From: h1, To: h2, Sizes: []int{64, 1518}, Rate: 1000}},
		{"from: h1, to: h2, size: [64]", trafficgen.Stream{From: h1, To: h2, Size: 64, Rate: 1000}},
		{"from: h1, to: h2, size: [{bytes: 64, weight: 4}, {bytes: 500, weight: 2}], rate: 1Mbps",
			trafficgen.Stream{From: h1, To: h2, Sizes: []int{64, 500, 64}, Rate: 1e6 / (8 * (628.0/3 + 20))}},
		{"from: h1, to: h2, imix: simple", trafficgen.Stream{From: h1, To: h2, Sizes: trafficgen.SimpleIMIX(), Rate: 1000}},
		{"from: h1, to: h2, imix: aabg", trafficgen.Stream{From: h1, To: h2, Sizes: []int{64, 64, 128, 1518}, Rate: 1000}},
		{"from: h1, to: h2, imix: {genome: aAz, A: 70, z: 1500}", trafficgen.Stream{From: h1, To: h2, Sizes: []int{64, 70, 1500}, Rate: 1000}},
		{"from: h1, to: h2, rate: 50%", trafficgen.Stream{From: h1, To: h2, Size: 512, Load: 0.5}},
		{"from: h1, to: h2, frames: 2000, burst: {frames: 100, gap: 2ms}",
			trafficgen.Stream{From: h1, To: h2, Size: 512, Rate: 1000, Frames: 2000, Burst: trafficgen.Burst{Frames: 100, Gap: 2 * time.Millisecond}}},
		{"from: h1, to: h2, layers: [vlan: 100, ip: {dst: {from: 10.0.0.1, step: 0.0.1.0, count: 9}, dscp: EF}, udp, payload: ff]",
			trafficgen.Stream{From: h1, To: h2, Size: 512, Rate: 1000, Layers: []trafficgen.Layer{{Kind: "eth"},
				{Kind: "vlan", Fields: map[string]trafficgen.Values{"id": trafficgen.Only("100")}},
				{Kind: "ip", Fields: map[string]trafficgen.Values{"dst": {From: "10.0.0.1", Step: "0.0.1.0", Count: 9}, "dscp": trafficgen.Only("46")}},
				{Kind: "udp"}, {Kind: "payload", Fields: map[string]trafficgen.Values{"bytes": trafficgen.Only("ff")}}}}},
		{"from: h1, to: h2, combine: product, layers: [eth: {src: [02:00:00:00:00:01, 02:00:00:00:00:02]}, ipv6: {}, tcp: {dport: {random: 1..99, count: 100, seed: 3}, flags: syn+ack}]",
			trafficgen.Stream{From: h1, To: h2, Size: 512, Rate: 1000, IPv6: true, Product: true, Layers: []trafficgen.Layer{
				{Kind: "eth", Fields: map[string]trafficgen.Values{"src": {List: []string{"02:00:00:00:00:01", "02:00:00:00:00:02"}}}},
				{Kind: "ipv6"}, {Kind: "tcp", Fields: map[string]trafficgen.Values{
					"dport": {From: "1", To: "99", Count: 128, Seed: 3}, "flags": trafficgen.Only("syn+ack")}}}}},
	}
	for _, test := range tests {
		t.Run(test.yaml, func(t *testing.T) {
			test.want.Name = "s"
			got := parsed(t, plan(test.yaml)).Streams["s"]
			if diff := cmp.Diff(test.want, got, cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})); diff != "" {
				t.Errorf("stream (-want +got):\n%s", diff)
			}
		})
	}
}

// A capture is named relative to the plan, and a plan's hash knows what is in
// it, not where it lies.
func TestCaptureStreams(t *testing.T) {
	load := func(content string) *Plan {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "voice.pcap"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		text := head + "streams: {s: {from: h1, to: h2, pcap: voice.pcap, rate: 50fps, frames: 70}}\ncases: [{id: A, title: A, steps: [{traffic: {run: s}}]}]\n"
		p, err := Parse(filepath.Join(dir, "plan.yaml"), []byte(text), ringLookup)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Streams["s"].Capture; got != filepath.Join(dir, "voice.pcap") {
			t.Errorf("the capture is %s", got)
		}
		return p
	}
	a, b, other := load("\xd4\xc3\xb2\xa1 one"), load("\xd4\xc3\xb2\xa1 one"), load("\xd4\xc3\xb2\xa1 two")
	if a.Hash != b.Hash || a.Hash == other.Hash {
		t.Errorf("hashes %s, %s and of other frames %s", a.Hash, b.Hash, other.Hash)
	}
	step := a.Cases[0].Steps[0]
	if want := "Run stream s (frames of voice.pcap from h1 to h2, 50 a second) for 1.41s and check that it loses nothing"; step.Title != want {
		t.Errorf("the step is %q, want %q", step.Title, want)
	}
}

// A bidirectional stream is two, and steps that name it mean both.
func TestBothWays(t *testing.T) {
	p := parsed(t, head+`
streams:
  s: {from: h1, to: h2, bidirectional: true, udp: {dport: 80}, src: 10.1.1.1}
  l: {from: h1, to: h2, bidirectional: true, layers: [ip: {src: 10.1.1.1}, tcp: {dport: [80, 443]}]}
cases:
  - id: A
    title: A
    steps:
      - traffic: {run: s, duration: 3s, jitter: < 1ms}
      - capture: {start: c, ports: h2, around-loss: l}
      - traffic: {start: l}
      - fault: {link: "r1:ge-0/0/0", state: down}
      - converge: {stream: l, outage: < 1s}
      - traffic: {stop: l}
`)
	back := p.Streams["s-reverse"]
	if back.From.Node != "h2" || back.To.Node != "h1" || back.SrcPort != 80 || back.DstPort != 49184 || back.Dst != netip.MustParseAddr("10.1.1.1") {
		t.Errorf("the way back is %+v", back)
	}
	want := []trafficgen.Layer{{Kind: "eth"}, {Kind: "ip", Fields: map[string]trafficgen.Values{"dst": trafficgen.Only("10.1.1.1")}},
		{Kind: "tcp", Fields: map[string]trafficgen.Values{"sport": {List: []string{"80", "443"}}}}}
	if diff := cmp.Diff(want, p.Streams["l-reverse"].Layers); diff != "" {
		t.Error(diff)
	}
	var titles []string
	for _, s := range p.Cases[0].Steps {
		titles = append(titles, s.Title)
	}
	if diff := cmp.Diff([]string{
		"Start stream s-reverse: 512-byte frames from h2 to h1, 1000 a second",
		"Run stream s (512-byte frames from h1 to h2, 1000 a second) for 3s and check that it loses nothing and has jitter of less than 1ms",
		"Stop stream s-reverse and check that it loses nothing and has jitter of less than 1ms",
		"Start capture c of what passes h2, around the first loss of stream l or l-reverse",
		"Start stream l: 512-byte ip/tcp frames from h1 to h2, 1000 a second",
		"Start stream l-reverse: 512-byte ip/tcp frames from h2 to h1, 1000 a second",
		"Cut the link r1:ge-0/0/0 – r2:ge-0/0/1",
		"Check that streams l, l-reverse converge with an outage of less than 1s",
		"Stop stream l",
		"Stop stream l-reverse",
	}, titles); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if b := p.Cases[0].Steps[2].Traffic.Bounds["jitter"]; b != "< 1ms" {
		t.Errorf("the way back is bound by %q", b)
	}
}

// TestMatrix holds what substitution may and may not touch.
func TestMatrix(t *testing.T) {
	p := parsed(t, head+`
cases:
  - id: A-1
    title: "{node} {{node}} has {n}"
    description: 'x{2,3} ${node}'
    tags: ["n{n}"]
    matrix: {node: [r1, r2], n: [2, 10]}
    steps:
      - check: {ospf: {node: "{node}", neighbors: "{n}"}}
      - rollback: {node: "{node}", to: "{n}"}
      - ping: {from: h1, to: h2, count: "1{n}", size: '{n}0'}
      - check: {rpc: "<get-x><a>{{b}}</a></get-x>", node: r1, xpath: "//a[b='{n}']", is-equal: "{n}"}
      - wait-until: {within: "{n}s", version: {node: r1, release: "^[0-9]{2}"}}
      - configure: {node: r1, text: "a {b {c {n};}}"}
`)
	var ids []string
	for _, c := range p.Cases {
		ids = append(ids, c.ID)
	}
	want := []string{"A-1[node=r1,n=2]", "A-1[node=r1,n=10]", "A-1[node=r2,n=2]", "A-1[node=r2,n=10]"}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Fatalf("IDs: %s", diff)
	}
	c := p.Cases[3]
	for _, pair := range [][2]any{
		{c.Title, "r2 {node} has 10"},
		{c.Description, "x{2,3} $r2"},
		{c.Tags[0], "n10"},
		{c.Steps[0].Check.OSPF.Neighbors, check.Bound("10")},
		{c.Steps[1].Rollback.To, 10},
		{c.Steps[2].Ping.Count, 110},
		{c.Steps[2].Ping.Size, 100},
		{p.Cases[0].Steps[3].Check.RPC.Name, "<get-x><a>{b}</a></get-x>"},
		{c.Steps[3].Check.RPC.XPath, "//a[b='10']"},
		{c.Steps[4].WaitUntil.Within.String(), "10s"},
		{c.Steps[4].WaitUntil.Check.Version.Release, "^[0-9]{2}"},
		{c.Steps[5].Configure.Text, "a {b {c 10;}}"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("got %#v, want %#v", pair[0], pair[1])
		}
	}
}

// TestPlanTravels checks that a plan survives the JSON of a workflow's history.
func TestPlanTravels(t *testing.T) {
	p, err := Load("testdata/ring.yaml", ringLookup)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back Plan
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(back)
	if diff := cmp.Diff(string(data), string(again)); diff != "" {
		t.Error(diff)
	}
}

func TestUnreadablePlan(t *testing.T) {
	_, err := Load("testdata/none.yaml", ringLookup)
	if err == nil || !strings.Contains(err.Error(), "cannot read the plan") {
		t.Errorf("error is %v", err)
	}
}

func FuzzParse(f *testing.F) {
	seed, err := os.ReadFile("testdata/ring.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	files, _ := filepath.Glob("testdata/mistakes/*.txtar")
	for _, file := range files {
		data, _ := os.ReadFile(file)
		f.Add(data)
	}
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse("plan.yaml", data, ringLookup)
		if err != nil {
			var m Mistakes
			if !errors.As(err, &m) || len(m) == 0 || m.Error() == "" {
				t.Fatalf("not Mistakes: %v", err)
			}
			return
		}
		if len(p.Cases) == 0 || len(p.Cases) > MaxCases || p.Hash == "" {
			t.Fatalf("a plan with %d cases and hash %q", len(p.Cases), p.Hash)
		}
		for _, c := range p.Cases {
			for _, s := range c.Steps {
				if s.Kind() == "" || s.Title == "" {
					t.Fatalf("step %+v of %s", s, c.ID)
				}
			}
		}
	})
}
