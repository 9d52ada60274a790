package workflows

import (
	"time"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/notice"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/workflows/scope"
)

// EngagementInput is what an engagement begins with, or goes on with.
type EngagementInput struct {
	Definition testplans.Engagement `json:"definition"`
	Keys       []KeyHolder          `json:"keys"`
	Backend    string               `json:"backend"`
	Out        string               `json:"out"` // absolute path of the folder for its runs and documents
	// Day is the length of a day, for demonstrations; 0 is a real one.
	Day time.Duration `json:"day,omitempty"`
	// State is that of the part of the engagement that continues here.
	State *EngagementState `json:"state,omitempty"`
}

// A KeyHolder is a person who can sign, and the public key of the token that
// was issued to the person.
type KeyHolder struct {
	testplans.Person
	Key     string `json:"key"`
	Manager bool   `json:"manager,omitempty"` // the service manager, not a contact
}

// EngagementPhase is a part of an engagement.
type EngagementPhase string

// The phases of an engagement, in their order. Day 30 ends any of them.
const (
	EngagementIntake      EngagementPhase = "intake"      // until the prerequisites hold and the credits are debited
	EngagementScoping     EngagementPhase = "scoping"     // until a contact signs
	EngagementReplication EngagementPhase = "replication" // until the lab stands with the customer's configurations
	EngagementTesting     EngagementPhase = "testing"     // until the window closes or a contact accepts the results
	EngagementReporting   EngagementPhase = "reporting"   // until every failure is decided and the report is written
	EngagementClosed      EngagementPhase = "closed"
)

// EngagementState is all that an engagement knows.
type EngagementState struct {
	Phase      EngagementPhase `json:"phase"`
	PhaseSince time.Time       `json:"phaseSince"`
	Ending     string          `json:"ending,omitempty"` // why it ends, once it does
	Cancelled  bool            `json:"cancelled,omitempty"`
	Term       scope.Days      `json:"term,omitempty"`
	Window     *scope.Window   `json:"window,omitempty"` // once it is open
	Balance    int             `json:"balance"`          // credits left on the contract after the debit
	Keys       []KeyHolder     `json:"keys"`
	Revision   int             `json:"revision"`           // submissions so far
	Amendments int             `json:"amendments"`         // proposed so far
	Proposal   *Proposal       `json:"proposal,omitempty"` // waits for a signature
	Scope      *Proposal       `json:"scope,omitempty"`    // what was signed last
	Signed     []SignedScope   `json:"signed,omitempty"`   // all that was, in order; not what was before there was this list
	Edited     []EditedPlan    `json:"edited,omitempty"`   // as the last runs have found them
	Slots      scope.Slots     `json:"slots,omitempty"`
	Cases      []CaseStanding  `json:"cases,omitempty"` // of the scope, in its order
	Runs       []EngagementRun `json:"runs,omitempty"`
	Queue      []EngagementRun `json:"queue,omitempty"` // runs that wait for the lab
	Ledger     []LedgerEntry   `json:"ledger"`
	// Ahead are the warnings that are still to come, in the order of their times.
	Ahead []scope.Warning `json:"ahead,omitempty"`
	// Nights are the nights that began; NextNight counts those of the window
	// whose time has come, also if they were left out.
	Nights    []EngagementNight `json:"nights,omitempty"`
	NextNight int               `json:"nextNight,omitempty"`
	NightPlan string            `json:"nightPlan,omitempty"` // name of the plan whose file the definition gives for them
	LeftOut   *LeftOut          `json:"leftOut,omitempty"`
	Baselines []NightBaseline   `json:"baselines,omitempty"` // of the nights
	// RetryAt is when the replication is tried again after it failed.
	RetryAt time.Time `json:"retryAt,omitzero"`
	// Trouble is what keeps the phase from going on.
	Trouble  string `json:"trouble,omitempty"`
	Nearly   bool   `json:"nearly,omitempty"` // nine tenths of the cases have been announced
	Accepted bool   `json:"accepted,omitempty"`
	Report   string `json:"report,omitempty"` // path
	Parts    int    `json:"parts,omitempty"`  // continuations so far
}

