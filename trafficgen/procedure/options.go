package procedure

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// What the RFCs say where Options do not.
const (
	RFCTrial = 60 * time.Second // RFC 2544, section 24
	RFCRest  = 5 * time.Second  // RFC 2544, section 23: let the device restabilize

	rfcLatencyTrial   = 120 * time.Second // section 26.2
	rfcLatencyRepeats = 20
	rfcSwitchTrial    = 30 * time.Second // RFC 2889, section 5.4.2
	rfcBursts         = 50               // RFC 9004, section 5.4
	rfcBurst          = 2 * time.Second  // RFC 2544, section 26.4: of a trial
	rfcLossStep       = 0.1              // RFC 2544, section 26.3: at most
	rfcOverload       = 1.1              // section 26.5
)

// What we take where the RFCs leave it open.
const (
	defaultResolution = 0.01
	defaultMaxTrials  = 20 // a search; 1 % of the highest rate takes 8
	defaultAttempts   = 3
	defaultWithin     = 60 * time.Second // for a device to come back
	defaultSettle     = time.Second      // of flow without loss: it is back
)

// Sizes of Ethernet frames in bytes, with FCS.
var (
	// RFC2544Sizes are those of RFC 2544, section 9.1.
	RFC2544Sizes = []int{64, 128, 256, 512, 1024, 1280, 1518}
	// RFC5180Sizes are those of RFC 5180, section 5.1.1, without the jumbo
	// frames, which most media do not carry. IPv6 with UDP and the generator's
	// signature does not fit into 64 bytes: RFC 8219, section 4.1.1, has 84.
	RFC5180Sizes = []int{84, 128, 256, 512, 1024, 1280, 1518}
	// JumboSizes are the rest of RFC 5180, section 5.1.1.
	JumboSizes = []int{1522, 2048, 4096, 8192, 9216}
)

// Options of a procedure. Only Streams must be given.
type Options struct {
	// Streams are the flows that are offered together; their sizes, bursts and
	// durations are set by the procedure. Their rates add up to the highest load that is tried, and
	// keep their proportion at lower loads: equal rates of an IPv4 and an IPv6
	// stream are a dual-stack run with half of each.
	Streams []trafficgen.Stream
	// Sizes are the frame sizes in bytes, with FCS, each measured on its own;
	// RFC2544Sizes when empty, or RFC5180Sizes if a stream is IPv6.
	Sizes []int
	// Speed of the media in bits per second. If it is given, the highest load of
	// each sending port is the media's theoretical maximum for the frame size,
	// shared between the port's streams in the proportion of their rates. 0 is
	// not known: the highest load is the streams' rates as they are.
	Speed float64

	Trial time.Duration // of a trial; the RFC's when zero
	// Rest is the pause after a trial: when zero the RFC's 5 s or, after a
	// shortened trial, its share of them. Of the procedures about addresses it is
	// the time in which the switch forgets them, 300 s when zero. Negative is
	// none.
	Rest time.Duration
	// Attempts is how often a trial is made that the tester may have spoilt; 3
	// when zero.
	Attempts int
	// Repeats is how often a measurement is repeated for its average: 20 for
	// latency, 50 for back-to-back and once for the others when zero.
	Repeats int

	// Resolution ends a search when it knows its result within this fraction;
	// 0.01 when zero.
	Resolution float64
	// LossLimit is the fraction of frames that a trial may lose and pass; 0 in
	// the RFC.
	LossLimit float64
	// MaxTrials bounds a search; 20 when zero.
	MaxTrials int
	// Step of the loads of FrameLoss and Forwarding, as a fraction of the
	// highest; 0.1 when zero.
	Step float64

	// Rates are the throughputs by frame size, in frames per second of all
	// streams together, for the procedures that build on them. What is missing
	// is measured first.
	Rates map[int]float64

	// Reset resets the device; it returns when the reset has been asked for. Only
	// the reset procedure takes it, and needs it.
	Reset func(context.Context) error
	// Monitor is a third port of the switch under test, of the procedures about
	// addresses: what arrives there was flooded.
	Monitor trafficgen.PortID
	// Addresses is how many address-caching tries at most, and how many
	// address-learning teaches; 8192 and 1024 when zero.
	Addresses int

	// Settle is how long a device must have forwarded without loss to count as
	// back from a reset or an overload; 1 s when zero. It must be longer than
	// the device takes to notice the reset.
	Settle time.Duration
	// Within bounds the wait for a device that was reset; 60 s when zero.
	Within time.Duration

	// Progress, if not nil, is called about ten times a second while a trial
	// runs and once when it has ended; never concurrently.
	Progress func(Progress)
}

