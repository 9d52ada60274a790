package store

import (
	"errors"
	"testing"
	"testing/synctest"
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

func TestCommitAt(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := reopen(t, dir, &fakeDataplane{})
		x := s.Session(Who{User: "admin", Client: "cli"})
		load(t, x, "set system host-name later")
		if _, err := x.CommitAt(time.Now().Add(time.Hour), "at night"); err != nil {
			t.Fatal(err)
		}
		if err := x.Rollback(0); err != nil { // the candidate may go its own way
			t.Fatal(err)
		}
		time.Sleep(time.Hour - time.Second)
		synctest.Wait()
		if hostName(s) != "first" {
			t.Error("committed before its time")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if hostName(s) != "later" || s.Scheduled() != nil {
			t.Errorf("after its time %s runs, scheduled %v", hostName(s), s.Scheduled())
		}
		if e := s.History()[0]; e.User != "admin" || e.Client != "cli" || e.Log != "at night" {
			t.Errorf("recorded as %+v", e)
		}
	})
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
	synctest.Test(t, func(t *testing.T) {
		s := reopen(t, dir, &fakeDataplane{})
		x := s.Session(Who{User: "admin"})
		load(t, x, "set system host-name later")
		if _, err := x.CommitAt(time.Now().Add(time.Hour), ""); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		s = reopen(t, dir, &fakeDataplane{})
		time.Sleep(time.Minute)
		synctest.Wait()
		if hostName(s) != "later" {
			t.Errorf("%s runs", hostName(s))
		}
	})
}

// TestScheduledCommitRefused: by the check at once, by the data plane when its
// time comes; then it is over, and everything is as it was.
func TestScheduledCommitRefused(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := &fakeDataplane{}
		s := reopen(t, dir, d)
		x := s.Session(Who{User: "admin"})
		load(t, x, "set apply-groups nothing")
		if _, err := x.CommitAt(time.Now(), ""); err == nil {
			t.Error("scheduled without a check")
		}
		load(t, x, "delete apply-groups\nset system host-name later")
		if _, err := x.CommitAt(time.Now().Add(time.Hour), ""); err != nil {
			t.Fatal(err)
		}
		d.mu.Lock()
		d.refuse = errors.New("bgpd: line 3")
		d.mu.Unlock()
		time.Sleep(time.Hour + time.Minute)
		synctest.Wait()
		if s.Scheduled() != nil || hostName(s) != "first" || len(s.History()) != 1 {
			t.Errorf("%s runs after %d commits, scheduled %v", hostName(s), len(s.History()), s.Scheduled())
		}
	})
}