// A Proposal is a scope that waits for a signature, or has it.
type Proposal struct {
	activities.Proposed
	// Amendment is the number of an amendment; 0 is a submission.
	Amendment int         `json:"amendment,omitempty"`
	Revision  int         `json:"revision,omitempty"` // of a submission
	Reason    string      `json:"reason,omitempty"`
	At        time.Time   `json:"at"`
	SignedBy  string      `json:"signedBy,omitempty"`
	SignedAt  time.Time   `json:"signedAt,omitzero"`
	Slots     scope.Slots `json:"slots,omitempty"` // the account if it is signed
}

// A CaseStanding is how a case of the scope stands.
type CaseStanding struct {
	scope.CaseKey
	Title   string        `json:"title"`
	Tags    []string      `json:"tags,omitempty"`
	Verdict check.Verdict `json:"verdict,omitempty"` // of the last run; empty: has not run
	Reason  string        `json:"reason,omitempty"`
	Run     string        `json:"run,omitempty"`
	// Decision is a contact's about a case that failed or erred.
	Decision *Decision `json:"decision,omitempty"`
}

// Open reports whether a contact has to decide about the case.
func (c *CaseStanding) Open() bool {
	return (c.Verdict == check.Fail || c.Verdict == check.Error) && c.Decision == nil
}

