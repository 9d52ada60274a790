package clabfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ccl-lab/ccl/topology"
)

const derivedFrom = `name: lab
prefix: x
topology:
  defaults:
    startup-config: all.cfg
    exec: [echo all]
  kinds:
    juniper_vjunosrouter: &router
      image: vjunos:1
      startup-config: cfg/__clabNodeName__.cfg
      enforce-startup-config: true
    juniper_vmx:
      <<: *router
      image: vmx:1
    nokia_srlinux: {image: srl:1}
    linux: {image: alpine:3, exec: [ip addr add 10.0.0.1/24 dev eth1]}
  nodes:
    r1: {kind: juniper_vjunosrouter, cpu: 4}
    r2:
      kind: juniper_vmx
      startup-config: |
        system { host-name r2; }
    s1: {kind: nokia_srlinux}
    h1: {kind: linux, binds: ["./data:/data"], startup-config: own.cfg}
  links:
    - endpoints: ["r1:ge-0/0/0", "r2:ge-0/0/0"]
    - endpoints: ["r1:ge-0/0/1", "h1:eth1"]
`

func TestDerive(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "lab.clab.yml")
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("lab.clab.yml", derivedFrom)
	for _, name := range []string{"all.cfg", "own.cfg", "cfg/r1.cfg"} {
		write(name, "text of "+name+"\n")
	}
	before, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := Derive(path, "trial")
	if err != nil {
		t.Fatal(err)
	}
	write("derived.clab.yml", string(text))
	after, err := Load(filepath.Join(dir, "derived.clab.yml"))
	if err != nil {
		t.Fatalf("containerlab's schema refuses what was derived: %v\n%s", err, text)
	}
	if strings.Contains(string(text), "enforce-startup-config") || !strings.Contains(string(text), "./data:/data") || !strings.Contains(string(text), "cpu: 4") {
		t.Errorf("derived:\n%s", text)
	}
	want := *before
	want.Name = "trial"
	for _, n := range want.Nodes {
		n.Exec = nil
		if n.IsJunos() {
			n.StartupConfig = ""
		}
	}
	diff := cmp.Diff(&want, after, cmpopts.IgnoreTypes(topology.Pos{}), cmpopts.IgnoreFields(topology.Topology{}, "File"))
	if diff != "" {
		t.Errorf("derived topology (-want +got):\n%s", diff)
	}
	if got := after.Node("s1").StartupConfig; got != "text of all.cfg\n" {
		t.Errorf("s1 lost its startup configuration: %q", got)
	}
}

func TestDeriveNothing(t *testing.T) {
	if _, err := Derive(filepath.Join(t.TempDir(), "no.clab.yml"), "x"); !os.IsNotExist(err) {
		t.Errorf("error %v", err)
	}
	path := filepath.Join(t.TempDir(), "list.clab.yml")
	if err := os.WriteFile(path, []byte("- a\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Derive(path, "x"); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
}
