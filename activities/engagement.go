package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/workflows/scope"
)

// Engagement does what an engagement needs of the world: calendars, credits,
// and plans as they lie on disk.
type Engagement struct {
	Topology testplans.TopologyLoader
	Store    *results.Store
}

// IntakeInput is an engagement that is being taken in.
type IntakeInput struct {
	Definition testplans.Engagement `json:"definition"`
	At         time.Time            `json:"at"`            // the kick-off
	Day        time.Duration        `json:"day,omitempty"` // length of a day, for demonstrations
}

// Intaken is what came of the intake.
type Intaken struct {
	Term    scope.Days `json:"term"`
	Balance int        `json:"balance"` // credits left after the debit
	Expires time.Time  `json:"expires"` // of the credits
}

// Intake checks the prerequisites, draws up the days and debits the credits,
// once however often it is called. What does not allow the engagement is a
// TypeRefused error.
func (e *Engagement) Intake(ctx context.Context, in IntakeInput) (*Intaken, error) {
	d := &in.Definition
	if err := prerequisites(d); err != nil {
		return nil, asActivityError(ctx, err)
	}
	term, err := CalendarOf(d, in.Day).Days(in.At, scope.EngagementDays)
	if err != nil {
		return nil, final(TypePlan, err)
	}
	activated, err := d.Activation()
	if err != nil {
		return nil, final(TypePlan, err)
	}
	zone, err := time.LoadLocation(d.TimeZone)
	if err != nil {
		return nil, final(TypePlan, err)
	}
	account, err := e.Store.Debit(ctx,
		results.Contract{Number: d.Contract.Number, Customer: d.Customer, Activated: activated, Credits: d.Contract.Credits},
		results.Debit{Engagement: d.ID, Contract: d.Contract.Number, Credits: d.Contract.Price, At: in.At.In(zone)})
	if err != nil {
		return nil, asActivityError(ctx, err)
	}
	year, month, day := account.Expires().Date()
	return &Intaken{Term: term, Balance: account.Balance(), Expires: time.Date(year, month, day, 0, 0, 0, 0, zone)}, nil
}

// prerequisites refuses an engagement that the service does not take. The
// loader of engagement files says the same with line and column.
func prerequisites(d *testplans.Engagement) error {
	switch n := len(d.Contacts); {
	case d.Care == "":
		return scope.Refuse("name the customer's Juniper Care contract", "a Juniper Care contract is the prerequisite of an engagement")
	case d.ServiceManager.Email == "":
		return scope.Refuse("name the single point of contact", "an engagement has a service manager")
	case n < testplans.MinContacts || n > testplans.MaxContacts:
		return scope.Refuse(fmt.Sprintf("name %d to %d", testplans.MinContacts, testplans.MaxContacts),
			"an engagement has %d to %d senior technical contacts, not %d", testplans.MinContacts, testplans.MaxContacts, n)
	}
	return nil
}

// CalendarOf is the calendar of an engagement whose days have a length; 0 is a
// real day.
func CalendarOf(d *testplans.Engagement, day time.Duration) scope.Calendar {
	return scope.Calendar{Zone: d.TimeZone, Working: d.Calendar == testplans.WorkingDays, Holidays: d.Holidays, Day: day}
}

// WindowInput says when the test window opens.
type WindowInput struct {
	Definition testplans.Engagement `json:"definition"`
	Day        time.Duration        `json:"day,omitempty"`
	Term       scope.Days           `json:"term"`
	At         time.Time            `json:"at"`
}

// OpenWindow draws up the days of the test window, and its nights.
func (e *Engagement) OpenWindow(ctx context.Context, in WindowInput) (*scope.Window, error) {
	calendar := CalendarOf(&in.Definition, in.Day)
	w, err := calendar.Open(in.Term, in.At)
	if err != nil || in.Definition.Nightly == nil {
		return w, asActivityError(ctx, err)
	}
	hour, minute, err := in.Definition.Nightly.Clock()
	if err == nil {
		w.Nights, err = calendar.Nights(w.Days, hour, minute)
	}
	if err != nil {
		return nil, final(TypePlan, err)
	}
	return w, nil
}

// ProposeInput names plans as they are to become the scope.
type ProposeInput struct {
	Plans    []string     `json:"plans"`             // absolute paths
	Topology string       `json:"topology"`          // that of the engagement
	Earlier  []scope.Case `json:"earlier,omitempty"` // the scope that is signed
}

// A PlanScope is one plan of a scope.
type PlanScope struct {
	File  string         `json:"file"`
	Name  string         `json:"name"`
	Title string         `json:"title"`
	Type  testplans.Type `json:"type"`
	Hash  string         `json:"hash"`
	Cases int            `json:"cases"` // after expansion
	// Copy is where the plan and its files are kept as they were proposed: a
	// hash, under which the store has an encoded testplans.Copy. Without one,
	// which is so in engagements of older releases, runs read the file.
	Copy string `json:"copy,omitempty"`
}

