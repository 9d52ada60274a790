package results

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/agext/levenshtein"
)

// ErrNoRun means that no run on record has that ID.
var ErrNoRun = errors.New("no such run")

// Run returns the run that ref names, with every attempt: a full ID, the
// beginning of one if only one run begins so, or "last" (or "latest") for the
// run that started last. If there is none the error is ErrNoRun and names the
// nearest.
func (s *Store) Run(ctx context.Context, ref string) (*Run, error) {
	var run *Run
	err := s.read(ctx, func(tx *sql.Tx) error {
		id, err := resolve(ctx, tx, ref)
		if err != nil {
			return err
		}
		run, err = loadRun(ctx, tx, id, true)
		return err
	})
	return run, err
}

// A Filter chooses runs. The zero Filter chooses all.
type Filter struct {
	Plan  string // only runs of this plan
	Limit int    // at most so many; 0 is no limit
}

// List returns runs, newest first. Their attempts come without steps.
func (s *Store) List(ctx context.Context, f Filter) ([]*Run, error) {
	var runs []*Run
	err := s.read(ctx, func(tx *sql.Tx) error {
		ids, err := textColumn(ctx, tx, `
			SELECT id FROM runs WHERE $1 = '' OR plan = $1 ORDER BY started DESC, id DESC LIMIT $2`,
			f.Plan, limit(f.Limit))
		if err != nil {
			return err
		}
		for _, id := range ids {
			run, err := loadRun(ctx, tx, id, false)
			if err != nil {
				return err
			}
			runs = append(runs, run)
		}
		return nil
	})
	return runs, err
}

// limit turns "no limit" into a number that is one in practice.
func limit(n int) int64 {
	if n <= 0 {
		return 1 << 40
	}
	return int64(n)
}

// resolve returns the ID that ref stands for.
func resolve(ctx context.Context, tx *sql.Tx, ref string) (string, error) {
	if ref == "last" || ref == "latest" {
		ids, err := textColumn(ctx, tx, `SELECT id FROM runs ORDER BY started DESC, id DESC LIMIT 1`)
		if err == nil && len(ids) == 0 {
			err = fmt.Errorf("%w: there are no runs on record yet", ErrNoRun)
		}
		if err != nil {
			return "", err
		}
		return ids[0], nil
	}
	ids, err := textColumn(ctx, tx, `
		SELECT id FROM runs WHERE substr(id, 1, length($1)) = $1 ORDER BY started DESC, id DESC`, ref)
	if err != nil {
		return "", err
	}
	for _, id := range ids {
		if id == ref {
			return id, nil
		}
	}
	switch {
	case ref == "" || len(ids) == 0:
		return "", noRun(ctx, tx, ref)
	case len(ids) > 1:
		return "", fmt.Errorf("run %q is ambiguous: %d runs begin so, the newest are %s", ref, len(ids), strings.Join(ids[:min(3, len(ids))], ", "))
	}
	return ids[0], nil
}

// noRun is ErrNoRun with the nearest ID there is.
func noRun(ctx context.Context, tx *sql.Tx, ref string) error {
	ids, err := textColumn(ctx, tx, `SELECT id FROM runs ORDER BY started DESC, id DESC LIMIT 500`)
	if err != nil {
		return err
	}
	if near := nearest(ref, ids); near != "" {
		return fmt.Errorf("%w as %q, did you mean %q?", ErrNoRun, ref, near)
	}
	return fmt.Errorf("%w as %q (%d on record)", ErrNoRun, ref, len(ids))
}

// nearest returns the word most like ref, or "" if none is alike.
func nearest(ref string, words []string) string {
	best, score := "", 0.6
	for _, w := range words {
		if s := levenshtein.Similarity(ref, w, nil); s > score {
			best, score = w, s
		}
	}
	return best
}

// findCase fails with what is missing unless the run and the case are saved.
func findCase(ctx context.Context, tx *sql.Tx, runID, caseID string) error {
	ids, err := textColumn(ctx, tx, `SELECT case_id FROM cases WHERE run_id = $1 AND case_id = $2`, runID, caseID)
	if err != nil || len(ids) > 0 {
		return err
	}
	ids, err = textColumn(ctx, tx, `SELECT id FROM runs WHERE id = $1`, runID)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return noRun(ctx, tx, runID)
	}
	return fmt.Errorf("run %s has no case %s", runID, caseID)
}

// loadRun reads a run with its attempts, whole or without their steps.
func loadRun(ctx context.Context, tx *sql.Tx, id string, whole bool) (*Run, error) {
	var header, problem string
	var finished int64
	err := tx.QueryRowContext(ctx, `SELECT header, finished, problem FROM runs WHERE id = $1`, id).Scan(&header, &finished, &problem)
	if err != nil {
		return nil, err
	}
	run := new(Run)
	if err := json.Unmarshal([]byte(header), run); err != nil {
		return nil, fmt.Errorf("run %s: the record is damaged: %w", id, err)
	}
	run.Problem = problem
	if finished != 0 {
		run.Finished = time.Unix(0, finished).UTC()
	}
	if run.Cases, err = loadCases(ctx, tx, id); err != nil {
		return nil, err
	}
	return run, loadAttempts(ctx, tx, run, whole)
}

func loadCases(ctx context.Context, tx *sql.Tx, run string) ([]Case, error) {
	docs, err := textColumn(ctx, tx, `SELECT document FROM cases WHERE run_id = $1 ORDER BY position`, run)
	if err != nil {
		return nil, err
	}
	cases := make([]Case, len(docs))
	for i, doc := range docs {
		if err := json.Unmarshal([]byte(doc), &cases[i]); err != nil {
			return nil, fmt.Errorf("run %s: the record of case %d is damaged: %w", run, i+1, err)
		}
	}
	return cases, nil
}

func loadAttempts(ctx context.Context, tx *sql.Tx, run *Run, whole bool) error {
	column := "outline"
	if whole {
		column = "document"
	}
	rows, err := tx.QueryContext(ctx, `SELECT case_id, `+column+` FROM attempts WHERE run_id = $1 ORDER BY case_id, number`, run.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var caseID, doc string
		if err := rows.Scan(&caseID, &doc); err != nil {
			return err
		}
		var a Attempt
		if err := json.Unmarshal([]byte(doc), &a); err != nil {
			return fmt.Errorf("run %s, case %s: the record of an attempt is damaged: %w", run.ID, caseID, err)
		}
		if c := run.Case(caseID); c != nil {
			c.Attempts = append(c.Attempts, a)
		}
	}
	return rows.Err()
}

// textColumn returns the one text column that a query selects.
func textColumn(ctx context.Context, tx *sql.Tx, query string, args ...any) ([]string, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var column []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		column = append(column, s)
	}
	return column, rows.Err()
}
