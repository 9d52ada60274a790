package netns

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/ccl-lab/ccl/topology"
)

// userEnv turns the test binary into a process of an ordinary user: "deploy",
// "use" or "destroy", on $CCL_STATE_DIR.
const userEnv = "NETNS_TEST_USER"

// asUser is what the ordinary user's commands do.
func asUser(command string) error {
	if err := EnterUserNamespace(); err != nil {
		return err
	}
	b, err := New(Options{})
	if err != nil {
		return err
	}
	ctx, topo := context.Background(), routed()
	switch command {
	case "deploy":
		lab, err := b.Deploy(ctx, topo)
		if err == nil {
			fmt.Println(lab.Nodes[0].State, lab.Nodes[0].Mgmt.SSHPort)
		}
		return err
	case "use":
		r, err := b.Exec(ctx, topo.Name, "r1", []string{"sh", "-c", "hostname; id -u"})
		fmt.Print(r.Stdout, r.Stderr)
		return err
	}
	names, err := b.Reap(ctx)
	if err != nil || len(names) != 0 {
		return fmt.Errorf("reaped a whole lab: %v, %v", names, err)
	}
	return b.Destroy(ctx, topo.Name)
}

// routed is a router and a host.
func routed() *topology.Topology {
	topo := pair()
	topo.Name = "routed"
	topo.Nodes[0] = &topology.Node{Name: "r1", Kind: "juniper_vjunosrouter"}
	topo.Links[0].A = topology.Endpoint{Node: "r1", Interface: "ge-0/0/0", Device: "eth1"}
	return topo
}

// TestOrdinaryUser deploys, uses and destroys a lab as an ordinary user, each in
// a process of its own.
func TestOrdinaryUser(t *testing.T) {
	needRoot(t)
	if Rootless() && os.Getenv("CI") == "true" {
		t.Fatal("only real root can become another user")
	}
	if Rootless() {
		t.Skip("SKIPPED, NOT TESTED: only real root can become another user")
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(nobody.Uid) // numbers on every Unix
	gid, _ := strconv.Atoi(nobody.Gid)
	credential := &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}

	dir, err := os.MkdirTemp("", "netns") // t.TempDir is for root's eyes only
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	state := filepath.Join(dir, "state")
	if err := os.Mkdir(state, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(state, uid, gid); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	self := filepath.Join(dir, "test")
	copyProgram(t, self)
	for _, step := range []struct{ command, want string }{
		{"deploy", "running 2022"},
		{"use", "r1\n0"},
		{"destroy", ""},
	} {
		cmd := exec.Command(self)
		cmd.Dir = "/"
		cmd.Env = append(os.Environ(), userEnv+"="+step.command, "CCL_STATE_DIR="+state)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
		out, err := cmd.CombinedOutput()
		if strings.Contains(string(out), "the kernel refuses a user namespace") && os.Getenv("CI") != "true" {
			t.Skipf("%s", out)
		}
		if err != nil || strings.TrimSpace(string(out)) != step.want {
			t.Errorf("%s: %v, output %q, want %q", step.command, err, out, step.want)
		}
	}
	// Whatever went wrong above, root finds it.
	b, err := New(Options{Dir: state})
	if err != nil {
		t.Fatal(err)
	}
	if left := liveInits(t, b); len(left) != 0 {
		t.Errorf("%+v are left", left)
		killInits(left)
	}
}

func copyProgram(t *testing.T, to string) {
	t.Helper()
	from, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	f, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(f, from); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
