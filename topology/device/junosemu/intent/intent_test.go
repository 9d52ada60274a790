package intent

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

var router = junosemu.Identity{Name: "r1", Kind: "juniper_vjunosrouter", Ports: numberedPorts(4)}

func compileText(t *testing.T, text string) (*junosemu.Intent, []config.Warning, error) {
	t.Helper()
	tree, err := config.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return Compile(tree, router)
}

func mustCompile(t *testing.T, text string) *junosemu.Intent {
	t.Helper()
	want, _, err := compileText(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return want
}

func TestRingIsAccepted(t *testing.T) {
	requireFRR(t)
	files, err := filepath.Glob("../../../../labs/ring/configs/*.cfg")
	if err != nil || len(files) == 0 {
		t.Fatal("no configurations", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			want, warnings, err := compileText(t, string(text))
			if err != nil {
				t.Fatal(err)
			}
			if len(warnings) > 0 {
				t.Errorf("warnings: %v", warnings)
			}
			acceptedByFRR(t, want)
		})
	}
}
