package activities

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/lease"
)

// leasing is a backend that keeps leases and nothing else.
type leasing struct {
	topology.Backend
	*lease.Store
}

var ring = LabRef{Backend: "fake", Name: "ring"}

func leasingLabs(t *testing.T) (*Labs, leasing) {
	t.Helper()
	s, err := lease.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := leasing{Store: s}
	return &Labs{Backends: map[string]topology.Backend{"fake": b}}, b
}

func wantHolder(t *testing.T, b leasing, run string) {
	t.Helper()
	l, err := b.Holder(t.Context(), ring.Name)
	switch {
	case err != nil:
		t.Error(err)
	case run == "" && l != nil, run != "" && (l == nil || l.Run != run || !l.Holds(time.Now())):
		t.Errorf("the lab is held by %+v, want %q", l, run)
	}
}

// A lease is kept as long as its run goes on, and not longer.
func TestLeaseIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		labs, b := leasingLabs(t)
		var ended atomic.Bool
		labs.Closed = func(_ context.Context, run string) (bool, error) { return ended.Load(), nil }
		if err := labs.hold(t.Context(), ring, "run-1"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * topology.LeaseTime) // of the bubble's clock
		synctest.Wait()
		wantHolder(t, b, "run-1")
		var held *topology.HeldError
		if err := labs.hold(t.Context(), ring, "run-2"); !errors.As(err, &held) {
			t.Errorf("a second run: %v", err)
		}
		ended.Store(true)
		time.Sleep(renewEvery)
		synctest.Wait()
		wantHolder(t, b, "")
		if err := labs.hold(t.Context(), ring, "run-2"); err != nil {
			t.Errorf("after the first run: %v", err)
		}
		labs.letGo(ring)
		wantHolder(t, b, "")
	})
}

// A process that ends keeps the labs for whoever goes on with its runs, and for
// nobody for ever.
func TestLeaseOutlivesItsProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		labs, b := leasingLabs(t)
		if err := labs.hold(t.Context(), ring, "run-1"); err != nil {
			t.Fatal(err)
		}
		labs.close()
		time.Sleep(topology.LeaseTime / 2)
		wantHolder(t, b, "run-1")
		again := &Labs{Backends: labs.Backends}
		if err := again.hold(t.Context(), ring, "run-1"); err != nil {
			t.Errorf("the same run: %v", err)
		}
		again.close()
		time.Sleep(topology.LeaseTime)
		if err := again.hold(t.Context(), ring, "run-2"); err != nil {
			t.Errorf("another run, after the lease: %v", err)
		}
		again.close()
	})
}

// A process that slept through its lease knows the lab no more.
func TestLeaseIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		labs, b := leasingLabs(t)
		if err := labs.hold(t.Context(), ring, "run-1"); err != nil {
			t.Fatal(err)
		}
		labs.remember(ring, &topology.Lab{Name: "ring"})
		if err := b.Drop("ring"); err != nil {
			t.Fatal(err)
		}
		if err := b.Lease(t.Context(), "ring", lease.Self("run-2")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(renewEvery)
		synctest.Wait()
		if _, err := labs.Lab(ring); err == nil {
			t.Error("the lab of another run can still be used")
		}
		wantHolder(t, b, "run-2")
		if err := labs.hold(t.Context(), ring, ""); err != nil {
			t.Errorf("without a run nothing is asked for: %v", err)
		}
	})
}
