package results

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// ErrNoCopy means that nothing is kept under a hash.
var ErrNoCopy = errors.New("no such copy")

// KeepCopy keeps what has to be had again as it is now, such as a plan that is
// put before people for signature, and returns the hash that it is kept under:
// the sha256 of the content. The same content is kept once.
func (s *Store) KeepCopy(ctx context.Context, content []byte) (hash string, err error) {
	hash = copyHash(content)
	err = s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO copies (hash, since, content) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING`,
			hash, time.Now().UnixNano(), content)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("cannot keep a copy: %w", err)
	}
	return hash, nil
}

// Copy returns what is kept under a hash, or ErrNoCopy. Content that was changed
// in the database is an error.
func (s *Store) Copy(ctx context.Context, hash string) (content []byte, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT content FROM copies WHERE hash = $1`, hash).Scan(&content)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, fmt.Errorf("%w under %.12s", ErrNoCopy, hash)
	case err != nil:
		return nil, err
	case copyHash(content) != hash:
		return nil, fmt.Errorf("the copy under %.12s was changed in the database", hash)
	}
	return content, nil
}

func copyHash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
