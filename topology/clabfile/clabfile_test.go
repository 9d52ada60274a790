package clabfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/ccl-lab/ccl/topology"
)

// TestProblems loads each testdata/bad/*.txtar: a topology file t.clab.yml,
// files beside it, and in "want" the problems with their hints.
func TestProblems(t *testing.T) {
	cases, err := filepath.Glob("testdata/bad/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			var want string
			for _, f := range ar.Files {
				if f.Name == "want" {
					want = string(f.Data)
					continue
				}
				write(t, filepath.Join(dir, f.Name), string(f.Data))
			}
			t.Chdir(dir)
			_, err = Load("t.clab.yml")
			var problems *Error
			if !errors.As(err, &problems) {
				t.Fatalf("Load: %v, want an *Error", err)
			}
			if diff := cmp.Diff(want, problems.Error()+"\n"); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// load loads a topology file written to a new directory, which is returned too.
func load(t *testing.T, content string) (*topology.Topology, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.clab.yml")
	write(t, path, content)
	topo, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return topo, filepath.Dir(path)
}

func TestLoadRing(t *testing.T) {
	topo, err := Load("../../labs/ring/ring.clab.yml")
	if err != nil {
		t.Fatal(err)
	}
	if topo.Name != "ring" || !filepath.IsAbs(topo.File) {
		t.Errorf("name %q, file %q", topo.Name, topo.File)
	}
	if got := strings.Join(topo.NodeNames(), " "); got != "r1 r2 r3 r4 h1 h2 g1 g2" {
		t.Errorf("nodes %s", got)
	}
	if len(topo.Links) != 8 {
		t.Errorf("%d links, want 8", len(topo.Links))
	}
	if r3 := topo.Node("r3"); !strings.Contains(r3.StartupConfig, "host-name r3;") {
		t.Errorf("startup configuration of r3: %.60q", r3.StartupConfig)
	}
	if h1 := topo.Node("h1"); len(h1.Exec) != 4 {
		t.Errorf("h1 executes %q", h1.Exec)
	}
	want := map[string]string{"ccl-role": "generator", "ccl-address": "10.2.1.2/24", "ccl-gateway": "10.2.1.1"}
	if g1 := topo.Node("g1"); !g1.IsGenerator() || !cmp.Equal(g1.Labels, want) || g1.Kind != "linux" {
		t.Errorf("g1 is %+v", g1)
	}
	e, ok := topo.Endpoint("r1:eth3")
	if !ok || e != (topology.Endpoint{Node: "r1", Interface: "ge-0/0/2", Device: "eth3"}) {
		t.Errorf("r1:eth3 is %+v", e)
	}
}

func TestPrecedence(t *testing.T) {
	topo, _ := load(t, `
name: p
topology:
  defaults:
    kind: linux
    image: defaults
    exec: [defaults]
    env: {A: defaults, B: defaults, C: defaults, D: 4}
  kinds:
    linux:
      image: kind
      type: kind
      exec: [kind]
      env: {B: kind, C: kind}
      labels: {l: kind, k: kind}
  groups:
    g:
      type: group
      exec: [group __clabNodeName__]
      env: {C: group}
      labels: {l: group}
  nodes:
    a:
      group: g
      image: own
      exec: [own]
      labels: {l: own}
      sysctls: {net.ipv4.ip_forward: 1}
    b: {group: g}
    c: {group: none, exec: [kind, own]}
`)
	want := []*topology.Node{
		{Name: "a", Kind: "linux", Group: "g", Image: "own", Type: "group",
			Exec:   []string{"defaults", "kind", "group a", "own"},
			Env:    map[string]string{"A": "defaults", "B": "kind", "C": "group", "D": "4"},
			Labels: map[string]string{"l": "own", "k": "kind"}, Sysctls: map[string]string{"net.ipv4.ip_forward": "1"}},
		{Name: "b", Kind: "linux", Group: "g", Image: "kind", Type: "group",
			Exec:   []string{"defaults", "kind", "group b"},
			Env:    map[string]string{"A": "defaults", "B": "kind", "C": "group", "D": "4"},
			Labels: map[string]string{"l": "group", "k": "kind"}},
		{Name: "c", Kind: "linux", Group: "none", Image: "kind", Type: "kind",
			Exec:   []string{"defaults", "kind", "own"},
			Env:    map[string]string{"A": "defaults", "B": "kind", "C": "kind", "D": "4"},
			Labels: map[string]string{"l": "kind", "k": "kind"}},
	}
	if diff := cmp.Diff(want, topo.Nodes, cmpopts.IgnoreFields(topology.Node{}, "Pos")); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
}

// TestGroupOfDefaults gives every node a group, and with it a kind.
func TestGroupOfDefaults(t *testing.T) {
	topo, _ := load(t, `
name: g
prefix: lab
topology:
  defaults: {group: g}
  groups:
    g: {kind: linux, exec: [echo __clabLabName__]}
  nodes:
    a:
    b: {kind: juniper_crpd}
`)
	for name, kind := range map[string]string{"a": "linux", "b": "juniper_crpd"} {
		n := topo.Node(name)
		if n.Kind != kind || n.Group != "g" || !cmp.Equal(n.Exec, []string{"echo lab-g"}) {
			t.Errorf("%s is %+v", name, n)
		}
	}
}

func TestLinks(t *testing.T) {
	topo, _ := load(t, `
name: l
topology:
  nodes:
    r: {kind: juniper_vjunosrouter}
    e: {kind: juniper_cjunosevolved}
    c: {kind: crpd}
    h: {kind: linux}
    s: {kind: nokia_srlinux}
  links:
    - endpoints: ["r:xe-0/0/4", "e:et-0/0/0"]
      mtu: 9000
    - type: veth
      endpoints:
        - {node: r, interface: eth1, mac: 02-00-00-00-00-01}
        - {node: c, interface: eth2}
    - endpoints: ["host:uplink", "h:eth1"]
    - {type: vxlan, endpoint: {node: h, interface: eth2}, remote: 192.0.2.1, vni: 100, dst-port: 4789}
    - {type: macvlan, endpoint: {node: h, interface: eth3}, host-interface: eno1, mode: bridge}
    - endpoints: ["s:e1-1", "h:eth4"]
    - {type: dummy, endpoint: {node: h, interface: eth5}}
    - {type: veth-stitch, endpoints: [{node: h, interface: eth6}, {node: c, interface: eth3}]}
`)
	want := []*topology.Link{
		{A: topology.Endpoint{Node: "r", Interface: "xe-0/0/4", Device: "eth5"},
			B: topology.Endpoint{Node: "e", Interface: "et-0/0/0", Device: "eth4"}, MTU: 9000},
		{A: topology.Endpoint{Node: "r", Interface: "ge-0/0/0", Device: "eth1", MAC: "02:00:00:00:00:01"},
			B: topology.Endpoint{Node: "c", Interface: "eth2", Device: "eth2"}},
		{Type: "host", A: topology.Endpoint{Node: "h", Interface: "eth1", Device: "eth1"},
			B: topology.Endpoint{Node: "host", Interface: "uplink"}},
		{Type: "vxlan", A: topology.Endpoint{Node: "h", Interface: "eth2", Device: "eth2"}},
		{Type: "macvlan", A: topology.Endpoint{Node: "h", Interface: "eth3", Device: "eth3"},
			B: topology.Endpoint{Node: "host", Interface: "eno1", Device: "eno1"}},
		{A: topology.Endpoint{Node: "s", Interface: "e1-1", Device: "e1-1"},
			B: topology.Endpoint{Node: "h", Interface: "eth4", Device: "eth4"}},
		{Type: "dummy", A: topology.Endpoint{Node: "h", Interface: "eth5", Device: "eth5"}},
		{Type: "veth-stitch", A: topology.Endpoint{Node: "h", Interface: "eth6", Device: "eth6"},
			B: topology.Endpoint{Node: "c", Interface: "eth3", Device: "eth3"}},
	}
	if diff := cmp.Diff(want, topo.Links, cmpopts.IgnoreFields(topology.Link{}, "Pos")); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	if got := topo.Links[0].Pos.Line; got != 11 {
		t.Errorf("first link is on line %d, want 11", got)
	}
}

func TestStartupConfig(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.clab.yml")
	dir := filepath.Dir(path)
	write(t, filepath.Join(dir, "cfg/a.cfg"), "password ${HOME} {{ .Name }};\n")
	write(t, filepath.Join(dir, "clab-s/b/b.cfg"), "b;\n")
	write(t, path, `
name: s
topology:
  defaults: {kind: juniper_vjunosrouter, startup-config: cfg/__clabNodeName__.cfg}
  nodes:
    a:
    b: {startup-config: __clabNodeDir__/b.cfg}
    c:
      startup-config: |
        system {
            host-name c;
        }
`)
	topo, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"a": "password ${HOME} {{ .Name }};\n",
		"b": "b;\n",
		"c": "system {\n    host-name c;\n}\n",
	} {
		if got := topo.Node(name).StartupConfig; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestAnchorsAndMerges(t *testing.T) {
	topo, _ := load(t, `
name: m
topology:
  kinds:
    linux: &common {image: one, env: {A: 1}}
    juniper_crpd:
      <<: *common
      image: two
  nodes:
    a: {kind: linux}
    b: {kind: juniper_crpd}
`)
	b := topo.Node("b")
	if b.Image != "two" || b.Env["A"] != "1" || topo.Node("a").Image != "one" {
		t.Errorf("a %+v, b %+v", topo.Node("a"), b)
	}
}

func TestExpand(t *testing.T) {
	lookup := func(name string) (string, bool) {
		value, ok := map[string]string{"SET": "value", "EMPTY": ""}[name]
		return value, ok
	}
	for in, want := range map[string]string{
		"${SET} $SET":            "value value",
		"${EMPTY}.":              ".",
		"${UNSET} $UNSET":        "${UNSET} $UNSET",
		"${UNSET:=default}":      "default",
		"${UNSET:-a/b:1.2}":      "a/b:1.2",
		"${EMPTY:=default}":      "default",
		"${SET:=default}":        "value",
		"${UNSET:=$SET}":         "value",
		"$5$salt$hash, $1":       "$5$salt$hash, $1",
		"costs 5$, ${ unclosed":  "costs 5$, ${ unclosed",
		"image: r:${TAG:=23.2R}": "image: r:23.2R",
	} {
		r := &report{}
		if got := expand(in, lookup, r); got != want || r.failed() {
			t.Errorf("expand(%q) = %q, want %q; problems %v", in, got, want, r.problems)
		}
	}
}

func TestPort(t *testing.T) {
	for _, tt := range []struct{ kind, name, iface, device, err string }{
		{"juniper_vjunosrouter", "ge-0/0/0", "ge-0/0/0", "eth1", ""},
		{"juniper_vjunosrouter", "eth1", "ge-0/0/0", "eth1", ""},
		{"juniper_vjunosswitch", "xe-0/0/11", "xe-0/0/11", "eth12", ""},
		{"juniper_vjunosevolved", "et-0/0/1", "et-0/0/1", "eth2", ""},
		{"juniper_vjunosevolved", "eth2", "et-0/0/1", "eth2", ""},
		{"juniper_cjunosevolved", "et-0/0/0", "et-0/0/0", "eth4", ""},
		{"juniper_vmx", "eth3", "ge-0/0/2", "eth3", ""},
		{"juniper_crpd", "eth1", "eth1", "eth1", ""},
		{"linux", "eth1", "eth1", "eth1", ""},
		{"nokia_srlinux", "ethernet-1/1", "ethernet-1/1", "ethernet-1/1", ""},
		{"juniper_vjunosrouter", "eth0", "", "", "expected ge-0/0/N, or ethN with N from 1"},
		{"juniper_vjunosrouter", "ge-0/1/0", "", "", "has no interface"},
		{"juniper_vjunosrouter", "ge-0/0/00", "", "", "has no interface"},
		{"juniper_cjunosevolved", "eth3", "", "", "N from 4"},
		{"juniper_vjunosevolved", "ge-0/0/0", "ge-0/0/0", "eth1", ""},
		{"juniper_cjunosevolved", "ge-0/0/0", "", "", "expected et-0/0/N"},
		{"juniper_crpd", "ge-0/0/0", "", "", "expected ethN"},
		{"linux", "a-name-that-is-too-long", "", "", "15 characters"},
	} {
		iface, device, err := Port(tt.kind, tt.name)
		if iface != tt.iface || device != tt.device || (err == nil) != (tt.err == "") {
			t.Errorf("Port(%s, %s) = %s, %s, %v", tt.kind, tt.name, iface, device, err)
		} else if err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("Port(%s, %s): %v, want %q in it", tt.kind, tt.name, err, tt.err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	ring, err := os.ReadFile("../../labs/ring/ring.clab.yml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(ring))
	f.Add("name: x\ntopology: {nodes: {a: {kind: linux}}, links: [{endpoints: [a:eth1, a:eth2]}]}")
	f.Add("a: &a [*a, *a]\nname: *a\ntopology: {<<: *a, nodes: *a}")
	f.Add("name: x\ntopology: &t {nodes: {<<: *t, ${A:=b}: }}")
	f.Fuzz(func(t *testing.T, content string) {
		topo, err := parse([]byte(content), "t.clab.yml", filepath.Join(t.TempDir(), "t.clab.yml"))
		var problems *Error
		if err != nil && !errors.As(err, &problems) {
			t.Fatalf("not an *Error: %v", err)
		}
		if err == nil && (topo.Name == "" || len(topo.Nodes) == 0) {
			t.Fatalf("accepted a topology without name or nodes: %+v", topo)
		}
		if err == nil {
			for _, l := range topo.Links {
				if topo.Node(l.A.Node) == nil {
					t.Fatalf("link from nowhere: %+v", l)
				}
			}
		}
	})
}
