package testplans

import (
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/topology"
)

// A Step is one action or check of a case: exactly one of the pointers is set.
type Step struct {
	Title string       `json:"title"` // a sentence; the author's or, failing that, one made from the step
	Pos   topology.Pos `json:"pos"`
	Round *check.Round `json:"round,omitempty"` // nil outside of repeat
	// Branch is nil outside of parallel. The steps of one parallel, which run at
	// the same time, stand next to each other.
	Branch *check.Branch `json:"branch,omitempty"`

	// GoOn says that the next step is run whatever becomes of this one: both are
	// parts of what is one step in the plan.
	GoOn bool `json:"go-on,omitempty"`

	Configure  *Configure  `json:"configure,omitempty"`
	Rollback   *Rollback   `json:"rollback,omitempty"`
	Snapshot   *Snapshot   `json:"snapshot,omitempty"`
	Check      *check.Spec `json:"check,omitempty"`
	WaitUntil  *WaitUntil  `json:"wait-until,omitempty"`
	Command    *Command    `json:"command,omitempty"`
	Ping       *Ping       `json:"ping,omitempty"`
	Traceroute *Traceroute `json:"traceroute,omitempty"`
	Traffic    *Traffic    `json:"traffic,omitempty"`
	Capture    *Capture    `json:"capture,omitempty"`
	Routes     *Routes     `json:"routes,omitempty"`
	Converge   *Converge   `json:"converge,omitempty"`
	Benchmark  *Benchmark  `json:"benchmark,omitempty"`
	Fault      *Fault      `json:"fault,omitempty"`
}

// Sentence is the title with the branch and the round that the step stands in.
func (s *Step) Sentence() string { return s.Branch.Within(s.Round, s.Title) }

// Kind is the step's keyword in a plan.
func (s *Step) Kind() string {
	switch {
	case s.Configure != nil:
		return "configure"
	case s.Rollback != nil:
		return "rollback"
	case s.Snapshot != nil:
		return "snapshot"
	case s.Check != nil:
		return "check"
	case s.WaitUntil != nil:
		return "wait-until"
	case s.Command != nil:
		return "command"
	case s.Ping != nil:
		return "ping"
	case s.Traceroute != nil:
		return "traceroute"
	case s.Traffic != nil:
		return "traffic"
	case s.Capture != nil:
		return "capture"
	case s.Routes != nil:
		return "routes"
	case s.Converge != nil:
		return "converge"
	case s.Benchmark != nil:
		return s.Benchmark.Keyword()
	case s.Fault != nil:
		return "fault"
	}
	return ""
}

// Configure commits a change on one node.
type Configure struct {
	Node      string   `json:"node"`
	Set       []string `json:"set,omitempty"`  // set, delete, … commands; "set" may be left out
	Text      string   `json:"text,omitempty"` // curly braces; also the content of file:, read when the plan is loaded
	Load      string   `json:"load,omitempty"` // merge (default), replace, override, update
	Confirmed Duration `json:"confirmed,omitempty"`
	// Refused says that the device must refuse this change: a substring of the
	// message it must give. A change that is accepted then fails the case.
	Refused string `json:"refused,omitempty"`
}

// Rollback returns a node to its To-th last configuration.
type Rollback struct {
	Node string `json:"node"`
	To   int    `json:"to"` // 1 to 49
}

// WaitUntil repeats a check until it passes or the time is up.
type WaitUntil struct {
	Within   Duration   `json:"within"`
	Interval Duration   `json:"interval,omitempty"` // 250 ms when zero
	Check    check.Spec `json:"check"`
}

// Command runs an operational command and keeps its output as evidence.
type Command struct {
	Node    string `json:"node"`
	Run     string `json:"run"`
	Matches string `json:"matches,omitempty"` // a regular expression the output must match
}

// Ping sends ICMP echo requests from a node, a host or a router.
type Ping struct {
	From   string      `json:"from"`
	To     string      `json:"to"` // address, or a node whose address is looked up
	Source string      `json:"source,omitempty"`
	Count  int         `json:"count,omitempty"` // 5 when zero
	Size   int         `json:"size,omitempty"`  // payload bytes
	Loss   check.Bound `json:"loss,omitempty"`  // "= 0%" when empty
}

// Traceroute checks the path that packets take.
type Traceroute struct {
	From string      `json:"from"`
	To   string      `json:"to"`
	Via  []string    `json:"via,omitempty"` // addresses or nodes that must appear, in this order
	Hops check.Bound `json:"hops,omitempty"`
}

// Traffic starts or stops a stream, or runs it for a time and judges it.
type Traffic struct {
	Start    string      `json:"start,omitempty"`
	Stop     string      `json:"stop,omitempty"`
	Run      string      `json:"run,omitempty"`
	Duration Duration    `json:"duration,omitempty"`    // of Run, the stream's own if the plan does not say; 5 s when zero
	Loss     check.Bound `json:"loss,omitempty"`        // of Run ("= 0" if the plan does not say) and Stop: frames or share ("< 0.1%")
	Latency  check.Bound `json:"latency-p99,omitempty"` // of Run and Stop
	// Bounds are those on other metrics (check.Metrics), by name, of Run and Stop.
	Bounds map[string]check.Bound `json:"bounds,omitempty"`
}

// Converge waits until running streams flow without loss again and judges what
// they suffered since the last fault: each one's longest outage, and the times
// of RFC 6412 and RFC 6413, with a stream for each route or flow.
type Converge struct {
	Stream  string   `json:"stream,omitempty"`
	Streams []string `json:"streams,omitempty"` // in place of Stream
	Within  Duration `json:"within,omitempty"`  // 30 s when zero

	Outage check.Bound `json:"outage,omitempty"`
	check.ConvergenceBounds
}

// Names are the streams that the step speaks of.
func (c *Converge) Names() []string {
	if c.Stream != "" {
		return []string{c.Stream}
	}
	return c.Streams
}
