package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/trafficgen/port"
)

// Names of the engines that send.
const (
	Live     = "live"     // a program in the kernel sends: package live
	AFXDP    = "af-xdp"   // AF_XDP sockets in copy mode
	SendMmsg = "sendmmsg" // packet sockets, past the queueing discipline
)

// Engines are the names of all engines that send, the fastest first.
var Engines = []string{Live, AFXDP, SendMmsg}

// FastAbove is the rate of a port, in frames per second, from which on the
// engines before sendmmsg are chosen. Live frames keep a processor busy, however
// few they are; from this rate on a transmitter in this process does too, since
// it spins for the last part of every wait.
const FastAbove = float64(time.Second / spin)

// Taken is the name of the engine that sends at a rate in frames per second,
// where the choice is free and a port can use these; "" if it can use none.
func Taken(all []Capability, fps float64) string {
	for _, c := range all {
		if c.Usable && c.Does == Sends && (c.Name == SendMmsg || fps >= FastAbove) {
			return c.Name
		}
	}
	return ""
}

// A sendEngine sends the streams of a port from inside the kernel.
type sendEngine interface {
	transmitting
	// refused counts frames that it sent but the device did not take, though
	// the link was up.
	refused() uint64
	// note has a flow know how late its frames left so far, and of the stalls of
	// at least that length. It may be called at any time before close.
	note(f *flow, least time.Duration)
	close() error
}

// transmitting is what can be told to run and to stop.
type transmitting interface {
	// run sends until every stream has ended or halt is called.
	run() error
	halt()
}

// sends names what sends the station's streams.
func (s *station) sends() string {
	switch {
	case s.engine != nil:
		return Live
	case s.express != nil:
		return AFXDP
	}
	return s.port.Link().Sends
}

// choose decides what sends the streams of each port: what is asked for, or
// the first of those that pay at its rate and can be used.
func (r *run) choose() error {
	if r.opts.Sends != "" && !slices.Contains(Engines, r.opts.Sends) {
		return fmt.Errorf("no engine is called %q: there is %s", r.opts.Sends, strings.Join(Engines, ", "))
	}
	for _, s := range r.stations {
		for _, name := range r.candidates(s) {
			err := s.use(name)
			if err == nil {
				break
			}
			if r.opts.Sends != "" {
				return err
			}
		}
	}
	return nil
}

func (r *run) candidates(s *station) []string {
	rate := r.rateFrom(s)
	switch {
	case rate == 0:
		return nil
	case r.opts.Sends != "":
		return []string{r.opts.Sends}
	case rate < FastAbove || r.opts.Sleep != nil:
		return nil // the port's own way
	}
	return Engines
}

// use has an engine send the station's streams, or says why it cannot.
func (s *station) use(name string) error {
	switch name {
	case Live:
		return s.goLive()
	case AFXDP:
		return s.goExpress()
	}
	return nil
}

// goExpress opens the port's faster way to send, and tries it.
func (s *station) goExpress() error {
	fast, ok := s.port.(port.Express)
	if !ok {
		return fmt.Errorf("%s has no AF_XDP", port.Name(s.id))
	}
	sender, err := fast.Express()
	if err != nil {
		return err
	}
	longest := make([]byte, 0)
	for _, f := range s.flowsFrom() {
		if c := f.deck.Learning(); c.Len() > len(longest) {
			longest = c.Copy(make([]byte, c.Len()), 0, time.Now().UnixNano())
		}
	}
	if _, err := sender.Send([][]byte{longest}); err != nil && !errors.Is(err, port.ErrLinkDown) {
		return errors.Join(err, sender.Close())
	}
	s.express = sender
	return nil
}

// flowsFrom are the flows that leave s.
func (s *station) flowsFrom() (flows []*flow) {
	for _, f := range s.run.flows {
		if f.from == s && f.deck != nil {
			flows = append(flows, f)
		}
	}
	return flows
}

// rateFrom is the frames per second that are to leave s.
func (r *run) rateFrom(s *station) (rate float64) {
	for _, f := range s.flowsFrom() {
		rate += f.rate()
	}
	return rate
}

// transmitters returns what sends, one for each port that does.
func (r *run) transmitters() []transmitting {
	var txs []transmitting
	var ours []*transmitter
	for _, s := range r.stations {
		flows := s.flowsFrom()
		switch {
		case len(flows) == 0:
		case s.engine != nil:
			txs = append(txs, s.engine)
		default:
			tx := &transmitter{send: s.port.Send, epoch: r.epoch, sleep: r.opts.Sleep}
			if s.express != nil {
				tx.send = s.express.Send
			}
			for _, f := range flows {
				tx.queue = append(tx.queue, &slot{flow: f})
			}
			txs, ours = append(txs, tx), append(ours, tx)
		}
	}
	for _, tx := range ours {
		tx.threads = len(ours)
	}
	return txs
}

// refused counts frames that were sent but not taken by the device.
func (s *station) refused() uint64 {
	switch {
	case s.engine != nil:
		return s.engine.refused()
	case s.express != nil:
		return s.express.Refused()
	}
	return 0
}

// closeEngines undoes choose.
func (r *run) closeEngines() error {
	var errs []error
	for _, s := range r.stations {
		if s.engine != nil {
			errs = append(errs, s.engine.close())
		}
		if s.express != nil {
			errs = append(errs, s.express.Close())
		}
	}
	return errors.Join(errs...)
}

// at is the station on a device, nil when there is none.
func (r *run) at(d port.Device) *station {
	for _, s := range r.stations {
		native, ok := s.port.(port.Native)
		if !ok {
			continue
		}
		if own, _, err := native.Veth(); err == nil && own.Same(d) {
			return s
		}
	}
	return nil
}
