package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
	"github.com/ccl-lab/ccl/trafficgen/tally"
)

// run is one call of Run.
type run struct {
	opts     Options
	tag      uint16
	flows    []*flow
	stations []*station
	table    *tally.Table // nil where the kernel does not count
	refusal  error        // why it does not

	epoch time.Time // when the transmitters began
	host  hostState // then
	sinks []func() error

	priming sync.WaitGroup // receivers that ask for their gateways
	unprime context.CancelFunc
}

// flow is a stream that is being run.
type flow struct {
	stream   trafficgen.Stream // resolved
	id       frame.ID
	from, to *station
	deck     *frame.Deck
	schedule
	frames uint64 // to send; 0 is until the context ends

	sent        *atomic.Uint64 // shared with the kernel where that counts
	first, last atomic.Int64   // CLOCK_REALTIME, ns, of those frames; 0 before
	latest      atomic.Int64   // worst lateness so far, ns
	late        lateness       // the transmitter's until it has ended
	expired     bool           // likewise: its time was over before all frames had left

	*tracker  // guarded by to.mu
	misrouted atomic.Uint64
	learned   atomic.Bool

	samples []trafficgen.Sample // the observer's
	every   int                 // ticks between two samples
	ticks   int
	marks   []mark
}

// A mark says how many frames had been sent at a time.
type mark struct {
	at   time.Time
	sent uint64
}

// station is an open port with the hosts on it.
type station struct {
	id    trafficgen.PortID // of the first host: node, device and namespace
	port  port.Port
	hosts []*port.Host
	run   *run

	number  uint16
	counts  string      // what in the kernel counts arrivals; empty when nothing does
	engine  sendEngine  // what sends the streams, where that is in the kernel
	express port.Sender // or what this process sends them with; nil is the port

	mu     sync.Mutex // of the trackers of flows to this station
	failed error
	done   chan struct{}
}

func layOut(o Options, streams []trafficgen.Stream) *run {
	r := &run{opts: o, tag: uint16(rand.Uint32())}
	for i, s := range streams {
		f := &flow{
			stream: s, id: frame.ID{Run: r.tag, Stream: uint16(i + 1)},
			from: r.station(s.From), to: r.station(s.To),
			sent: new(atomic.Uint64), every: 1,
		}
		r.flows = append(r.flows, f)
	}
	return r
}

// settleRates settles what depends on the streams' rates, the ports being open.
func (r *run) settleRates() error {
	digits := 3
	if len(r.flows) > 64 {
		digits = 2 // 30 KiB a stream instead of 220
	}
	var errs []error
	for _, f := range r.flows {
		s := &f.stream
		if s.Load > 0 {
			speed := f.from.port.Link().Speed
			if speed == 0 {
				errs = append(errs, fmt.Errorf("stream %s: %s does not say how fast it is: %.3g%% of its speed is no rate; give one in fps or bps",
					s.Name, port.Name(s.From), 100*s.Load))
				continue
			}
			s.Rate = s.Load * float64(speed) / (8 * (s.MeanSize() + trafficgen.WireOverhead))
		}
		f.schedule = newSchedule(s)
		if f.extra < 0 {
			errs = append(errs, fmt.Errorf("stream %s: a gap of %v between bursts is shorter than the %v between the frames of one",
				s.Name, s.Burst.Gap, time.Duration(f.interval)))
			continue
		}
		f.tracker = newTracker(f.rate(), digits)
		f.frames = s.Frames
		if s.Duration > 0 {
			most := max(1, f.within(float64(s.Duration)))
			if f.frames == 0 || most < f.frames {
				f.frames = most
			}
		}
	}
	return errors.Join(errs...)
}

// station returns the station of a port; ports that differ only in their
// addresses are hosts of one.
func (r *run) station(id trafficgen.PortID) *station {
	for _, s := range r.stations {
		if s.id.Node == id.Node && s.id.Device == id.Device && s.id.NetNS == id.NetNS {
			return s
		}
	}
	s := &station{id: id, run: r, number: uint16(len(r.stations))}
	r.stations = append(r.stations, s)
	return s
}

