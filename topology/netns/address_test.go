package netns

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/netns/node"
)

func TestLoopbackAddresses(t *testing.T) {
	seen := map[string]bool{}
	for _, node := range []string{"r1", "r2", "r3"} {
		for n := range 100 {
			a := loopback("lab", node, n)
			b := a.As4()
			if b[0] != 127 || b[1] == 0 || b[1] == 255 || b[3] == 0 || b[3] == 255 {
				t.Errorf("loopback(lab, %s, %d) = %v", node, n, a)
			}
			if a != loopback("lab", node, n) {
				t.Errorf("loopback(lab, %s, %d) changes", node, n)
			}
			seen[a.String()] = true
		}
	}
	if len(seen) != 300 {
		t.Errorf("%d different addresses of 300", len(seen))
	}
}

// TestPortsBesideASSHServer chooses ports where a server holds port 22 on all
// addresses, as on most hosts, in a network namespace of its own.
func TestPortsBesideASSHServer(t *testing.T) {
	needRoot(t)
	onThrowawayThread(func() {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			t.Error(err)
			return
		}
		lo, err := netlink.LinkByName("lo")
		if err != nil {
			t.Error(err)
			return
		}
		if err := netlink.LinkSetUp(lo); err != nil {
			t.Error(err)
			return
		}
		if ports, err := choosePorts(); err != nil || ports != (portPair{22, 830}) {
			t.Errorf("on a host without SSH: %v, %v", ports, err)
		}
		server, err := net.Listen("tcp4", "0.0.0.0:22")
		if err != nil {
			t.Error(err)
			return
		}
		defer server.Close()
		if ports, err := choosePorts(); err != nil || ports != (portPair{2022, 2830}) {
			t.Errorf("beside an SSH server: %v, %v", ports, err)
		}
	})
}

// TestLabsOfOneNameDoNotMeet deploys the same lab for two state directories.
func TestLabsOfOneNameDoNotMeet(t *testing.T) {
	needRoot(t)
	var labs []*topology.Lab
	for range 2 {
		b := newTestBackend(t)
		lab, err := b.Deploy(t.Context(), routed())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.Destroy(context.Background(), lab.Name) })
		labs = append(labs, lab)
	}
	if a, b := labs[0].Nodes[0].Mgmt, labs[1].Nodes[0].Mgmt; a.Host == b.Host {
		t.Errorf("both routers are at %+v", a)
	}
}

func TestPortsAreInSlotOrder(t *testing.T) {
	ports := []node.Port{{Device: "eth10"}, {Device: "eth2"}, {Device: "eth1"}, {Device: "eth11"}}
	slices.SortFunc(ports, bySlot)
	if got := fmt.Sprint(ports); got != "[{ eth1} { eth2} { eth10} { eth11}]" {
		t.Error(got)
	}
}

// TestStateDirectoryHasOneName reaches a lab by another name of its directory.
func TestStateDirectoryHasOneName(t *testing.T) {
	needRoot(t)
	b, topo := newTestBackend(t), pair()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(b.dir, link); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Deploy(t.Context(), topo); err != nil {
		t.Fatal(err)
	}
	other, err := New(Options{Dir: link})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Inspect(t.Context(), topo.Name); err != nil {
		t.Error(err)
	}
	if err := other.Destroy(t.Context(), topo.Name); err != nil {
		t.Error(err)
	}
	if left := liveInits(t, b); len(left) != 0 {
		t.Errorf("%+v are left", left)
	}
}
