package device

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/ccl-lab/ccl/topology"
)

// router is a session that refuses what contains "wrong".
type router struct {
	Session
	name string
	took *sync.Map // node name to the format of what it committed
}

func (r router) Apply(_ context.Context, c Change) (Commit, error) {
	if strings.Contains(c.Text, "wrong") {
		return Commit{}, &RejectedError{Node: r.name, Op: "load", Message: "syntax error"}
	}
	r.took.Store(r.name, c.Format)
	return Commit{}, nil
}

func (r router) Close() error { return nil }

// TestProvisionTellsAll: one refusal neither hides the others nor stops what is
// right elsewhere.
func TestProvisionTellsAll(t *testing.T) {
	lab := &topology.Lab{Topology: &topology.Topology{}}
	for name, config := range map[string]string{
		"r1": "wrong", "r2": "system { host-name r2; }", "r3": "wrong", "r4": "\n# ours\nset system host-name r4\n", "r5": "",
	} {
		lab.Nodes = append(lab.Nodes, topology.LabNode{Name: name, Kind: "juniper_vmx"})
		lab.Topology.Nodes = append(lab.Topology.Nodes, &topology.Node{Name: name, Kind: "juniper_vmx", StartupConfig: config})
	}
	var took sync.Map
	err := Provision(t.Context(), func(_ context.Context, n topology.LabNode) (Session, error) {
		return router{name: n.Name, took: &took}, nil
	}, lab)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"startup configuration of r1: r1 refused", "startup configuration of r3: r3 refused"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	for name, want := range map[string]any{"r2": FormatText, "r4": FormatSet, "r5": nil} {
		if got, _ := took.Load(name); got != want {
			t.Errorf("%s took %v, want %v", name, got, want)
		}
	}
}
