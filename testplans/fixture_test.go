package testplans

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/ccl-lab/ccl/topology"
)

// ringTopology is labs/ring as a loader of topology files would return it.
func ringTopology() *topology.Topology {
	t := &topology.Topology{Name: "ring"}
	for _, name := range []string{"r1", "r2", "r3", "r4"} {
		t.Nodes = append(t.Nodes, &topology.Node{Name: name, Kind: "juniper_vjunosrouter"})
	}
	for _, name := range []string{"h1", "h2", "g1", "g2"} {
		t.Nodes = append(t.Nodes, &topology.Node{Name: name, Kind: "linux"})
	}
	for _, name := range []string{"g1", "g2"} {
		t.Node(name).Labels = map[string]string{topology.LabelRole: "generator"}
	}
	for _, ends := range []string{
		"r1:ge-0/0/0:eth1 r2:ge-0/0/1:eth2", "r2:ge-0/0/0:eth1 r3:ge-0/0/1:eth2",
		"r3:ge-0/0/0:eth1 r4:ge-0/0/1:eth2", "r4:ge-0/0/0:eth1 r1:ge-0/0/1:eth2",
		"r1:ge-0/0/2:eth3 h1:eth1:eth1", "r3:ge-0/0/2:eth3 h2:eth1:eth1",
		"r1:ge-0/0/3:eth4 g1:eth1:eth1", "r3:ge-0/0/3:eth4 g2:eth1:eth1",
	} {
		a, b, _ := strings.Cut(ends, " ")
		t.Links = append(t.Links, &topology.Link{A: endpoint(a), B: endpoint(b)})
	}
	return t
}

func endpoint(s string) topology.Endpoint {
	parts := strings.Split(s, ":")
	return topology.Endpoint{Node: parts[0], Interface: parts[1], Device: parts[2]}
}

// ringLookup knows one topology file, ring.clab.yml in any directory.
func ringLookup(path string) (*topology.Topology, error) {
	if !filepath.IsAbs(path) {
		return nil, fmt.Errorf("%s is not absolute", path)
	}
	if filepath.Base(path) == "ring.clab.yml" {
		return ringTopology(), nil
	}
	return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}

// parsed is a plan that must be right.
func parsed(t *testing.T, text string) *Plan {
	t.Helper()
	p, err := Parse("plan.yaml", []byte(text), ringLookup)
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return p
}

// mistaken is what is wrong with a plan that must be wrong.
func mistaken(t *testing.T, text string) Mistakes {
	t.Helper()
	_, err := Parse("plan.yaml", []byte(text), ringLookup)
	var m Mistakes
	if !errors.As(err, &m) || len(m) == 0 {
		t.Fatalf("Parse: got error %v, want Mistakes", err)
	}
	return m
}

const head = "plan: p\ntitle: T\ntype: regression\ntopology: ring.clab.yml\n"

// oneStep is a plan whose only case has one step.
func oneStep(step string) string {
	return head + "streams:\n  s: {from: h1, to: h2}\ncases:\n  - id: A-1\n    title: A\n    steps:\n      - " + step + "\n"
}

// golden compares with the last file of an archive, or writes it.
func golden(t *testing.T, file string, archive *txtar.Archive, got string) {
	t.Helper()
	want := &archive.Files[len(archive.Files)-1]
	if *update {
		want.Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(want.Data), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", want.Name, diff)
	}
}
