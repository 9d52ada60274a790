package results

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// An AttemptConflictError is an attempt that is on record with other content.
type AttemptConflictError struct {
	Run, Case string
	Number    int
}

func (e *AttemptConflictError) Error() string {
	return fmt.Sprintf("run %s, case %s: attempt %d is already recorded with other content; records are append-only, use the next number", e.Run, e.Case, e.Number)
}

// SaveRun records a run's header and its list of cases, or updates them. Saving
// the same run again changes nothing. Attempts that are on record stay, those
// in r are added as SaveAttempt does. A finished run stays finished when it is
// saved with a zero Finished, and keeps its Problem.
//
// A case that is no longer in the list is forgotten if it never ran; if it
// did, the update is refused.
func (s *Store) SaveRun(ctx context.Context, r *Run) error {
	if err := r.valid(); err != nil {
		return err
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		if err := saveHeader(ctx, tx, r); err != nil {
			return err
		}
		if err := saveCases(ctx, tx, r); err != nil {
			return err
		}
		for _, c := range r.Cases {
			for _, a := range c.Attempts {
				if err := saveAttempt(ctx, tx, r.ID, c.ID, a); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// valid refuses a run that could not be told from others later.
func (r *Run) valid() error {
	switch {
	case r.ID == "":
		return errors.New("a run without an ID cannot be saved")
	case r.Plan == "":
		return fmt.Errorf("run %s: no plan named", r.ID)
	case r.Started.IsZero():
		return fmt.Errorf("run %s: no start time", r.ID)
	}
	seen := make(map[string]bool, len(r.Cases))
	for _, c := range r.Cases {
		if c.ID == "" {
			return fmt.Errorf("run %s: a case has no ID", r.ID)
		}
		if seen[c.ID] {
			return fmt.Errorf("run %s: case %s is listed twice", r.ID, c.ID)
		}
		seen[c.ID] = true
	}
	return nil
}

func saveHeader(ctx context.Context, tx *sql.Tx, r *Run) error {
	header := *r
	header.Cases, header.Finished, header.Problem = nil, time.Time{}, ""
	doc, err := json.Marshal(header)
	if err != nil {
		return fmt.Errorf("run %s: %w", r.ID, err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO runs (id, plan, started, finished, problem, header)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET
			plan = excluded.plan, started = excluded.started, header = excluded.header,
			finished = CASE WHEN excluded.finished = 0 THEN runs.finished ELSE excluded.finished END,
			problem = CASE WHEN excluded.finished = 0 AND excluded.problem = '' THEN runs.problem ELSE excluded.problem END`,
		r.ID, r.Plan, nanos(r.Started), nanos(r.Finished), r.Problem, string(doc))
	return err
}

func saveCases(ctx context.Context, tx *sql.Tx, r *Run) error {
	if err := forgetCases(ctx, tx, r); err != nil {
		return err
	}
	for i, c := range r.Cases {
		c.Attempts = nil
		doc, err := json.Marshal(c)
		if err != nil {
			return fmt.Errorf("run %s, case %s: %w", r.ID, c.ID, err)
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO cases (run_id, case_id, position, document) VALUES ($1, $2, $3, $4)
			ON CONFLICT (run_id, case_id) DO UPDATE SET position = excluded.position, document = excluded.document`,
			r.ID, c.ID, i, string(doc))
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetCases deletes the recorded cases that r no longer lists.
func forgetCases(ctx context.Context, tx *sql.Tx, r *Run) error {
	listed := make(map[string]bool, len(r.Cases))
	for _, c := range r.Cases {
		listed[c.ID] = true
	}
	recorded, err := attemptCounts(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	for id, attempts := range recorded {
		if listed[id] {
			continue
		}
		if attempts > 0 {
			return fmt.Errorf("run %s: case %s has run (%d attempts on record) and cannot be dropped from the list", r.ID, id, attempts)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM cases WHERE run_id = $1 AND case_id = $2`, r.ID, id); err != nil {
			return err
		}
	}
	return nil
}

// attemptCounts returns how often each recorded case of a run has run.
func attemptCounts(ctx context.Context, tx *sql.Tx, run string) (map[string]int, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT c.case_id, COUNT(a.number) FROM cases c
		LEFT JOIN attempts a ON a.run_id = c.run_id AND a.case_id = c.case_id
		WHERE c.run_id = $1 GROUP BY c.case_id`, run)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		counts[id] = n
	}
	return counts, rows.Err()
}

// SaveAttempt appends one attempt of a case to a run. Saving the same attempt
// again changes nothing; saving another one under the same number fails with
// an *AttemptConflictError. The run and the case must have been saved.
func (s *Store) SaveAttempt(ctx context.Context, runID, caseID string, a Attempt) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if err := findCase(ctx, tx, runID, caseID); err != nil {
			return err
		}
		return saveAttempt(ctx, tx, runID, caseID, a)
	})
}

func saveAttempt(ctx context.Context, tx *sql.Tx, runID, caseID string, a Attempt) error {
	if a.Number < 1 {
		return fmt.Errorf("run %s, case %s: attempts are numbered from 1, not %d", runID, caseID, a.Number)
	}
	if a.Verdict == "" {
		return fmt.Errorf("run %s, case %s: attempt %d has no verdict", runID, caseID, a.Number)
	}
	doc, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("run %s, case %s, attempt %d: %w", runID, caseID, a.Number, err)
	}
	var recorded string
	err = tx.QueryRowContext(ctx, `SELECT document FROM attempts WHERE run_id = $1 AND case_id = $2 AND number = $3`,
		runID, caseID, a.Number).Scan(&recorded)
	switch {
	case err == nil && recorded == string(doc):
		return nil
	case err == nil:
		return &AttemptConflictError{Run: runID, Case: caseID, Number: a.Number}
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	outline := a
	outline.Steps = nil
	brief, err := json.Marshal(outline)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO attempts (run_id, case_id, number, verdict, outline, document) VALUES ($1, $2, $3, $4, $5, $6)`,
		runID, caseID, a.Number, string(a.Verdict), string(brief), string(doc))
	return err
}

// FinishRun records when a run ended and, if it ended without judging its
// cases, why. Finishing it again replaces both.
func (s *Store) FinishRun(ctx context.Context, id string, at time.Time, problem string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE runs SET finished = $1, problem = $2 WHERE id = $3`, nanos(at), problem, id)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return noRun(ctx, tx, id)
	})
}

// nanos is how times are kept: nanoseconds since 1970, 0 for the zero time.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
