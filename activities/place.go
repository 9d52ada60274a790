package activities

import (
	"fmt"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen"
)

// A LabRef names a deployed lab. The lab itself stays on its host: activities
// there look it up.
type LabRef struct {
	Backend string `json:"backend"`
	Name    string `json:"name"`
}

// A Place says which step of which attempt this is. It names evidence files
// and goes into commit logs.
type Place struct {
	Run     string        `json:"run"`
	Case    string        `json:"case"`
	Attempt int           `json:"attempt"` // from 1
	Try     int           `json:"try"`     // executions of this attempt that were interrupted before
	Phase   results.Phase `json:"phase"`
	Step    int           `json:"step"` // from 1, through all phases of the attempt
}

// tag is the mark of a step in a commit log. It tells tries apart, because a
// configuration that an interrupted try committed has been taken back since.
func (p Place) tag() string {
	return fmt.Sprintf("ccl %s %s #%d.%d step %d", p.Run, p.Case, p.Attempt, p.Try, p.Step)
}

// owner is the key under which a case's streams run.
func (p Place) owner() string { return p.Run + "/" + p.Case }

// A StepInput is what a step's activity is given.
type StepInput struct {
	At       Place          `json:"at"`
	Lab      LabRef         `json:"lab"`
	Evidence string         `json:"evidence"` // the run's evidence directory on the lab's host
	Step     testplans.Step `json:"step"`

	// Stream is the one a traffic step speaks of.
	Stream *trafficgen.Stream `json:"stream,omitempty"`
	// Streams are those a benchmark offers together.
	Streams []trafficgen.Stream `json:"streams,omitempty"`
	// Started says that an earlier step of this try has started the stream.
	Started bool `json:"started,omitempty"`
	// Snapshot is the evidence of the snapshot that a check compares with.
	Snapshot []results.EvidenceFile `json:"snapshot,omitempty"`
	// Cause is the last fault or commit before this step: what a converge step
	// measures from.
	Cause *results.Event `json:"cause,omitempty"`
}
