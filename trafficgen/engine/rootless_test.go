package engine_test

import (
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

// found is what a process in a user namespace of its own could do.
type found struct {
	Engines []engine.Capability
	Host    engine.Host
	Stats   trafficgen.Stats
}

// rootless is that process.
func rootless() error {
	from, to, release, err := port.Scratch()
	if err != nil {
		return err
	}
	defer func() { _ = release() }()
	from.Address, to.Address = netip.MustParsePrefix("10.0.0.1/24"), netip.MustParsePrefix("10.0.0.2/24")
	ctx := context.Background()
	all, err := engine.New(engine.Options{}).Run(ctx, []trafficgen.Stream{{Name: "s", From: from, To: to, Size: 128, Rate: 1000, Frames: 300}}, nil)
	if err != nil {
		return err
	}
	f := found{Engines: engine.Probe(ctx), Stats: all[0]}
	if f.Host, err = engine.ProbeHost(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(f)
}

// An ordinary user, who has a user namespace, measures as everybody else does,
// without programs in the kernel; what is missing for those is named.
func TestRootless(t *testing.T) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childEnv+"=rootless")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil && cmd.Process == nil && os.Getenv("CI") != "true" {
		t.Skipf("SKIPPED, NOT TESTED: no user namespace: %v", err)
	}
	var f found
	if err != nil || json.Unmarshal(out, &f) != nil {
		t.Fatalf("%v: %s%s", err, out, complaint.String())
	}
	clean(t, f.Stats, 300)
	if f.Stats.Engine != "sendmmsg+tpacket-v3" {
		t.Errorf("sent and counted by %s", f.Stats.Engine)
	}
	const needs = "need CAP_BPF and CAP_NET_ADMIN of the host"
	for _, c := range f.Engines {
		usable := slices.Contains([]string{engine.AFXDP, engine.SendMmsg, "tpacket-v3"}, c.Name)
		if c.Usable != usable || !usable && !strings.Contains(c.Why, needs) {
			t.Errorf("%+v", c)
		}
	}
	if missing := strings.Join(f.Host.Missing, "\n"); !strings.Contains(missing, "CAP_BPF (programs in the kernel") || strings.Contains(missing, "CAP_NET_RAW") {
		t.Errorf("missing: %s", missing)
	}
	if f.Host.Wake > time.Second {
		t.Errorf("%+v", f.Host)
	}
}
