package engine

import (
	"errors"
	"math"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

const (
	maxBatch = 64
	// credit is how far a stream may fall behind and still send what is due at
	// once; beyond it, it catches up at a quarter more than its rate, so that a
	// stall is not followed by a burst that the device under test drops.
	credit  = time.Millisecond
	catchUp = 0.8 // of the interval
	// overrun is how long after its time a stream may send what it still owes.
	overrun = 100 * time.Millisecond
	// nap bounds a sleep, so that a stop is noticed.
	nap = 20 * time.Millisecond
)

// transmitter paces all streams of a port.
type transmitter struct {
	send  func([][]byte) (int, error) // port.Port's Send
	epoch time.Time
	sleep func(time.Time)
	stop  atomic.Bool

	threads int // of this run that do the same

	queue  []*slot // a heap by due
	batch  [][]byte
	owners []*frame.Card // whose frame each buffer holds, to patch instead of copy
	bufs   [][]byte
}

// slot is a flow's place in the queue.
type slot struct {
	*flow
	seq   uint64
	start float64 // of sequence 0, ns after the epoch
	due   float64 // of the next frame
}

// halt ends run soon. It may be called at any time.
func (t *transmitter) halt() { t.stop.Store(true) }

func (t *transmitter) run() error {
	runtime.LockOSThread() // for good: the thread, with its priority, ends with the goroutine
	if t.sleep == nil {
		t.sleep = newPacer(t.queue, t.threads).sleep
	}
	t.begin()
	for len(t.queue) > 0 && !t.stop.Load() {
		now := time.Now()
		elapsed := now.Sub(t.epoch)
		if wait := time.Duration(math.Ceil(t.queue[0].due)) - elapsed; wait > 0 {
			t.sleep(now.Add(min(wait, nap)))
			continue
		}
		t.fill(now.UnixNano(), float64(elapsed))
		_, err := t.send(t.batch)
		if err != nil && !errors.Is(err, port.ErrLinkDown) {
			return err
		}
	}
	return nil
}

// begin spreads the streams' first frames over their intervals.
func (t *transmitter) begin() {
	longest := 0
	for i, s := range t.queue {
		s.start = s.interval * float64(i) / float64(len(t.queue))
		s.due = s.start
		longest = max(longest, s.deck.Longest())
	}
	for i := range t.queue { // a heap: starts need not be in order
		t.down(len(t.queue) - 1 - i)
	}
	t.bufs, t.owners = make([][]byte, maxBatch), make([]*frame.Card, maxBatch)
	for i := range t.bufs {
		t.bufs[i] = make([]byte, longest)
	}
	t.batch = make([][]byte, 0, maxBatch)
}

// fill makes a batch of the frames that are due.
func (t *transmitter) fill(wall int64, elapsed float64) {
	t.batch = t.batch[:0]
	for len(t.batch) < maxBatch && len(t.queue) > 0 && t.queue[0].due <= elapsed {
		s := t.queue[0]
		if s.overdue(elapsed) {
			s.expired = true
			t.pop()
			continue
		}
		i := len(t.batch)
		card := s.deck.For(s.seq)
		buf := t.bufs[i][:card.Len()]
		if t.owners[i] == card {
			card.Patch(buf, uint32(s.seq), wall)
		} else {
			card.Copy(buf, uint32(s.seq), wall)
			t.owners[i] = card
		}
		t.batch = append(t.batch, buf)
		s.note(wall, elapsed)
		if s.advance(elapsed); s.frames > 0 && s.seq >= s.frames {
			t.pop()
		} else {
			t.down(0)
		}
	}
}

// overdue says that a stream's time is over, though not all its frames left.
func (s *slot) overdue(elapsed float64) bool {
	return s.frames > 0 && elapsed > s.start+s.at(s.frames)+float64(overrun)
}

// note counts a frame as sent, before it is: no receiver may see it earlier.
func (s *slot) note(wall int64, elapsed float64) {
	late := time.Duration(elapsed - s.start - s.at(s.seq))
	s.late.note(s.seq, late)
	if int64(late) > s.latest.Load() {
		s.latest.Store(int64(late))
	}
	if s.seq == 0 {
		s.first.Store(wall)
	}
	s.last.Store(wall)
	s.sent.Store(s.seq + 1)
}

// advance sets the time of the next frame: its slot, or, for a stream that is
// behind, a little less than an interval from now.
func (s *slot) advance(elapsed float64) {
	s.seq++
	behind := max(s.due, elapsed-float64(credit)) + s.interval*catchUp
	s.due = max(s.start+s.at(s.seq), behind)
}

// pop removes the first of the heap.
func (t *transmitter) pop() {
	last := len(t.queue) - 1
	t.queue[0] = t.queue[last]
	t.queue = t.queue[:last]
	t.down(0)
}

// down lets the slot at i sink to its place in the heap.
func (t *transmitter) down(i int) {
	for {
		c := 2*i + 1
		if c >= len(t.queue) {
			return
		}
		if c+1 < len(t.queue) && t.queue[c+1].due < t.queue[c].due {
			c++
		}
		if t.queue[i].due <= t.queue[c].due {
			return
		}
		t.queue[i], t.queue[c] = t.queue[c], t.queue[i]
		i = c
	}
}
