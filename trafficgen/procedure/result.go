package procedure

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// A Procedure is one benchmark, named as in plans and commands.
type Procedure string

// The procedures.
const (
	Throughput     Procedure = "throughput"
	Latency        Procedure = "latency"
	FrameLoss      Procedure = "frame-loss"
	BackToBack     Procedure = "back-to-back"
	SystemRecovery Procedure = "system-recovery"
	Reset          Procedure = "reset"
	Forwarding     Procedure = "forwarding"

	AddressCaching  Procedure = "address-caching"
	AddressLearning Procedure = "address-learning"
)

// RFC2544 are the benchmarks of RFC 2544, section 26, in its order.
var RFC2544 = []Procedure{Throughput, Latency, FrameLoss, BackToBack, SystemRecovery, Reset}

// RFC2889 are the benchmarks of RFC 2889 for a switch.
var RFC2889 = []Procedure{Forwarding, AddressCaching, AddressLearning}

// aboutAddresses says that the procedure teaches a switch addresses.
func (p Procedure) aboutAddresses() bool { return p == AddressCaching || p == AddressLearning }

// Reference is where the procedure is defined.
func (p Procedure) Reference() string {
	switch p {
	case Throughput:
		return "RFC 2544, section 26.1"
	case Latency:
		return "RFC 2544, section 26.2"
	case FrameLoss:
		return "RFC 2544, section 26.3"
	case BackToBack:
		return "RFC 9004, which updates RFC 2544, section 26.4"
	case SystemRecovery:
		return "RFC 2544, section 26.5"
	case Reset:
		return "RFC 6201, which updates RFC 2544, section 26.6"
	case Forwarding:
		return "RFC 2889, sections 5.4 and 5.6"
	case AddressCaching:
		return "RFC 2889, section 5.7"
	case AddressLearning:
		return "RFC 2889, section 5.8"
	}
	return ""
}

// trial is the least length of a trial that the RFC asks for.
func (p Procedure) trial() time.Duration {
	switch p {
	case Latency:
		return rfcLatencyTrial
	case BackToBack:
		return rfcBurst
	case Forwarding:
		return rfcSwitchTrial
	}
	return RFCTrial
}

func (p Procedure) repeats() int {
	switch p {
	case Latency:
		return rfcLatencyRepeats
	case BackToBack:
		return rfcBursts
	}
	return 1
}

// A Result is what a procedure found, one row for each frame size. It is data:
// it goes through JSON unchanged.
type Result struct {
	Procedure Procedure     `json:"procedure"`
	Reference string        `json:"reference"`
	Streams   []string      `json:"streams"`
	Speed     float64       `json:"speed,omitempty"` // of the media, bit/s; 0 is not known
	Trial     time.Duration `json:"trial"`
	Rest      time.Duration `json:"rest"`
	// Departures say where the run is less, or other, than the RFC asks for.
	Departures []string `json:"departures,omitempty"`
	Rows       []Row    `json:"rows"`
}

// A Row is the result for one frame size. Of the pointers the one of the
// result's procedure is set.
type Row struct {
	FrameBytes int `json:"frameBytes"`
	// MaxFPS is the highest load, all streams together: the media's theoretical
	// maximum if its speed is known.
	MaxFPS float64 `json:"maxFps"`
	// TesterLimited is why the device's own limit is not known: the tester could
	// not offer more, or spoilt every attempt. Empty if it is the device's.
	TesterLimited string  `json:"testerLimited,omitempty"`
	Trials        []Trial `json:"trials"`

	Throughput *ThroughputRow `json:"throughput,omitempty"`
	Latency    *LatencyRow    `json:"latency,omitempty"`
	FrameLoss  *FrameLossRow  `json:"frameLoss,omitempty"`
	BackToBack *BackToBackRow `json:"backToBack,omitempty"`
	Recovery   *RecoveryRow   `json:"recovery,omitempty"` // of system-recovery and reset
	Forwarding *ForwardingRow `json:"forwarding,omitempty"`
	Addresses  *AddressRow    `json:"addresses,omitempty"` // of address-caching and address-learning
}

