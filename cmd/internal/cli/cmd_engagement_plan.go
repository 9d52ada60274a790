package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology/clabfile"
	"github.com/ccl-lab/ccl/workflows"
)

func (a *App) engagementPlanCommand() *cobra.Command {
	var (
		wanted wantedScope
		name   string
		dir    string
	)
	c := &cobra.Command{
		Use:   "plan ENGAGEMENT",
		Short: "Print or export the plans as they were signed",
		Long: `Plan prints a plan of the engagement as it was signed, byte for byte, whatever is
in its file by now: that is what runs and nights are of. With --dir it writes all
plans, each with the configurations and captures that it names, into folders of
their names. The lab is no part of what is signed: topology and startup
configurations are read when it is deployed.`,
		Example: `  ccl engagement plan acme-ring
  ccl engagement plan acme-ring --proposed            what a contact is asked to sign
  ccl engagement plan acme-ring --plan ring-rollout | diff - ring-rollout.yaml
  ccl engagement plan acme-ring --amendment 1 -o signed`,
		Args:              exactly("an ENGAGEMENT"),
		ValidArgsFunction: a.completer(nil),
		RunE: func(cmd *cobra.Command, args []string) error {
			if wanted.proposed && cmd.Flags().Changed("amendment") {
				return usageError("--amendment is of what is signed, --proposed of what is not: give one of them")
			}
			return a.engagementPlan(cmd.Context(), args[0], wanted, name, dir)
		},
	}
	f := c.Flags()
	f.StringVar(&name, "plan", "", "`name` of the plan (default the only one, or with --dir all)")
	f.IntVar(&wanted.amendment, "amendment", latestScope, "`number` of a signed amendment, 0 for the scope before any (default what was signed last)")
	f.BoolVar(&wanted.proposed, "proposed", false, "what waits for a signature instead")
	f.StringVarP(&dir, "dir", "o", "", "`folder` to write plans and their files into")
	mustComplete(c, "plan", a.completeScopePlans())
	f.Lookup("amendment").DefValue = "0" // so that the help shows no number for it
	return c
}

func (a *App) engagementPlan(ctx context.Context, engagement string, wanted wantedScope, name, dir string) error {
	var status *workflows.EngagementStatus
	err := a.withCluster(ctx, func(c *wire.Cluster) (err error) {
		status, err = workflows.GetEngagement(ctx, c.Client, engagement)
		return err
	})
	if err != nil {
		return err
	}
	scope, err := wanted.of(&status.State)
	if err != nil {
		return err
	}
	plans, err := planOf(scope.Plans, name, dir != "" || a.json)
	if err != nil {
		return err
	}
	copies, err := a.keptPlans(ctx, plans)
	if err != nil {
		return err
	}
	a.say("%s, hash %.12s", wanted.words(scope), scope.Hash)
	switch {
	case dir != "":
		return a.exportPlans(copies, dir)
	case a.json:
		return a.printJSON(map[string]any{
			"engagement": engagement, "amendment": scope.Amendment, "hash": scope.Hash, "by": scope.By, "at": scope.At, "plans": copies,
		})
	}
	if more := len(copies[0].Files) - 1; more > 0 {
		a.say("it names %s, which --dir writes too", count(more, "file"))
	}
	_, err = a.Stdout.Write(copies[0].Files[0].Content)
	return err
}

// latestScope is the number of no amendment.
const latestScope = -1

// A wantedScope is the scope that a user asks for.
type wantedScope struct {
	amendment int // latestScope: what was signed last
	proposed  bool
}

