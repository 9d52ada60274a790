package clab

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology"
)

// reply lets every exec answer with a sample.
func (f *fake) reply(t *testing.T, name string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, "exec.json"), sample(t, name), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestExec(t *testing.T) {
	b, f, _ := newBackend(t)
	if _, err := b.Exec(t.Context(), "trial", "h1", []string{"true"}); !errors.Is(err, topology.ErrNoLab) {
		t.Errorf("Exec in no lab: %v", err)
	}
	deploy(t, b, pair(t))
	f.reply(t, "exec-fail.json")
	if r, err := b.Exec(t.Context(), "trial", "h1", []string{"false"}); err != nil || r.Code != 1 {
		t.Errorf("false: %+v, %v", r, err)
	}
	f.reply(t, "exec-noent.json")
	r, err := b.Exec(t.Context(), "trial", "h1", []string{"nosuchcmd"})
	if err != nil || r.Code != 127 || r.Stdout != "" || !strings.Contains(r.Stderr, "executable file not found") {
		t.Errorf("nosuchcmd: %+v, %v", r, err)
	}
	if _, err := b.Exec(t.Context(), "trial", "r3", []string{"true"}); err == nil || !strings.Contains(err.Error(), "the nearest is r1") {
		t.Errorf("Exec in an unknown node: %v", err)
	}
	f.fail(t, "exec", "bad4.txt.err")
	if _, err := b.Exec(t.Context(), "trial", "h1", []string{"true"}); err == nil {
		t.Error("a containerlab that failed was taken for a command")
	}
}

func TestQuote(t *testing.T) {
	if got, want := quote([]string{"sh", "-c", "echo 'a b' $X", ""}), `'sh' '-c' 'echo '\''a b'\'' $X' ''`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestFailingStartCommand deploys a host whose command fails, which containerlab
// would only have logged.
func TestFailingStartCommand(t *testing.T) {
	b, f, _ := newBackend(t)
	f.reply(t, "exec-fail.json")
	topo := pair(t)
	_, err := b.Deploy(t.Context(), topo)
	if err == nil || !strings.Contains(err.Error(), "node h1: ip addr add 10.0.1.2/24 dev eth1: exit code 1") {
		t.Errorf("Deploy: %v", err)
	}
	nothingLeft(t, b, f, topo)
}

func TestRefusedFaults(t *testing.T) {
	b, f, _ := newBackend(t)
	topo := pair(t)
	deploy(t, b, topo)
	faults := map[string]func() error{
		"ports of r1": func() error {
			return b.SetLink(t.Context(), "trial", topology.Endpoint{Node: "h1", Interface: "eth1"}, false)
		},
		"process rpd of node r1": func() error { return b.Kill(t.Context(), "trial", "r1", "rpd") },
	}
	for what, fault := range faults {
		var unsupported *topology.UnsupportedError
		if err := fault(); !errors.As(err, &unsupported) || !strings.Contains(err.Error(), what) || unsupported.Hint == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := b.SetLink(t.Context(), "trial", topology.Endpoint{Node: "r1", Interface: "ge-0/0/9"}, false); err == nil || !strings.Contains(err.Error(), "no link at r1:ge-0/0/9") {
		t.Errorf("SetLink nowhere: %v", err)
	}
	f.checkCalls(t, "deploy", "exec")
}

func TestStopAndStart(t *testing.T) {
	b, f, r := newBackend(t)
	topo := pair(t)
	deploy(t, b, topo)
	for range 2 {
		if err := b.Kill(t.Context(), "trial", "r2", ""); err != nil {
			t.Fatal(err)
		}
	}
	if names, err := b.Reap(t.Context()); err != nil || len(names) != 0 {
		t.Errorf("Reap took a lab with a stopped node: %v, %v", names, err)
	}
	if _, err := b.Exec(t.Context(), "trial", "r2", []string{"true"}); err == nil || !strings.Contains(err.Error(), "stopped") {
		t.Errorf("Exec in a stopped node: %v", err)
	}
	r.refuse("dial", 3) // it boots
	for range 2 {
		if err := b.Start(t.Context(), "trial", "r2", ""); err != nil {
			t.Fatal(err)
		}
	}
	f.checkCalls(t, "deploy", "exec", "stop", "start")
	if err := b.Kill(t.Context(), "trial", "r1", ""); err != nil {
		t.Fatal(err)
	}
	if lab := deploy(t, b, topo); lab.Node("r1").State != topology.NodeRunning {
		t.Errorf("r1: %+v", lab.Node("r1"))
	}
	f.checkCalls(t, "deploy", "exec", "stop", "start", "stop", "start")
	// A host gets its addresses again.
	for _, step := range []func() error{
		func() error { return b.Kill(t.Context(), "trial", "h1", "") },
		func() error { return b.Start(t.Context(), "trial", "h1", "") },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	f.checkCalls(t, "deploy", "exec", "stop", "start", "stop", "start", "stop", "start", "exec")
}
