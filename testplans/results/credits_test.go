package results_test

import (
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans/results"
)

var bought = results.Contract{
	Number: "AS-1001", Customer: "ACME", Credits: 100, Activated: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC),
}

func debit(engagement string, credits int, at time.Time) results.Debit {
	return results.Debit{Engagement: engagement, Contract: bought.Number, Credits: credits, At: at}
}

func TestDebit(t *testing.T) {
	expiry := time.Date(2027, 1, 15, 0, 0, 0, 0, time.UTC)
	other := bought
	other.Credits = 200
	type step struct {
		contract results.Contract
		debit    results.Debit
		balance  int
		refuse   string
	}
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{"to the last credit and no further", []step{
			{bought, debit("one", 60, start), 40, ""},
			{bought, debit("two", 50, start), 40, "the engagement costs 50 credits and 40 of 100 are left; at most 40 credits"},
			{bought, debit("two", 40, start), 0, ""}}},
		{"an engagement is debited once", []step{
			{bought, debit("one", 60, start), 40, ""},
			{bought, debit("one", 60, start.Add(time.Hour)), 40, ""},
			{bought, debit("one", 60, expiry.Add(time.Hour)), 40, ""},
			{bought, debit("one", 10, start), 40, "has been debited 60 credits from contract AS-1001 already"}}},
		{"the last moment", []step{{bought, debit("one", 1, expiry.Add(-1)), 99, ""}}},
		{"expired", []step{{bought, debit("one", 1, expiry), 100, "expired on 2027-01-15"}}},
		{"before the activation", []step{{bought, debit("one", 1, bought.Activated.Add(-1)), 100, "activated on 2026-01-15 only"}}},
		{"the first day has begun in Auckland", []step{{bought, debit("one", 1, bought.Activated.Add(-12*time.Hour).In(time.FixedZone("NZDT", 13*3600))), 99, ""}}},
		{"the last day is over in Auckland", []step{{bought, debit("one", 1, expiry.Add(-12*time.Hour).In(time.FixedZone("NZDT", 13*3600))), 100, "expired on 2027-01-15"}}},
		{"other terms than those on record", []step{
			{bought, debit("one", 1, start), 99, ""},
			{other, debit("two", 1, start), 99, "it is on record as ACME's"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, filepath.Join(t.TempDir(), "results.db"))
			for i, step := range c.steps {
				got, err := s.Debit(t.Context(), step.contract, step.debit)
				var refused *results.CreditError
				if (err == nil) != (step.refuse == "") || err != nil && (!errors.As(err, &refused) || !strings.Contains(err.Error(), step.refuse)) {
					t.Fatalf("step %d: %v, want %q", i, err, step.refuse)
				}
				if err == nil && got.Balance() != step.balance {
					t.Errorf("step %d: the balance is said to be %d, want %d", i, got.Balance(), step.balance)
				}
				account, err := s.Account(t.Context(), bought.Number)
				if errors.Is(err, results.ErrNoContract) && step.balance == bought.Credits {
					continue // a refusal leaves nothing behind
				}
				must(t, err)
				if account.Balance() != step.balance {
					t.Errorf("step %d: the balance on record is %d, want %d", i, account.Balance(), step.balance)
				}
			}
		})
	}
}

// Two engagements that start together cannot both have the last credits.
func TestDebitsInParallel(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "results.db"))
	var (
		group   sync.WaitGroup
		mu      sync.Mutex
		granted int
	)
	for i := range 20 {
		group.Go(func() {
			_, err := s.Debit(t.Context(), bought, debit(string(rune('a'+i/2)), 30, start))
			if err == nil {
				mu.Lock()
				granted++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	account, err := s.Account(t.Context(), bought.Number)
	must(t, err)
	if len(account.Debits) != 3 || account.Balance() != 10 || granted < 3 {
		t.Errorf("%d granted, account %+v; want three debits of 30", granted, account)
	}
}

func TestAccounts(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "results.db"))
	if _, err := s.Account(t.Context(), "AS-1001"); !errors.Is(err, results.ErrNoContract) {
		t.Errorf("an account out of nothing: %v", err)
	}
	_, err := s.Debit(t.Context(), bought, debit("one", 60, start))
	must(t, err)
	all, err := s.Accounts(t.Context())
	must(t, err)
	if len(all) != 1 || all[0].Used() != 60 || !all[0].Debits[0].At.Equal(start) {
		t.Errorf("accounts %+v", all)
	}
	if _, err := s.Account(t.Context(), "AS-1002"); err == nil || !strings.Contains(err.Error(), `did you mean "AS-1001"?`) {
		t.Errorf("the nearest is not named: %v", err)
	}
}
