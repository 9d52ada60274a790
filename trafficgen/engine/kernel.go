package engine

import (
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
	"github.com/ccl-lab/ccl/trafficgen/tally"
)

// Where the kernel lets it, a program of package tally counts the frames of a
// stream instead of its tracker, in memory that both can see. The tracker
// reads what the program has counted, settles what its window leaves behind,
// and takes over, for the rest of the run, when a whole frame reaches it that
// the program has let pass: one that it had no room for, after a very long
// outage, or could not read.

// tally makes the memory in which the kernel counts. Where it cannot, the
// stations' own trackers are as good, only slower, so no error matters.
func (r *run) tally() {
	if r.opts.Userspace {
		return
	}
	var specs []tally.Spec
	for _, f := range r.flows {
		specs = append(specs, tally.Spec{Stream: f.id.Stream, Port: f.to.number, Span: f.span,
			Half: f.delay.hist.Half, Buckets: len(f.delay.hist.Counts), Flows: len(f.tracker.flows), Spreads: f.tracker.spreads.Len(),
			Deep: frame.Deep(f.stream)})
	}
	table, err := tally.New(r.tag, specs)
	if err != nil {
		r.refusal = err
		return
	}
	r.table = table
	for _, f := range r.flows {
		f.sent = table.Entry(f.id.Stream).Sent
	}
}

// filter has the kernel count what arrives at the station, if it can.
func (s *station) filter() {
	sieve, ok := s.port.(port.Sieve)
	if !ok || s.run.table == nil {
		return
	}
	program, err := s.run.table.Filter(s.number)
	if err == nil {
		err = sieve.Filter(program.FD())
	}
	if err != nil {
		s.run.refusal = err
		return
	}
	s.counts = "bpf"
}

// delegate lets the kernel count the flow, whose first frame is still to come.
func (f *flow) delegate(deck *frame.Deck) {
	if f.to.counts == "" {
		return
	}
	f.to.mu.Lock()
	defer f.to.mu.Unlock()
	if e := f.to.run.table.Entry(f.id.Stream); e != nil && e.Begin(deck) {
		f.tracker.adopt(e)
	}
}

// adopt makes the tracker one that reads what the kernel counts.
func (t *tracker) adopt(e *tally.Entry) {
	t.kernel, t.delegated = e, true
	t.window, t.delay.hist.Counts = e.Window, e.Delays
	t.flows, t.spreads = e.Flows, e.Spreads
}

// pull reads the kernel's counters.
func (t *tracker) pull() {
	if t.kernel == nil {
		return
	}
	c := t.kernel.Counters()
	t.next, t.received, t.duplicate, t.reordered = c.Next, c.Received, c.Duplicate, c.Reordered
	t.extent = c.Extent
	d := &t.delay
	d.count, d.sum, d.jitter = c.Received, float64(c.DelaySum), c.Jitter()
	d.min, d.max, d.last = int64(c.DelayMin), int64(c.DelayMax), int64(c.DelayLast)
	d.steps, d.step = float64(c.StepSum), int64(c.StepMax)
}

// settle clears the part of the window that no frame counts in any more. It is
// to be called now and then; it does so only with what was so the last time
// too, when no processor can still be busy with a frame of it.
func (t *tracker) settle() {
	if t.kernel == nil {
		return
	}
	t.pull()
	t.slide(t.stale)
	t.kernel.Settle(t.base)
	t.stale = t.floor()
}

// takeOver ends the kernel's counting.
func (t *tracker) takeOver() {
	t.kernel.Stop()
	t.pull()
	t.kernel = nil
	t.slide(t.floor())
}
