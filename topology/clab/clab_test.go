package clab

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/clabfile"
)

const twoRouters = `name: pair
topology:
  kinds:
    juniper_vjunosrouter: {image: "vrnetlab/juniper_vjunos-router:24.2R1.17", startup-config: "__clabNodeName__.cfg"}
    linux: {image: "alpine:3"}
  nodes:
    r1: {kind: juniper_vjunosrouter}
    r2: {kind: juniper_vjunosrouter}
    h1: {kind: linux, exec: ["ip addr add 10.0.1.2/24 dev eth1"]}
  links:
    - endpoints: ["r1:ge-0/0/0", "r2:ge-0/0/0"]
    - endpoints: ["r1:ge-0/0/1", "h1:eth1"]
`

func backendFor(t *testing.T, dir string, r *routers) *Backend {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(Options{Dir: dir, Dial: r.dial, Command: self, Poll: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	b.dialTCP = r.dialSSH
	return b
}

// pair loads the topology of the tests under a name that is not its file's.
func pair(t *testing.T) *topology.Topology {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{"pair.clab.yml": twoRouters, "r1.cfg": "system { host-name {{r1}}; }\n", "r2.cfg": "system { host-name r2; }\n"}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	topo, err := clabfile.Load(filepath.Join(dir, "pair.clab.yml"))
	if err != nil {
		t.Fatal(err)
	}
	topo.Name = "trial"
	return topo
}

func deploy(t *testing.T, b *Backend, topo *topology.Topology) *topology.Lab {
	t.Helper()
	lab, err := b.Deploy(t.Context(), topo)
	if err != nil {
		t.Fatalf("Deploy: %v", err)
	}
	return lab
}

// nothingLeft checks that neither the backend nor containerlab knows of a lab.
func nothingLeft(t *testing.T, b *Backend, f *fake, topo *topology.Topology) {
	t.Helper()
	if f.load(topo.Name) != nil {
		t.Error("the containers are still there")
	}
	for _, path := range []string{b.recordFile(topo.Name), b.labDir(topo.Name), filepath.Join(filepath.Dir(topo.File), ".ccl-trial.clab.yml")} {
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("%s is left (%v)", path, err)
		}
	}
	if _, err := b.Inspect(t.Context(), topo.Name); !errors.Is(err, topology.ErrNoLab) {
		t.Errorf("Inspect: %v, want ErrNoLab", err)
	}
}

func TestLifecycle(t *testing.T) {
	b, f, r := newBackend(t)
	topo := pair(t)
	first := deploy(t, b, topo)
	f.checkCalls(t, "deploy", "exec")
	n := first.Node("r1")
	want := topology.Access{Host: "172.20.20.2", SSHPort: 22, NetconfPort: 830, Credentials: "junos-default"}
	if n.Mgmt != want || n.Platform != "vJunos-router 24.2R1.17" || n.PID == 0 || n.NetNS == "" || n.State != topology.NodeRunning {
		t.Errorf("r1: %+v", n)
	}
	if h := first.Node("h1"); h.Mgmt != (topology.Access{}) || h.Platform != "linux (alpine:3)" {
		t.Errorf("h1: %+v", h)
	}
	text, err := os.ReadFile(filepath.Join(filepath.Dir(topo.File), ".ccl-trial.clab.yml"))
	if err != nil || strings.Contains(string(text), "startup-config") || !strings.Contains(string(text), "name: trial") {
		t.Errorf("containerlab was given (%v):\n%s", err, text)
	}

	again := deploy(t, b, topo)
	f.checkCalls(t, "deploy", "exec") // attached
	if !again.Deployed.Equal(first.Deployed) || first.Deployed.IsZero() {
		t.Errorf("deployed %v, then %v", first.Deployed, again.Deployed)
	}
	if got := r.requests("r1"); strings.Count(got, "commit") != 1 {
		t.Errorf("r1 was asked for %q: a lab that is in use must not be committed to", got)
	}
	labs, err := b.List(t.Context())
	if err != nil || len(labs) != 1 || labs[0].Name != "trial" || len(labs[0].Nodes) != 3 {
		t.Errorf("List: %v, %v", labs, err)
	}
	for range 2 {
		if err := b.Destroy(t.Context(), "trial"); err != nil {
			t.Errorf("Destroy: %v", err)
		}
	}
	f.checkCalls(t, "deploy", "exec", "destroy")
	nothingLeft(t, b, f, topo)
}

// change edits what the stand-in knows of a lab.
func change(f *fake, lab string, edit func(*fakeLab)) {
	l := f.load(lab)
	edit(l)
	f.save(l)
}

func die(n *fakeNode) { n.State, n.Status = "exited", "Exited (2) 3 seconds ago" }

// TestNotWhole has labs that Deploy must replace and Reap remove.
func TestNotWhole(t *testing.T) {
	damages := map[string]func(t *testing.T, b *Backend, f *fake){
		"killed container": func(_ *testing.T, _ *Backend, f *fake) { change(f, "trial", func(l *fakeLab) { die(l.node("r2")) }) },
		"removed container": func(_ *testing.T, _ *Backend, f *fake) {
			change(f, "trial", func(l *fakeLab) { l.Nodes = l.Nodes[:2] })
		},
		"container started behind our back": func(_ *testing.T, _ *Backend, f *fake) {
			change(f, "trial", func(l *fakeLab) { l.node("r1").Devices = nil })
		},
		"everything gone": func(t *testing.T, _ *Backend, f *fake) {
			if err := os.Remove(f.labFile("trial")); err != nil {
				t.Fatal(err)
			}
		},
		"deployer killed": func(t *testing.T, b *Backend, _ *fake) {
			rec, err := b.read("trial")
			if err != nil {
				t.Fatal(err)
			}
			rec.Ready = false
			if err := b.write(rec); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			b, f, _ := newBackend(t)
			topo := pair(t)
			deploy(t, b, topo)
			if names, err := b.Reap(t.Context()); err != nil || len(names) != 0 {
				t.Fatalf("Reap of a whole lab: %v, %v", names, err)
			}
			damage(t, b, f)
			var said []string
			ctx := topology.WithProgress(t.Context(), func(s string) { said = append(said, s) })
			if _, err := b.Deploy(ctx, topo); err != nil {
				t.Fatalf("Deploy: %v", err)
			}
			f.checkCalls(t, "deploy", "exec", "destroy", "deploy", "exec")
			if !strings.Contains(said[0], "lab trial is not whole: ") {
				t.Errorf("Deploy did not say why it destroyed the lab: %q", said)
			}
			damage(t, b, f)
			if names, err := b.Reap(t.Context()); err != nil || !slices.Equal(names, []string{"trial"}) {
				t.Errorf("Reap: %v, %v", names, err)
			}
			nothingLeft(t, b, f, topo)
		})
	}
}

