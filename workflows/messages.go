package workflows

import (
	"time"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen"
)

// PlanRunInput says what to run, on what, and where the records go.
type PlanRunInput struct {
	Run     string   `json:"run"`             // the run's ID, which is the workflow's too
	Plan    string   `json:"plan"`            // absolute path
	Cases   []string `json:"cases,omitempty"` // IDs or globs; all when empty
	Tags    []string `json:"tags,omitempty"`
	Backend string   `json:"backend"`       // netns, …
	Lab     string   `json:"lab,omitempty"` // the topology's name when empty
	Out     string   `json:"out"`           // absolute path of the directory for reports and evidence
	KeepLab bool     `json:"keepLab,omitempty"`
	// Wait is how long the run waits for its lab, from its start, while another
	// run has it; 0 is not at all. It does not wait beyond Until.
	Wait time.Duration `json:"wait,omitempty"`
	// NoProvision leaves the routers' configurations as they are, for a lab that
	// has been brought to its starting point by other means.
	NoProvision bool `json:"noProvision,omitempty"`
	// Reattempts is how often a case that did not pass is tried again, to tell
	// a flaky one. The first verdict is never hidden.
	Reattempts int `json:"reattempts,omitempty"`
	// PlanHash, if not empty, is the hash that the plan must have: that of the
	// scope that was signed.
	PlanHash string `json:"planHash,omitempty"`
	// PlanCopy, if not empty, is what the plan is kept under as it was signed;
	// that runs, whatever is in the file by now.
	PlanCopy string `json:"planCopy,omitempty"`
	// Until, if not zero, is when the test window closes: no case starts then or
	// later, and those that are left are skipped.
	Until time.Time `json:"until,omitzero"`
}

