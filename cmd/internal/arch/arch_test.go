// Package arch holds the rules of who may import whom, so that they survive.
package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ccl-lab/ccl/"

// pkg is the part of `go list -json` that the rules need. Imports are direct,
// tests left out.
type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func (p pkg) name() string { return strings.TrimPrefix(p.ImportPath, module) }

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", module+"...")
	cmd.Dir = "../../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 10 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	return all
}

func under(name string, roots ...string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return name == root || strings.HasPrefix(name, root+"/")
	})
}

// TestOneImporter holds each outside library to its room.
func TestOneImporter(t *testing.T) {
	rooms := map[string][]string{
		"github.com/spf13/viper":                  {"cmd/internal/config"},
		"github.com/spf13/cobra":                  {"cmd/internal/cli"},
		"github.com/scrapli/scrapligo":            {"topology/device/junos"},
		"github.com/google/gopacket":              {"trafficgen"},
		"github.com/vishvananda/netlink":          {"topology/netns", "trafficgen/port"},
		"go.temporal.io/server":                   {"workflows/server"},
		"github.com/temporalio/ui-server":         {"workflows/server"},
		"go.temporal.io/sdk":                      {"workflows", "activities", "cmd"},
		"github.com/gliderlabs/ssh":               {"topology/device/junosemu/server"},
		"modernc.org/sqlite":                      {"testplans/results", "workflows/server"},
		"go.yaml.in/yaml/v3":                      {"topology/clabfile", "testplans"},
		"github.com/chromedp":                     {"testplans/report/browsertest"},
		"github.com/HdrHistogram/hdrhistogram-go": {"trafficgen/engine"},
		"github.com/prometheus/client_golang":     {"trafficgen/metrics"},
		"github.com/osrg/gobgp/v4":                {"trafficgen/routes"},
	}
	for _, p := range packages(t) {
		for _, imp := range p.Imports {
			for lib, allowed := range rooms {
				if (imp == lib || strings.HasPrefix(imp, lib+"/")) && !under(p.name(), allowed...) {
					t.Errorf("%s imports %s, which belongs to %s", p.name(), imp, strings.Join(allowed, ", "))
				}
			}
		}
	}
}

// arithmetic is pure and knows nothing of Temporal, so activities, which have
// what it needs of the world, may call it too. The domain has no need of it.
const arithmetic = "workflows/scope"

// TestLayers holds the direction of imports inside the project.
func TestLayers(t *testing.T) {
	layers := []struct {
		packages  []string
		forbidden []string
		why       string
	}{
		{[]string{"topology", "testplans", "trafficgen", "labs"}, []string{"workflows", "activities", "cmd"},
			"the domain knows nothing of Temporal or the command line"},
		{[]string{"activities"}, []string{"workflows", "cmd"}, "activities are called by workflows"},
		{[]string{"workflows"}, []string{"cmd"}, "workflows are called by commands"},
		{[]string{"workflows", "activities"}, []string{"topology/netns", "topology/clab", "topology/physical", "topology/device/junos", "topology/clabfile", "trafficgen/port"},
			"only wire chooses concrete backends"},
		{[]string{"testplans/check"}, []string{"testplans/results", "testplans/report", "topology"}, "judging is pure"},
		{[]string{"testplans/results"}, []string{"testplans/report"}, "reports read results"},
		{[]string{"trafficgen"}, []string{"topology", "testplans"}, "traffic knows ports, not labs"},
		{[]string{"topology"}, []string{"testplans", "trafficgen"}, "labs know nothing of tests"},
		{[]string{"topology/device/junosemu"}, []string{"topology/netns"}, "the emulator stands before any data plane"},
	}
	for _, p := range packages(t) {
		for _, l := range layers {
			if !under(p.name(), l.packages...) {
				continue
			}
			for _, imp := range p.Imports {
				name, ours := strings.CutPrefix(imp, module)
				if ours && under(name, l.forbidden...) && !under(p.name(), l.forbidden...) && !(name == arithmetic && under(p.name(), "activities")) {
					t.Errorf("%s imports %s: %s", p.name(), name, l.why)
				}
			}
		}
	}
}

// TestServerStaysApart keeps the Temporal server, which takes minutes to
// build, out of everything but its own package and main.
func TestServerStaysApart(t *testing.T) {
	for _, p := range packages(t) {
		if under(p.name(), "workflows/server", "cmd/ccl") {
			continue
		}
		if slices.ContainsFunc(p.Deps, func(d string) bool { return strings.HasPrefix(d, "go.temporal.io/server/") }) {
			t.Errorf("%s links the Temporal server", p.name())
		}
	}
}
