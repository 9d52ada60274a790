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
)

// A generator that is killed leaves nothing behind: no program in the kernel,
// no device in promiscuous mode.
func TestKilled(t *testing.T) {
	needBPF(t)
	l := newLab(t)
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
	defer cmd.Wait()
	defer cmd.Process.Kill()
	if err := json.NewEncoder(in).Encode(map[string]any{"streams": []trafficgen.Stream{
		{Name: "s", From: from, To: to, Size: 64, Rate: 10_000}, {Name: "back", From: to, To: from, Size: 64, Rate: 1000}}}); err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(out); ; {
		var m struct{ Stats []trafficgen.Stats }
		if err := dec.Decode(&m); err != nil {
			t.Fatal(err)
		}
		if m.Stats[0].Received > 100 {
			if m.Stats[0].Engine != "sendmmsg+bpf" {
				t.Fatalf("counted by %s", m.Stats[0].Engine)
			}
			break
		}
	}
	programs := programsOf(t, cmd.Process.Pid)
	if len(programs) != 2 || !strings.Contains(l.b.Run(t, "ip -d link show eth1"), "promiscuity 1") {
		t.Fatalf("programs %v; want one of each port", programs)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	deadline := time.Now().Add(10 * time.Second) // the kernel frees them when no processor can run them any more
	for _, id := range programs {
		for exists(t, id) {
			if time.Now().After(deadline) {
				t.Fatalf("program %d is still there", id)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	if state := l.b.Run(t, "ip -d link show eth1"); !strings.Contains(state, "promiscuity 0") {
		t.Errorf("the device: %s", state)
	}
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
