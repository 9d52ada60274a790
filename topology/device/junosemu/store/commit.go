package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// CommitOptions say how to commit.
type CommitOptions struct {
	Check     bool          // validate only
	Log       string        // commit comment
	Confirmed time.Duration // not zero: roll back after this unless confirmed by another commit
}

// Result is what a commit did.
type Result struct {
	Changed  bool             // false: the candidate was as the running configuration
	Diff     string           // against what was running
	Warnings []config.Warning // of what the commit changes; of everything if it was a check
	// Confirmed is true if this commit confirmed one that was waiting.
	Confirmed bool
}

// Commit validates the candidate, moves the data plane to it and makes it the
// running configuration. On any error everything is as before: a
// configuration that means nothing is a *CheckError, a data plane that refuses
// an *ApplyError, a lock of another session a *LockedError, a private candidate
// that disagrees with what was committed meanwhile a *ConflictError: committed
// once more, the candidate wins.
// A commit or a check, with changes or without, confirms a confirmed commit.
func (x *Session) Commit(ctx context.Context, o CommitOptions) (Result, error) {
	s := x.s
	s.committing.Lock()
	defer s.committing.Unlock()
	tree, running, err := x.toCommit()
	if err != nil {
		return Result{}, err
	}
	want, warnings, err := compile(tree, s.o.Identity)
	if err != nil {
		return Result{}, err
	}
	r := Result{Warnings: warnings, Diff: config.Compare(running, tree)}
	r.Changed = !tree.Equal(running)
	if o.Check {
		r.Confirmed, err = s.confirm()
		return r, err
	}
	if s.Scheduled() != nil {
		return Result{}, ErrScheduled
	}
	if r.Warnings, err = earned(warnings, tree, running, s.o.Identity); err != nil {
		return Result{}, err
	}
	waiting := s.waiting()
	r.Confirmed = waiting && o.Confirmed == 0
	if !r.Changed && !waiting && o.Confirmed == 0 {
		return r, nil
	}
	if r.Changed {
		if err := s.o.Dataplane.Apply(ctx, want); err != nil {
			return Result{}, &ApplyError{err}
		}
	}
	e := Entry{User: x.who.User, Client: x.who.Client, Log: o.Log, Confirmed: o.Confirmed}
	if err := s.record(tree, e, x); err != nil {
		return Result{}, s.undo(ctx, running, err)
	}
	return r, nil
}

// toCommit returns the candidate and what is running. Where a private candidate
// and what was committed meanwhile disagree it is a *ConflictError, once.
func (x *Session) toCommit() (candidate, running *config.Tree, err error) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	if x.s.closed {
		return nil, nil, ErrClosed
	}
	if err := x.s.free(x); err != nil {
		return nil, nil, err
	}
	if x.private == nil {
		return x.s.shared, x.s.running, nil
	}
	if x.s.modified() {
		return nil, nil, &ModifiedError{Shared: true}
	}
	if all := config.Conflicts(x.base, x.private, x.s.running); len(all) > 0 && x.told != x.s.running {
		x.told = x.s.running
		return nil, nil, &ConflictError{all}
	}
	return config.Rebase(x.base, x.private, x.s.running), x.s.running, nil
}

// undo puts the data plane back after the disk failed.
func (s *Store) undo(ctx context.Context, running *config.Tree, cause error) error {
	want, _, err := compile(running, s.o.Identity)
	if err == nil {
		err = s.o.Dataplane.Apply(context.WithoutCancel(ctx), want)
	}
	if err != nil {
		return errors.Join(cause, fmt.Errorf("data plane could not be put back: %w", err))
	}
	return cause
}

// record writes a commit to disk and makes it the running configuration. x is
// the session whose candidate it is, or nil.
func (s *Store) record(tree *config.Tree, e Entry, x *Session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.Time = time.Now()
	next := s.state.with(e)
	if err := s.disk.save(next, tree); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	s.state = next
	untouched := s.shared.Equal(s.running)
	s.running = tree
	if untouched || (x != nil && x.private == nil && s.shared.Equal(tree)) {
		s.shared = tree
	}
	if x != nil && x.private != nil {
		x.private, x.base = tree.Clone(), tree
	}
	s.disarm()
	if s.state.Pending != nil {
		s.arm(s.state.Pending.Deadline)
	}
	return nil
}

// with returns the state after one more commit.
func (st state) with(e Entry) state {
	number := st.Next
	e.Revision = fmt.Sprintf("re0-%d-%d", e.Time.Unix(), number)
	next := state{Version: 1, Next: number + 1, Entries: []saved{{Number: number, Entry: e}}}
	keep := min(len(st.Entries), MaxRollback)
	next.Entries = append(next.Entries, st.Entries[:keep]...)
	if !e.scheduled {
		next.Scheduled = st.Scheduled // an automatic rollback does not cancel it
	}
	if e.Confirmed > 0 {
		p := pending{Deadline: e.Time.Add(e.Confirmed)}
		if st.Pending != nil {
			p.Previous = st.Pending.Previous // a second one does not confirm the first
		} else {
			p.Previous = st.Entries[0].Number
		}
		next.Pending = &p
	}
	return next
}
