package server

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// A LockedError says that another process serves the database file.
type LockedError struct {
	File  string // the database
	Owner string // process ID of the owner, as it wrote it; may be empty
}

func (e *LockedError) Error() string {
	msg := e.File + " is in use by another ccl"
	if e.Owner != "" {
		msg += " (process " + e.Owner + ")"
	}
	return msg
}

// lockFile takes an exclusive lock beside the database, since SQLite itself
// lets two servers open one file. The kernel drops the lock when its holder
// dies, so a file that is left behind is no obstacle.
func lockFile(db string) (*os.File, error) {
	f, err := os.OpenFile(db+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		owner, _ := os.ReadFile(f.Name())
		f.Close()
		return nil, &LockedError{File: db, Owner: strings.TrimSpace(string(owner))}
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	if err := f.Truncate(0); err == nil {
		fmt.Fprintln(f, os.Getpid())
	}
	return f, nil
}
