package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// An Engagement is what engagement.json tells of an engagement that has ended,
// or of one as it stands. The workflow writes it; ReadEngagement reads it.
type Engagement struct {
	Definition testplans.Engagement `json:"definition"`
	State      EngagementState      `json:"state"`
	Now        time.Time            `json:"now"`     // when it was so
	Day        int                  `json:"day"`     // of the term, from 1
	TestDay    int                  `json:"testDay"` // of the window, from 1
	Waiting    string               `json:"waiting"` // for what, and for whom
}

// An EngagementState is the part that changes.
type EngagementState struct {
	Phase     string       `json:"phase"`
	Ending    string       `json:"ending"` // why it ends, once it does
	Cancelled bool         `json:"cancelled"`
	Accepted  bool         `json:"accepted"`
	Trouble   string       `json:"trouble"`
	Term      []time.Time  `json:"term"` // boundaries of its days: day 1 lasts from 0 to 1
	Window    *TestWindow  `json:"window"`
	Balance   int          `json:"balance"` // credits left after the debit
	Proposal  *SignedScope `json:"proposal"`
	Scope     *SignedScope `json:"scope"`
	Edited    []EditedPlan `json:"edited"`
	Slots     []CaseSlot   `json:"slots"`
	Cases     []CaseState  `json:"cases"`
	Runs      []ScopeRun   `json:"runs"`
	Nights    []ScopeNight `json:"nights"`
	Ledger    []Entry      `json:"ledger"`
}

// A TestWindow is the dedicated test days.
type TestWindow struct {
	Days []time.Time `json:"days"` // boundaries
	Cut  bool        `json:"cut"`  // the term ends before it has had its days
}

// A SignedScope is a scope that was signed, or waits for it.
type SignedScope struct {
	Plans     []ScopePlan `json:"plans"`
	Hash      string      `json:"hash"`
	Diff      ScopeDiff   `json:"diff"` // from the scope before
	Amendment int         `json:"amendment"`
	Revision  int         `json:"revision"`
	Reason    string      `json:"reason"`
	SignedBy  string      `json:"signedBy"`
	SignedAt  time.Time   `json:"signedAt"`
}

// A ScopePlan is one plan of a scope.
type ScopePlan struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Type  string `json:"type"`
	Hash  string `json:"hash"`
	Cases int    `json:"cases"` // after expansion
}

// An EditedPlan is a plan of the scope whose file is not what was signed any
// more, as the last run has found it.
type EditedPlan struct {
	Plan  string    `json:"plan"`
	File  string    `json:"file"`
	How   string    `json:"how"`
	Since time.Time `json:"since"`
}

// A ScopeCase names a case of an engagement.
type ScopeCase struct {
	Plan string `json:"plan"`
	Case string `json:"case"`
}

func (c ScopeCase) String() string { return c.Plan + "/" + c.Case }

// A ScopeDiff is what an amendment does to a scope.
type ScopeDiff struct {
	Added   []ScopeCase `json:"added"`
	Removed []ScopeCase `json:"removed"`
	Changed []ScopeCase `json:"changed"`
}

// Cases is how many cases it touches.
func (d *ScopeDiff) Cases() int { return len(d.Added) + len(d.Removed) + len(d.Changed) }

// A CaseSlot is what one case ID costs.
type CaseSlot struct {
	ScopeCase
	Ran     bool `json:"ran"`
	Removed bool `json:"removed"`
}

// A CaseState is how a case of the scope stands.
type CaseState struct {
	ScopeCase
	Title    string        `json:"title"`
	Verdict  check.Verdict `json:"verdict"` // of the last run; empty: has not run
	Reason   string        `json:"reason"`
	Run      string        `json:"run"`
	Decision *CaseDecision `json:"decision"`
}

// A CaseDecision is a contact's about a case that did not pass.
type CaseDecision struct {
	Kind   string    `json:"kind"` // waived, accepted
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// A ScopeRun is one run inside the window.
type ScopeRun struct {
	ID       string         `json:"id"`
	Plan     string         `json:"plan"`
	Cases    []string       `json:"cases"`
	Tags     []string       `json:"tags"`
	By       string         `json:"by"`
	Started  time.Time      `json:"started"`
	Finished time.Time      `json:"finished"`
	Verdict  check.Verdict  `json:"verdict"`
	Counts   results.Counts `json:"counts"`
	Problem  string         `json:"problem"`
}

// A ScopeNight is one run of the nightly regression inside the window.
type ScopeNight struct {
	Run       string         `json:"run"`
	Plan      string         `json:"plan"`
	Started   time.Time      `json:"started"`
	Finished  time.Time      `json:"finished"`
	Outcome   string         `json:"outcome"` // unchanged, changed, could not run, …
	Verdict   check.Verdict  `json:"verdict"`
	Counts    results.Counts `json:"counts"`
	Baseline  string         `json:"baseline"` // run that it was compared with
	Headline  string         `json:"headline"` // what came of it, in one line
	Problem   string         `json:"problem"`
	Report    string         `json:"report"` // path on the host that wrote it
	NewFail   int            `json:"newFail"`
	NotJudged int            `json:"notJudged"`
	Fixed     int            `json:"fixed"`
	Changes   []NightChange  `json:"changes"` // from that run, those that matter most first
	More      int            `json:"more"`    // how many others
}

// A NightChange is a case that was not in a night as it was in the baseline.
type NightChange struct {
	Case   string         `json:"case"`
	Change results.Change `json:"change"`
	Reason string         `json:"reason"`
}

// An Entry is one line of the ledger.
type Entry struct {
	Number    int        `json:"number"`
	At        time.Time  `json:"at"`
	Day       int        `json:"day"`
	Kind      string     `json:"kind"`
	Who       string     `json:"who"`
	What      string     `json:"what"`
	Why       string     `json:"why"`
	Diff      *ScopeDiff `json:"diff"` // of an amendment, from the scope that was signed then
	Hash      string     `json:"hash"`
	Signature string     `json:"signature"`
	Key       string     `json:"key"`
	Slots     int        `json:"slots"` // used after it
}

// The kinds of entry that this package gives a meaning to.
const (
	entryPhase  = "phase"
	entrySubmit = "submit"
	entryAmend  = "amend"
	entrySign   = "sign"
)

// maxCases is the contract's cap of cases after expansion.
const maxCases = 100

// ReadEngagement reads engagement.json. Fields that it does not know, which a
// later release may have added, are passed over.
func ReadEngagement(r io.Reader) (*Engagement, error) {
	e := new(Engagement)
	if err := json.NewDecoder(r).Decode(e); err != nil {
		return nil, fmt.Errorf("engagement.json: %w", err)
	}
	if e.Definition.ID == "" || e.State.Phase == "" {
		return nil, errors.New("engagement.json: it names no engagement or no phase")
	}
	return e, nil
}

// ended says that nothing more happens to it.
func (e *Engagement) ended() bool { return e.State.Ending != "" }
