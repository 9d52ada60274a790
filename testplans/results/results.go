// Package results is the record of runs: what was executed on what, and what
// came of it. Records are append-only and idempotent per (run, case, attempt):
// a crashed worker may write the same attempt again and nothing is counted
// twice.
//
// A Store keeps the records, the accounts of contracts, and copies of what was
// signed. Compare says how two runs differ, Summary puts a run into numbers,
// EvidencePath says where its evidence lies.
package results

import (
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// A Run is one execution of a plan on a lab.
type Run struct {
	ID       string    `json:"id"` // ring-rollout-20261123-053012
	Plan     string    `json:"plan"`
	Title    string    `json:"title"`
	Type     string    `json:"type"`
	PlanHash string    `json:"planHash"`
	PlanFile string    `json:"planFile,omitempty"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished,omitzero"` // zero while it runs
	// Problem is why the run ended without judging its cases (the lab did not
	// deploy, it was cancelled), empty otherwise.
	Problem      string              `json:"problem,omitempty"`
	Lab          string              `json:"lab,omitempty"`
	Backend      string              `json:"backend,omitempty"`
	Topology     *topology.Topology  `json:"topology,omitempty"`
	Platforms    []Platform          `json:"platforms,omitempty"`
	Requirements []Requirement       `json:"requirements,omitempty"`
	Streams      []trafficgen.Stream `json:"streams,omitempty"`
	Cases        []Case              `json:"cases"` // every case of the plan, in its order
}

// A Platform is what one node really was.
type Platform struct {
	Node     string   `json:"node"`
	Kind     string   `json:"kind"`
	Platform string   `json:"platform"` // Junos emulator (FRR 8.4.4)
	Release  string   `json:"release,omitempty"`
	Config   string   `json:"config,omitempty"` // SHA-256 of the configuration that the run began with
	Notes    []string `json:"notes,omitempty"`  // statements stored but not acted on, …
}

// A Requirement of the plan.
type Requirement struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// A Case is the record of one case in a run.
type Case struct {
	ID          string            `json:"id"`
	Title       string            `json:"title"`
	Requirement string            `json:"requirement,omitempty"`
	Priority    string            `json:"priority,omitempty"`
	Tags        []string          `json:"tags,omitempty"`
	Params      map[string]string `json:"params,omitempty"`
	Attempts    []Attempt         `json:"attempts,omitempty"` // empty: has not run (yet)
}

// Verdict is the last attempt's, or "" while there is none.
func (c *Case) Verdict() check.Verdict {
	if len(c.Attempts) == 0 {
		return ""
	}
	return c.Attempts[len(c.Attempts)-1].Verdict
}

// Flaky says that a case passed only after it had failed or erred.
func (c *Case) Flaky() bool {
	if c.Verdict() != check.Pass {
		return false
	}
	for _, a := range c.Attempts {
		if a.Verdict == check.Fail || a.Verdict == check.Error {
			return true
		}
	}
	return false
}

// An Attempt is one execution of a case.
type Attempt struct {
	Number   int           `json:"number"` // from 1
	Verdict  check.Verdict `json:"verdict"`
	Reason   string        `json:"reason"` // one sentence
	Started  time.Time     `json:"started"`
	Finished time.Time     `json:"finished"`
	Steps    []Step        `json:"steps,omitempty"`
}

// Phase is the part of a case that a step belongs to.
type Phase string

// The phases of a case. Reset is the return to the run's baseline.
const (
	PhaseSetup    Phase = "setup"
	PhaseSteps    Phase = "steps"
	PhaseTeardown Phase = "teardown"
	PhaseReset    Phase = "reset"
)

// A Step is the record of one step.
type Step struct {
	Phase Phase        `json:"phase"`
	Kind  string       `json:"kind"`            // configure, check, …
	Title string       `json:"title"`           // the sentence
	Where string       `json:"where,omitempty"` // plan.yaml:41:7
	Round *check.Round `json:"round,omitempty"` // nil outside of repeat
	// Branch is nil outside of parallel. Steps are recorded in the plan's order;
	// those of the branches of one parallel ran at the same time.
	Branch   *check.Branch      `json:"branch,omitempty"`
	Verdict  check.Verdict      `json:"verdict"`
	Reason   string             `json:"reason,omitempty"`
	Started  time.Time          `json:"started"`
	Finished time.Time          `json:"finished"`
	Findings []check.Finding    `json:"findings,omitempty"`
	Evidence []EvidenceFile     `json:"evidence,omitempty"`
	Events   []Event            `json:"events,omitempty"` // for the timeline
	Stats    []trafficgen.Stats `json:"stats,omitempty"`
	// Convergence is the judged outage of a converge step.
	Convergence *Convergence `json:"convergence,omitempty"`
	// RouteTime is how long traffic took to follow the routes of a routes step; nil
	// if it did not, or none showed it.
	RouteTime *RouteTime `json:"routeTime,omitempty"`
	// Benchmark is what a procedure of RFC 2544 or its kin found. Its trials are
	// the last ones of each row; all of them are evidence.
	Benchmark *procedure.Result `json:"benchmark,omitempty"`
}

// EvidenceFile names a file below the run's evidence directory.
type EvidenceFile struct {
	ID   string `json:"id"`
	Node string `json:"node,omitempty"`
	What string `json:"what"` // the RPC or command, "commit diff", …
	Path string `json:"path"` // relative to the run's evidence directory
}

// An Event is a moment on the run's one timeline.
type Event struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"` // commit, fault, first-loss, last-loss, …
	Node string    `json:"node,omitempty"`
	Text string    `json:"text"`
}

// A RouteTime is how long it took until traffic to all of a sample of routes
// flowed after their announcement, or to none of them after their withdrawal:
// RFC 7747's route installation and withdrawal convergence times.
type RouteTime struct {
	Routes      string        `json:"routes"` // what the plan calls them
	Withdrawn   bool          `json:"withdrawn,omitempty"`
	Count       int           `json:"count"`
	Sample      int           `json:"sample"`
	Took        time.Duration `json:"took"`
	Uncertainty time.Duration `json:"uncertainty"` // the worst of the streams'
}

// Convergence is how long a stream suffered from an event.
type Convergence struct {
	Stream      string        `json:"stream"` // or several: "a, b"
	Event       string        `json:"event"`  // "link r1:ge-0/0/0 down"
	Outage      time.Duration `json:"outage"`
	LostFrames  uint64        `json:"lostFrames"`
	Uncertainty time.Duration `json:"uncertainty"`
	Limit       string        `json:"limit"` // "< 200ms"
	// Measured are the times of RFC 6412 and RFC 6413, of each stream.
	Measured *procedure.Convergence `json:"measured,omitempty"`
}
