package netns

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/backendtest"
	"github.com/ccl-lab/ccl/topology/clabfile"
)

// needRoot skips a test that needs namespaces, or fails it where everything must
// be tested.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() == 0 {
		return
	}
	const reason = "namespaces need root, or a kernel that lets ordinary users have user namespaces"
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

func newTestBackend(t *testing.T) *Backend {
	t.Helper()
	b, err := New(Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// pair is two hosts and a link.
func pair() *topology.Topology {
	host := func(name, address string) *topology.Node {
		return &topology.Node{Name: name, Kind: "linux", Exec: []string{"ip addr add " + address + " dev eth1"}}
	}
	end := func(node string) topology.Endpoint {
		return topology.Endpoint{Node: node, Interface: "eth1", Device: "eth1"}
	}
	return &topology.Topology{
		Name:  "pair",
		Nodes: []*topology.Node{host("h1", "192.0.2.1/24"), host("h2", "192.0.2.2/24")},
		Links: []*topology.Link{{A: end("h1"), B: end("h2")}},
	}
}

func TestContract(t *testing.T) {
	needRoot(t)
	newBackend := func(t *testing.T) topology.Backend { return newTestBackend(t) }
	t.Run("hosts", func(t *testing.T) { backendtest.Run(t, newBackend, pair()) })
	t.Run("ring", func(t *testing.T) {
		topo, err := clabfile.Load("../../labs/ring/ring.clab.yml")
		if err != nil {
			t.Fatal(err)
		}
		backendtest.Run(t, newBackend, topo)
	})
}

func TestLinkIsUsable(t *testing.T) {
	needRoot(t)
	b, topo := newTestBackend(t), pair()
	topo.Links[0].MTU = 9000
	topo.Links[0].A.MAC = "02:00:00:00:00:01"
	if _, err := b.Deploy(t.Context(), topo); err != nil {
		t.Fatal(err)
	}
	defer b.Destroy(t.Context(), topo.Name)
	for node, want := range map[string]string{"h1": "02:00:00:00:00:01", "h2": "mtu 9000"} {
		r, err := b.Exec(t.Context(), topo.Name, node, []string{"ip", "link", "show", "eth1"})
		if err != nil || !strings.Contains(r.Stdout, want) {
			t.Errorf("%s: %+v, %v; want %s", node, r, err, want)
		}
	}
	if r, err := b.Exec(t.Context(), topo.Name, "h1", []string{"ping", "-c1", "-W5", "192.0.2.2"}); err != nil || r.Code != 0 {
		t.Errorf("ping: %+v, %v", r, err)
	}
}

func TestInterfaceNameIsAlias(t *testing.T) {
	needRoot(t)
	b, topo := newTestBackend(t), pair()
	topo.Links[0].A.Interface = "ge-0/0/0"
	if _, err := b.Deploy(t.Context(), topo); err != nil {
		t.Fatal(err)
	}
	defer b.Destroy(t.Context(), topo.Name)
	r, err := b.Exec(t.Context(), topo.Name, "h1", []string{"ip", "link", "show", "eth1"})
	if err != nil || !strings.Contains(r.Stdout, "alias ge-0/0/0") {
		t.Errorf("%+v, %v; want the alias ge-0/0/0", r, err)
	}
}

func TestForwarding(t *testing.T) {
	needRoot(t)
	b, topo := newTestBackend(t), routed()
	topo.Nodes = append(topo.Nodes, &topology.Node{
		Name: "h3", Kind: "linux", Sysctls: map[string]string{"net.ipv4.ip_forward": "1"},
	})
	if _, err := b.Deploy(t.Context(), topo); err != nil {
		t.Fatal(err)
	}
	defer b.Destroy(t.Context(), topo.Name)
	for node, want := range map[string]string{"r1": "1\n", "h2": "0\n", "h3": "1\n"} {
		r, err := b.Exec(t.Context(), topo.Name, node, []string{"cat", "/proc/sys/net/ipv4/ip_forward"})
		if err != nil || r.Stdout != want {
			t.Errorf("ip_forward of %s: %+v, %v; want %q", node, r, err, want)
		}
	}
}

func TestRefusedByName(t *testing.T) {
	topo := pair()
	pos := topology.Pos{File: "t.clab.yml", Line: 7, Column: 3}
	topo.Nodes = append(topo.Nodes, &topology.Node{
		Name: "s1", Kind: "nokia_srlinux", Pos: pos, Sysctls: map[string]string{"kernel.panic": "1", "net.//.x": "1"},
	})
	topo.Links = append(topo.Links, &topology.Link{Type: "vxlan", A: topo.Links[0].A, Pos: pos})
	topo.Links = append(topo.Links, &topology.Link{A: topo.Links[0].A, B: topology.Endpoint{Node: "h9", Interface: "eth1"}})
	_, err := newTestBackend(t).Deploy(t.Context(), topo)
	var first *topology.UnsupportedError
	if !errors.As(err, &first) || first.Pos != pos || first.Hint == "" {
		t.Fatalf("Deploy: %#v", err)
	}
	for _, want := range []string{"t.clab.yml:7:3: kind nokia_srlinux of node s1", "link type vxlan at h1:eth1", `no node "h9"`,
		"sysctl kernel.panic of node s1", "sysctl net.//.x of node s1"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

func TestNamesStayInTheStateDirectory(t *testing.T) {
	b := newTestBackend(t)
	for _, name := range []string{"", "..", "a/b", "../../etc", ".hidden"} {
		if err := b.Destroy(t.Context(), name); err == nil {
			t.Errorf("Destroy(%q) succeeded", name)
		}
		if _, err := b.Inspect(t.Context(), name); err == nil || errors.Is(err, topology.ErrNoLab) {
			t.Errorf("Inspect(%q): %v", name, err)
		}
	}
}
