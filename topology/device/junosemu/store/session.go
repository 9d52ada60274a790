package store

import (
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// A Session is one client's view of the store: the shared candidate or, after
// OpenPrivate, one of its own. A Session is safe for concurrent use.
type Session struct {
	s       *Store
	who     Who
	private *config.Tree // nil: the shared candidate; guarded by Store.mu
	base    *config.Tree // what private was copied from
	told    *config.Tree // the running one with which conflicts were told
	changed time.Time    // when private was last changed
}

// Session returns a client's view. Close it when the client is gone.
func (s *Store) Session(w Who) *Session { return &Session{s: s, who: w} }

// Who is the client of the session.
func (x *Session) Who() Who { return x.who }

// Lock takes the exclusive lock of the shared candidate. It is a *LockedError
// if another session holds it, and a *ModifiedError if the candidate has
// uncommitted changes.
func (x *Session) Lock() error {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	if err := x.s.free(x); err != nil {
		return err
	}
	if x.s.holder == nil && x.s.modified() {
		return &ModifiedError{}
	}
	x.s.holder = x
	return nil
}

// Unlock gives the lock back and drops changes that were not committed under it.
func (x *Session) Unlock() error {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	if x.s.holder != x {
		return ErrNotLocked
	}
	x.s.holder = nil
	x.s.shared = x.s.running
	return nil
}

// OpenPrivate gives the session a candidate of its own, a copy of the running
// one. It is refused while the shared candidate is locked or modified.
func (x *Session) OpenPrivate() error {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	if err := x.s.free(x); err != nil {
		return err
	}
	if x.s.modified() {
		return &ModifiedError{Shared: true}
	}
	x.private, x.base = x.s.running.Clone(), x.s.running
	return nil
}

// Update brings what others committed since into the private candidate; what
// the session changed itself stays changed, and where both changed the same
// statement it is told. It reports false if the candidate is not private.
func (x *Session) Update() (conflicts []config.ValidationError, private bool) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	if x.private == nil {
		return nil, false
	}
	conflicts = config.Conflicts(x.base, x.private, x.s.running)
	x.private = config.Rebase(x.base, x.private, x.s.running)
	x.base = x.s.running
	return conflicts, true
}

// ClosePrivate drops the private candidate with its uncommitted changes.
func (x *Session) ClosePrivate() {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.private, x.base = nil, nil
}

// Close ends the session: its lock and private candidate go, and with them
// changes that were not committed. Changes to the shared candidate stay.
func (x *Session) Close() {
	x.ClosePrivate()
	_ = x.Unlock() // not locked is well
}

// Candidate returns what the session edits.
func (x *Session) Candidate() *config.Tree {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	return x.candidate().Clone()
}

func (x *Session) candidate() *config.Tree {
	if x.private != nil {
		return x.private
	}
	return x.s.shared
}

// Modified reports whether the candidate differs from what it started from.
func (x *Session) Modified() bool {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	if x.private != nil {
		return !x.private.Equal(x.base)
	}
	return x.s.modified()
}

// Load loads into the candidate; a *LockedError if another session holds the lock.
func (x *Session) Load(f config.Format, a config.Action, text string) ([]config.Warning, error) {
	return x.LoadAt(nil, f, a, text)
}

// LoadAt is Load below a hierarchy level.
func (x *Session) LoadAt(at []string, f config.Format, a config.Action, text string) ([]config.Warning, error) {
	var warnings []config.Warning
	err := x.edit(func(t *config.Tree) (err error) {
		warnings, err = t.LoadAt(at, f, a, text)
		return err
	})
	return warnings, err
}

// Edit changes the candidate as edit-config of RFC 6241 does.
func (x *Session) Edit(o config.Edit, xml string) ([]config.Warning, error) {
	var warnings []config.Warning
	err := x.edit(func(t *config.Tree) (err error) {
		warnings, err = t.Edit(o, xml)
		return err
	})
	return warnings, err
}

// Restore makes the candidate what it was before.
func (x *Session) Restore(before *config.Tree) error { return x.replace(before) }

// Check validates the candidate and changes nothing: unlike a commit check it
// does not confirm a commit that waits.
func (x *Session) Check() ([]config.Warning, error) {
	tree, _, err := x.toCommit()
	if err != nil {
		return nil, err
	}
	_, warnings, err := compile(tree, x.s.o.Identity)
	return warnings, err
}

// Changed is when the candidate was last changed; zero if it is as it was
// committed.
func (x *Session) Changed() time.Time {
	if !x.Modified() {
		return time.Time{}
	}
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	if x.private != nil {
		return x.changed
	}
	return x.s.changed
}

// edit changes the candidate. The tree that change gets is a copy, so that a
// tree handed out before stays as it was.
func (x *Session) edit(change func(*config.Tree) error) error {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	if x.private == nil {
		if err := x.s.free(x); err != nil {
			return err
		}
	}
	tree := x.candidate().Clone()
	if err := change(tree); err != nil {
		return err
	}
	x.put(tree)
	return nil
}

func (x *Session) put(tree *config.Tree) {
	if x.private != nil {
		x.private, x.changed = tree, time.Now()
	} else {
		x.s.shared, x.s.changed = tree, time.Now()
	}
}

// Rollback loads rollback n into the candidate; 0 drops uncommitted changes.
func (x *Session) Rollback(n int) error {
	tree, _, err := x.s.Archived(n)
	if err != nil {
		return err
	}
	return x.replace(tree)
}

// LoadRescue loads the rescue configuration into the candidate.
func (x *Session) LoadRescue() error {
	tree, err := x.s.Rescue()
	if err != nil {
		return err
	}
	return x.replace(tree)
}

func (x *Session) replace(tree *config.Tree) error {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	if x.private == nil {
		if err := x.s.free(x); err != nil {
			return err
		}
	}
	x.put(tree)
	return nil
}

// Compare prints what the candidate changes with respect to rollback n.
func (x *Session) Compare(n int) (string, error) {
	old, _, err := x.s.Archived(n)
	if err != nil {
		return "", err
	}
	return config.Compare(old, x.Candidate()), nil
}

// free returns a *LockedError if another session than x holds the lock. The
// caller holds mu.
func (s *Store) free(x *Session) error {
	if s.holder != nil && s.holder != x {
		return &LockedError{Holder: s.holder.who}
	}
	return nil
}

// modified tells whether the shared candidate has changes. The caller holds mu.
func (s *Store) modified() bool { return !s.shared.Equal(s.running) }
