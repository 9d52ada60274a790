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

// InUse lets callers that do not link the server know the error by what it says.
func (e *LockedError) InUse() bool { return true }

// lockFile takes an exclusive lock beside the database, since SQLite itself
// lets two servers open one file. The kernel drops the lock when its holder
// dies, so a file that is left behind is no obstacle.
//
// It is a plain descriptor, not an os.File, which would let go of the lock when
// nobody refers to it any more.
func lockFile(db string) (fd int, err error) {
	name := db + ".lock"
	fd, err = unix.Open(name, unix.O_RDWR|unix.O_CREAT|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: name, Err: err}
	}
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		unix.Close(fd)
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return -1, fmt.Errorf("lock %s: %w", name, err)
		}
		owner, _ := os.ReadFile(name)
		return -1, &LockedError{File: db, Owner: strings.TrimSpace(string(owner))}
	}
	// Who holds it is for people to read; the lock is there without it.
	_ = os.WriteFile(name, fmt.Appendln(nil, os.Getpid()), 0o600)
	return fd, nil
}
