package activities

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device"
)

// Sessions keeps one management session a node open, so that a step does not
// pay for a login. It is opened when first needed and dropped on any error
// that is not the device's refusal.
type Sessions struct {
	Dial device.Dial

	mu    sync.Mutex
	slots map[slotKey]*slot
}

type slotKey struct {
	lab  LabRef
	node string
}

// A slot holds a node's session. Whoever has its token has the session.
type slot struct {
	token   chan struct{}
	session device.Session
}

// With calls do with the node's session, one caller at a time.
func (s *Sessions) With(ctx context.Context, ref LabRef, node topology.LabNode, do func(device.Session) error) error {
	slot := s.slot(slotKey{ref, node.Name})
	select {
	case slot.token <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-slot.token }()

	if slot.session == nil {
		session, err := s.Dial(ctx, node)
		if err != nil {
			return fmt.Errorf("open a session with %s: %w", node.Name, err)
		}
		slot.session = session
	}
	err := do(slot.session)
	if err != nil && !isRejection(err) {
		slot.session.Close()
		slot.session = nil
	}
	return err
}

// CloseLab closes the sessions with a lab's nodes, waiting for their users.
func (s *Sessions) CloseLab(ref LabRef) {
	s.mu.Lock()
	var mine []*slot
	for key, slot := range s.slots {
		if key.lab == ref {
			mine = append(mine, slot)
			delete(s.slots, key)
		}
	}
	s.mu.Unlock()
	for _, slot := range mine {
		slot.token <- struct{}{}
		if slot.session != nil {
			slot.session.Close()
			slot.session = nil
		}
		<-slot.token
	}
}

// Close closes every session.
func (s *Sessions) Close() {
	s.mu.Lock()
	labs := map[LabRef]bool{}
	for key := range s.slots {
		labs[key.lab] = true
	}
	s.mu.Unlock()
	for ref := range labs {
		s.CloseLab(ref)
	}
}

func (s *Sessions) slot(key slotKey) *slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.slots == nil {
		s.slots = map[slotKey]*slot{}
	}
	if s.slots[key] == nil {
		s.slots[key] = &slot{token: make(chan struct{}, 1)}
	}
	return s.slots[key]
}

func isRejection(err error) bool {
	var rejected *device.RejectedError
	return errors.As(err, &rejected)
}
