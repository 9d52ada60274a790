package backendtest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/lease"
)

func (s *suite) leaser() topology.Leaser {
	s.Helper()
	l, ok := s.backend.(topology.Leaser)
	if !ok {
		s.Skip("the backend keeps no leases")
	}
	return l
}

// lease asks for the lab and fails unless the answer is as expected: held is
// the run that has it, empty if it is to be granted.
func (s *suite) lease(l topology.Lease, held string) {
	s.Helper()
	err := s.leaser().Lease(s.ctx, s.topo.Name, l)
	var refused *topology.HeldError
	switch {
	case held == "" && err != nil:
		s.Errorf("Lease for %s: %v", l.Run, err)
	case held != "" && (!errors.As(err, &refused) || refused.Lease.Run != held || refused.Lab != s.topo.Name || refused.Lease.Since.IsZero()):
		s.Errorf("Lease for %s: %v, want a HeldError that names %s", l.Run, err, held)
	}
}

func (s *suite) holder() *topology.Lease {
	s.Helper()
	l, err := s.leaser().Holder(s.ctx, s.topo.Name)
	if err != nil {
		s.Fatalf("Holder: %v", err)
	}
	return l
}

// leases tests a Leaser: one run has a lab, until it gives it back, is too old,
// or the lab is destroyed.
func (s *suite) leases() {
	leaser := s.leaser()
	if l := s.holder(); l != nil {
		s.Errorf("a lab that nobody asked for is held by %+v", l)
	}
	old := lease.Self("first")
	old.Renewed = old.Renewed.Add(-topology.LeaseTime + time.Minute)
	s.lease(old, "")
	s.lease(lease.Self("second"), "first")
	s.deploy()
	if l := s.inspect().Lease; l == nil || l.Run != "first" {
		s.Errorf("Inspect shows the lease %+v, want that of first", l)
	}
	if err := leaser.Renew(s.ctx, s.topo.Name, lease.Self("first")); err != nil {
		s.Errorf("Renew: %v", err)
	}
	if l := s.holder(); l == nil || !l.Since.Equal(old.Renewed) || !l.Renewed.After(old.Renewed) {
		s.Errorf("after Renew the lease is %+v, since %v", l, old.Renewed)
	}
	if err := leaser.Renew(s.ctx, s.topo.Name, lease.Self("second")); !errors.Is(err, topology.ErrNoLease) {
		s.Errorf("Renew by another run: %v, want ErrNoLease", err)
	}
	if err := leaser.Release(s.ctx, s.topo.Name, "second"); err != nil || s.holder() == nil {
		s.Errorf("Release by another run: %v, %+v", err, s.holder())
	}
	if err := leaser.Release(s.ctx, s.topo.Name, "first"); err != nil || s.holder() != nil {
		s.Errorf("Release: %v, %+v", err, s.holder())
	}
	s.lease(lease.Self("second"), "")
	s.destroy()
	if l := s.holder(); l != nil {
		s.Errorf("a destroyed lab is held by %+v", l)
	}
}

// kept tests a Keeper: the first mark stays, whoever has the lab meanwhile, until
// it is removed or the lab destroyed.
func (s *suite) kept() {
	keeper, ok := s.backend.(topology.Keeper)
	if !ok {
		s.Skip("the backend keeps no labs up")
	}
	want := func(by string, marked bool) {
		s.Helper()
		k, err := keeper.Kept(s.ctx, s.topo.Name)
		if err != nil || (k != nil) != marked || marked && (k.By != by || k.Since.IsZero()) {
			s.Errorf("the lab is marked with %+v, %v; want %q, %v", k, err, by, marked)
		}
	}
	keep := func(by string) {
		s.Helper()
		if err := keeper.Keep(s.ctx, s.topo.Name, topology.Kept{By: by, Since: time.Now()}); err != nil {
			s.Errorf("Keep: %v", err)
		}
	}
	want("", false)
	s.deploy()
	keep("first")
	keep("second")
	s.lease(lease.Self("third"), "")
	want("first", true)
	if k := s.inspect().Kept; k == nil || k.By != "first" {
		s.Errorf("Inspect shows the mark %+v, want that of first", k)
	}
	if err := s.leaser().Release(s.ctx, s.topo.Name, "third"); err != nil {
		s.Errorf("Release: %v", err)
	}
	want("first", true)
	for range 2 {
		if err := keeper.Unkeep(s.ctx, s.topo.Name); err != nil {
			s.Errorf("Unkeep: %v", err)
		}
		want("", false)
	}
	keep("second")
	s.destroy()
	want("", false)
}

// lostLeases are taken over when nobody has renewed them for long enough.
func (s *suite) lostLeases() {
	s.leaser()
	lost := lease.Self("lost")
	lost.Renewed = lost.Renewed.Add(-topology.LeaseTime)
	s.lease(lost, "")
	s.lease(lease.Self("next"), "")
	s.lease(lease.Self("lost"), "next")
}

// concurrentLeases gives a lab to one of many runs that ask at the same moment.
func (s *suite) concurrentLeases() {
	leaser := s.leaser()
	const runs = 16
	errs := make([]error, runs)
	var done sync.WaitGroup
	for i := range runs {
		done.Go(func() { errs[i] = leaser.Lease(s.ctx, s.topo.Name, lease.Self(fmt.Sprintf("run-%d", i))) })
	}
	done.Wait()
	granted := 0
	for i, err := range errs {
		var held *topology.HeldError
		if err == nil {
			granted++
			if l := s.holder(); l == nil || l.Run != fmt.Sprintf("run-%d", i) {
				s.Errorf("run-%d was granted the lab, and %+v has it", i, l)
			}
		} else if !errors.As(err, &held) {
			s.Errorf("run-%d: %v", i, err)
		}
	}
	if granted != 1 {
		s.Errorf("%d of %d runs were granted the lab", granted, runs)
	}
}

// reapHeld tests that a lab is not reaped under a run that may repair it.
func (s *suite) reapHeld() {
	leaser := s.leaser()
	reaper, ok := s.backend.(topology.Reaper)
	if !ok {
		s.Skip("the backend reaps nothing")
	}
	lab := s.deploy()
	victim := lab.Nodes[len(lab.Nodes)-1]
	if victim.PID == 0 {
		s.Skip("the backend's nodes are no processes of this host")
	}
	s.lease(lease.Self("run"), "")
	s.kill(victim)
	if names, err := reaper.Reap(s.ctx); err != nil || len(names) != 0 {
		s.Errorf("Reap took a lab that a run holds: %v, %v", names, err)
	}
	if err := leaser.Release(s.ctx, s.topo.Name, "run"); err != nil {
		s.Errorf("Release: %v", err)
	}
	if names, err := reaper.Reap(s.ctx); err != nil || !slices.Equal(names, []string{s.topo.Name}) {
		s.Errorf("Reap of a lab that was given back: %v, %v", names, err)
	}
}
