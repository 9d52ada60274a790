package activities

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/lease"
)

// renewEvery is how often this process renews the leases of its runs.
const renewEvery = topology.LeaseTime / 8

// A renewal keeps one lab for one run.
type renewal struct {
	run  string
	stop context.CancelFunc
	done chan struct{}
}

// hold gives a lab to a run and keeps it until letGo, or until this process
// ends and nobody goes on with the run for topology.LeaseTime. What another run
// has is a *topology.HeldError, unless that run is known to have ended. Without
// a run, or on a backend that keeps no leases, it does nothing.
func (l *Labs) hold(ctx context.Context, ref LabRef, run string) error {
	leaser := l.leaser(ref)
	if leaser == nil || run == "" {
		return nil
	}
	err := leaser.Lease(ctx, ref.Name, lease.Self(run))
	var held *topology.HeldError
	if errors.As(err, &held) && l.closed(ctx, held.Lease.Run) {
		if err := leaser.Release(ctx, ref.Name, held.Lease.Run); err != nil {
			return err
		}
		err = leaser.Lease(ctx, ref.Name, lease.Self(run))
	}
	if err != nil {
		return err
	}
	l.keep(leaser, ref, run)
	return nil
}

func (l *Labs) leaser(ref LabRef) topology.Leaser {
	leaser, _ := l.Backends[ref.Backend].(topology.Leaser)
	return leaser
}

// closed reports whether a run has ended. In doubt it has not.
func (l *Labs) closed(ctx context.Context, run string) bool {
	if l.Closed == nil {
		return false
	}
	closed, err := l.Closed(ctx, run)
	if err != nil {
		slog.Warn("could not ask whether a run has ended", "run", run, "error", err)
	}
	return closed && err == nil
}

// keep begins to renew a lease, if it is not renewed already.
func (l *Labs) keep(leaser topology.Leaser, ref LabRef, run string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.renewed[ref]; r != nil {
		select {
		case <-r.done: // the lease was lost, and has been given again
		default:
			if r.run == run {
				return
			}
		}
		r.stop()
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &renewal{run: run, stop: stop, done: make(chan struct{})}
	if l.renewed == nil {
		l.renewed = map[LabRef]*renewal{}
	}
	l.renewed[ref] = r
	go func() {
		defer close(r.done)
		if !l.renew(ctx, leaser, ref.Name, run) {
			l.lose(ref, r)
		}
	}()
}

// renew prolongs a lease until it is to stop, or the run has ended: a lab that a
// run has left up is anybody's. It returns false if the lease is gone.
func (l *Labs) renew(ctx context.Context, leaser topology.Leaser, lab, run string) bool {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return true
		case <-tick.C:
		}
		if l.closed(ctx, run) {
			if err := leaser.Release(ctx, lab, run); err != nil {
				slog.Warn("could not give back a lab", "lab", lab, "run", run, "error", err)
			}
			return true
		}
		err := leaser.Renew(ctx, lab, lease.Self(run))
		if errors.Is(err, topology.ErrNoLease) {
			return false // destroyed, or taken over
		}
		if err != nil {
			slog.Warn("could not renew the lease of a lab", "lab", lab, "run", run, "error", err)
		}
	}
}

// lose forgets a lab that this process slept through the lease of: it may be
// another's now, and whoever goes on with the run must ask for it again.
func (l *Labs) lose(ref LabRef, r *renewal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.renewed[ref] == r {
		delete(l.renewed, ref)
		delete(l.known, ref)
	}
}

// letGo ends the lease that this process renews.
func (l *Labs) letGo(ref LabRef) {
	l.mu.Lock()
	r := l.renewed[ref]
	delete(l.renewed, ref)
	l.mu.Unlock()
	if r == nil {
		return
	}
	r.stop()
	<-r.done
	if err := l.leaser(ref).Release(context.Background(), ref.Name, r.run); err != nil {
		slog.Warn("could not give back a lab", "lab", ref.Name, "run", r.run, "error", err)
	}
}

// close renews nothing any more. The leases stay: whoever goes on with the runs
// finds the labs theirs.
func (l *Labs) close() {
	l.mu.Lock()
	all := l.renewed
	l.renewed = nil
	l.mu.Unlock()
	for _, r := range all {
		r.stop()
		<-r.done
	}
}
