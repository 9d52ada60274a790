package workflows

import (
	"fmt"
	"path"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
)

// An EditedPlan is a plan of the scope whose file is not what was signed any
// more. Runs and nights go on with what was signed.
type EditedPlan struct {
	Plan  string    `json:"plan"` // name
	File  string    `json:"file"`
	How   string    `json:"how"` // 1 changed (ring/OSPF-001)
	Since time.Time `json:"since"`
}

// String says it in a sentence, without what follows from it.
func (p EditedPlan) String() string {
	return fmt.Sprintf("%s was edited since it was signed: %s", path.Base(p.File), p.How)
}

// edited notes what a run has found where the file of its plan lies: how says how
// that differs from what was signed, "" that it does not.
func (e *engagement) edited(ctx workflow.Context, plan *activities.PlanScope, how string) {
	at := slices.IndexFunc(e.s.Edited, func(p EditedPlan) bool { return p.Plan == plan.Name })
	switch {
	case how == "" && at < 0, at >= 0 && e.s.Edited[at].How == how:
		return
	case how == "":
		e.s.Edited = slices.Delete(e.s.Edited, at, at+1)
		e.note(ctx, LedgerEntry{Kind: "edited", What: path.Base(plan.File) + " is again as it was signed"})
		return
	}
	p := EditedPlan{Plan: plan.Name, File: plan.File, How: how, Since: workflow.Now(ctx)}
	if at < 0 {
		e.s.Edited = append(e.s.Edited, p)
	} else {
		e.s.Edited[at] = p
	}
	e.note(ctx, LedgerEntry{Kind: "edited", What: p.String(), Why: "what was signed runs until an amendment is signed"})
}

// A SignedScope is a scope that was signed, the first one or with an amendment.
type SignedScope struct {
	Amendment int                    `json:"amendment,omitempty"` // number; 0 is the first scope
	By        string                 `json:"by"`
	At        time.Time              `json:"at"`
	Hash      string                 `json:"hash"`
	Plans     []activities.PlanScope `json:"plans"`
}