// Progress is how far a procedure is.
type Progress struct {
	Procedure  Procedure
	FrameBytes int
	Number     int     // of the trial, from 1, over all sizes
	FPS        float64 // that it is to offer
	// Trial is the trial when it has ended, nil while it runs. Live are the
	// counters while it runs.
	Trial *Trial
	Live  []trafficgen.Stats
}

// String is the progress in a sentence: "throughput: 64-byte frames at 1000
// fps: 3 of 1000 lost".
func (p Progress) String() string {
	s := fmt.Sprintf("%s: %d-byte frames at %.0f fps", p.Procedure, p.FrameBytes, p.FPS)
	switch {
	case p.Trial == nil:
		return s
	case p.Trial.Invalid != "":
		return s + ": the tester's fault: " + p.Trial.Invalid
	case p.Trial.Lost == 0:
		return fmt.Sprintf("%s: all %d arrived", s, p.Trial.Sent)
	}
	return fmt.Sprintf("%s: %d of %d lost", s, p.Trial.Lost, p.Trial.Sent)
}

// prepare fills in what is not given and refuses what makes no sense.
func (o Options) prepare(p Procedure) (Options, error) {
	if err := o.check(); err != nil {
		return o, fmt.Errorf("%s: %w", p, err)
	}
	if p == Reset && o.Reset == nil {
		return o, errors.New("reset: there is nothing that resets the device")
	}
	if p.aboutAddresses() {
		if err := o.checkAddresses(p); err != nil {
			return o, err
		}
		o.Addresses = cmp.Or(o.Addresses, defaultAddresses[p])
	}
	if len(o.Sizes) == 0 {
		o.Sizes = defaultSizes(p, o.Streams)
	}
	o.Trial = cmp.Or(o.Trial, p.trial())
	o.Repeats = cmp.Or(o.Repeats, p.repeats())
	o.Attempts = cmp.Or(o.Attempts, defaultAttempts)
	o.Resolution = cmp.Or(o.Resolution, defaultResolution)
	o.MaxTrials = cmp.Or(o.MaxTrials, defaultMaxTrials)
	o.Step = cmp.Or(o.Step, rfcLossStep)
	o.Within = cmp.Or(o.Within, defaultWithin)
	o.Settle = cmp.Or(o.Settle, defaultSettle)
	switch {
	case o.Rest == 0 && p.aboutAddresses():
		o.Rest = rfcAging
	case o.Rest == 0:
		o.Rest = min(RFCRest, time.Duration(float64(RFCRest)*float64(o.Trial)/float64(p.trial())))
	}
	return o, nil
}

// defaultSizes are the standard ones; of a reset (RFC 2544, section 26.6) and
// of addresses only the least.
func defaultSizes(p Procedure, streams []trafficgen.Stream) []int {
	sizes := RFC2544Sizes
	if slices.ContainsFunc(streams, isIPv6) {
		sizes = RFC5180Sizes
	}
	if p == Reset || p.aboutAddresses() {
		return sizes[:1]
	}
	return sizes
}

