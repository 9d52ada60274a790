package results

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Account returns a contract with its debits. If there is none of that number
// the error is ErrNoContract and names the nearest.
func (s *Store) Account(ctx context.Context, number string) (*Account, error) {
	var account *Account
	err := s.read(ctx, func(tx *sql.Tx) error {
		var err error
		if account, err = loadAccount(ctx, tx, number); !errors.Is(err, ErrNoContract) {
			return err
		}
		numbers, listErr := contractNumbers(ctx, tx)
		if near := nearest(number, numbers); listErr == nil && near != "" {
			return fmt.Errorf("%w as %q, did you mean %q?", ErrNoContract, number, near)
		}
		return fmt.Errorf("%w as %q (%d on record)", ErrNoContract, number, len(numbers))
	})
	if err != nil {
		return nil, err
	}
	return account, nil
}

// Accounts returns every contract with its debits, by number.
func (s *Store) Accounts(ctx context.Context) ([]*Account, error) {
	var all []*Account
	err := s.read(ctx, func(tx *sql.Tx) error {
		numbers, err := contractNumbers(ctx, tx)
		if err != nil {
			return err
		}
		for _, number := range numbers {
			account, err := loadAccount(ctx, tx, number)
			if err != nil {
				return err
			}
			all = append(all, account)
		}
		return nil
	})
	return all, err
}

func contractNumbers(ctx context.Context, tx *sql.Tx) ([]string, error) {
	return textColumn(ctx, tx, `SELECT number FROM contracts ORDER BY number`)
}

func loadAccount(ctx context.Context, tx *sql.Tx, number string) (*Account, error) {
	a := &Account{Contract: Contract{Number: number}}
	var activated int64
	err := tx.QueryRowContext(ctx, `SELECT customer, activated, credits FROM contracts WHERE number = $1`, number).
		Scan(&a.Customer, &activated, &a.Credits)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoContract
	}
	if err != nil {
		return nil, err
	}
	a.Activated = time.Unix(0, activated).UTC()
	rows, err := tx.QueryContext(ctx, `SELECT engagement, credits, at FROM debits WHERE contract = $1 ORDER BY at, engagement`, number)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		d := Debit{Contract: number}
		var at int64
		if err := rows.Scan(&d.Engagement, &d.Credits, &at); err != nil {
			return nil, err
		}
		d.At = time.Unix(0, at).UTC()
		a.Debits = append(a.Debits, d)
	}
	return a, rows.Err()
}
