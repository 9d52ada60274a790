// Package testplans is the vocabulary of test plans: a Plan is a YAML file, a
// Case one expanded test in it, a Step one action or check of a case. Package
// check holds the judgement, results the records, report the documents.
//
// # Plans
//
// Load reads a plan strictly and reports every Mistake at once, each with its
// line and column and a hint. The keys of a plan, of its cases and of their
// steps are those of the types here and in package check; Schema describes
// them all. This is a plan:
//
//	plan: ring-rollout
//	title: OSPF and BGP roll-out on the ring
//	type: feature-rollout
//	topology: ../../labs/ring/ring.clab.yml
//	requirements:
//	  R1: A single link failure costs less than 200 ms
//	streams:
//	  h1-h2: {from: h1, to: h2, size: 512, rate: 1000fps}
//	cases:
//	  - id: CONV-001
//	    title: Traffic survives a cut of r1-r2
//	    requirement: R1
//	    steps:
//	      - wait-until: {within: 30s, ospf: {nodes: all}}
//	      - traffic: {start: h1-h2}
//	      - fault: {link: "r1:ge-0/0/0", state: down}
//	      - converge: {stream: h1-h2, outage: "< 200ms"}
//	      - check: {route: {node: r1, prefix: 10.1.3.0/24, next-hop: 10.0.41.1}}
//
// # Matrices
//
// A case with a matrix is one case for every combination of its values, the
// last one varying fastest. In each text of the case {name} is replaced by the
// value of that name, and takes the value's type where the text is nothing
// else; {{name}} stands for the text {name}; other braces are themselves.
// The case's ID gets the values as a suffix in the order of the file:
// POL-001[pref=50,node=r2], where runs of characters other than letters,
// digits and ._:/+- become one "_". MaxCases counts what comes out.
//
// # Repeats
//
// A repeat runs its steps so many times, one round after the other:
//
//   - title: Flap the link r1-r2
//     repeat:
//     times: 10
//     steps:
//   - fault: {link: "r1:ge-0/0/0", state: down}
//   - wait-until: {within: 10s, ospf: {node: r1, neighbors: 1}}
//   - fault: {link: "r1:ge-0/0/0", state: up}
//   - wait-until: {within: 30s, ospf: {node: r1, neighbors: 2}}
//
// It is written out when the plan is loaded: the plan is the same, down to its
// hash, as one that has the steps of every round in their places, and the first
// that fails ends the case as ever. Each step knows its Round. {round} in a text
// is the round's number, from 1, as if it came from a matrix. A case has at most
// 1000 steps once it is written out, and a repeat contains none. A snapshot that
// a round takes is kept until the round ends; a stream, a capture or routes that
// it starts are still there in the next, and cannot be started again.
//
// # Parallels
//
// A parallel runs several sequences of steps at the same time and ends when all
// of them have ended; its verdict is the worst:
//
//   - parallel:
//     upgrade:
//   - configure: {node: r2, file: new.conf}
//   - wait-until: {within: 2m, bgp: {node: r2}}
//     probe:
//   - repeat: {times: 20, steps: [ping: {from: h1, to: h2}]}
//
// It is written out too, branch by branch, in which order its steps are numbered
// and recorded. A step that fails ends its branch; the others go on to their
// ends, and then the case is over. Two branches cannot deal with one stream,
// capture or link, change one node, or compare with each other's snapshots; and
// a converge step cannot measure from what another branch breaks.
//
// # JSNAPy
//
// A jsnapy step runs JSNAPy test files as they are (check.JSNAPy says what in
// them means more than it does to JSNAPy):
//
//	steps:
//	  - jsnapy: {snap: before, nodes: [r1, r2], tests: [jsnapy/bgp.yml]}
//	  - configure: {node: r1, set: protocols ospf area 0 interface ge-0/0/1.0 metric 100}
//	  - jsnapy: {check: before, nodes: [r1, r2], tests: [jsnapy/bgp.yml], within: 30s}
//	  - jsnapy: {nodes: all, tests: [jsnapy/health.yml]}
//
// It is written out as one step for each test in the files. All of them are run,
// even after one that fails. The files belong to the plan: to its mistakes, its
// hash and what is kept of it.
//
// # Streams
//
// The rate of a stream is in frames per second (fps, kfps, Mfps) or in bits
// per second on the wire (bps, kbps, Mbps, Gbps). Bit rates count the frame
// with its FCS and 20 bytes of preamble and gap, so that 1Gbps fills a gigabit
// link at any frame size. A percentage is that share of the speed that the
// sending port says it has.
//
// The frames are UDP over IP, or what layers: lists, outermost first, each
// layer alone or with its fields; Ethernet need not be said:
//
//	labels: {from: g1, to: g2, layers: [vlan: 100, mpls: {label: {from: 16, count: 50}}, ip, udp]}
//	hosts:  {from: g1, to: g2, layers: [ip: {dst: {from: 10.2.3.100, count: 100}}, tcp: {flags: syn, dport: [80, 443]}]}
//	mix:    {from: g1, to: g2, imix: simple, rate: 40%, burst: {frames: 50, gap: 2ms}, frames: 10000}
//	both:   {from: h1, to: h2, bidirectional: true}
//	voice:  {from: h1, to: h2, pcap: captures/voice.pcap, rate: 500fps}
//
// A field has one value, a list of them, a series {from, step, count}, or ones
// drawn once from a range {random: 1024..65535, count, seed}. All fields of a
// stream step with every frame, each for itself; with combine: product every
// value meets every other. Frames that differ in nothing but size are a flow,
// and each flow has an account of its own. There are at most 16384 different
// frames, or 64 MB of them.
//
// A bidirectional stream is two, whose second is called like the first with
// "-reverse" behind it: addresses and ports change places. Steps that name the
// stream mean both.
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
