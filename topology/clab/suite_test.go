package clab

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/backendtest"
	"github.com/ccl-lab/ccl/topology/clabfile"
)

const hosts = `name: hosts
topology:
  kinds:
    linux: {image: "alpine:3"}
    juniper_crpd: {image: "crpd:24.2R1"}
  nodes:
    a: {kind: linux, exec: ["ip addr add 10.0.0.1/24 dev eth1"]}
    b: {kind: linux}
    c: {kind: juniper_crpd}
  links:
    - endpoints: ["a:eth1", "b:eth1"]
    - endpoints: ["b:eth2", "c:eth1"]
`

// TestContract holds the backend to the contract of all backends. containerlab is
// the stand-in, its containers are processes in real network namespaces: what the
// backend does of itself (links, states, locks, clean-up) is tested for real;
// what containerlab does is only what the samples show of it.
func TestContract(t *testing.T) {
	if os.Geteuid() != 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("network namespaces need root")
		}
		t.Skip("SKIPPED: network namespaces need root")
	}
	t.Setenv(realVariable, "1")
	replies["get-interface"] = strings.Replace(replies["get-interface"], "ge-0/0/0", "eth1", 1)
	defer func() { replies["get-interface"] = strings.Replace(replies["get-interface"], "eth1", "ge-0/0/0", 1) }()
	path := filepath.Join(t.TempDir(), "hosts.clab.yml")
	if err := os.WriteFile(path, []byte(hosts), 0o644); err != nil {
		t.Fatal(err)
	}
	topo, err := clabfile.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	backendtest.Run(t, func(t *testing.T) topology.Backend {
		b, _, _ := newBackend(t)
		return b
	}, topo)
}