// A Decision is a waiver ("waived": the failure is tolerated) or an acceptance
// ("accepted": what was seen is as it should be).
type Decision struct {
	Kind   string    `json:"kind"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// An EngagementRun is one run inside the window.
type EngagementRun struct {
	ID       string         `json:"id"` // of its workflow, and in the results
	Plan     string         `json:"plan"`
	Cases    []string       `json:"cases,omitempty"` // all when empty
	Tags     []string       `json:"tags,omitempty"`
	By       string         `json:"by"`
	Started  time.Time      `json:"started,omitzero"`
	Finished time.Time      `json:"finished,omitzero"`
	Verdict  check.Verdict  `json:"verdict,omitempty"`
	Counts   results.Counts `json:"counts"`
	Problem  string         `json:"problem,omitempty"`
}

// An EngagementNight is one run of the nightly regression inside the window.
type EngagementNight struct {
	ID       string         `json:"id"`  // of its workflow
	Run      string         `json:"run"` // of its run, in the results
	Plan     string         `json:"plan"`
	Started  time.Time      `json:"started"`
	Finished time.Time      `json:"finished,omitzero"`
	Outcome  notice.Outcome `json:"outcome,omitempty"`
	Verdict  check.Verdict  `json:"verdict,omitempty"`
	Counts   results.Counts `json:"counts"`
	Baseline string         `json:"baseline,omitempty"` // run that it was compared with
	Headline string         `json:"headline,omitempty"` // what came of it, in one line
	Problem  string         `json:"problem,omitempty"`
	Report   string         `json:"report,omitempty"` // path
	// So many cases failed that passed in the baseline, could not be judged, and
	// passed that failed there.
	NewFail   int `json:"newFail,omitempty"`
	NotJudged int `json:"notJudged,omitempty"`
	Fixed     int `json:"fixed,omitempty"`
	// Changes are the cases that are not as in the baseline, those that matter
	// most first, and More is how many there are beyond.
	Changes []NightChange `json:"changes,omitempty"`
	More    int           `json:"more,omitempty"`
}

// A NightChange is a case that was not in a night as it was in the baseline.
type NightChange struct {
	Case   string         `json:"case"`
	Change results.Change `json:"change"` // new-fail, fixed, …
	Reason string         `json:"reason,omitempty"`
}

// LeftOut are nights that could not begin because of one run. The first has its
// entry in the ledger at once, the others one when the run has ended.
type LeftOut struct {
	By    string `json:"by"`    // the run
	First int    `json:"first"` // number of the first of the others; 0 if there is none
	Last  int    `json:"last"`
}

// A NightBaseline is the run that the nights of a plan are compared with: the
// first full run of the plan as it was signed that judged every case or, if
// there was none yet, the first such night.
type NightBaseline struct {
	Plan string `json:"plan"`
	Hash string `json:"hash"` // of the plan
	Run  string `json:"run"`
}

// A LedgerEntry is one thing that happened to slots, days or credits.
type LedgerEntry struct {
	Number    int         `json:"number"` // from 1
	At        time.Time   `json:"at"`
	Day       int         `json:"day"`
	Kind      string      `json:"kind"` // credits, submission, signature, warning, …
	Who       string      `json:"who,omitempty"`
	What      string      `json:"what"`
	Why       string      `json:"why,omitempty"`
	Diff      *scope.Diff `json:"diff,omitempty"`      // of an amendment, from the scope that was signed then
	Hash      string      `json:"hash,omitempty"`      // of what was signed
	Signature string      `json:"signature,omitempty"` // with the key below
	Key       string      `json:"key,omitempty"`
	Slots     int         `json:"slots"` // used after it
}

// EngagementQuery is the name of the query that answers with EngagementStatus.
const EngagementQuery = "engagement"

// EngagementStatus is an engagement as it is.
type EngagementStatus struct {
	Definition testplans.Engagement `json:"definition"`
	State      EngagementState      `json:"state"`
	Now        time.Time            `json:"now"`
	Running    string               `json:"running,omitempty"` // workflow of the run, or of the replication
	Day        int                  `json:"day"`               // of 30
	TestDay    int                  `json:"testDay"`           // of the window
	Waiting    string               `json:"waiting"`           // for what, and for whom
}

// The names of the updates. Each takes its request below and answers with a
// sentence; what is not allowed is refused with a TypeRefused error.
const (
	SubmitUpdate  = "submit"
	AmendUpdate   = "amend"
	SignUpdate    = "sign"
	RunUpdate     = "run"
	WaiveUpdate   = "waive"
	AcceptUpdate  = "accept"
	CancelUpdate  = "cancel"
	ReissueUpdate = "reissue"
)

// A ScopeRequest submits plans, or proposes an amendment. Without plans it is
// about those that are in the scope, as they lie on disk now.
type ScopeRequest struct {
	Plans  []string `json:"plans,omitempty"` // absolute paths
	Reason string   `json:"reason,omitempty"`
}

// A SignedRequest is one that only certain persons may make. The signature is
// over the action, which is the name of the update, and the hash of the rest.
type SignedRequest struct {
	Hash      string          `json:"hash,omitempty"` // sign: of the proposal
	Cases     []string        `json:"cases,omitempty"`
	Reason    string          `json:"reason,omitempty"`
	Holder    *KeyHolder      `json:"holder,omitempty"` // reissue: whose key is replaced by which
	Signature scope.Signature `json:"signature"`
}

// statement is what the signature of a request says.
func (r SignedRequest) statement(engagement, action string) scope.Statement {
	hash := r.Hash
	if action != SignUpdate {
		texts := []string{r.Reason}
		if r.Holder != nil {
			texts = append(texts, r.Holder.Email, r.Holder.Key)
		}
		hash = scope.Hash(append(texts, r.Cases...)...)
	}
	return scope.Statement{Engagement: engagement, Action: action, Hash: hash}
}

// Sign signs a request for an update of an engagement with a token.
func (r SignedRequest) Sign(token, engagement, action string) (SignedRequest, error) {
	signature, err := scope.Sign(token, r.statement(engagement, action))
	if err == nil {
		r.Signature = *signature
	}
	return r, err
}

// A RunRequest asks for a run inside the window.
type RunRequest struct {
	Plan  string   `json:"plan,omitempty"`  // name; may be empty if the scope has one plan
	Cases []string `json:"cases,omitempty"` // IDs or globs; all when empty
	Tags  []string `json:"tags,omitempty"`
	By    string   `json:"by"`
}