// A Trial is one attempt at one load.
type Trial struct {
	WantedFPS  float64 `json:"wantedFps"` // all streams together
	OfferedFPS float64 `json:"offeredFps"`
	Sent       uint64  `json:"sent"`
	Received   uint64  `json:"received"`
	Lost       uint64  `json:"lost"`
	Passed     bool    `json:"passed"` // lost no more than the limit
	// Invalid is why the instrument disowns this trial.
	Invalid string        `json:"invalid,omitempty"`
	Started time.Time     `json:"started"`
	Took    time.Duration `json:"took"`
	// Latency is that of the one stream; of several the worst of each value.
	Latency trafficgen.Latency `json:"latency"`
	// Streams are the parts of several streams.
	Streams []Part `json:"streams,omitempty"`
}

// A Part is what became of one of several streams in a trial.
type Part struct {
	Stream  string             `json:"stream"`
	Sent    uint64             `json:"sent"`
	Lost    uint64             `json:"lost"`
	Latency trafficgen.Latency `json:"latency"`
}

// LossRatio is lost frames over sent frames, 0 when nothing was sent.
func (t *Trial) LossRatio() float64 {
	if t.Sent == 0 {
		return 0
	}
	return float64(t.Lost) / float64(t.Sent)
}

// newResult describes a run of a procedure with prepared options.
func newResult(p Procedure, o *Options) *Result {
	r := &Result{Procedure: p, Reference: p.Reference(), Speed: o.Speed, Trial: o.Trial, Rest: max(0, o.Rest)}
	for _, s := range o.Streams {
		r.Streams = append(r.Streams, s.Name)
	}
	depart := func(when bool, format string, args ...any) {
		if when {
			r.Departures = append(r.Departures, fmt.Sprintf(format, args...))
		}
	}
	depart(o.Trial < p.trial() && !p.aboutAddresses(), "shortened trials: %v instead of %v", o.Trial, p.trial())
	if p.aboutAddresses() { // its trials are as long as the addresses are many
		depart(r.Rest < rfcAging, "%v for the switch to forget what it learned, instead of the usual %v: its aging time must be shorter", r.Rest, rfcAging)
		return r
	}
	depart(r.Rest < RFCRest, "%v of rest between trials instead of %v", r.Rest.Round(time.Millisecond), RFCRest)
	depart(o.Repeats < p.repeats(), "%d repetitions instead of %d", o.Repeats, p.repeats())
	depart(o.LossLimit > 0, "a loss of %.3g%% is let pass", 100*o.LossLimit)
	depart(o.Step > rfcLossStep && p == FrameLoss, "loads in steps of %.3g%% instead of 10%%", 100*o.Step)
	depart(o.Speed == 0, "the media's speed is not known: the highest load is the streams' own rate")
	return r
}

// MarshalJSON adds whether the trials were shortened, for whoever reads it
// without this package.
func (r Result) MarshalJSON() ([]byte, error) {
	type plain Result
	return json.Marshal(struct {
		plain
		Shortened bool `json:"shortened,omitempty"`
	}{plain(r), r.Shortened()})
}

// Shortened says that the trials were shorter than the RFC's, which is fit for
// orientation only.
func (r *Result) Shortened() bool {
	return r.Trial < r.Procedure.trial() && !r.Procedure.aboutAddresses()
}

// TesterLimited says that some row is limited by the tester.
func (r *Result) TesterLimited() bool {
	for i := range r.Rows {
		if r.Rows[i].TesterLimited != "" {
			return true
		}
	}
	return false
}

// Trimmed is the result with at most n trials of each row, the last ones. The
// trials of a back-to-back run by the RFC are hundreds.
func (r *Result) Trimmed(n int) *Result {
	short := *r
	short.Rows = make([]Row, len(r.Rows))
	for i, row := range r.Rows {
		row.Trials = row.Trials[max(0, len(row.Trials)-n):]
		short.Rows[i] = row
	}
	return &short
}
