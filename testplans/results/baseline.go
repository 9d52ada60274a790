package results

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrNoBaseline means that no run has been chosen as the plan's baseline.
var ErrNoBaseline = errors.New("no baseline")

// SetBaseline makes a run (any reference that Run takes) the one that later
// runs of its plan are compared with. It must have finished.
func (s *Store) SetBaseline(ctx context.Context, ref string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		id, err := resolve(ctx, tx, ref)
		if err != nil {
			return err
		}
		var plan string
		var finished int64
		if err := tx.QueryRowContext(ctx, `SELECT plan, finished FROM runs WHERE id = $1`, id).Scan(&plan, &finished); err != nil {
			return err
		}
		if finished == 0 {
			return fmt.Errorf("run %s has not finished, it cannot be a baseline", id)
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO baselines (plan, run_id, since) VALUES ($1, $2, $3)
			ON CONFLICT (plan) DO UPDATE SET run_id = excluded.run_id, since = excluded.since`,
			plan, id, time.Now().UnixNano())
		return err
	})
}

// Baseline returns the run that runs of the plan are compared with, or
// ErrNoBaseline.
func (s *Store) Baseline(ctx context.Context, plan string) (*Run, error) {
	var run *Run
	err := s.read(ctx, func(tx *sql.Tx) error {
		ids, err := textColumn(ctx, tx, `SELECT run_id FROM baselines WHERE plan = $1`, plan)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return fmt.Errorf("%w is set for plan %s", ErrNoBaseline, plan)
		}
		run, err = loadRun(ctx, tx, ids[0], true)
		return err
	})
	return run, err
}

// Baselines returns the ID of each plan's baseline by the plan's name.
func (s *Store) Baselines(ctx context.Context) (map[string]string, error) {
	baselines := map[string]string{}
	err := s.read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT plan, run_id FROM baselines`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var plan, id string
			if err := rows.Scan(&plan, &id); err != nil {
				return err
			}
			baselines[plan] = id
		}
		return rows.Err()
	})
	return baselines, err
}

// Delete removes a run, named by its whole ID, with all its records. The
// evidence files are not the store's and stay. A baseline is not deleted.
func (s *Store) Delete(ctx context.Context, id string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		plans, err := textColumn(ctx, tx, `SELECT plan FROM baselines WHERE run_id = $1`, id)
		if err != nil {
			return err
		}
		if len(plans) > 0 {
			return fmt.Errorf("run %s is the baseline of plan %s: choose another baseline first", id, plans[0])
		}
		done, err := tx.ExecContext(ctx, `DELETE FROM runs WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return noRun(ctx, tx, id)
	})
}
