package engine_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cilium/ebpf"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
)

// A generator that is killed leaves nothing behind: no program in the kernel,
// none on a device, here or at the router, no device in promiscuous mode and no
// thread that is still sending.
func TestKilled(t *testing.T) {
	needBPF(t)
	for _, e := range engines {
		if !e.options.Userspace {
			t.Run(e.name, func(t *testing.T) { killed(t, e.options.Sends, e.name) })
		}
	}
}

func killed(t *testing.T, sends, name string) {
	porttest.Need(t, "ethtool")
	l := newLab(t)
	inhabit(t, l.router)
	before := l.features(t)
	generator := l.serve(t, sends, name)
	programs := programsOf(t, generator.Process.Pid)
	if len(programs) < 2 || !strings.Contains(l.b.Run(t, "ip -d link show eth1"), "promiscuity 1") {
		t.Fatalf("programs %v; want one of each port at least", programs)
	}
	if err := generator.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	left := l.sent(t) // a thread that goes on would keep the process, and this waiting
	if generator.Wait(); l.sent(t)-left > 10_000 {
		t.Errorf("%d frames left after the kill", l.sent(t)-left)
	}
	gone(t, programs)
	if state := l.b.Run(t, "ip -d link show eth1"); !strings.Contains(state, "promiscuity 0") {
		t.Errorf("the device: %s", state)
	}
	if after := l.features(t); after != before {
		t.Errorf("the devices were, and are now:\n%s%s", before, after)
	}
}

// serve starts a process that sends streams through the lab in both directions,
// and returns when frames arrive, sent and counted as the name says.
func (l lab) serve(t *testing.T, sends, name string) *exec.Cmd {
	t.Helper()
	from, to := l.emulated()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childEnv+"=serve")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if err := json.NewEncoder(in).Encode(map[string]any{"sends": sends, "streams": []trafficgen.Stream{
		{Name: "s", From: from, To: to, Size: 64, Rate: 10_000}, {Name: "back", From: to, To: from, Size: 64, Rate: 1000}}}); err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(out); ; {
		var m struct {
			Stats []trafficgen.Stats
			Error string
		}
		switch err := dec.Decode(&m); {
		case err != nil:
			t.Fatal(err)
		case m.Error != "":
			t.Fatal(m.Error)
		case m.Stats[0].Received <= 100:
		case m.Stats[0].Engine != name:
			t.Fatalf("sent and counted by %s, want %s", m.Stats[0].Engine, name)
		default:
			return cmd
		}
	}
}

// gone waits until programs are: the kernel frees them when no processor can run
// them any more.
func gone(t *testing.T, programs []ebpf.ProgramID) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for _, id := range programs {
		for exists(t, id) {
			if time.Now().After(deadline) {
				t.Fatalf("program %d is still there", id)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// inhabit puts a process into a namespace, as a router's daemons are: another
// process finds the namespace by it.
func inhabit(t *testing.T, ns *porttest.Namespace) {
	t.Helper()
	cmd := exec.Command("sleep", "300")
	if err := ns.Do(cmd.Start); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// features is what the devices of the lab can do and have attached, without
// counters and what only takes time to settle.
func (l lab) features(t *testing.T) (all string) {
	t.Helper()
	for _, at := range []struct {
		ns     *porttest.Namespace
		device string
	}{{l.a, "eth1"}, {l.router, "left"}, {l.router, "right"}, {l.b, "eth1"}} {
		out := at.ns.Run(t, "ip -d link show dev "+at.device)
		if strings.Contains(out, "prog/xdp") {
			all += at.device + " has a program\n"
		}
		all += at.ns.Run(t, "ethtool -k "+at.device)
	}
	return all
}

// sent is the frames that have left the first host.
func (l lab) sent(t *testing.T) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.Fields(l.router.Run(t, "grep left: /proc/self/net/dev"))[2], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// programsOf lists the BPF programs that a process has loaded.
func programsOf(t *testing.T, pid int) (ids []ebpf.ProgramID) {
	t.Helper()
	infos, err := filepath.Glob(fmt.Sprintf("/proc/%d/fdinfo/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range infos {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // closed meanwhile
		}
		if m := regexp.MustCompile(`(?m)^prog_id:\s+(\d+)$`).FindSubmatch(b); m != nil {
			id, _ := strconv.ParseUint(string(m[1]), 10, 32)
			ids = append(ids, ebpf.ProgramID(id))
		}
	}
	return ids
}

func exists(t *testing.T, id ebpf.ProgramID) bool {
	t.Helper()
	p, err := ebpf.NewProgramFromID(id)
	if errors.Is(err, os.ErrNotExist) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	return p.Close() == nil
}
