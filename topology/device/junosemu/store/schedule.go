package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// A Schedule is a commit that waits for its time.
type Schedule struct {
	At     time.Time `json:"at"`
	User   string    `json:"user"`
	Client string    `json:"client"`
	Log    string    `json:"log,omitempty"`
}

// ErrScheduled is a commit while another one waits for its time.
var ErrScheduled = errors.New("a commit is scheduled already; 'clear system commit' cancels it")

// scheduledFile keeps the configuration of a commit that waits.
const scheduledFile = "scheduled.conf"

// CommitAt validates the candidate and commits it at a time, whatever becomes
// of the candidate until then; also if the store is closed and opened again in
// between. Until then nothing else can be committed: ErrScheduled.
func (x *Session) CommitAt(at time.Time, log string) ([]config.Warning, error) {
	s := x.s
	s.committing.Lock()
	defer s.committing.Unlock()
	tree, running, err := x.toCommit()
	if err != nil {
		return nil, err
	}
	_, warnings, err := compile(tree, s.o.Identity)
	if err != nil {
		return nil, err
	}
	if warnings, err = earned(warnings, tree, running, s.o.Identity); err != nil {
		return nil, err
	}
	text, err := tree.Text()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Scheduled != nil {
		return nil, ErrScheduled
	}
	if err := s.disk.write(scheduledFile, []byte(text)); err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	next := s.state
	next.Scheduled = &Schedule{At: at, User: x.who.User, Client: x.who.Client, Log: log}
	if err := s.disk.saveState(next); err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	s.state = next
	s.armSchedule(at)
	return warnings, nil
}

// Scheduled returns the commit that waits for its time, or nil.
func (s *Store) Scheduled() *Schedule {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.Scheduled
}

// ClearScheduled cancels the commit that waits, and reports whether there was one.
func (s *Store) ClearScheduled() (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Scheduled == nil {
		return false, nil
	}
	next := s.state
	next.Scheduled = nil
	if err := s.disk.saveState(next); err != nil {
		return false, fmt.Errorf("write configuration: %w", err)
	}
	s.state = next
	s.disarmSchedule()
	return true, os.Remove(filepath.Join(s.o.Dir, scheduledFile))
}

// armSchedule starts the clock of a scheduled commit. The caller holds mu, or is Open.
func (s *Store) armSchedule(at time.Time) {
	s.schedule = time.AfterFunc(time.Until(at), s.commitScheduled)
}

func (s *Store) disarmSchedule() {
	if s.schedule != nil {
		s.schedule.Stop()
		s.schedule = nil
	}
}

// commitScheduled commits what was scheduled, now. What is refused is not
// tried again.
func (s *Store) commitScheduled() {
	s.committing.Lock()
	defer s.committing.Unlock()
	s.mu.Lock()
	due, closed := s.state.Scheduled, s.closed
	s.mu.Unlock()
	if closed || due == nil {
		return // cleared while the timer fired
	}
	if time.Now().Before(due.At) { // another one, or the clock was put back
		s.mu.Lock()
		defer s.mu.Unlock()
		s.disarmSchedule()
		s.armSchedule(due.At)
		return
	}
	if err := s.applyScheduled(*due); err != nil {
		s.o.Logf("scheduled commit failed: %v", err)
		if _, err := s.ClearScheduled(); err != nil {
			s.o.Logf("scheduled commit could not be cleared: %v", err)
		}
		return
	}
	s.o.Logf("scheduled commit complete")
}

// applyScheduled makes the scheduled configuration the running one. The
// caller holds committing.
func (s *Store) applyScheduled(due Schedule) error {
	tree, err := s.disk.read(scheduledFile)
	if err != nil {
		return err
	}
	want, _, err := compile(tree, s.o.Identity)
	if err != nil {
		return err
	}
	running := s.Running()
	if err := s.o.Dataplane.Apply(context.Background(), want); err != nil {
		return &ApplyError{err}
	}
	e := Entry{User: due.User, Client: due.Client, Log: due.Log, scheduled: true}
	if err := s.record(tree, e, nil); err != nil {
		return s.undo(context.Background(), running, err)
	}
	return os.Remove(filepath.Join(s.o.Dir, scheduledFile))
}
