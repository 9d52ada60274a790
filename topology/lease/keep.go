package lease

import (
	"context"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/labdir"
)

// Keep is topology.Keeper's.
func (s *Store) Keep(_ context.Context, lab string, k topology.Kept) error {
	return s.locked(lab, func(string) error {
		there, err := readJSON[topology.Kept](s.mark(lab))
		if err != nil || there != nil {
			return err
		}
		return labdir.WriteJSON(s.mark(lab), k)
	})
}

// Unkeep is topology.Keeper's.
func (s *Store) Unkeep(_ context.Context, lab string) error {
	return s.locked(lab, func(string) error { return remove(s.mark(lab)) })
}

// Kept is topology.Keeper's.
func (s *Store) Kept(_ context.Context, lab string) (kept *topology.Kept, err error) {
	err = s.locked(lab, func(string) error {
		kept, err = readJSON[topology.Kept](s.mark(lab))
		return err
	})
	return kept, err
}
