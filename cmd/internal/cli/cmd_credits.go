package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/testplans/results"
)

func (a *App) creditsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "credits [CONTRACT]",
		Short: "Show contracts, what engagements have cost, and what is left",
		Long: `Credits shows the contracts on record, their balances and when their credits
expire; with a CONTRACT, its debits.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd.Context(), func(s *results.Store) error {
				if len(args) == 1 {
					account, err := s.Account(cmd.Context(), args[0])
					if err != nil {
						return err
					}
					return a.printAccount(account)
				}
				accounts, err := s.Accounts(cmd.Context())
				if err != nil {
					return err
				}
				return a.printAccounts(accounts, time.Now())
			})
		},
	}
}

func (a *App) printAccounts(accounts []*results.Account, now time.Time) error {
	if a.json {
		return a.printJSON(accounts)
	}
	rows := make([][]any, len(accounts))
	for i, c := range accounts {
		expires := c.Expires().Format(time.DateOnly)
		if !now.Before(c.Expires()) {
			expires += " (expired)"
		}
		rows[i] = []any{c.Number, c.Customer, c.Credits, c.Used(), c.Balance(), expires}
	}
	return a.table("CONTRACT\tCUSTOMER\tBOUGHT\tUSED\tBALANCE\tEXPIRES", rows)
}

func (a *App) printAccount(c *results.Account) error {
	if a.json {
		return a.printJSON(c)
	}
	rows := make([][]any, len(c.Debits))
	for i, d := range c.Debits {
		rows[i] = []any{d.Engagement, d.Credits, d.At.Local().Format(time.DateTime)}
	}
	a.say("contract %s of %s: %d of %d credits left, they expire on %s", c.Number, c.Customer, c.Balance(), c.Credits, c.Expires().Format(time.DateOnly))
	return a.table("ENGAGEMENT\tCREDITS\tDEBITED", rows)
}
