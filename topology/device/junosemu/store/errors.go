package store

import (
	"errors"
	"fmt"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// ErrNoRescue is a rescue configuration that was never saved.
var ErrNoRescue = errors.New("no rescue configuration is set")

// ErrNotLocked is an unlock by a session that does not hold the lock.
var ErrNotLocked = errors.New("configuration database is not locked by this session")

// ErrClosed is a commit to a store that was closed.
var ErrClosed = errors.New("configuration store is closed")

// A LockedError is a candidate held by another session.
type LockedError struct{ Holder Who }

func (e *LockedError) Error() string {
	return fmt.Sprintf("configuration database locked by: %s %s (pid %d)", e.Holder.User, e.Holder.Client, e.Holder.ID)
}

// A ModifiedError is a shared candidate that has uncommitted changes and can
// therefore not be locked or copied.
type ModifiedError struct {
	Shared bool // found while a private copy was asked for or committed
}

func (e *ModifiedError) Error() string {
	if e.Shared {
		return "shared configuration database modified"
	}
	return "configuration database modified"
}

// A ConflictError is a private candidate that changed what another commit
// changed meanwhile.
type ConflictError struct{ Conflicts config.ValidationErrors }

func (e *ConflictError) Error() string {
	return e.Conflicts.Error() + "\n" + conflictMessage
}

const conflictMessage = "another commit changed the same statements; commit again to replace them"

// Last is the sentence that closes the list of conflicts.
func (e *ConflictError) Last() string { return conflictMessage }

// A NoRollbackError is a rollback that does not exist.
type NoRollbackError struct{ N int }

func (e *NoRollbackError) Error() string { return fmt.Sprintf("rollback %d: no such rollback", e.N) }

// A CheckError is a candidate that did not pass validation.
type CheckError struct{ Errors config.ValidationErrors }

func (e *CheckError) Error() string {
	return e.Errors.Error() + "\nconfiguration check-out failed"
}

func (e *CheckError) Unwrap() error { return e.Errors }

// An ApplyError is a data plane that refused; it is as it was before.
type ApplyError struct{ Err error }

func (e *ApplyError) Error() string { return "configuration could not be applied: " + e.Err.Error() }

func (e *ApplyError) Unwrap() error { return e.Err }
