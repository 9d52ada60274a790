package dataplane

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

// Watch is Dataplane.Watch of the master instance and of the others.
func (r *Router) Watch(ctx context.Context) error {
	err := r.Dataplane.Watch(ctx)
	for {
		select {
		case failed := <-r.failures:
			err = errors.Join(err, failed)
		default:
			return err
		}
	}
}

// Instance is the data plane of a routing instance.
func (r *Router) Instance(name string) (junosemu.Sensor, bool) {
	i := r.instance(name)
	if i == nil {
		return nil, false
	}
	return i.plane, true
}

func (r *Router) instance(name string) *instance {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.instances[name]
}

// names are the routing instances that are there, in order.
func (r *Router) names() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Sorted(maps.Keys(r.instances))
}

// Restart is Dataplane.Restart in every instance.
func (r *Router) Restart(ctx context.Context, process string) error {
	return r.each(process, func(d *Dataplane) error { return d.Restart(ctx, process) })
}

// Kill is Dataplane.Kill in every instance.
func (r *Router) Kill(ctx context.Context, process string) error {
	return r.each(process, func(d *Dataplane) error { return d.Kill(ctx, process) })
}

// Start is Dataplane.Start in every instance.
func (r *Router) Start(ctx context.Context, process string) error {
	return r.each(process, func(d *Dataplane) error { return d.Start(ctx, process) })
}

// each does something to a process in the instances that have it; in the master
// one if none has.
func (r *Router) each(process string, do func(*Dataplane) error) error {
	var errs []error
	for _, p := range r.places() {
		if process == routing || slices.Contains(p.plane.suite.Daemons(), process) {
			errs = append(errs, do(p.plane))
		}
	}
	if len(errs) == 0 {
		return do(r.Dataplane)
	}
	return errors.Join(errs...)
}

// FirewallLog is that of all instances, the youngest first.
func (r *Router) FirewallLog(ctx context.Context) ([]junosemu.FirewallLogEntry, error) {
	var all []junosemu.FirewallLogEntry
	for _, p := range r.places() {
		entries, err := p.plane.FirewallLog(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, entries...)
	}
	slices.SortStableFunc(all, func(a, b junosemu.FirewallLogEntry) int { return b.Time.Compare(a.Time) })
	return all, nil
}

// ClearFirewallLog forgets the packets of all instances.
func (r *Router) ClearFirewallLog(ctx context.Context) error {
	return r.each(routing, func(d *Dataplane) error { return d.ClearFirewallLog(ctx) })
}

// LLDPNeighbors are those on the ports of all instances, by device.
func (r *Router) LLDPNeighbors(ctx context.Context) ([]junosemu.LLDPNeighbor, error) {
	var all []junosemu.LLDPNeighbor
	for _, p := range r.places() {
		heard, err := p.plane.LLDPNeighbors(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, heard...)
	}
	slices.SortStableFunc(all, func(a, b junosemu.LLDPNeighbor) int {
		return shorterFirst(a.Device, b.Device)
	})
	return all, nil
}

// ForgetLLDP is Dataplane.ForgetLLDP in all instances.
func (r *Router) ForgetLLDP(ctx context.Context, device string) error {
	return r.each(routing, func(d *Dataplane) error { return d.ForgetLLDP(ctx, device) })
}
