package store

import (
	"errors"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

func load(t *testing.T, x *Session, commands string) {
	t.Helper()
	if _, err := x.Load(config.FormatSet, config.SetMode, commands); err != nil {
		t.Fatal(err)
	}
}

func hostName(s *Store) string { return s.Running().Root().Value("system", "host-name") }

func reopen(t *testing.T, dir string, d *fakeDataplane) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir, Identity: identity, Dataplane: d, Startup: "system { host-name first; }"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// until waits for a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestCommitAt(t *testing.T) {
	s := reopen(t, t.TempDir(), &fakeDataplane{})
	x := s.Session(Who{User: "admin", Client: "cli"})
	load(t, x, "set system host-name later")
	if _, err := x.CommitAt(time.Now().Add(50*time.Millisecond), "at night"); err != nil {
		t.Fatal(err)
	}
	if hostName(s) != "first" {
		t.Error("committed at once")
	}
	if err := x.Rollback(0); err != nil { // the candidate may go its own way
		t.Fatal(err)
	}
	until(t, "the scheduled commit", func() bool { return hostName(s) == "later" })
	if s.Scheduled() != nil {
		t.Error("still scheduled")
	}
	if e := s.History()[0]; e.User != "admin" || e.Client != "cli" || e.Log != "at night" {
		t.Errorf("recorded as %+v", e)
	}
}

func TestScheduledCommitKeepsOthersOut(t *testing.T) {
	s := reopen(t, t.TempDir(), &fakeDataplane{})
	x := s.Session(Who{User: "admin", Client: "cli"})
	load(t, x, "set system host-name later")
	if _, err := x.CommitAt(time.Now().Add(time.Hour), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Commit(t.Context(), CommitOptions{}); !errors.Is(err, ErrScheduled) {
		t.Errorf("commit: %v", err)
	}
	if _, err := x.CommitAt(time.Now().Add(time.Hour), ""); !errors.Is(err, ErrScheduled) {
		t.Errorf("a second one: %v", err)
	}
	if _, err := x.Commit(t.Context(), CommitOptions{Check: true}); err != nil {
		t.Errorf("check: %v", err)
	}
	if there, err := s.ClearScheduled(); !there || err != nil {
		t.Errorf("clear: %v %v", there, err)
	}
	if there, err := s.ClearScheduled(); there || err != nil {
		t.Errorf("clear nothing: %v %v", there, err)
	}
	if _, err := x.Commit(t.Context(), CommitOptions{}); err != nil || hostName(s) != "later" {
		t.Errorf("commit: %v", err)
	}
}

// TestScheduledCommitSurvivesRestart: one whose time came while nothing ran is
// done when the store is opened.
func TestScheduledCommitSurvivesRestart(t *testing.T) {
	dir := t.TempDir()
	s := reopen(t, dir, &fakeDataplane{})
	x := s.Session(Who{User: "admin"})
	load(t, x, "set system host-name later")
	at := time.Now().Add(100 * time.Millisecond)
	if _, err := x.CommitAt(at, ""); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	until(t, "its time", func() bool { return time.Now().After(at) })
	s = reopen(t, dir, &fakeDataplane{})
	until(t, "the scheduled commit", func() bool { return hostName(s) == "later" })
}

// TestScheduledCommitRefused: by the check at once, by the data plane when its
// time comes; then it is over, and everything is as it was.
func TestScheduledCommitRefused(t *testing.T) {
	d := &fakeDataplane{}
	s := reopen(t, t.TempDir(), d)
	x := s.Session(Who{User: "admin"})
	load(t, x, "set apply-groups nothing")
	if _, err := x.CommitAt(time.Now(), ""); err == nil {
		t.Error("scheduled without a check")
	}
	load(t, x, "delete apply-groups\nset system host-name later")
	if _, err := x.CommitAt(time.Now().Add(50*time.Millisecond), ""); err != nil {
		t.Fatal(err)
	}
	d.mu.Lock()
	d.refuse = errors.New("bgpd: line 3")
	d.mu.Unlock()
	until(t, "the end of the schedule", func() bool { return s.Scheduled() == nil })
	if hostName(s) != "first" || len(s.History()) != 1 {
		t.Errorf("%s runs after %d commits", hostName(s), len(s.History()))
	}
}
