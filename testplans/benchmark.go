package testplans

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// A Benchmark is one procedure of the benchmarking methodology (RFC 2544, RFC
// 2889 and their updates). What is zero is as the RFC has it.
type Benchmark struct {
	Procedure  procedure.Procedure `json:"procedure"`
	Streams    []string            `json:"streams"` // offered together
	Sizes      []int               `json:"sizes,omitempty"`
	Speed      float64             `json:"speed,omitempty"`    // of the media, bit/s
	MaxRate    float64             `json:"max-rate,omitempty"` // fps of all streams together; their own when zero
	Trial      Duration            `json:"trial,omitempty"`
	Rest       Duration            `json:"rest,omitempty"`
	Repeats    int                 `json:"repeats,omitempty"`
	Resolution float64             `json:"resolution,omitempty"`
	LossLimit  float64             `json:"loss-limit,omitempty"`
	Step       float64             `json:"step,omitempty"`
	Rate       float64             `json:"rate,omitempty"` // the throughput in fps, if it is known
	Process    *Process            `json:"process,omitempty"`
	Monitor    *trafficgen.PortID  `json:"monitor,omitempty"`   // third port of a switch
	Addresses  int                 `json:"addresses,omitempty"` // to teach it
	Settle     Duration            `json:"settle,omitempty"`
	Within     Duration            `json:"within,omitempty"`
	Expect     check.Bound         `json:"expect,omitempty"`
}

// Keyword is the step's keyword in a plan.
func (b *Benchmark) Keyword() string {
	if slices.Contains(procedure.RFC2889, b.Procedure) {
		return "rfc2889"
	}
	return "rfc2544"
}

// Options are the procedure's, for the step's streams. Without sizes they are
// the streams' own.
func (b *Benchmark) Options(streams []trafficgen.Stream) procedure.Options {
	o := procedure.Options{
		Sizes: b.Sizes, Speed: b.Speed, Trial: time.Duration(b.Trial), Rest: time.Duration(b.Rest),
		Repeats: b.Repeats, Resolution: b.Resolution, LossLimit: b.LossLimit, Step: b.Step,
		Settle: time.Duration(b.Settle), Within: time.Duration(b.Within), Addresses: b.Addresses,
	}
	if b.Monitor != nil {
		o.Monitor = *b.Monitor
	}
	total := 0.0
	for _, s := range streams {
		total += s.Rate
		if len(b.Sizes) == 0 && len(o.Sizes) == 0 {
			o.Sizes = []int{s.Size}
		}
	}
	for _, s := range streams {
		if b.MaxRate > 0 {
			s.Rate *= b.MaxRate / total
		}
		o.Streams = append(o.Streams, s)
	}
	if b.Rate > 0 {
		o.Rates = map[int]float64{}
		for _, size := range o.Sizes {
			o.Rates[size] = b.Rate
		}
	}
	return o
}

// sentence describes the step for people.
func (b *Benchmark) sentence() string {
	what := "stream " + strings.Join(b.Streams, "")
	if len(b.Streams) > 1 {
		what = "streams " + strings.Join(b.Streams, " and ")
	}
	s := ""
	switch b.Procedure {
	case procedure.Throughput:
		s = "Search the throughput of " + what
	case procedure.Latency:
		s = "Measure the latency of " + what + " at the throughput rate"
	case procedure.FrameLoss:
		s = "Measure the frame loss of " + what + " at falling loads"
	case procedure.BackToBack:
		s = "Search the longest back-to-back burst of " + what + " without loss"
	case procedure.SystemRecovery:
		s = "Overload the path with " + what + " and measure how soon it recovers"
	case procedure.Reset:
		s = fmt.Sprintf("Restart %s on %s under %s and measure how soon it flows again", processWords(b.Process), b.Process.Node, what)
	case procedure.Forwarding:
		s = "Measure the forwarding rates of " + what
	case procedure.AddressCaching:
		s = "Search how many addresses the switch between the ports of " + what + " remembers"
	case procedure.AddressLearning:
		s = "Search how fast the switch between the ports of " + what + " learns addresses"
	}
	if len(b.Sizes) > 0 {
		sizes := make([]string, len(b.Sizes))
		for i, size := range b.Sizes {
			sizes[i] = fmt.Sprint(size)
		}
		s += fmt.Sprintf(" with frames of %s bytes", strings.Join(sizes, ", "))
	}
	if b.Expect != "" {
		s += ", wanting " + b.Expect.Words()
	}
	return s
}

func processWords(p *Process) string {
	if p.Name == "routing" {
		return "the routing processes"
	}
	return p.Name
}

// Longest is how long the step may take at most, tester faults included.
func (b *Benchmark) Longest() time.Duration {
	someone := trafficgen.PortID{Device: "eth1"}
	return b.Options([]trafficgen.Stream{{From: someone, To: someone, Rate: 1, Size: 64}}).Longest(b.Procedure)
}
