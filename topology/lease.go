package topology

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Lease gives a lab to one run at a time. It lasts as long as it is renewed.
type Lease struct {
	Run     string    `json:"run"`            // who has the lab
	Host    string    `json:"host,omitempty"` // of the process that renews it
	PID     int       `json:"pid,omitempty"`
	PIDs    string    `json:"pids,omitempty"` // PID namespace that PID belongs to: pid:[4026531836]
	Since   time.Time `json:"since"`
	Renewed time.Time `json:"renewed"`
}

// LeaseTime is how long a lease holds after it was renewed last. It is longer
// than a worker takes to be started again.
const LeaseTime = 2 * time.Minute

// Holds reports whether the lease still keeps others away.
func (l *Lease) Holds(now time.Time) bool { return now.Before(l.Until()) }

// Until is when the lease ends unless it is renewed.
func (l *Lease) Until() time.Time { return l.Renewed.Add(LeaseTime) }

// String is a part of a sentence: held by run first since ….
func (l Lease) String() string { return fmt.Sprintf("held by run %s since %s", l.Run, stamp(l.Since)) }

// stamp is a moment as people read it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// A Leaser keeps leases beside its labs. Every method is atomic among all
// processes of the host, and none needs the lab to be deployed. Destroy of a
// lab ends its lease, whoever has it.
type Leaser interface {
	// Lease gives a lab to a run, or renews what the run has: then Since stays.
	// If another run has it the error is a *HeldError. l.Renewed is now.
	Lease(ctx context.Context, lab string, l Lease) error
	// Renew prolongs the lease of a run; if it has none, ErrNoLease.
	Renew(ctx context.Context, lab string, l Lease) error
	// Release ends the lease of a run. Having none, or another's, is no error
	// and changes nothing.
	Release(ctx context.Context, lab, run string) error
	// Holder returns a lab's lease, also one that does not hold any more, or nil.
	Holder(ctx context.Context, lab string) (*Lease, error)
}

// ErrNoLease means that a run has no lease on a lab.
var ErrNoLease = errors.New("no such lease")

// A HeldError is a lab that another run has.
type HeldError struct {
	Lab   string
	Lease Lease
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("lab %s is %s", e.Lab, e.Lease)
}

// Grant is the rule of leases: it returns the lease of a lab after next asked
// for it while held was there, which may be nil.
func Grant(lab string, held *Lease, next Lease) (Lease, error) {
	switch {
	case held != nil && held.Run == next.Run:
		next.Since = held.Since
	case held != nil && held.Holds(next.Renewed):
		return *held, &HeldError{Lab: lab, Lease: *held}
	default:
		next.Since = next.Renewed
	}
	return next, nil
}