// A RunResult is what came of a run, in short. The record is in the store.
type RunResult struct {
	Run     string            `json:"run"`
	Verdict check.Verdict     `json:"verdict"` // error if the run had a problem
	Counts  results.Counts    `json:"counts"`
	Problem string            `json:"problem,omitempty"` // why it ended without judging all its cases
	Files   *activities.Files `json:"files,omitempty"`
	Lab     activities.LabRef `json:"lab,omitzero"`
	// LabLeft says that the lab is still up: it was to be kept, or could not be
	// destroyed (then Problem says so).
	LabLeft bool `json:"labLeft,omitempty"`
	// Edited says how the plan's file differs from what was signed and run, ""
	// if it does not.
	Edited string `json:"edited,omitempty"`
	// Waiting is for what it still waited when it ended.
	Waiting  string    `json:"waiting,omitempty"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
}

// A CaseInput is one case with all that its workflow needs.
type CaseInput struct {
	Run        string              `json:"run"`
	Plan       string              `json:"plan"`
	Case       testplans.Case      `json:"case"`
	Streams    []trafficgen.Stream `json:"streams,omitempty"` // those its steps name
	Evidence   string              `json:"evidence"`
	Reattempts int                 `json:"reattempts,omitempty"`
	Lab        LabInput            `json:"lab"`
	// RestoreFirst says that the case before could not leave the devices at
	// their baseline.
	RestoreFirst bool `json:"restoreFirst,omitempty"`
	// RepairFirst are the faults that it may have left behind.
	RepairFirst []testplans.Fault `json:"repairFirst,omitempty"`
}

// A LabInput is a deployed lab and how to get it back.
type LabInput struct {
	Ref      activities.LabRef      `json:"ref"`
	Queue    string                 `json:"queue"` // of its host
	Deploy   activities.DeployInput `json:"deploy"`
	Baseline activities.Baseline    `json:"baseline"`
	Keep     bool                   `json:"keep,omitempty"` // it outlives the run
}

// A CaseResult is what came of a case. It is also the detail of the error with
// which the workflow of a case that did not pass ends.
type CaseResult struct {
	Case     string            `json:"case"`
	Attempts []results.Attempt `json:"attempts"` // without their steps, which are in the store
	// Dirty says that the devices are not back at their baseline.
	Dirty bool `json:"dirty,omitempty"`
	// Interruptions is how often an attempt had to start again because the
	// worker was lost.
	Interruptions int `json:"interruptions,omitempty"`
}

// last is the attempt that counts.
func (r *CaseResult) last() *results.Attempt {
	if len(r.Attempts) == 0 {
		return nil
	}
	return &r.Attempts[len(r.Attempts)-1]
}

// The types of the ApplicationErrors that workflows end with.
const (
	// TypeCaseNotPassed is a case with verdict fail or error; its detail is the
	// CaseResult.
	TypeCaseNotPassed = "CaseNotPassed"
	// TypeRunProblem is a run that could not judge its cases; its detail is the
	// RunResult.
	TypeRunProblem = "RunProblem"
)

// A Phase is a part of a run.
type Phase string

// The phases of a run, in their order.
const (
	PhaseLoading      Phase = "loading the plan"
	PhaseDeploying    Phase = "deploying the lab"
	PhaseWaiting      Phase = "waiting for the lab" // that another run has
	PhaseProvisioning Phase = "provisioning"
	PhaseRunning      Phase = "running cases"
	PhaseReporting    Phase = "reporting"
	PhaseDestroying   Phase = "destroying the lab"
	PhaseDone         Phase = "done"
)

// ProgressQuery is the name of the query of runs (Progress) and of cases
// (CaseProgress).
const ProgressQuery = "progress"

// Progress is how far a run is.
type Progress struct {
	Run        string            `json:"run"`
	Plan       string            `json:"plan,omitempty"`
	Title      string            `json:"title,omitempty"`
	Phase      Phase             `json:"phase"`
	PhaseSince time.Time         `json:"phaseSince"`
	Started    time.Time         `json:"started"`
	Lab        activities.LabRef `json:"lab,omitzero"`
	Waiting    string            `json:"waiting,omitempty"` // for what, in PhaseWaiting
	Cases      []CaseState       `json:"cases,omitempty"`   // every case of the run, in order
	Counts     results.Counts    `json:"counts"`
	Problem    string            `json:"problem,omitempty"`
	Files      *activities.Files `json:"files,omitempty"`
}

// Current returns the case that is running, or nil.
func (p *Progress) Current() *CaseState {
	for i := range p.Cases {
		if p.Cases[i].State == CaseRunning {
			return &p.Cases[i]
		}
	}
	return nil
}

// State says whether a case has had its turn.
type State string

// The states of a case in a run.
const (
	CaseWaiting State = "waiting"
	CaseRunning State = "running"
	CaseDone    State = "done"
)

// A CaseState is one case in a Progress.
type CaseState struct {
	ID       string        `json:"id"`
	Title    string        `json:"title"`
	Workflow string        `json:"workflow"` // ID
	State    State         `json:"state"`
	Verdict  check.Verdict `json:"verdict,omitempty"` // when done
	Reason   string        `json:"reason,omitempty"`
	Flaky    bool          `json:"flaky,omitempty"`
	Started  time.Time     `json:"started,omitzero"`
	Finished time.Time     `json:"finished,omitzero"`
	// Now is what a running case is doing; only Follow fills it in.
	Now *CaseProgress `json:"now,omitempty"`
}

// CaseProgress is how far a case is.
type CaseProgress struct {
	Attempt       int           `json:"attempt"`
	Interruptions int           `json:"interruptions,omitempty"`
	Phase         results.Phase `json:"phase"`
	Step          int           `json:"step"` // from 1
	Steps         int           `json:"steps"`
	Title         string        `json:"title"` // of the step, with its round
	Since         time.Time     `json:"since"` // when the step began
	// Live is what the step tells of itself while it runs, counters of streams for
	// example; only FollowLive fills it in.
	Live *activities.Live `json:"live,omitempty"`
}
