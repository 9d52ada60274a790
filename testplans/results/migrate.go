package results

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations are the steps from an empty database to the current schema, in
// order. A step that has been released is never edited: add another one.
// The SQL keeps to what SQLite and PostgreSQL both understand.
//
// Times are nanoseconds since 1970 in UTC, 0 for none; documents are JSON.
var migrations = []string{
	`CREATE TABLE runs (
		id       TEXT   NOT NULL PRIMARY KEY,
		plan     TEXT   NOT NULL,
		started  BIGINT NOT NULL,
		finished BIGINT NOT NULL,
		problem  TEXT   NOT NULL,
		header   TEXT   NOT NULL
	);
	CREATE INDEX runs_by_plan ON runs (plan, started);
	CREATE INDEX runs_by_start ON runs (started);

	CREATE TABLE cases (
		run_id   TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
		case_id  TEXT    NOT NULL,
		position INTEGER NOT NULL,
		document TEXT    NOT NULL,
		PRIMARY KEY (run_id, case_id)
	);

	CREATE TABLE attempts (
		run_id   TEXT    NOT NULL,
		case_id  TEXT    NOT NULL,
		number   INTEGER NOT NULL,
		verdict  TEXT    NOT NULL,
		outline  TEXT    NOT NULL,
		document TEXT    NOT NULL,
		PRIMARY KEY (run_id, case_id, number),
		FOREIGN KEY (run_id, case_id) REFERENCES cases (run_id, case_id) ON DELETE CASCADE
	);

	CREATE TABLE baselines (
		plan   TEXT   NOT NULL PRIMARY KEY,
		run_id TEXT   NOT NULL REFERENCES runs (id),
		since  BIGINT NOT NULL
	);`,
	`CREATE TABLE contracts (
		number    TEXT    NOT NULL PRIMARY KEY,
		customer  TEXT    NOT NULL,
		activated BIGINT  NOT NULL,
		credits   INTEGER NOT NULL
	);

	CREATE TABLE debits (
		engagement TEXT    NOT NULL PRIMARY KEY,
		contract   TEXT    NOT NULL REFERENCES contracts (number),
		credits    INTEGER NOT NULL,
		at         BIGINT  NOT NULL
	);
	CREATE INDEX debits_by_contract ON debits (contract, at);`,
	`CREATE TABLE copies (
		hash    TEXT   NOT NULL PRIMARY KEY,
		since   BIGINT NOT NULL,
		content BYTEA  NOT NULL
	);`,
}

// A SchemaError is a database whose schema is newer than this program.
type SchemaError struct {
	Found, Known int // schema versions
}

func (e *SchemaError) Error() string {
	return fmt.Sprintf("the database has schema version %d, this program knows up to %d: it was written by a newer ccl, use that one or another database", e.Found, e.Known)
}

// migrate applies the missing migrations in one transaction. Of several
// processes that start together one does the work, the others find it done.
func migrate(ctx context.Context, db *sql.DB) error {
	return inTx(ctx, db, nil, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL PRIMARY KEY)`); err != nil {
			return err
		}
		var found int
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM schema_version`).Scan(&found); err != nil {
			return err
		}
		if found > len(migrations) {
			return &SchemaError{Found: found, Known: len(migrations)}
		}
		for version := found + 1; version <= len(migrations); version++ {
			if _, err := tx.ExecContext(ctx, migrations[version-1]); err != nil {
				return fmt.Errorf("schema version %d: %w", version, err)
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO schema_version (version) VALUES ($1)`, version); err != nil {
				return err
			}
		}
		return nil
	})
}
