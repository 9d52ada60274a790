package results

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// A Store keeps runs, their attempts and the baselines of plans. It is safe
// for use by several goroutines, and the database by several processes.
type Store struct {
	db *sql.DB
}

// Open opens the store that dsn names and brings its schema up to date. A dsn
// is "sqlite:PATH" or a bare path; the file and its directory are made if
// missing. A database written by a newer version of this program is refused
// with a *SchemaError and left as it is.
func Open(ctx context.Context, dsn string) (*Store, error) {
	path, err := sqlitePath(dsn)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("results store: %w", err)
	}
	db, err := sql.Open("sqlite", sqliteURI(path))
	if err != nil {
		return nil, fmt.Errorf("results store %s: %w", path, err)
	}
	// SQLite has one writer anyway. One connection queues our own writers in
	// order instead of letting them race for the file's lock.
	db.SetMaxOpenConns(1)
	err = whileBusy(ctx, func() error {
		if err := useWAL(ctx, db); err != nil {
			return err
		}
		return migrate(ctx, db)
	})
	if err != nil {
		err = errors.Join(err, db.Close())
		return nil, fmt.Errorf("results store %s: %w", path, err)
	}
	return &Store{db: db}, nil
}

// Close releases the database.
func (s *Store) Close() error { return s.db.Close() }

// sqlitePath returns the absolute path of the database file that dsn names.
func sqlitePath(dsn string) (string, error) {
	path, isSQLite := strings.CutPrefix(dsn, "sqlite:")
	if !isSQLite {
		if scheme, _, ok := strings.Cut(dsn, "://"); ok {
			return "", fmt.Errorf("results store %s://…: unknown kind of store %q, expected sqlite:PATH or a path", scheme, scheme)
		}
	}
	path = strings.TrimPrefix(path, "//") // sqlite:///var/lib/ccl/results.db
	if path == "" {
		return "", fmt.Errorf("results store %q: no path, expected sqlite:PATH", dsn)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("results store %q: %w", dsn, err)
	}
	return abs, nil
}

// busyTimeout is how long a process waits for another one's transaction.
const busyTimeout = 15 * time.Second

// sqliteURI turns a path into the driver's address. A busy database is waited
// for; a transaction that writes takes the write lock when it begins, so that
// it cannot fail half-way.
func sqliteURI(path string) string {
	query := url.Values{
		"_pragma": {fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "synchronous(FULL)", "foreign_keys(ON)"},
		"_txlock": {"immediate"},
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String()
}

// useWAL lets readers and the writer work side by side. The mode stays with the
// file, so only the first opening ever changes it.
func useWAL(ctx context.Context, db *sql.DB) error {
	var mode string
	if err := db.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode); err != nil || mode == "wal" {
		return err
	}
	if err := db.QueryRowContext(ctx, `PRAGMA journal_mode = WAL`).Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("the file system does not allow SQLite's write-ahead log (journal mode stays %s)", mode)
	}
	return nil
}

// whileBusy repeats f while the database is busy. SQLite's own busy timeout
// does not cover the change of the journal mode, which several processes may
// want at once when the file is new.
func whileBusy(ctx context.Context, f func() error) error {
	deadline := time.Now().Add(busyTimeout)
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		err := f()
		var failed *sqlite.Error
		if !errors.As(err, &failed) || failed.Code()&0xff != sqlite3.SQLITE_BUSY || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// write runs f in a transaction that may write.
func (s *Store) write(ctx context.Context, f func(*sql.Tx) error) error {
	return inTx(ctx, s.db, nil, f)
}

// read runs f in a transaction that sees one state of the database.
func (s *Store) read(ctx context.Context, f func(*sql.Tx) error) error {
	return inTx(ctx, s.db, &sql.TxOptions{ReadOnly: true}, f)
}

func inTx(ctx context.Context, db *sql.DB, opts *sql.TxOptions, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, opts)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		// A done context has rolled back already.
		if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			err = errors.Join(err, undo)
		}
		return err
	}
	return tx.Commit()
}
