package starter_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/cmd/internal/starter"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/clabfile"
)

func write(t *testing.T, files ...starter.File) {
	t.Helper()
	if err := starter.Write(files, false); err != nil {
		t.Fatal(err)
	}
}

// plan writes the plan of a topology and reads it back.
func plan(t *testing.T, file, topologyFile string) *testplans.Plan {
	t.Helper()
	topo, err := clabfile.Load(topologyFile)
	if err != nil {
		t.Fatal(err)
	}
	f, err := starter.Plan(file, topo)
	if err != nil {
		t.Fatal(err)
	}
	write(t, f)
	p, err := testplans.Load(file, clabfile.Load)
	if err != nil {
		t.Fatalf("%v in\n%s", err, f.Text)
	}
	return p
}

func ids(p *testplans.Plan) string {
	var all []string
	for _, c := range p.Cases {
		all = append(all, c.ID)
	}
	return strings.Join(all, " ")
}

// What is written is without mistakes, wherever it is written.
func TestStarters(t *testing.T) {
	for file, lab := range map[string]string{
		"pair.clab.yml": "pair", "labs/my trial.yaml": "my-trial", "2026.yml": "pair", "labs/on.clab.yaml": "on",
	} {
		t.Run(file, func(t *testing.T) {
			dir := t.TempDir()
			topologyFile := filepath.Join(dir, file)
			files, err := starter.Topology(topologyFile)
			if err != nil {
				t.Fatal(err)
			}
			write(t, files...)
			p := plan(t, filepath.Join(dir, "plans/plan.yaml"), topologyFile)
			if p.Name != lab || p.Topology != topologyFile {
				t.Errorf("plan %s on %s, want %s on %s", p.Name, p.Topology, lab, topologyFile)
			}
			if want := "UP-001 OSPF-001 CFG-001[prefix=192.0.2.0/24] CFG-001[prefix=198.51.100.0/24] PING-001 TRAF-001 CONV-001"; ids(p) != want {
				t.Errorf("cases %s, want %s", ids(p), want)
			}
			e := engagement(t, filepath.Join(dir, "engagement.yaml"), p)
			if e.ID != "acme-"+lab || e.Topology != topologyFile || e.Plans[0] != p.File || e.Nightly.Plan != p.File {
				t.Errorf("engagement %+v", e)
			}
		})
	}
}

func engagement(t *testing.T, file string, p *testplans.Plan) *testplans.Engagement {
	t.Helper()
	f, err := starter.Engagement(file, []*testplans.Plan{p}, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	write(t, f)
	e, err := testplans.LoadEngagement(file, clabfile.Load)
	if err != nil {
		t.Fatalf("%v in\n%s", err, f.Text)
	}
	return e
}

// A plan is about what the topology has: the protocols of its configurations,
// generator ports rather than hosts, a cut only where another way is.
func TestPlanFitsTheTopology(t *testing.T) {
	p := plan(t, filepath.Join(t.TempDir(), "ring.yaml"), "../../../labs/ring/ring.clab.yml")
	if want := "UP-001 OSPF-001 BGP-001 CFG-001[prefix=192.0.2.0/24] CFG-001[prefix=198.51.100.0/24] TRAF-001"; ids(p) != want || p.Name != "ring" {
		t.Errorf("plan %s with cases %s, want %s", p.Name, ids(p), want)
	}
	if s := p.Streams["g1-g2"]; s.From.Node != "g1" || s.To.Node != "g2" {
		t.Errorf("streams %+v", p.Streams)
	}
	lone := &topology.Topology{Name: "lone", Nodes: []*topology.Node{{Name: "h1", Kind: "linux"}}}
	if _, err := starter.Plan("plan.yaml", lone); !errors.Is(err, starter.ErrNoRouter) {
		t.Errorf("without a router: %v", err)
	}
}

// Nothing is lost: if one file is there, none is written.
func TestWriteOverwritesNothing(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "configs", "r2.cfg")
	write(t, starter.File{Path: mine, Text: "mine"})
	files, err := starter.Topology(filepath.Join(dir, "pair.clab.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var exists *starter.ExistsError
	if err := starter.Write(files, false); !errors.As(err, &exists) || exists.Path != mine {
		t.Errorf("%v, want that %s is there", err, mine)
	}
	if _, err := os.Stat(files[0].Path); err == nil {
		t.Error("a file was written")
	}
	if text, err := os.ReadFile(mine); err != nil || string(text) != "mine" {
		t.Errorf("my file is %q, %v", text, err)
	}
	if err := starter.Write(files, true); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(mine); err != nil || !strings.Contains(string(text), "host-name r2") {
		t.Errorf("after overwriting it is %q, %v", text, err)
	}
}
