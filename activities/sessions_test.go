package activities

import (
	"context"
	"errors"
	"sync"
	"testing"

	"go.temporal.io/sdk/temporal"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device"
)

// A countedSession knows whether it was closed.
type countedSession struct {
	device.Session
	closed bool
}

func (s *countedSession) Close() error {
	s.closed = true
	return nil
}

func TestSessions(t *testing.T) {
	var dialled []*countedSession
	pool := &Sessions{Dial: func(context.Context, topology.LabNode) (device.Session, error) {
		s := &countedSession{}
		dialled = append(dialled, s)
		return s, nil
	}}
	ref, node := LabRef{"fake", "pair"}, topology.LabNode{Name: "r1"}
	use := func(err error) error {
		return pool.With(t.Context(), ref, node, func(device.Session) error { return err })
	}
	for _, outcome := range []struct {
		err   error
		dials int // in all, after this use
		open  bool
	}{
		{nil, 1, true},
		{&device.RejectedError{Node: "r1"}, 1, true},
		{errors.New("broken pipe"), 1, false},
		{nil, 2, true},
	} {
		if err := use(outcome.err); err != outcome.err {
			t.Errorf("With returned %v, want %v", err, outcome.err)
		}
		last := dialled[len(dialled)-1]
		if len(dialled) != outcome.dials || last.closed == outcome.open {
			t.Errorf("after %v: %d dialled, closed %v; want %d, open %v", outcome.err, len(dialled), last.closed, outcome.dials, outcome.open)
		}
	}
	pool.Close()
	if !dialled[1].closed {
		t.Error("Close left a session open")
	}
}

func TestSessionIsForOneAtATime(t *testing.T) {
	pool := &Sessions{Dial: func(context.Context, topology.LabNode) (device.Session, error) { return &countedSession{}, nil }}
	users, most := 0, 0
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			pool.With(t.Context(), LabRef{}, topology.LabNode{Name: "r1"}, func(device.Session) error {
				mu.Lock()
				users++
				most = max(most, users)
				mu.Unlock()
				mu.Lock()
				users--
				mu.Unlock()
				return nil
			})
		})
	}
	wg.Wait()
	if most != 1 {
		t.Errorf("%d users at once", most)
	}
	// Whoever waits for the session can give up.
	held, release := make(chan struct{}), make(chan struct{})
	wg.Go(func() {
		pool.With(t.Context(), LabRef{}, topology.LabNode{Name: "r1"}, func(device.Session) error {
			close(held)
			<-release
			return nil
		})
	})
	<-held
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := pool.With(ctx, LabRef{}, topology.LabNode{Name: "r1"}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting with a cancelled context: %v", err)
	}
	close(release)
	wg.Wait()
}

// Errors of several routers keep the type that one of them has.
func TestJoinedErrorsKeepTheirType(t *testing.T) {
	joined := errors.Join(interrupted("r1 is gone"), interrupted("r2 is gone"))
	var app *temporal.ApplicationError
	if err := asActivityError(t.Context(), joined); !errors.As(err, &app) || err != error(app) || app.Type() != TypeInterrupted || !app.NonRetryable() {
		t.Errorf("%T: %v", err, err)
	}
}