// open opens the ports and starts to receive.
func (r *run) open() error {
	var errs []error
	for _, s := range r.stations {
		p, err := r.openPort(s)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		s.port = p
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := r.settleRates(); err != nil {
		return err
	}
	for _, f := range r.flows {
		f.from.host(f.stream.From)
		f.to.host(f.stream.To)
	}
	r.countFlows()
	r.tally()
	for _, s := range r.stations {
		s.filter()
		s.done = make(chan struct{})
		go func() {
			defer close(s.done)
			if r.opts.Sleep == nil {
				runtime.LockOSThread() // it ends with the goroutine
				favor(r.rateTo(s))
			}
			s.failed = s.port.Receive(s.receive)
		}()
	}
	return nil
}

func (r *run) openPort(s *station) (port.Port, error) {
	if s.id == (trafficgen.PortID{}) {
		return port.Nowhere(), nil
	}
	return r.opts.Open(s.id, port.Settings{RingBytes: r.ringBytes(s)})
}

// rateTo is the frames per second that are to arrive at s.
func (r *run) rateTo(s *station) (rate float64) {
	for _, f := range r.flows {
		if f.to == s {
			rate += f.rate()
		}
	}
	return rate
}

// ringBytes is room for half a second of what is to arrive at s.
func (r *run) ringBytes(s *station) int {
	const overhead = 96 // the kernel's headers around a frame
	need := 0.0
	const most = 64 << 20
	for _, f := range r.flows {
		switch {
		case f.to != s:
		case f.stream.Load > 0: // not known before the sending port is open
			return most
		default:
			need += f.stream.Rate * (f.stream.MeanSize() + overhead) / 2
		}
	}
	return int(min(max(need, 16<<20), most))
}

// host returns the host of a port, made on first use.
func (s *station) host(id trafficgen.PortID) *port.Host {
	for _, h := range s.hosts {
		if h.ID() == id {
			return h
		}
	}
	h := port.NewHost(id, s.port)
	s.hosts = append(s.hosts, h)
	return h
}

// receive takes arriving frames. It runs on the station's own goroutine.
func (s *station) receive(batch []port.Arrival) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range batch {
		sig, verdict := frame.Parse(a.Frame)
		if verdict == frame.Foreign || sig.Run != s.run.tag || sig.Stream == 0 || int(sig.Stream) > len(s.run.flows) {
			if frame.IsControl(a.Frame) {
				for _, h := range s.hosts {
					h.Handle(a.Frame)
				}
			}
			continue
		}
		f := s.run.flows[sig.Stream-1]
		switch {
		case f.to != s:
			if !sig.Learning && !sig.Reply {
				f.misrouted.Add(1)
			}
		case sig.Learning:
			f.learned.Store(true)
		case verdict == frame.Damaged:
			f.corrupted++
		default:
			f.arrive(sig.Seq, sig.Sent, a.At, f.sent.Load())
		}
	}
}

// begin notes the state of the host just before the first frame.
func (r *run) begin() {
	r.epoch = time.Now()
	r.host = r.readHost()
	r.sample()
}

// arrivals is how far the receivers are.
type arrivals struct {
	count    uint64 // frames of any kind
	complete bool   // nothing is missing
	slowest  time.Duration
}

func (r *run) arrived() arrivals {
	a := arrivals{complete: true}
	for _, f := range r.flows {
		f.to.mu.Lock()
		f.pull()
		a.count += f.received + f.duplicate + f.corrupted + f.misrouted.Load()
		a.complete = a.complete && (f.stream.Elsewhere() || f.received == f.sent.Load())
		a.slowest = max(a.slowest, time.Duration(f.delay.max))
		f.to.mu.Unlock()
	}
	return a
}

// close closes the ports and waits for their receivers.
func (r *run) close() error {
	if r.unprime != nil {
		r.unprime()
	}
	r.priming.Wait()
	errs := []error{r.closeEngines()}
	for _, s := range r.stations {
		if s.port == nil {
			continue
		}
		errs = append(errs, s.port.Close())
		if s.done != nil {
			<-s.done
			errs = append(errs, s.failed)
		}
	}
	if r.table != nil {
		errs = append(errs, r.table.Close())
	}
	for _, closeSink := range slices.Backward(r.sinks) {
		errs = append(errs, closeSink())
	}
	return errors.Join(errs...)
}
