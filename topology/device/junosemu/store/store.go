// Package store keeps a router's configurations: the running one, 49 earlier
// ones, a rescue one and the candidates being edited; who holds which lock;
// and it makes a commit atomic, from validation to the data plane to the disk.
package store

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/intent"
)

// MaxRollback is the highest rollback number; 0 is the running configuration.
const MaxRollback = 49

// Options say what a store keeps and what it acts on.
type Options struct {
	Dir       string // created if missing; one store a directory
	Identity  junosemu.Identity
	Dataplane junosemu.Dataplane
	// Startup is a configuration (curly or set) committed when the directory
	// holds none yet; empty: the router starts with an empty one.
	Startup string
	// Logf gets what no caller is there to hear: an automatic rollback and how
	// it went. nil: discarded.
	Logf func(format string, args ...any)
}

// Who is a client of the store.
type Who struct {
	User   string // login name
	Client string // "netconf", "cli", "other"
	ID     int    // session or process number, as messages name it
	Since  time.Time
}

// A Store is safe for concurrent use.
type Store struct {
	o    Options
	disk disk

	committing sync.Mutex // held from validation to disk: commits are one at a time

	mu      sync.Mutex
	state   state
	running *config.Tree
	shared  *config.Tree // the candidate that sessions share
	changed time.Time    // when shared was last changed
	holder  *Session     // of the exclusive lock
	timer   *time.Timer  // of a confirmed commit
	// schedule is the clock of a commit that waits for its time.
	schedule *time.Timer
	closed   bool
}

// Open opens or creates a store and applies its running configuration. A
// confirmed commit whose time ran out while the store was closed is rolled back.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Logf == nil {
		o.Logf = func(string, ...any) {}
	}
	s := &Store{o: o, disk: disk{o.Dir}, running: config.New(), shared: config.New()}
	st, found, err := s.disk.load()
	if err != nil {
		return nil, fmt.Errorf("open configuration store: %w", err)
	}
	if !found {
		return s, s.start(ctx)
	}
	s.state = st
	return s, s.resume(ctx)
}

// start commits the first configuration of a new store.
func (s *Store) start(ctx context.Context) error {
	tree, err := config.Parse(s.o.Startup)
	if err != nil {
		return fmt.Errorf("startup configuration: %w", err)
	}
	want, warnings, err := compile(tree, s.o.Identity)
	if err != nil {
		return fmt.Errorf("startup configuration: %w", err)
	}
	for _, w := range warnings {
		s.o.Logf("startup configuration: warning: %v", w)
	}
	if err := s.o.Dataplane.Apply(ctx, want); err != nil {
		return fmt.Errorf("startup configuration: %w", &ApplyError{err})
	}
	return s.record(tree, Entry{User: "root", Client: "other", Log: "startup configuration"}, nil)
}

// resume applies what was running when the store was closed.
func (s *Store) resume(ctx context.Context) error {
	tree, err := s.disk.tree(s.state.Entries[0].Number)
	if err != nil {
		return err
	}
	s.running, s.shared = tree, tree
	p := s.state.Pending
	if s.state.Scheduled != nil {
		defer func() { s.armSchedule(s.state.Scheduled.At) }()
	}
	if p != nil && !time.Now().Before(p.Deadline) {
		return s.rollBackPending(ctx)
	}
	want, _, err := compile(tree, s.o.Identity)
	if err != nil {
		return fmt.Errorf("running configuration: %w", err)
	}
	if err := s.o.Dataplane.Apply(ctx, want); err != nil {
		return &ApplyError{err}
	}
	if p != nil {
		s.arm(p.Deadline)
	}
	return nil
}

// compile is intent.Compile with this package's error.
func compile(tree *config.Tree, id junosemu.Identity) (*junosemu.Intent, []config.Warning, error) {
	want, warnings, err := intent.Compile(tree, id)
	if errs, ok := err.(config.ValidationErrors); ok {
		return nil, nil, &CheckError{errs}
	}
	return want, warnings, err
}

// Close stops timers; a confirmed commit that waits stays pending on disk.
func (s *Store) Close() error {
	s.committing.Lock() // a commit in progress ends first
	defer s.committing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.timer != nil {
		s.timer.Stop()
	}
	s.disarmSchedule()
	return nil
}

// Running returns the configuration in effect.
func (s *Store) Running() *config.Tree {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running.Clone()
}

// Archived returns rollback n (0 is the running one) and how it was committed;
// a *NoRollbackError if there is none.
func (s *Store) Archived(n int) (*config.Tree, Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n < 0 || n >= len(s.state.Entries) {
		return nil, Entry{}, &NoRollbackError{n}
	}
	e := s.state.entry(n)
	if n == 0 {
		return s.running.Clone(), e, nil
	}
	tree, err := s.disk.tree(s.state.Entries[n].Number)
	return tree, e, err
}

// History lists the commits, newest (sequence 0) first.
func (s *Store) History() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries := make([]Entry, len(s.state.Entries))
	for i := range entries {
		entries[i] = s.state.entry(i)
	}
	return entries
}

// SaveRescue makes the running configuration the rescue one.
func (s *Store) SaveRescue() error {
	return s.disk.saveRescue(s.Running())
}

// DeleteRescue removes the rescue configuration; no error if there is none.
func (s *Store) DeleteRescue() error { return s.disk.deleteRescue() }

// Rescue returns the rescue configuration, or ErrNoRescue.
func (s *Store) Rescue() (*config.Tree, error) { return s.disk.rescue() }

// Locked returns who holds the lock of the shared candidate.
func (s *Store) Locked() (Who, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holder == nil {
		return Who{}, false
	}
	return s.holder.who, true
}

// An Entry is one commit.
type Entry struct {
	Sequence  int           `json:"-"`        // 0 is the newest
	Revision  string        `json:"revision"` // re0-1700000000-12
	User      string        `json:"user"`
	Client    string        `json:"client"`
	Time      time.Time     `json:"time"`
	Log       string        `json:"log,omitempty"`       // commit comment
	Confirmed time.Duration `json:"confirmed,omitempty"` // not zero: commit confirmed with this time

	scheduled bool // it is the one that waited for its time
}
