package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// fakeDataplane remembers what was applied, and refuses when told to.
type fakeDataplane struct {
	mu      sync.Mutex
	applied []*junosemu.Intent
	refuse  error
}

func (f *fakeDataplane) Apply(_ context.Context, want *junosemu.Intent) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse != nil {
		return f.refuse
	}
	f.applied = append(f.applied, want)
	return nil
}

func (f *fakeDataplane) hostname() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.applied[len(f.applied)-1].Hostname
}

func (f *fakeDataplane) set(refuse error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refuse = refuse
}

var identity = junosemu.Identity{Name: "r1", Ports: []junosemu.Port{{Junos: "ge-0/0/0", Device: "eth1"}}}

func open(t *testing.T, dir string, d junosemu.Dataplane, startup string) *Store {
	t.Helper()
	s, err := Open(context.Background(), Options{Dir: dir, Identity: identity, Dataplane: d, Startup: startup, Logf: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func set(t *testing.T, x *Session, commands string) {
	t.Helper()
	if _, err := x.Load(config.FormatSet, config.Merge, commands); err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, x *Session, o CommitOptions) Result {
	t.Helper()
	r, err := x.Commit(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func hostname(t *config.Tree) string { return t.Root().Value("system", "host-name") }

func TestCommitRollbackAndReopen(t *testing.T) {
	dir, d := t.TempDir(), &fakeDataplane{}
	s := open(t, dir, d, "system { host-name first; }")
	x := s.Session(Who{User: "admin", Client: "netconf", ID: 7})
	set(t, x, "set system host-name second")
	if got := d.hostname(); got != "first" {
		t.Errorf("a loaded candidate reached the data plane: %s", got)
	}
	r := commit(t, x, CommitOptions{Log: "rename"})
	want := "[edit system]\n-  host-name first;\n+  host-name second;\n"
	if !r.Changed || r.Diff != want {
		t.Errorf("commit: %+v, want the diff\n%s", r, want)
	}
	if r := commit(t, x, CommitOptions{}); r.Changed {
		t.Error("a commit without changes changed something")
	}
	h := s.History()
	if len(h) != 2 || h[0].Log != "rename" || h[0].User != "admin" || h[1].Sequence != 1 {
		t.Errorf("history: %+v", h)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	again := &fakeDataplane{}
	s = open(t, dir, again, "system { host-name ignored; }")
	if got := again.hostname(); got != "second" {
		t.Errorf("reopened store applied %s", got)
	}
	x = s.Session(Who{User: "admin"})
	if err := x.Rollback(1); err != nil {
		t.Fatal(err)
	}
	commit(t, x, CommitOptions{})
	if got := again.hostname(); got != "first" {
		t.Errorf("after rollback 1: %s", got)
	}
	var missing *NoRollbackError
	if err := x.Rollback(40); !errors.As(err, &missing) || missing.N != 40 {
		t.Errorf("rollback 40: %v", err)
	}
}

func TestRefusedCommitChangesNothing(t *testing.T) {
	dir, d := t.TempDir(), &fakeDataplane{}
	s := open(t, dir, d, "system { host-name good; }")
	x := s.Session(Who{User: "admin"})
	set(t, x, "set system host-name bad")
	d.set(errors.New("line 3: no"))
	_, err := x.Commit(context.Background(), CommitOptions{})
	var refused *ApplyError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "line 3: no") {
		t.Fatalf("commit: %v", err)
	}
	if got := hostname(s.Running()); got != "good" || len(s.History()) != 1 {
		t.Errorf("running is %s with %d commits", got, len(s.History()))
	}
	if got := hostname(x.Candidate()); got != "bad" {
		t.Errorf("the candidate lost its changes: %s", got)
	}
}

func TestFailedWritePutsDataplaneBack(t *testing.T) {
	dir, d := t.TempDir(), &fakeDataplane{}
	s := open(t, dir, d, "system { host-name good; }")
	x := s.Session(Who{User: "admin"})
	set(t, x, "set system host-name bad")
	// A directory in the place of the file that the commit is going to write.
	if err := os.Mkdir(filepath.Join(dir, "1.conf.tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Commit(context.Background(), CommitOptions{}); err == nil {
		t.Fatal("the commit did not notice the disk")
	}
	if got := d.hostname(); got != "good" {
		t.Errorf("data plane has %s", got)
	}
	if got := hostname(s.Running()); got != "good" {
		t.Errorf("running is %s", got)
	}
}

func TestLocks(t *testing.T) {
	s := open(t, t.TempDir(), &fakeDataplane{}, "")
	a, b := s.Session(Who{User: "ann", Client: "netconf", ID: 1}), s.Session(Who{User: "bob", ID: 2})
	if err := a.Lock(); err != nil {
		t.Fatal(err)
	}
	for what, do := range map[string]func() error{
		"lock":    b.Lock,
		"private": b.OpenPrivate,
		"load": func() error {
			_, err := b.Load(config.FormatSet, config.Merge, "set system host-name b")
			return err
		},
		"rollback": func() error { return b.Rollback(0) },
		"commit": func() error {
			_, err := b.Commit(context.Background(), CommitOptions{})
			return err
		},
	} {
		var locked *LockedError
		if err := do(); !errors.As(err, &locked) || locked.Holder.User != "ann" {
			t.Errorf("%s while another holds the lock: %v", what, err)
		}
	}
	set(t, a, "set system host-name a")
	a.Close()
	if who, held := s.Locked(); held || b.Modified() {
		t.Errorf("after close: lock held by %v, modified %v", who, b.Modified())
	}
	set(t, b, "set system host-name b")
	var modified *ModifiedError
	if err := a.Lock(); !errors.As(err, &modified) {
		t.Errorf("lock of a modified candidate: %v", err)
	}
	if err := b.Unlock(); !errors.Is(err, ErrNotLocked) {
		t.Errorf("unlock without lock: %v", err)
	}
}

func TestPrivateCandidatesMerge(t *testing.T) {
	s := open(t, t.TempDir(), &fakeDataplane{}, "system { host-name r; }")
	a, b := s.Session(Who{User: "ann"}), s.Session(Who{User: "bob"})
	for _, x := range []*Session{a, b} {
		if err := x.OpenPrivate(); err != nil {
			t.Fatal(err)
		}
	}
	set(t, a, "set system host-name a")
	if hostname(b.Candidate()) != "r" {
		t.Error("a private change was seen by another session")
	}
	set(t, b, "set system domain-name example.net")
	commit(t, a, CommitOptions{})
	commit(t, b, CommitOptions{})
	got, err := s.Running().Set()
	if err != nil {
		t.Fatal(err)
	}
	if want := "set system host-name a\nset system domain-name example.net\n"; got != want {
		t.Errorf("running:\n%swant:\n%s", got, want)
	}
}

func TestConfirmedCommitRollsBack(t *testing.T) {
	for _, confirm := range []string{"nothing", "commit", "check"} {
		t.Run(confirm, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				d := &fakeDataplane{}
				s := open(t, dir, d, "system { host-name old; }")
				x := s.Session(Who{User: "admin"})
				set(t, x, "set system host-name new")
				commit(t, x, CommitOptions{Confirmed: 2 * time.Minute})
				if _, waits := s.Pending(); !waits || d.hostname() != "new" {
					t.Fatalf("pending %v, applied %s", waits, d.hostname())
				}
				time.Sleep(time.Minute)
				switch confirm {
				case "commit":
					if r := commit(t, x, CommitOptions{}); !r.Confirmed {
						t.Error("the commit did not confirm")
					}
				case "check":
					if r := commit(t, x, CommitOptions{Check: true}); !r.Confirmed {
						t.Error("the check did not confirm")
					}
				}
				time.Sleep(time.Minute + time.Second)
				synctest.Wait()
				want := "new"
				if confirm == "nothing" {
					want = "old"
				}
				if d.hostname() != want || hostname(s.Running()) != want || hostname(x.Candidate()) != want {
					t.Errorf("applied %s, running %s, candidate %s, want %s", d.hostname(), hostname(s.Running()), hostname(x.Candidate()), want)
				}
				if _, waits := s.Pending(); waits {
					t.Error("still pending")
				}
				_ = s.Close()
			})
		})
	}
}

func TestConfirmedCommitSurvivesReopen(t *testing.T) {
	for name, pause := range map[string]time.Duration{"expired while closed": 3 * time.Minute, "expires after": time.Minute} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := open(t, dir, &fakeDataplane{}, "system { host-name old; }")
				x := s.Session(Who{User: "admin"})
				set(t, x, "set system host-name new")
				commit(t, x, CommitOptions{Confirmed: 2 * time.Minute})
				_ = s.Close()
				time.Sleep(pause)
				d := &fakeDataplane{}
				s = open(t, dir, d, "")
				if pause < 2*time.Minute && d.hostname() != "new" {
					t.Errorf("reopened before the deadline with %s", d.hostname())
				}
				time.Sleep(90 * time.Second)
				synctest.Wait()
				if d.hostname() != "old" || hostname(s.Running()) != "old" {
					t.Errorf("applied %s, running %s", d.hostname(), hostname(s.Running()))
				}
				_ = s.Close()
			})
		})
	}
}

