package results

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// A Contract is a purchase of Advanced Services Credits.
type Contract struct {
	Number    string    `json:"number"`
	Customer  string    `json:"customer"`
	Activated time.Time `json:"activated"` // a date, as midnight in UTC
	Credits   int       `json:"credits"`   // bought
}

// CreditMonths is how long credits are valid after the contract's activation.
const CreditMonths = 12

// Expires is when the credits that are left are lost: twelve months after the
// activation, on the same date, or on the first of March if there is none.
func (c *Contract) Expires() time.Time { return c.Activated.AddDate(0, CreditMonths, 0) }

// A Debit is what one engagement has cost.
type Debit struct {
	Engagement string    `json:"engagement"`
	Contract   string    `json:"contract"`
	Credits    int       `json:"credits"`
	At         time.Time `json:"at"`
}

// An Account is a contract with its debits, oldest first.
type Account struct {
	Contract
	Debits []Debit `json:"debits,omitempty"`
}

// Used is the number of credits that engagements have cost.
func (a *Account) Used() int {
	n := 0
	for _, d := range a.Debits {
		n += d.Credits
	}
	return n
}

// Balance is the number of credits that are left, whether expired or not.
func (a *Account) Balance() int { return a.Credits - a.Used() }

// A CreditError is a debit that the contract does not allow. Its message says
// what would be allowed.
type CreditError struct {
	Contract string
	Reason   string // why not
	Instead  string // what would be allowed
}

func (e *CreditError) Error() string {
	return fmt.Sprintf("contract %s: %s; %s", e.Contract, e.Reason, e.Instead)
}

// Debit takes the price of an engagement from a contract, which is put on
// record when it is seen first, and returns the account after it. An
// engagement is debited once: asking again, after a crash or a retry, changes
// nothing and succeeds even when the credits have expired since. What the
// contract does not allow is a *CreditError, and changes nothing.
func (s *Store) Debit(ctx context.Context, c Contract, d Debit) (*Account, error) {
	if d.Engagement == "" || d.Credits <= 0 || d.Contract != c.Number {
		return nil, fmt.Errorf("debit of %d credits from contract %q for engagement %q: incomplete", d.Credits, d.Contract, d.Engagement)
	}
	var account *Account
	err := s.write(ctx, func(tx *sql.Tx) error {
		done, err := findDebit(ctx, tx, d.Engagement)
		if err != nil {
			return err
		}
		if done != nil {
			if done.Contract != d.Contract || done.Credits != d.Credits {
				return &CreditError{d.Contract,
					fmt.Sprintf("engagement %s has been debited %d credits from contract %s already", d.Engagement, done.Credits, done.Contract),
					"a new engagement needs a name of its own"}
			}
			account, err = loadAccount(ctx, tx, d.Contract)
			return err
		}
		if err := saveContract(ctx, tx, c); err != nil {
			return err
		}
		if account, err = loadAccount(ctx, tx, c.Number); err != nil {
			return err
		}
		if err := account.allows(d); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO debits (engagement, contract, credits, at) VALUES ($1, $2, $3, $4)`,
			d.Engagement, d.Contract, d.Credits, nanos(d.At))
		account.Debits = append(account.Debits, d)
		return err
	})
	if err != nil {
		return nil, err
	}
	return account, nil
}

// allows refuses a debit before the activation, after the expiry, or of more
// than is left. The dates of a contract are dates in the time zone of d.At.
func (a *Account) allows(d Debit) error {
	at := time.Date(d.At.Year(), d.At.Month(), d.At.Day(), d.At.Hour(), d.At.Minute(), d.At.Second(), d.At.Nanosecond(), time.UTC)
	refuse := func(instead, reason string, args ...any) error {
		return &CreditError{a.Number, fmt.Sprintf(reason, args...), instead}
	}
	expires := a.Expires()
	switch {
	case at.Before(a.Activated):
		return refuse("start the engagement then or later", "it is activated on %s only", a.Activated.Format(time.DateOnly))
	case !at.Before(expires):
		return refuse("an engagement needs a contract that was activated less than 12 months before",
			"its credits expired on %s, %d months after the activation", expires.Format(time.DateOnly), CreditMonths)
	case d.Credits > a.Balance():
		return refuse(fmt.Sprintf("at most %d credits can be debited", a.Balance()),
			"the engagement costs %d credits and %d of %d are left", d.Credits, a.Balance(), a.Credits)
	}
	return nil
}

// saveContract records a contract, or checks that it is the one on record.
func saveContract(ctx context.Context, tx *sql.Tx, c Contract) error {
	known, err := loadAccount(ctx, tx, c.Number)
	if errors.Is(err, ErrNoContract) {
		_, err := tx.ExecContext(ctx, `INSERT INTO contracts (number, customer, activated, credits) VALUES ($1, $2, $3, $4)`,
			c.Number, c.Customer, nanos(c.Activated), c.Credits)
		return err
	}
	if err != nil {
		return err
	}
	if known.Customer != c.Customer || !known.Activated.Equal(c.Activated) || known.Credits != c.Credits {
		return &CreditError{c.Number,
			fmt.Sprintf("it is on record as %s's, activated on %s with %d credits, not as %s's of %s with %d",
				known.Customer, known.Activated.Format(time.DateOnly), known.Credits, c.Customer, c.Activated.Format(time.DateOnly), c.Credits),
			"name the contract as it is on record"}
	}
	return nil
}

// ErrNoContract means that no contract of that number is on record.
var ErrNoContract = errors.New("no such contract")

func findDebit(ctx context.Context, tx *sql.Tx, engagement string) (*Debit, error) {
	d := &Debit{Engagement: engagement}
	var at int64
	err := tx.QueryRowContext(ctx, `SELECT contract, credits, at FROM debits WHERE engagement = $1`, engagement).Scan(&d.Contract, &d.Credits, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	d.At = time.Unix(0, at).UTC()
	return d, err
}
