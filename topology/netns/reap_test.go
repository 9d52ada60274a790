package netns

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology"
)

// deployer is another process that deploys a lab to the backend's state.
func deployer(t *testing.T, b *Backend, file string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), deployerEnv+"="+file, "CCL_STATE_DIR="+b.dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd, bufio.NewScanner(out)
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // its error is the kill
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	deadline := time.After(time.Minute)
	for !condition() {
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("waited a minute in vain until %s", what)
		}
	}
}

// liveInits are the inits of the backend's labs, none of them a zombie.
func liveInits(t *testing.T, b *Backend) []initProcess {
	t.Helper()
	inits, err := b.inits("")
	if err != nil {
		t.Fatal(err)
	}
	return inits
}

// TestDeployerKilled kills a process in the middle of a deployment, when every
// init is there and one of them runs a command that never ends.
func TestDeployerKilled(t *testing.T) {
	needRoot(t)
	b := newTestBackend(t)
	marker := filepath.Join(t.TempDir(), "started")
	file := filepath.Join(t.TempDir(), "slow.clab.yml")
	content := "name: slow\ntopology:\n  nodes:\n    a: {kind: linux}\n    b: {kind: linux, exec: ['touch " + marker + "', sleep infinity]}\n" +
		"  links: [endpoints: ['a:eth1', 'b:eth1']]\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, _ := deployer(t, b, file)
	eventually(t, "the command runs", func() bool { _, err := os.Stat(marker); return err == nil })
	if got := len(liveInits(t, b)); got != 2 {
		t.Errorf("%d inits, want 2", got)
	}
	if names, err := b.Reap(t.Context()); err != nil || len(names) != 0 {
		t.Errorf("Reap took a lab on its way up: %v, %v", names, err)
	}
	kill(t, cmd)
	eventually(t, "the inits have noticed", func() bool { return len(liveInits(t, b)) == 0 })
	reapedAlone(t, b, "slow")
}

// TestDeployerKilledAnywhere kills the process at any moment; whatever is there
// then is either whole or reaped.
func TestDeployerKilledAnywhere(t *testing.T) {
	needRoot(t)
	for _, after := range []time.Duration{10, 25, 40, 60, 90, 130, 200, 300} {
		b := newTestBackend(t)
		cmd, _ := deployer(t, b, "../../labs/ring/ring.clab.yml")
		time.Sleep(after * time.Millisecond) // the moment is what is varied here
		kill(t, cmd)
		names, err := b.Reap(t.Context())
		if err != nil {
			t.Fatalf("killed after %d ms: Reap: %v", after, err)
		}
		lab, err := b.Inspect(t.Context(), "ring")
		switch {
		case err == nil && len(lab.Nodes) == 8 && len(names) == 0:
			if err := b.Destroy(t.Context(), "ring"); err != nil {
				t.Error(err)
			}
		case !errors.Is(err, topology.ErrNoLab):
			t.Errorf("killed after %d ms, reaped %v: Inspect: %+v, %v", after, names, lab, err)
		}
		// An init that had no time to look around ends by itself.
		eventually(t, "every init has ended", func() bool { return len(liveInits(t, b)) == 0 })
	}
}

// TestLabOutlivesDeployer kills the deployer of a lab that is up, attaches to
// the lab, loses its file, and reaps it by its inits alone.
func TestLabOutlivesDeployer(t *testing.T) {
	needRoot(t)
	b := newTestBackend(t)
	cmd, out := deployer(t, b, "../../labs/ring/ring.clab.yml")
	if !out.Scan() || out.Text() != "deployed" {
		t.Fatalf("the deployer says %q, %v", out.Text(), out.Err())
	}
	kill(t, cmd)
	if names, err := b.Reap(t.Context()); err != nil || len(names) != 0 {
		t.Fatalf("Reap took a whole lab: %v, %v", names, err)
	}
	r, err := b.Exec(t.Context(), "ring", "r1", []string{"hostname"})
	if err != nil || r.Stdout != "r1\n" {
		t.Errorf("Exec: %+v, %v", r, err)
	}
	if err := os.RemoveAll(b.labDir("ring")); err != nil {
		t.Fatal(err)
	}
	reapedAlone(t, b, "ring")
	if left := liveInits(t, b); len(left) != 0 {
		t.Errorf("%+v are left", left)
	}
}

// reapedAlone checks that Reap takes this lab, and that then nothing is left of it.
func reapedAlone(t *testing.T, b *Backend, name string) {
	t.Helper()
	names, err := b.Reap(t.Context())
	if err != nil || !slices.Equal(names, []string{name}) {
		t.Errorf("Reap: %v, %v; want %s", names, err, name)
	}
	left, err := os.ReadDir(filepath.Join(b.dir, "labs"))
	if err != nil || len(left) != 0 {
		t.Errorf("left in the state directory: %v, %v", left, err)
	}
}

// TestAbandonedLockIsNoLab leaves the lock of a killed process behind.
func TestAbandonedLockIsNoLab(t *testing.T) {
	b := newTestBackend(t)
	lock := b.labDir("x") + lockSuffix
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if labs, err := b.List(t.Context()); err != nil || len(labs) != 0 {
		t.Errorf("List: %v, %v", labs, err)
	}
	if names, err := b.Reap(t.Context()); err != nil || len(names) != 0 {
		t.Errorf("Reap: %v, %v", names, err)
	}
	if _, err := os.Stat(lock); err == nil {
		t.Error("the lock is still there")
	}
}
