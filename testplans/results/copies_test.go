package results_test

import (
	"bytes"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/testplans/results"
)

// What is kept comes back byte for byte, from another process too; the same is
// kept once.
func TestCopies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.db")
	s := open(t, path)
	if _, err := s.Copy(t.Context(), strings.Repeat("0", 64)); !errors.Is(err, results.ErrNoCopy) {
		t.Errorf("an empty store: %v, want ErrNoCopy", err)
	}
	one, two := []byte("12"), bytes.Repeat([]byte{0, 0xff, '\''}, 1<<20)
	hashes := map[string][]byte{}
	for _, content := range [][]byte{one, two, one} {
		hash, err := s.KeepCopy(t.Context(), content)
		must(t, err)
		hashes[hash] = content
	}
	if len(hashes) != 2 {
		t.Errorf("%d hashes of two contents", len(hashes))
	}
	again := open(t, path)
	for hash, content := range hashes {
		if kept, err := again.Copy(t.Context(), hash); err != nil || !bytes.Equal(kept, content) {
			t.Errorf("%s: %d bytes, %v; want %d", hash, len(kept), err, len(content))
		}
	}
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer db.Close()
	var rows int
	must(t, db.QueryRow(`SELECT COUNT(*) FROM copies`).Scan(&rows))
	if rows != 2 {
		t.Errorf("%d copies are kept of two contents", rows)
	}
}

// Nobody changes what was signed by changing the database.
func TestCopyThatWasChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.db")
	s := open(t, path)
	hash, err := s.KeepCopy(t.Context(), []byte("as signed"))
	must(t, err)
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer db.Close()
	_, err = db.Exec(`UPDATE copies SET content = 'as wished'`)
	must(t, err)
	if _, err := s.Copy(t.Context(), hash); err == nil || !strings.Contains(err.Error(), "was changed in the database") {
		t.Errorf("%v, want that it was changed", err)
	}
}