// of finds it. Of engagements of older releases only the latest is known.
func (w wantedScope) of(st *workflows.EngagementState) (*workflows.SignedScope, error) {
	if w.proposed {
		p := st.Proposal
		if p == nil {
			return nil, withHint(errors.New("nothing waits for a signature"), "without --proposed, what was signed last is printed")
		}
		return &workflows.SignedScope{Amendment: p.Amendment, Hash: p.Hash, Plans: p.Plans}, nil
	}
	signed := st.Signed
	if p := st.Scope; len(signed) == 0 && p != nil {
		signed = []workflows.SignedScope{{Amendment: p.Amendment, By: p.SignedBy, At: p.SignedAt, Hash: p.Hash, Plans: p.Plans}}
	}
	if len(signed) == 0 {
		return nil, withHint(errors.New("nothing is signed yet"), "--proposed prints what waits for a signature")
	}
	if w.amendment == latestScope {
		return &signed[len(signed)-1], nil
	}
	var numbers []string
	for i := range signed {
		if signed[i].Amendment == w.amendment {
			return &signed[i], nil
		}
		numbers = append(numbers, fmt.Sprint(signed[i].Amendment))
	}
	return nil, withHint(usageError("amendment %d was not signed", w.amendment), "--amendment is one of %s", strings.Join(numbers, ", "))
}

// words say what it is, and who signed it.
func (w wantedScope) words(s *workflows.SignedScope) string {
	what := "the scope"
	if s.Amendment > 0 {
		what = fmt.Sprintf("amendment %d", s.Amendment)
	}
	if w.proposed {
		return what + ", which waits for a signature"
	}
	return fmt.Sprintf("%s, signed by %s on %s", what, s.By, s.At.Local().Format(zonedTime))
}

// planOf are the plans of that name, or without one the only plan; all if that
// will do.
func planOf(plans []activities.PlanScope, name string, all bool) ([]activities.PlanScope, error) {
	if name == "" && (all || len(plans) == 1) {
		return plans, nil
	}
	var names []string
	for i := range plans {
		if plans[i].Name == name {
			return plans[i : i+1], nil
		}
		names = append(names, plans[i].Name)
	}
	if name == "" {
		return nil, withHint(usageError("the scope has %d plans", len(plans)), "--plan is one of %s; --dir FOLDER writes all", strings.Join(names, ", "))
	}
	return nil, withHint(usageError("the scope has no plan %s", name), "it has %s", strings.Join(names, ", "))
}

// keptPlans reads plans as they were signed.
func (a *App) keptPlans(ctx context.Context, plans []activities.PlanScope) (copies []*testplans.Copy, err error) {
	err = a.withStore(ctx, func(store *results.Store) error {
		for _, p := range plans {
			if p.Copy == "" {
				return withHint(fmt.Errorf("of plan %s no copy is kept: it was proposed with an older release", p.Name), "its file is %s", p.File)
			}
			content, err := store.Copy(ctx, p.Copy)
			if errors.Is(err, results.ErrNoCopy) {
				return withHint(fmt.Errorf("plan %s: %w in %s", p.Name, err, a.config.Results), "the store is that of the worker; --results names it")
			}
			if err != nil {
				return err
			}
			plan, err := testplans.DecodeCopy(content)
			if err != nil {
				return err
			}
			copies = append(copies, plan)
		}
		return nil
	})
	return copies, err
}

// exportPlans writes plans and their files, a folder each.
func (a *App) exportPlans(copies []*testplans.Copy, dir string) error {
	for _, c := range copies {
		to := filepath.Join(dir, c.Plan.Name)
		if _, err := os.Lstat(to); err == nil {
			return withHint(fmt.Errorf("%s is there already", to), "--dir names another folder")
		}
		if _, err := c.Unpack(to); err != nil {
			return err
		}
		a.say("%s: %s", to, count(len(c.Files), "file"))
	}
	return nil
}

// lookAtPlans brings what is known of edited plans up to date, where this host
// has the copies of what was signed; otherwise that is what the last runs found.
func (a *App) lookAtPlans(ctx context.Context, st *workflows.EngagementState) {
	if st.Scope == nil || st.Phase == workflows.EngagementClosed {
		return
	}
	copies, err := a.keptPlans(ctx, st.Scope.Plans)
	if err != nil {
		return
	}
	before := st.Edited
	st.Edited = nil
	for i, c := range copies {
		p := workflows.EditedPlan{Plan: c.Plan.Name, File: st.Scope.Plans[i].File}
		if p.How = activities.Edited(c, clabfile.Load); p.How == "" {
			continue
		}
		for _, known := range before {
			if known.Plan == p.Plan && known.How == p.How {
				p.Since = known.Since
			}
		}
		st.Edited = append(st.Edited, p)
	}
}
