package server

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"go.temporal.io/server/schema/sqlite"
)

// Every version between the oldest and the newest can be stepped over: what
// the module ships parses and applies. The statements of 0.11 are the only
// ones that apply to a file made by the current schema with them undone.
func TestMigrateFromPreviousVersion(t *testing.T) {
	file := filepath.Join(t.TempDir(), "old.db")
	if err := migrate(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{"DROP TABLE current_chasm_executions", "PRAGMA user_version = 10"} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := migrate(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	var version, tables int
	row := db.QueryRowContext(context.Background(),
		"SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_master WHERE name = 'current_chasm_executions')")
	if err := row.Scan(&version, &tables); err != nil {
		t.Fatal(err)
	}
	if version != 11 || tables != 1 {
		t.Errorf("version 0.%d with %d tables current_chasm_executions, want 0.11 with 1", version, tables)
	}
}

// The module has no versioned changes for its visibility tables. When it gets
// some, migrate must learn to apply them.
func TestVisibilitySchemaIsTheOneWeKnow(t *testing.T) {
	if sqlite.VisibilityVersion != "0.1" {
		t.Errorf("visibility schema is %s; migrate only knows 0.1", sqlite.VisibilityVersion)
	}
}
