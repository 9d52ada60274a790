package store

import (
	"context"
	"fmt"
	"time"
)

// retryRollback is how long an automatic rollback that failed waits before it
// is tried again.
const retryRollback = 10 * time.Second

// Pending returns the deadline of a confirmed commit that waits for confirmation.
func (s *Store) Pending() (deadline time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Pending == nil {
		return time.Time{}, false
	}
	return s.state.Pending.Deadline, true
}

func (s *Store) waiting() bool {
	_, ok := s.Pending()
	return ok
}

// confirm ends the waiting of a confirmed commit without a new one.
func (s *Store) confirm() (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Pending == nil {
		return false, nil
	}
	next := s.state
	next.Pending = nil
	if err := s.disk.saveState(next); err != nil {
		return false, fmt.Errorf("write configuration: %w", err)
	}
	s.state = next
	s.disarm()
	return true, nil
}

// arm starts the clock of a confirmed commit. The caller holds mu, or is Open.
func (s *Store) arm(deadline time.Time) {
	s.timer = time.AfterFunc(time.Until(deadline), s.expire)
}

func (s *Store) disarm() {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
}

// expire rolls back a commit that nobody confirmed in time.
func (s *Store) expire() {
	s.committing.Lock()
	defer s.committing.Unlock()
	s.mu.Lock()
	p, closed := s.state.Pending, s.closed
	s.mu.Unlock()
	if closed || p == nil || time.Now().Before(p.Deadline) {
		return // confirmed, or prolonged, while the timer fired
	}
	err := s.rollBackPending(context.Background())
	if err == nil {
		s.o.Logf("commit was not confirmed; automatic rollback complete")
		return
	}
	s.o.Logf("commit was not confirmed; automatic rollback failed: %v", err)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.timer = time.AfterFunc(retryRollback, s.expire)
	}
}

// rollBackPending returns to the configuration before the confirmed commit.
// The caller holds committing, or is Open.
func (s *Store) rollBackPending(ctx context.Context) error {
	tree, err := s.disk.tree(s.state.Pending.Previous)
	if err != nil {
		return err
	}
	want, _, err := compile(tree, s.o.Identity)
	if err != nil {
		return err
	}
	if err := s.o.Dataplane.Apply(ctx, want); err != nil {
		return &ApplyError{err}
	}
	return s.record(tree, Entry{User: "root", Client: "other"}, nil)
}