func TestHistoryIsBounded(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, &fakeDataplane{}, "")
	x := s.Session(Who{User: "admin"})
	for i := range MaxRollback + 10 {
		set(t, x, "set system host-name h"+strings.Repeat("x", i%2+1))
		commit(t, x, CommitOptions{})
	}
	if n := len(s.History()); n != MaxRollback+1 {
		t.Errorf("%d commits are kept", n)
	}
	if _, _, err := s.Archived(MaxRollback); err != nil {
		t.Error(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.conf"))
	if err != nil || len(files) != MaxRollback+1 {
		t.Errorf("%d files (%v)", len(files), err)
	}
}

func TestRescue(t *testing.T) {
	s := open(t, t.TempDir(), &fakeDataplane{}, "system { host-name safe; }")
	x := s.Session(Who{User: "admin"})
	if err := x.LoadRescue(); !errors.Is(err, ErrNoRescue) {
		t.Errorf("no rescue: %v", err)
	}
	if err := s.SaveRescue(); err != nil {
		t.Fatal(err)
	}
	set(t, x, "set system host-name other")
	commit(t, x, CommitOptions{})
	if err := x.LoadRescue(); err != nil {
		t.Fatal(err)
	}
	commit(t, x, CommitOptions{})
	if got := hostname(s.Running()); got != "safe" {
		t.Errorf("running is %s", got)
	}
	if err := s.DeleteRescue(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Rescue(); !errors.Is(err, ErrNoRescue) {
		t.Errorf("deleted rescue: %v", err)
	}
}

func TestUpdatePrivate(t *testing.T) {
	s := reopen(t, t.TempDir(), &fakeDataplane{})
	mine, theirs := s.Session(Who{User: "mine"}), s.Session(Who{User: "theirs"})
	if _, private := mine.Update(); private {
		t.Error("a shared candidate was updated")
	}
	if err := mine.OpenPrivate(); err != nil {
		t.Fatal(err)
	}
	load(t, mine, "set system host-name mine")
	load(t, theirs, "set system services ssh")
	if _, err := theirs.Commit(t.Context(), CommitOptions{}); err != nil {
		t.Fatal(err)
	}
	if mine.Candidate().Root().Has("system", "services", "ssh") {
		t.Error("not isolated")
	}
	if conflicts, private := mine.Update(); len(conflicts) > 0 || !private {
		t.Errorf("not updated, or with conflicts: %v", conflicts)
	}
	diff, err := mine.Compare(0)
	if want := "[edit system]\n-  host-name first;\n+  host-name mine;\n"; err != nil || diff != want {
		t.Errorf("%v, after the update:\n%s", err, diff)
	}
}