func (o Options) check() error {
	var errs []error
	refuse := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	refuse(len(o.Streams) == 0, "there is no stream to measure with")
	for _, s := range o.Streams {
		refuse(s.Load != 0, "stream %s: its load is a share of a port's speed; a benchmark needs a rate in frames per second, or the media's speed", s.Name)
		refuse(s.Load == 0 && (!(s.Rate > 0) || math.IsInf(s.Rate, 0)), "stream %s: rate %v is not above 0 frames per second", s.Name, s.Rate)
		refuse(s.Elsewhere(), "stream %s is received by nobody here: its loss cannot be known", s.Name)
	}
	for _, size := range o.Sizes {
		refuse(size < 64, "frame size %d is below Ethernet's 64 bytes", size)
	}
	refuse(!fraction(o.Resolution), "resolution %v is not a fraction", o.Resolution)
	refuse(!fraction(o.LossLimit), "loss limit %v is not a fraction of the frames", o.LossLimit)
	refuse(!fraction(o.Step), "step %v is not a fraction of the highest load", o.Step)
	refuse(o.Speed < 0 || math.IsNaN(o.Speed), "the media's speed %v is negative", o.Speed)
	refuse(o.Trial < 0, "trials of %v", o.Trial)
	refuse(o.Repeats < 0 || o.Attempts < 0 || o.MaxTrials < 0, "a negative count of trials")
	return errors.Join(errs...)
}

func fraction(v float64) bool { return v >= 0 && v < 1 }

func isIPv6(s trafficgen.Stream) bool {
	return s.IPv6 || s.Src.Is6() || s.Dst.Is6()
}

// MaxRate is the highest frame rate of an Ethernet of a speed in bits per
// second, preamble and gap included (RFC 5180, appendix A.1). It is 0 if the
// speed is.
func MaxRate(speed float64, frameBytes int) float64 {
	return speed / (8 * float64(frameBytes+trafficgen.WireOverhead))
}

// load returns the streams with frames of a size at the highest load, and the
// sum of their rates.
func (o *Options) load(size int) (streams []trafficgen.Stream, highest float64) {
	type end struct{ node, device, netns string }
	of := func(s trafficgen.Stream) end { return end{s.From.Node, s.From.Device, s.From.NetNS} }
	port := map[end]float64{}
	for _, s := range o.Streams {
		port[of(s)] += s.Rate
	}
	for _, s := range o.Streams {
		s.Size, s.Sizes, s.Burst, s.Frames = size, nil, trafficgen.Burst{}, 0
		if o.Speed > 0 {
			s.Rate *= MaxRate(o.Speed, size) / port[of(s)]
		}
		highest += s.Rate
		streams = append(streams, s)
	}
	return streams, highest
}

// overhead is what a trial takes beyond its time: to open ports, resolve
// neighbours, send learning frames and wait for what is in flight.
const overhead = 6 * time.Second

// Longest bounds the time that a procedure with these options takes.
func (o Options) Longest(p Procedure) time.Duration {
	o.Reset = func(context.Context) error { return nil }
	o, err := o.prepare(p)
	if err != nil {
		return 0
	}
	trial := o.Trial + max(0, o.Rest) + overhead
	search := time.Duration(o.MaxTrials+o.Attempts) * (min(o.Trial, RFCTrial) + max(0, o.Rest) + overhead)
	if o.Trial >= p.trial() {
		search = time.Duration(o.MaxTrials+o.Attempts) * (RFCTrial + max(0, o.Rest) + overhead)
	}
	var size time.Duration
	switch p {
	case Throughput:
		size = search
	case AddressCaching, AddressLearning: // a trial teaches and then tests
		frames := time.Duration(2 * float64(o.Addresses) / leastRate(o.Streams) * float64(time.Second))
		size = time.Duration(o.MaxTrials*o.Attempts) * (frames + max(0, o.Rest) + 2*overhead)
	case FrameLoss, Forwarding:
		size = time.Duration(math.Ceil(1/o.Step)+1) * time.Duration(o.Attempts) * trial
	case BackToBack: // a burst search bisects the frames of a trial, 32 times at most
		size = search + time.Duration(o.Repeats*32*o.Attempts)*trial
	case SystemRecovery, Reset:
		size = search + time.Duration(o.Repeats*o.Attempts)*(trial+o.Within)
	default:
		size = search + time.Duration(o.Repeats*o.Attempts)*trial
	}
	return time.Duration(len(o.Sizes)) * size
}
