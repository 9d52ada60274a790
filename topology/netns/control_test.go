package netns

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/labdir"
)

// TestCancelledExecIsKilled cancels a command, which must not run on in its node.
func TestCancelledExecIsKilled(t *testing.T) {
	needRoot(t)
	b, topo := newTestBackend(t), pair()
	if _, err := b.Deploy(t.Context(), topo); err != nil {
		t.Fatal(err)
	}
	defer b.Destroy(t.Context(), topo.Name)
	started := filepath.Join(t.TempDir(), "started")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go cancelWhenThere(ctx, cancel, started)
	_, err := b.Exec(ctx, topo.Name, "h1", []string{"sh", "-c", "touch " + started + "; exec sleep infinity"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Exec: %v, want the context's error", err)
	}
	eventually(t, "the command is dead", func() bool {
		r, execErr := b.Exec(t.Context(), topo.Name, "h1", []string{"sh", "-c", "cat /proc/[0-9]*/comm"})
		if execErr != nil {
			t.Fatal(execErr)
		}
		return !strings.Contains(r.Stdout, "sleep")
	})
}

// cancelWhenThere cancels as soon as a file exists.
func cancelWhenThere(ctx context.Context, cancel context.CancelFunc, path string) {
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
			if _, err := os.Stat(path); err == nil {
				cancel()
			}
		}
	}
}

// TestTerminatedInitEndsItsNode sends the signal of an orderly end.
func TestTerminatedInitEndsItsNode(t *testing.T) {
	needRoot(t)
	b, topo := newTestBackend(t), routed()
	lab, err := b.Deploy(t.Context(), topo)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Destroy(t.Context(), topo.Name)
	space, err := os.Readlink(lab.Nodes[0].NetNS)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(lab.Nodes[0].PID, unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, "nothing lives in the node's namespace", func() bool {
		spaces, _ := filepath.Glob("/proc/[0-9]*/ns/net")
		for _, s := range spaces {
			if id, err := os.Readlink(s); err == nil && id == space {
				return false
			}
		}
		return true
	})
	if err := b.Kill(t.Context(), topo.Name, "r1", ""); err == nil || !strings.Contains(err.Error(), "init is dead") {
		t.Errorf("Kill in a dead node: %v", err)
	}
}

// TestDaemonKilledAndStarted kills zebra's companion and starts it again.
func TestDaemonKilledAndStarted(t *testing.T) {
	needRoot(t)
	b, topo := newTestBackend(t), routed()
	if _, err := b.Deploy(t.Context(), topo); err != nil {
		t.Fatal(err)
	}
	defer b.Destroy(t.Context(), topo.Name)
	runs := func() bool {
		r, err := b.Exec(t.Context(), topo.Name, "r1", []string{"sh", "-c", "cat /proc/[0-9]*/comm"})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(r.Stdout, "staticd")
	}
	if !runs() {
		t.Fatal("staticd does not run in a new router")
	}
	if err := b.Kill(t.Context(), topo.Name, "r1", "staticd"); err != nil {
		t.Fatal(err)
	}
	if runs() {
		t.Error("staticd was killed and runs")
	}
	if err := b.Start(t.Context(), topo.Name, "r1", "staticd"); err != nil {
		t.Fatal(err)
	}
	if !runs() {
		t.Error("staticd was started and does not run")
	}
	if err := b.Kill(t.Context(), topo.Name, "r1", "nosuchd"); err == nil {
		t.Error("killed a daemon that FRR does not have")
	}
	if err := b.Kill(t.Context(), topo.Name, "h2", "ospfd"); err == nil {
		t.Error("killed a routing daemon of a host")
	}
}

// TestLockTakesTurns holds a lab's lock against others until they give up.
func TestLockTakesTurns(t *testing.T) {
	b := newTestBackend(t)
	unlock, err := b.lock(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := b.lock(ctx, "x"); !errors.Is(err, labdir.ErrLocked) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("lock of a held lock: %v", err)
	}
	unlock()
	again, err := b.lock(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	again()
	if left, _ := filepath.Glob(filepath.Join(b.dir, "labs", "*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// TestLossyLink loses frames of a link in both directions, by the share that is
// asked for, and none when it is whole again.
func TestLossyLink(t *testing.T) {
	needRoot(t)
	b, topo := newTestBackend(t), pair()
	if _, err := b.Deploy(t.Context(), topo); err != nil {
		t.Fatal(err)
	}
	defer b.Destroy(t.Context(), topo.Name)
	end := topo.Links[0].A
	for _, c := range []struct {
		share       float64
		least, most int // echo requests of 300 without a reply; five standard deviations
	}{
		{0, 0, 0}, {0.3, 110, 197}, {1, 300, 300}, {0, 0, 0}, // 0.3 each way is 0.51 of both
	} {
		if err := b.SetLoss(t.Context(), topo.Name, end, c.share); err != nil {
			t.Fatal(err)
		}
		if lost := lostPings(t, b, topo.Name, 300); lost < c.least || lost > c.most {
			t.Errorf("at a loss of %g each way %d of 300 pings were lost, want %d to %d", c.share, lost, c.least, c.most)
		}
	}
	if err := b.SetLoss(t.Context(), topo.Name, topology.Endpoint{Node: "h1", Interface: "eth9"}, 0.5); err == nil {
		t.Error("an end that is not there lost frames")
	}
}

// TestLossyLinkOfGenerator loses what goes to a port of the traffic generator,
// whose frames bypass the kernel there, before it leaves the other end.
func TestLossyLinkOfGenerator(t *testing.T) {
	needRoot(t)
	b, topo := newTestBackend(t), pair()
	topo.Node("h2").Labels = map[string]string{topology.LabelRole: "generator"}
	if _, err := b.Deploy(t.Context(), topo); err != nil {
		t.Fatal(err)
	}
	defer b.Destroy(t.Context(), topo.Name)
	heard := func() string {
		r, err := b.Exec(t.Context(), topo.Name, "h2", []string{"awk", `$1 == "eth1:" {print $3}`, "/proc/net/dev"})
		if err != nil || r.Stdout == "" {
			t.Fatalf("%v %+v", err, r)
		}
		return r.Stdout
	}
	set := func(share float64) {
		if err := b.SetLoss(t.Context(), topo.Name, topo.Links[0].B, share); err != nil {
			t.Fatal(err)
		}
	}
	set(1)
	before := heard()
	lostPings(t, b, topo.Name, 5)
	if now := heard(); now != before {
		t.Errorf("with a loss of all frames h2 heard %s after %s", now, before)
	}
	set(0)
	if lost := lostPings(t, b, topo.Name, 5); lost != 0 {
		t.Errorf("%d pings were lost on a link that is whole", lost)
	}
}

// lostPings sends echo requests from h1 to h2 and counts those without a reply.
func lostPings(t *testing.T, b *Backend, lab string, count int) int {
	t.Helper()
	r, err := b.Exec(t.Context(), lab, "h1", []string{"ping", "-q", "-i", "0.001", "-W", "1", "-c", fmt.Sprint(count), "192.0.2.2"})
	if err != nil {
		t.Fatal(err)
	}
	var sent, received int
	for line := range strings.Lines(r.Stdout) {
		if n, _ := fmt.Sscanf(line, "%d packets transmitted, %d received", &sent, &received); n == 2 {
			return sent - received
		}
	}
	t.Fatalf("ping said %q", r.Stdout+r.Stderr)
	return 0
}
