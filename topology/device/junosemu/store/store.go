// Package store keeps a router's configurations: the running one, 49 earlier
// ones, a rescue one and the candidates being edited; who holds which lock;
// and it makes a commit atomic, from validation to the data plane to the disk.
package store

import (
	"context"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

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
}

// Open opens or creates a store and applies its running configuration. A
// confirmed commit whose time ran out while the store was closed is rolled back.
func Open(ctx context.Context, o Options) (*Store, error) { panic("soon") }

// A Store is safe for concurrent use.
type Store struct{}

// Close stops timers; the pending confirmed commit stays pending on disk.
func (s *Store) Close() error { panic("soon") }

// Session returns a client's view. Close it when the client is gone.
func (s *Store) Session(w Who) *Session { panic("soon") }

// Running is the configuration in effect. The tree must not be loaded into; Clone it.
func (s *Store) Running() *config.Tree { panic("soon") }

// Archived returns rollback n (0 is the running one) and how it was committed;
// a *NoRollbackError if there is none.
func (s *Store) Archived(n int) (*config.Tree, Entry, error) { panic("soon") }

// History lists the commits, newest (sequence 0) first.
func (s *Store) History() []Entry { panic("soon") }

// Pending returns the deadline of a confirmed commit that waits for confirmation.
func (s *Store) Pending() (deadline time.Time, ok bool) { panic("soon") }

// SaveRescue makes the running configuration the rescue one.
func (s *Store) SaveRescue() error { panic("soon") }

// DeleteRescue removes the rescue configuration; no error if there is none.
func (s *Store) DeleteRescue() error { panic("soon") }

// Rescue returns the rescue configuration, or ErrNoRescue.
func (s *Store) Rescue() (*config.Tree, error) { panic("soon") }

// Locked returns who holds the lock of the shared candidate.
func (s *Store) Locked() (Who, bool) { panic("soon") }

// An Entry is one commit.
type Entry struct {
	Sequence  int    // 0 is the newest
	Revision  string // re0-1700000000-12
	User      string
	Client    string
	Time      time.Time
	Log       string        // commit comment
	Confirmed time.Duration // not zero: commit confirmed with this time
}

// A Session is one client's view of the store: the shared candidate or, after
// OpenPrivate, one of its own. A Session is safe for concurrent use.
type Session struct{}

// Lock takes the exclusive lock of the shared candidate, or returns a
// *LockedError. It refuses (*ModifiedError) if the candidate has uncommitted changes of others.
func (x *Session) Lock() error { panic("soon") }

// Unlock gives the lock back and drops uncommitted changes made under it.
func (x *Session) Unlock() error { panic("soon") }

// OpenPrivate gives the session a candidate of its own, a copy of the running one.
func (x *Session) OpenPrivate() error { panic("soon") }

// ClosePrivate drops it again with its uncommitted changes.
func (x *Session) ClosePrivate() { panic("soon") }

// Private reports whether the session edits a private candidate.
func (x *Session) Private() bool { panic("soon") }

// Close ends the session: its lock and private candidate go.
func (x *Session) Close() { panic("soon") }

// Candidate is what the session edits. The tree must not be loaded into; Clone it.
func (x *Session) Candidate() *config.Tree { panic("soon") }

// Modified reports whether the candidate differs from the running configuration.
func (x *Session) Modified() bool { panic("soon") }

// Load loads into the candidate; a *LockedError if another session holds the lock.
func (x *Session) Load(f config.Format, a config.Action, text string) ([]config.Warning, error) {
	panic("soon")
}

// LoadAt is Load below a hierarchy level.
func (x *Session) LoadAt(at []string, f config.Format, a config.Action, text string) ([]config.Warning, error) {
	panic("soon")
}

// Rollback loads rollback n into the candidate; 0 drops uncommitted changes.
func (x *Session) Rollback(n int) error { panic("soon") }

// LoadRescue loads the rescue configuration into the candidate.
func (x *Session) LoadRescue() error { panic("soon") }

// Compare prints what the candidate changes with respect to rollback n.
func (x *Session) Compare(n int) (string, error) { panic("soon") }

// Commit validates the candidate, moves the data plane to it and makes it the
// running configuration. On any error everything is as before; a configuration
// that means nothing is a *CheckError, a data plane that refuses an *ApplyError.
// Committing without changes confirms a pending confirmed commit.
func (x *Session) Commit(ctx context.Context, o CommitOptions) (Result, error) { panic("soon") }

// CommitOptions say how to commit.
type CommitOptions struct {
	Check     bool          // validate only
	Log       string        // commit comment
	Confirmed time.Duration // not zero: roll back after this unless confirmed by another commit
}

// Result is what a commit did.
type Result struct {
	Changed  bool   // false: there was nothing to commit
	Diff     string // against what was running
	Warnings []config.Warning
	// ConfirmedBy is true if this commit confirmed a pending one.
	ConfirmedPending bool
}