func TestKilledContainerIsStopped(t *testing.T) {
	b, f, _ := newBackend(t)
	deploy(t, b, pair(t))
	change(f, "trial", func(l *fakeLab) { die(l.node("r2")) })
	lab, err := b.Inspect(t.Context(), "trial")
	if err != nil {
		t.Fatal(err)
	}
	if n := lab.Node("r2"); n.State != topology.NodeStopped || n.PID != 0 || n.NetNS != "" {
		t.Errorf("r2: %+v", n)
	}
	if n := lab.Node("r1"); n.State != topology.NodeRunning {
		t.Errorf("r1: %+v", n)
	}
}

// TestSomebodyElsesLab has a lab of the same name that the backend did not deploy.
func TestSomebodyElsesLab(t *testing.T) {
	b, f, r := newBackend(t)
	topo := pair(t)
	deploy(t, backendFor(t, t.TempDir(), r), topo)
	if _, err := b.Deploy(t.Context(), topo); err == nil || !strings.Contains(err.Error(), "not deployed by ccl") {
		t.Errorf("Deploy: %v", err)
	}
	if _, err := b.Inspect(t.Context(), "trial"); !errors.Is(err, topology.ErrNoLab) {
		t.Errorf("Inspect: %v", err)
	}
	if err := b.Destroy(t.Context(), "trial"); err != nil {
		t.Errorf("Destroy: %v", err)
	}
	if f.load("trial") == nil {
		t.Error("somebody else's lab was destroyed")
	}
}

func TestOtherTopology(t *testing.T) {
	b, _, _ := newBackend(t)
	topo := pair(t)
	deploy(t, b, topo)
	other := pair(t)
	text := strings.Replace(twoRouters, "r2:ge-0/0/0", "r2:ge-0/0/7", 1)
	if err := os.WriteFile(other.File, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Deploy(t.Context(), other); err == nil || !strings.Contains(err.Error(), "is not what its file") {
		t.Errorf("Deploy of a topology whose file has changed: %v", err)
	}
	other, err := clabfile.Load(other.File)
	if err != nil {
		t.Fatal(err)
	}
	other.Name = "trial"
	if _, err := b.Deploy(t.Context(), other); err == nil || !strings.Contains(err.Error(), "another topology") {
		t.Errorf("Deploy over another topology: %v", err)
	}
}

func TestCancelledWhileBooting(t *testing.T) {
	b, f, r := newBackend(t)
	r.refuse("dial", -1)
	topo := pair(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ctx = topology.WithProgress(ctx, func(text string) {
		if strings.Contains(text, "SSH after") {
			cancel()
		}
	})
	if _, err := b.Deploy(ctx, topo); !errors.Is(err, context.Canceled) {
		t.Errorf("Deploy: %v", err)
	}
	nothingLeft(t, b, f, topo)
}

func TestRecordHoldsNoSecretAndStaysReadable(t *testing.T) {
	b, _, _ := newBackend(t)
	deploy(t, b, pair(t))
	text, err := os.ReadFile(b.recordFile("trial"))
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(text) || strings.Contains(string(text), "admin@123") {
		t.Errorf("record: %s", text)
	}
	info, err := os.Stat(b.recordFile("trial"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("record: mode %v, %v", info.Mode(), err)
	}
	if _, err := b.Inspect(t.Context(), "../trial"); err == nil || errors.Is(err, topology.ErrNoLab) {
		t.Errorf("a name that leads elsewhere: %v", err)
	}
}
