package engine

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/live"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

// liveEngine sends a port's streams with live frames.
type liveEngine struct {
	pump    *live.Pump
	device  port.Device
	flows   []*flow
	station *station
	open    []io.Closer // what was attached for it
}

// goLive makes the station one that sends live frames, or says why it cannot.
// Live frames leave a veth device only where the other end takes them off its
// queue itself (NAPI), which it does while a program is attached there: ours
// that counts, where that end is one of our ports, or else one that does
// nothing. Without it every frame would vanish and no counter move.
func (s *station) goLive() (err error) {
	if s.run.table == nil {
		return needsCounting(s.run.refusal)
	}
	native, ok := s.port.(port.Native)
	if !ok {
		return fmt.Errorf("%s is no device that live frames can be sent to", port.Name(s.id))
	}
	e := &liveEngine{station: s}
	var peer port.Device
	if e.device, peer, err = native.Veth(); err != nil {
		return fmt.Errorf("live frames need a veth pair: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("%s: %w", port.Name(s.id), err), e.close())
		}
	}()
	if err = e.takeOff(peer); err != nil {
		return err
	}
	if err = e.try(); err != nil {
		return err
	}
	var streams []live.Stream
	e.flows = s.flowsFrom()
	for _, f := range e.flows {
		cards := make([]*frame.Card, f.deck.Len())
		for i := range cards {
			cards[i] = f.deck.Card(i)
		}
		streams = append(streams, live.Stream{Number: f.id.Stream, Cards: cards, Interval: f.interval,
			Burst: f.burst, Extra: f.extra, Frames: f.frames})
	}
	if e.pump, err = e.load(streams...); err != nil {
		return err
	}
	s.engine = e
	return nil
}

// needsCounting is why there are no live frames where the kernel does not count,
// or, if why is nil, is not to.
func needsCounting(why error) error {
	const text = "live frames need the kernel to count them"
	if why == nil {
		return errors.New(text)
	}
	return fmt.Errorf("%s: %w", text, why)
}

// takeOff has the other end take frames off its queue.
func (e *liveEngine) takeOff(peer port.Device) error {
	far := e.station.run.at(peer)
	if far != nil && far.counts == "xdp" {
		return nil
	}
	if far != nil && far.tapped() { // who records there hears only what gets past the program
		far = nil
	}
	program, err := e.station.run.table.Idle()
	if far != nil {
		queues, qerr := peer.Queues()
		program, err = e.station.run.table.Native(far.number, qerr == nil && queues == 1)
	}
	if err != nil {
		return err
	}
	// A program of somebody else's that is there already would do, but might go
	// at any time.
	attached, err := peer.Attach(program)
	if err != nil {
		return fmt.Errorf("live frames need a program at the other end of the veth pair: %w", err)
	}
	e.open = append(e.open, attached)
	if far != nil && far.counts != "" {
		far.counts = "xdp"
	}
	return nil
}

// tapped says that frames which arrive at the station are being recorded.
func (s *station) tapped() bool {
	native, ok := s.port.(port.Native)
	return ok && native.Tapped()
}

func (e *liveEngine) load(streams ...live.Stream) (*live.Pump, error) {
	rules := live.Rules{Tolerated: tolerated, Credit: credit, CatchUp: catchUp, Overrun: overrun}
	return live.New(e.device.Index, rules, e.station.run.table.Records(), streams)
}

// try sends a learning frame and looks whether it left.
func (e *liveEngine) try() error {
	card := e.station.flowsFrom()[0].deck.Learning()
	const none = 0 // no stream has this number: nothing counts the frame
	pump, err := e.load(live.Stream{Number: none, Cards: []*frame.Card{card}, Interval: 1, Frames: 1})
	if err != nil {
		return err
	}
	defer pump.Close()
	before, err := e.device.Statistics()
	if err != nil {
		return err
	}
	if err := e.device.Do(pump.Run); err != nil {
		return err
	}
	after, err := e.device.Statistics()
	if err != nil {
		return err
	}
	was, _ := live.Left(before)
	if is, _ := live.Left(after); is == was {
		return errors.New("a live frame did not leave the device: the link is down, or the other end does not take them (NAPI)")
	}
	return nil
}

func (e *liveEngine) run() error {
	done := make(chan error, 1)
	go func() {
		done <- e.device.Do(func() error {
			favor(e.station.run.rateFrom(e.station))
			return e.pump.Run()
		})
	}()
	tick := time.NewTicker(observeEvery / 4)
	defer tick.Stop()
	var gone error
	for n := 1; ; n++ {
		select {
		case err := <-done:
			e.read()
			e.finish()
			return errors.Join(err, gone)
		case <-tick.C:
			e.read()
			const often = 10 // ticks
			if n%often == 0 && gone == nil {
				if gone = e.missing(); gone != nil {
					e.halt()
				}
			}
		}
	}
}

// missing says that the device is gone: the program goes on without it.
func (e *liveEngine) missing() error {
	if _, err := e.device.Statistics(); err != nil {
		return fmt.Errorf("%s: the device is gone: %w", port.Name(e.station.id), err)
	}
	return nil
}

func (e *liveEngine) halt() { e.pump.Stop() }

// read takes over how far the streams are.
func (e *liveEngine) read() {
	for i, f := range e.flows {
		r := e.pump.Report(i)
		f.first.Store(r.First)
		f.last.Store(r.Last)
		f.latest.Store(int64(r.Worst))
	}
}

// finish takes over what is known in the end.
func (e *liveEngine) finish() {
	for i, f := range e.flows {
		f.expired = e.pump.Report(i).Expired
	}
}

// note takes over how late a flow's frames left so far, and its stalls of at
// least that length.
func (e *liveEngine) note(f *flow, least time.Duration) {
	i := slices.Index(e.flows, f)
	worst, stalls := e.pump.Lateness(i, least)
	all := make([]stall, len(stalls))
	for j, s := range stalls {
		all[j] = stall{first: s.First, last: s.Last, late: s.Late}
	}
	f.late.set(worst, all)
}

// refused counts frames that the device had no room for.
func (e *liveEngine) refused() uint64 {
	stats, err := e.device.Statistics()
	if err != nil {
		return 0 // the device is gone
	}
	_, refused := live.Left(stats)
	return refused
}

func (e *liveEngine) close() error {
	var errs []error
	if e.pump != nil {
		errs = append(errs, e.pump.Close())
	}
	for _, c := range e.open {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
