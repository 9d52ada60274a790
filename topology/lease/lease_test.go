package lease_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/lease"
)

// What any backend's leases do is in package backendtest; here is what only
// files can do wrong.
func TestLeaseFiles(t *testing.T) {
	dir := t.TempDir()
	s, err := lease.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", ".", "..", "../ring", "a/b", ".hidden"} {
		if err := s.Lease(t.Context(), name, lease.Self("run")); err == nil {
			t.Errorf("a lab called %q is leased", name)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "ring.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Lease(t.Context(), "ring", lease.Self("run")); err == nil || !strings.Contains(err.Error(), "ring.json") {
		t.Errorf("a broken file: %v, want its name", err)
	}
	if err := s.Drop("ring"); err != nil {
		t.Fatal(err)
	}
	if err := s.Lease(t.Context(), "ring", lease.Self("run")); err != nil {
		t.Errorf("after Drop: %v", err)
	}
	other, err := lease.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var held *topology.HeldError
	if err := other.Lease(t.Context(), "ring", lease.Self("later")); !errors.As(err, &held) || !strings.Contains(err.Error(), "held by run run since 20") {
		t.Errorf("a second store: %v, want the holder and since when", err)
	}
}

func TestAbandoned(t *testing.T) {
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	mine := lease.Self("run")
	change := func(f func(*topology.Lease)) *topology.Lease {
		l := mine
		f(&l)
		return &l
	}
	for name, c := range map[string]struct {
		lease *topology.Lease
		want  bool
	}{
		"none":                     {nil, true},
		"mine":                     {&mine, false},
		"too old":                  {change(func(l *topology.Lease) { l.Renewed = l.Renewed.Add(-topology.LeaseTime) }), true},
		"nearly too old":           {change(func(l *topology.Lease) { l.Renewed = l.Renewed.Add(-topology.LeaseTime + time.Minute) }), false},
		"of a dead process":        {change(func(l *topology.Lease) { l.PID = dead.Process.Pid }), true},
		"of another host's":        {change(func(l *topology.Lease) { l.PID, l.Host = dead.Process.Pid, l.Host+"x" }), false},
		"of another PID space":     {change(func(l *topology.Lease) { l.PID, l.PIDs = dead.Process.Pid, "pid:[1]" }), false},
		"of a process without PID": {change(func(l *topology.Lease) { l.PID = 0 }), false},
	} {
		if got := lease.Abandoned(c.lease); got != c.want {
			t.Errorf("%s: abandoned %v, want %v", name, got, c.want)
		}
	}
}