// Proposed is a scope that can be signed.
type Proposed struct {
	Plans []PlanScope  `json:"plans"`
	Cases []scope.Case `json:"cases"`
	Hash  string       `json:"hash"` // of the plans' hashes, in the order of their names
	Diff  scope.Diff   `json:"diff"` // from the earlier scope
}

// Propose reads and expands plans, and keeps them as they are now: what is signed
// is that, and no later state of the files. Mistakes in them are a TypePlan
// error; plans that cannot be a scope together, or have too many cases, are
// refused.
func (e *Engagement) Propose(ctx context.Context, in ProposeInput) (*Proposed, error) {
	out := &Proposed{}
	seen := map[string]string{}
	plans, err := e.load(in)
	if err != nil {
		return nil, asActivityError(ctx, err)
	}
	for i, whole := range plans {
		plan, file := whole.Plan, in.Plans[i]
		if first, twice := seen[plan.Name]; twice {
			return nil, asActivityError(ctx, scope.Refuse("give each plan a name of its own",
				"%s and %s are both called %s", filepath.Base(first), filepath.Base(file), plan.Name))
		}
		seen[plan.Name] = file
		if plan.Topology != in.Topology {
			return nil, asActivityError(ctx, scope.Refuse("name that topology in the plan, or start another engagement",
				"plan %s runs on %s, but the engagement's topology is %s", plan.Name, plan.Topology, in.Topology))
		}
		kept, err := e.keep(ctx, whole)
		if err != nil {
			return nil, err
		}
		out.Plans = append(out.Plans, PlanScope{
			File: plan.File, Name: plan.Name, Title: plan.Title, Type: plan.Type, Hash: plan.Hash, Cases: len(plan.Cases), Copy: kept,
		})
		out.Cases = append(out.Cases, casesOf(plan)...)
	}
	out.Hash = scopeHash(out.Plans)
	out.Diff = scope.Compare(in.Earlier, out.Cases)
	return out, nil
}

// keep keeps a plan with its files and returns the hash that it is kept under.
func (e *Engagement) keep(ctx context.Context, plan *testplans.Copy) (string, error) {
	content, err := plan.Encode()
	if err != nil {
		return "", final(TypePlan, err)
	}
	return e.Store.KeepCopy(ctx, content)
}

func casesOf(p *testplans.Plan) []scope.Case {
	cases := make([]scope.Case, len(p.Cases))
	for i, c := range p.Cases {
		cases[i] = scope.Case{
			CaseKey: scope.CaseKey{Plan: p.Name, Case: c.ID}, Title: c.Title, Tags: c.Tags, Hash: c.Hash(),
		}
	}
	return cases
}

// scopeHash does not depend on the order in which plans are named.
func scopeHash(plans []PlanScope) string {
	var lines []string
	for _, p := range plans {
		lines = append(lines, p.Name+" "+p.Hash)
	}
	slices.Sort(lines)
	return scope.Hash(lines...)
}

// A CaseVerdict is what came of a case in one run.
type CaseVerdict struct {
	Case    string        `json:"case"`
	Verdict check.Verdict `json:"verdict"`
	Reason  string        `json:"reason,omitempty"`
}

// Verdicts returns the verdicts of a run, without the cases that it did not
// come to. A run that never came on record has none.
func (e *Engagement) Verdicts(ctx context.Context, run string) ([]CaseVerdict, error) {
	recorded, err := e.Store.Run(ctx, run)
	if errors.Is(err, results.ErrNoRun) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if recorded.ID != run { // the store takes the beginning of an ID for it
		return nil, nil
	}
	var all []CaseVerdict
	for i := range recorded.Cases {
		if last := recorded.Cases[i].Last(); last != nil {
			all = append(all, CaseVerdict{Case: recorded.Cases[i].ID, Verdict: last.Verdict, Reason: check.Shorten(last.Reason, 200)})
		}
	}
	return all, nil
}

// DocumentsInput is the report of an engagement, for people and for machines.
type DocumentsInput struct {
	Report string `json:"report"` // path of the Markdown file
	Text   string `json:"text"`
	JSON   string `json:"json"` // path of the JSON file
	Data   any    `json:"data"`
}

// WriteDocuments writes an engagement's documents, replacing former ones: those
// that are named, and the HTML page beside the JSON file.
func (e *Engagement) WriteDocuments(_ context.Context, in DocumentsInput) error {
	data, err := json.MarshalIndent(in.Data, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(writeFile(in.Report, in.Text), writeFile(in.JSON, string(data)+"\n"), engagementPage(in.JSON, data))
}
