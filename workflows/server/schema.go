package server

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	temporalschema "go.temporal.io/server/schema"
	"go.temporal.io/server/schema/sqlite"
	_ "modernc.org/sqlite" // the driver
)

// schemaDir holds the module's SQL: schema.sql for a new file and a directory
// of changes for each version since.
const schemaDir = "sqlite/v3/temporal"

// A NewerSchemaError says that a later release of ccl has written the file.
type NewerSchemaError struct {
	File       string
	Have, Know int // minor version of the file's schema, and the newest this program knows
}

func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("%s was written by a newer ccl (schema 0.%d, this one knows 0.%d); use that one, or another file",
		e.File, e.Have, e.Know)
}

// migrate brings the database file to the schema of the linked server. The
// server itself never does: it only creates. The file's version is kept in
// SQLite's user_version.
func migrate(ctx context.Context, file string) error {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)

	know, err := minor(sqlite.Version)
	if err != nil {
		return err
	}
	var have, tables int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE type = 'table'").Scan(&tables); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	switch {
	case have > know:
		return &NewerSchemaError{File: file, Have: have, Know: know}
	case have == 0 && tables > 0:
		return fmt.Errorf("%s is not a database of ccl's: it has %d tables and no schema version", file, tables)
	case have == 0:
		return create(ctx, db, know)
	}
	for v := have + 1; v <= know; v++ {
		if err := upgrade(ctx, db, v); err != nil {
			return fmt.Errorf("%s: schema 0.%d: %w", file, v, err)
		}
	}
	return nil
}

// create writes the current schema into an empty file, all or nothing.
func create(ctx context.Context, db *sql.DB, version int) error {
	return inTx(ctx, db, version, schemaDir+"/schema.sql", "sqlite/v3/visibility/schema.sql")
}

// upgrade applies the changes of one version.
func upgrade(ctx context.Context, db *sql.DB, version int) error {
	dir := fmt.Sprintf("%s/versioned/v0.%d", schemaDir, version)
	text, err := fs.ReadFile(temporalschema.Assets(), dir+"/manifest.json")
	if err != nil {
		return err
	}
	var manifest struct{ SchemaUpdateCqlFiles []string }
	if err := json.Unmarshal(text, &manifest); err != nil {
		return err
	}
	files := make([]string, len(manifest.SchemaUpdateCqlFiles))
	for i, name := range manifest.SchemaUpdateCqlFiles {
		files[i] = path.Join(dir, name)
	}
	return inTx(ctx, db, version, files...)
}

// inTx executes SQL files and records the version in one transaction.
func inTx(ctx context.Context, db *sql.DB, version int, files ...string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, name := range files {
		text, err := fs.ReadFile(temporalschema.Assets(), name)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, string(text)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return err
	}
	return tx.Commit()
}

// minor returns 11 of "0.11". The module has had no other major version.
func minor(version string) (int, error) {
	rest, ok := strings.CutPrefix(version, "0.")
	if !ok {
		return 0, fmt.Errorf("schema version %q of the linked Temporal server is not 0.x", version)
	}
	return strconv.Atoi(rest)
}
