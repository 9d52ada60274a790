package fakes

import (
	"context"
	"time"

	"github.com/ccl-lab/ccl/topology"
)

// Lease gives the lab to a run, by the rule of all backends.
func (b bare) Lease(_ context.Context, lab string, l topology.Lease) error {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	granted, err := topology.Grant(lab, b.w.lease, l)
	if err == nil {
		b.w.lease = &granted
	}
	return err
}

// Renew prolongs the lease of a run.
func (b bare) Renew(_ context.Context, _ string, l topology.Lease) error {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	if b.w.lease == nil || b.w.lease.Run != l.Run {
		return topology.ErrNoLease
	}
	b.w.lease.Renewed = l.Renewed
	return nil
}

// Release ends the lease of a run.
func (b bare) Release(_ context.Context, _, run string) error {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	if b.w.lease != nil && b.w.lease.Run == run {
		b.w.lease = nil
	}
	return nil
}

// Holder returns the lab's lease.
func (b bare) Holder(context.Context, string) (*topology.Lease, error) { return b.w.Holder(), nil }

// Holder returns the lab's lease, or nil.
func (w *World) Holder() *topology.Lease {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lease == nil {
		return nil
	}
	l := *w.lease
	return &l
}

// Forsake makes the lease one that nobody has renewed for too long.
func (w *World) Forsake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lease.Renewed = time.Now().Add(-topology.LeaseTime)
}

// Keep marks the lab, unless it is marked.
func (b bare) Keep(_ context.Context, _ string, k topology.Kept) error {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	if b.w.kept == nil {
		b.w.kept = &k
	}
	return nil
}

// Unkeep removes the mark.
func (b bare) Unkeep(context.Context, string) error {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	b.w.kept = nil
	return nil
}

// Kept returns the lab's mark.
func (b bare) Kept(context.Context, string) (*topology.Kept, error) {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	return b.w.kept, nil
}
