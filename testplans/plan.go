// Package testplans is the vocabulary of test plans: a Plan is a YAML file, a
// Case one expanded test in it, a Step one action or check of a case.
//
// Load reads a file strictly and reports every mistake at once, each with its
// line and column; Expand multiplies matrices and counts cases against
// MaxCases. Check holds the judgement, results the records, report the
// documents.
package testplans

import (
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen"
)

// MaxCases is the cap of the fixed-scope service, counted after expansion.
const MaxCases = 100

// Type is what a plan is for.
type Type string

// The two kinds of plan the service knows.
const (
	FeatureRollout Type = "feature-rollout" // does the new thing work in this network?
	Regression     Type = "regression"      // does release B still do what release A did?
)

// A Plan is a test plan with its cases expanded. It is plain data and travels
// through workflow histories as JSON.
type Plan struct {
	Name         string                       `json:"plan"`
	Title        string                       `json:"title"`
	Type         Type                         `json:"type"`
	Description  string                       `json:"description,omitempty"`
	File         string                       `json:"file"`     // absolute path
	Hash         string                       `json:"hash"`     // sha256 of the expanded cases, not of comments or layout
	Topology     string                       `json:"topology"` // absolute path of the topology file
	Requirements []Requirement                `json:"requirements,omitempty"`
	Streams      map[string]trafficgen.Stream `json:"streams,omitempty"` // ports hold Node and Device only
	Cases        []Case                       `json:"cases"`
}

// A Requirement is what the customer needs to see proven.
type Requirement struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// A Case is one expanded test. Its ID is permanent: POL-001 of a plan without
// a matrix, POL-001[pref=50] of one with.
type Case struct {
	ID          string            `json:"id"`
	Title       string            `json:"title"`
	Description string            `json:"description,omitempty"`
	Requirement string            `json:"requirement,omitempty"`
	Priority    string            `json:"priority,omitempty"` // high, medium, low
	Tags        []string          `json:"tags,omitempty"`
	Params      map[string]string `json:"params,omitempty"`     // matrix values
	Infeasible  string            `json:"infeasible,omitempty"` // why this lab cannot run it; the case is skipped
	Setup       []Step            `json:"setup,omitempty"`
	Steps       []Step            `json:"steps"`
	Teardown    []Step            `json:"teardown,omitempty"` // always runs
	Pos         topology.Pos      `json:"pos"`
}

// Case returns the case of that ID, or nil.
func (p *Plan) Case(id string) *Case {
	for i := range p.Cases {
		if p.Cases[i].ID == id {
			return &p.Cases[i]
		}
	}
	return nil
}
