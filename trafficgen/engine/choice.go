package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/trafficgen/port"
)

// Names of the engines that send, best first.
const (
	Live     = "live"     // a program in the kernel: package live
	SendMmsg = "sendmmsg" // packet sockets
)

// Engines are the names of all engines that send, the fastest first.
var Engines = []string{Live, SendMmsg}

// liveAbove is the rate of a port, in frames per second, from which on live
// frames are chosen. They keep a processor busy, however few frames they send;
// from this rate on a transmitter in this process does too, since it spins for
// the last part of every wait, and is three times slower.
const liveAbove = float64(time.Second / spin)

// A sendEngine sends the streams of a port.
type sendEngine interface {
	// run sends until every stream has ended or halt is called.
	run() error
	halt()
	// refused counts frames that it sent but the device did not take, though
	// the link was up.
	refused() uint64
	close() error
}

// sends names what sends the station's streams.
func (s *station) sends() string {
	if s.engine != nil {
		return Live
	}
	return s.port.Link().Sends
}

// choose decides what sends the streams of each port.
func (r *run) choose() error {
	if r.opts.Sends != "" && !slices.Contains(Engines, r.opts.Sends) {
		return fmt.Errorf("no engine is called %q: there is %s", r.opts.Sends, strings.Join(Engines, ", "))
	}
	for _, s := range r.stations {
		rate := r.rateFrom(s)
		if rate == 0 || r.opts.Sends != Live && (r.opts.Sends != "" || rate < liveAbove || r.opts.Sleep != nil) {
			continue
		}
		if err := s.goLive(); err != nil && r.opts.Sends == Live {
			return err
		}
	}
	return nil
}

// rateFrom is the frames per second that are to leave s.
func (r *run) rateFrom(s *station) (rate float64) {
	for _, f := range r.flows {
		if f.from == s && f.deck != nil {
			rate += f.stream.Rate
		}
	}
	return rate
}

// halting is what can be told to run and to stop.
type halting interface {
	run() error
	halt()
}

// transmitters returns what sends, one for each port that does.
func (r *run) transmitters() []halting {
	var txs []halting
	for _, s := range r.stations {
		if s.engine != nil {
			txs = append(txs, s.engine)
			continue
		}
		tx := &transmitter{port: s.port, epoch: r.epoch, sleep: r.opts.Sleep}
		for _, f := range r.flows {
			if f.from == s && f.deck != nil {
				tx.queue = append(tx.queue, &slot{flow: f})
			}
		}
		if len(tx.queue) > 0 {
			txs = append(txs, tx)
		}
	}
	return txs
}

// closeEngines undoes choose.
func (r *run) closeEngines() error {
	var errs []error
	for _, s := range r.stations {
		if s.engine != nil {
			errs = append(errs, s.engine.close())
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
