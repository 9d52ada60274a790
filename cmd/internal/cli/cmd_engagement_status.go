package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/scope"
)

func (a *App) engagementStatusCommand() *cobra.Command {
	var ledger bool
	c := &cobra.Command{
		Use:   "status ENGAGEMENT",
		Short: "Show the phase, the days, the cases, and what is waited for",
		Example: `  ccl engagement status acme-ring --ledger
  ccl engagement status acme-ring --json | jq .state.phase`,
		Args:              exactly("an ENGAGEMENT"),
		ValidArgsFunction: a.completer(nil),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withCluster(cmd.Context(), func(c *wire.Cluster) error {
				status, err := workflows.GetEngagement(cmd.Context(), c.Client, args[0])
				if err != nil {
					return err
				}
				a.lookAtPlans(cmd.Context(), &status.State)
				if err := a.printEngagement(status); err != nil || !ledger || a.json {
					return err
				}
				fmt.Fprintln(a.Stdout)
				printLedger(a.Stdout, status.State.Ledger)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&ledger, "ledger", false, "show the ledger too")
	return c
}

// printEngagement prints an engagement as it is.
func (a *App) printEngagement(s *workflows.EngagementStatus) error {
	if a.json {
		return a.printJSON(s)
	}
	fmt.Fprintf(a.Stdout, "%s: %s, %s\n", s.Definition.ID, s.Definition.Customer, s.Definition.Title)
	for _, line := range engagementLines(s) {
		fmt.Fprintf(a.Stdout, "  %-7s  %s\n", line.word, line.text)
	}
	return a.printStandings(s.State.Cases)
}

// A line is a word and what there is to say about it; without the word it goes on
// with what is said above.
type line struct{ word, text string }

// engagementLines are what the status says beyond the cases.
func engagementLines(s *workflows.EngagementStatus) []line {
	st := &s.State
	lines := []line{{"phase", fmt.Sprintf("%s, day %d of %d", st.Phase, s.Day, scope.EngagementDays)}}
	if st.Term != nil {
		lines = append(lines, line{"ends", st.Term.End().Local().Format(zonedTime)})
	}
	if st.Window != nil {
		lines = append(lines, line{"window", fmt.Sprintf("day %d of %d, closes %s", s.TestDay, st.Window.Days.Len(), st.Window.Closes().Local().Format(zonedTime))})
	}
	lines = append(lines, line{"cases", fmt.Sprintf("%d of %d used", st.Slots.Used(), scope.MaxCases)})
	credits := fmt.Sprintf("%d debited from contract %s, %d left", s.Definition.Contract.Price, s.Definition.Contract.Number, st.Balance)
	for _, l := range []line{
		{"nights", nightsLine(s)}, {"credits", credits},
		{"waiting", s.Waiting}, {"trouble", st.Trouble}, {"ended", st.Ending}, {"report", st.Report},
	} {
		if l.text != "" {
			lines = append(lines, l)
		}
	}
	for _, edited := range st.Edited {
		lines = append(lines, line{"edited", edited.String()},
			line{"", "what was signed runs on; ccl engagement amend " + s.Definition.ID + " --reason WHY proposes what is there now"})
	}
	lines = append(lines, line{"next", nextCommand(s)})
	if p := st.Proposal; p != nil {
		word := "to sign"
		for _, text := range p.Outline() {
			lines = append(lines, line{word, text})
			word = ""
		}
	}
	return lines
}

// printStandings prints the cases of the scope, if there are any.
func (a *App) printStandings(cases []workflows.CaseStanding) error {
	if len(cases) == 0 {
		return nil
	}
	fmt.Fprintln(a.Stdout)
	rows := make([][]any, len(cases))
	for i, c := range cases {
		verdict, note := string(c.Verdict), c.Reason
		if c.Decision != nil {
			verdict, note = verdict+", "+c.Decision.Kind, c.Decision.By+": "+c.Decision.Reason
		}
		rows[i] = []any{c.CaseKey, c.Title, verdict, check.Shorten(note, 80)}
	}
	return a.table("CASE\tTITLE\tVERDICT\tNOTE", rows)
}

// zonedTime is the form of times that people act by.
const zonedTime = time.DateTime + " MST"

// nextCommand is what brings an engagement forward.
func nextCommand(s *workflows.EngagementStatus) string {
	id, st := s.Definition.ID, &s.State
	undecided := slices.ContainsFunc(st.Cases, func(c workflows.CaseStanding) bool { return c.Open() })
	switch {
	case st.Phase == workflows.EngagementClosed:
		return "ccl report --engagement " + id
	case st.Proposal != nil:
		return fmt.Sprintf("ccl engagement sign %s --hash %.12s --token-file FILE", id, st.Proposal.Hash)
	case st.Phase == workflows.EngagementScoping:
		return "ccl engagement submit " + id
	case undecided:
		return fmt.Sprintf("ccl engagement waive %s CASE... --reason WHY --token-file FILE", id)
	case st.Phase == workflows.EngagementTesting:
		return fmt.Sprintf("ccl engagement run %s, or as a contact ccl engagement accept %s --token-file FILE", id, id)
	}
	return "ccl engagement watch " + id
}

// nightsLine is how the nightly regression stands, "" if there is none.
func nightsLine(s *workflows.EngagementStatus) string {
	nights, d := s.State.Nights, s.Definition.Nightly
	switch {
	case d == nil:
		return ""
	case len(nights) == 0:
		return fmt.Sprintf("at %s %s while the window is open", d.At, s.Definition.TimeZone)
	}
	line := fmt.Sprintf("%d began; ", len(nights))
	last := nights[len(nights)-1]
	if last.Finished.IsZero() {
		return line + last.ID + " is going on"
	}
	return line + "the last: " + last.Headline
}

func printLedger(w io.Writer, entries []workflows.LedgerEntry) {
	for _, l := range entries {
		fmt.Fprintf(w, "day %2d  %s  %-11s %s", l.Day, l.At.Local().Format(time.DateTime), l.Kind, l.What)
		if l.Who != "" {
			fmt.Fprintf(w, " [%s]", l.Who)
		}
		if l.Why != "" {
			fmt.Fprintf(w, " (%s)", l.Why)
		}
		fmt.Fprintln(w)
	}
}

func (a *App) engagementWatchCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "watch ENGAGEMENT",
		Short: "Follow an engagement's ledger until it is closed",
		Example: `  ccl engagement watch acme-ring
  ccl engagement watch acme-ring --json     and print how it ended for machines`,
		Args:              exactly("an ENGAGEMENT"),
		ValidArgsFunction: a.completer(nil),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withCluster(cmd.Context(), func(c *wire.Cluster) error {
				status, err := watchEngagement(cmd.Context(), &ledgerTail{w: a.Stdout}, c, args[0], nil)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(status)
				}
				return nil
			})
		},
	}
}

// watchEvery is how often watch looks.
const watchEvery = 300 * time.Millisecond

// A ledgerTail prints the entries of a ledger once each.
type ledgerTail struct {
	w       io.Writer
	printed int
}

func (t *ledgerTail) update(entries []workflows.LedgerEntry) {
	printLedger(t.w, entries[min(t.printed, len(entries)):])
	t.printed = len(entries)
}

// watchEngagement prints the ledger as it grows until the engagement is closed
// or until says that it has seen enough; it may be nil.
func watchEngagement(ctx context.Context, tail *ledgerTail, c *wire.Cluster, id string, until func(*workflows.EngagementStatus) bool) (*workflows.EngagementStatus, error) {
	for {
		status, err := workflows.GetEngagement(ctx, c.Client, id)
		if err != nil {
			return nil, err
		}
		tail.update(status.State.Ledger)
		if status.State.Phase == workflows.EngagementClosed || until != nil && until(status) {
			return status, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(watchEvery):
		}
	}
}
