// Package lease keeps as files who has a lab, and which labs are to stay up, for
// backends to embed. All processes of a host that use the same directory see the
// same.
package lease

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/labdir"
)

// A Store is a directory of leases:
//
//	LAB.json  the lease of a lab
//	LAB.kept  that it is to stay up, and for whom
//	lock      held by whoever reads and writes one
type Store struct{ dir string }

var (
	_ topology.Leaser = (*Store)(nil)
	_ topology.Keeper = (*Store)(nil)
)

// Open makes the directory if it is not there.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("leases: %w", err)
	}
	return &Store{dir: dir}, nil
}

// Lease is topology.Leaser's.
func (s *Store) Lease(_ context.Context, lab string, l topology.Lease) error {
	return s.locked(lab, func(path string) error {
		held, err := readJSON[topology.Lease](path)
		if err != nil {
			return err
		}
		granted, err := topology.Grant(lab, held, l)
		if err != nil {
			return err
		}
		return labdir.WriteJSON(path, granted)
	})
}

// Renew is topology.Leaser's.
func (s *Store) Renew(_ context.Context, lab string, l topology.Lease) error {
	return s.locked(lab, func(path string) error {
		held, err := readJSON[topology.Lease](path)
		if err != nil {
			return err
		}
		if held == nil || held.Run != l.Run {
			return fmt.Errorf("lab %s: %w of run %s", lab, topology.ErrNoLease, l.Run)
		}
		l.Since = held.Since
		return labdir.WriteJSON(path, l)
	})
}

// Release is topology.Leaser's.
func (s *Store) Release(_ context.Context, lab, run string) error {
	return s.locked(lab, func(path string) error {
		held, err := readJSON[topology.Lease](path)
		if err != nil || held == nil || held.Run != run {
			return err
		}
		return remove(path)
	})
}

// Drop forgets a lab: its lease, whoever has it, and that it was to stay up.
func (s *Store) Drop(lab string) error {
	return s.locked(lab, func(path string) error { return errors.Join(remove(path), remove(s.mark(lab))) })
}

// Holder is topology.Leaser's.
func (s *Store) Holder(_ context.Context, lab string) (held *topology.Lease, err error) {
	err = s.locked(lab, func(path string) error {
		held, err = readJSON[topology.Lease](path)
		return err
	})
	return held, err
}

// locked calls f with the path of a lab's lease while nobody else looks at it.
// f does little, so that the lock is waited for without a limit.
func (s *Store) locked(lab string, f func(path string) error) error {
	if lab == "" || lab != filepath.Base(lab) || strings.HasPrefix(lab, ".") {
		return fmt.Errorf("%q cannot be the name of a lab", lab)
	}
	lock, err := os.OpenFile(filepath.Join(s.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("leases: %w", err)
	}
	defer lock.Close()
	for {
		err := unix.Flock(int(lock.Fd()), unix.LOCK_EX)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("lock %s: %w", lock.Name(), err)
		}
		return f(filepath.Join(s.dir, lab+".json"))
	}
}

// mark is the file that says that a lab is to stay up.
func (s *Store) mark(lab string) string { return filepath.Join(s.dir, lab+".kept") }

// readJSON reads a file; nil is one that is not there.
func readJSON[T any](path string) (*T, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	value := new(T)
	if err := json.Unmarshal(text, value); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return value, nil
}

func remove(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Abandoned reports whether a lease keeps nobody away any more: it is too old,
// or the process that renewed it was one of this host and is dead. A worker that
// is started again within topology.LeaseTime goes on with its run, so this is
// for people and for clean-up, not for other runs.
func Abandoned(l *topology.Lease) bool {
	if l == nil || !l.Holds(now()) {
		return true
	}
	here := Self("")
	return l.Host == here.Host && l.PIDs == here.PIDs && l.PID > 0 && errors.Is(syscall.Kill(l.PID, 0), syscall.ESRCH)
}
