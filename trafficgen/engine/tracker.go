package engine

import (
	"math/bits"
	"sync/atomic"

	"github.com/ccl-lab/ccl/trafficgen/tally"
)

// Window of a tracker, in sequences.
const (
	minWindow     = 1 << 12
	maxWindow     = 1 << 24
	windowSeconds = 10
)

// tracker accounts for the frames of one stream that arrive. It remembers
// which sequences of a sliding window have come; those the window leaves
// behind are settled. It is not safe for concurrent use.
type tracker struct {
	window []uint64 // bit i modulo the number of bits says that sequence i has come
	span   uint64   // sequences that the window spans; there may be room for more
	base   uint64   // first sequence of the window, a multiple of 64
	next   uint64   // RFC 4737's NextExp: one more than the highest that came

	received, duplicate, reordered, corrupted uint64
	extent                                    uint64 // how far a reordered frame was behind the newest, at most

	settled losses // before base
	delay   delays
	flows   []tally.Counters // nil of a stream that has but one
	spreads tally.Spreads    // of the first of them

	kernel    *tally.Entry // counts instead; nil when it does not
	delegated bool         // it did
	stale     uint64       // the window's beginning when last settled
}

// newTracker returns a tracker for a stream of that rate; digits is the
// precision of its latency percentiles.
func newTracker(rate float64, digits int) *tracker {
	size := uint64(min(max(rate*windowSeconds, minWindow), maxWindow))
	span := uint64(1) << bits.Len64(size-1)
	return &tracker{span: span, window: make([]uint64, span/64), delay: newDelays(digits)}
}

// room is how many sequences from base on have a bit.
func (t *tracker) room() uint64 { return uint64(len(t.window)) * 64 }

// floor is where the window begins that ends with the newest sequence's word.
func (t *tracker) floor() uint64 { return max((t.next+63)&^63, t.span) - t.span }

// arrive accounts for a whole frame. limit is how many were sent: a sequence
// that never was is corruption that the checksums missed.
func (t *tracker) arrive(seq32 uint32, sent, at int64, limit uint64) {
	t.pull()
	seq := int64(t.next) + int64(int32(seq32-uint32(t.next)))
	if seq < 0 || uint64(seq) >= limit {
		t.corrupted++
		return
	}
	if t.kernel != nil {
		t.takeOver()
	}
	t.account(uint64(seq), sent, at)
}

func (t *tracker) account(seq uint64, sent, at int64) {
	if seq < t.base {
		return
	}
	if seq >= t.base+t.span {
		t.slide((seq - t.span + 64) &^ 63)
	}
	word, bit := &t.window[seq/64%uint64(len(t.window))], uint64(1)<<(seq%64)
	if *word&bit != 0 {
		t.duplicate++
		if t.flows != nil {
			t.flows[seq%uint64(len(t.flows))].Duplicate++
		}
		return
	}
	*word |= bit
	if t.flows != nil {
		t.arriveInFlow(seq, at-sent)
	}
	t.received++
	if seq < t.next {
		t.reordered++
		t.extent = max(t.extent, t.next-1-seq)
	} else {
		t.next = seq + 1
	}
	t.delay.record(at - sent)
}

// slide moves the window's beginning up to base.
func (t *tracker) slide(base uint64) {
	for i := 0; t.base < base && i < len(t.window); i++ {
		word := &t.window[t.base/64%uint64(len(t.window))]
		t.settled.addWord(t.base, *word, 64)
		*word = 0
		t.base += 64
	}
	if t.base < base { // the window is empty: nothing of what it jumped over came
		t.settled.add(t.base, base-t.base)
		t.base = base
	}
}

// losses are the sequences below upto that have not come; those of each flow
// are among them if they are wanted.
func (t *tracker) losses(upto uint64, byFlow bool) losses {
	l := t.settled.clone(byFlow)
	end := min(upto, t.base+t.room())
	for first := t.base; first < end; first += 64 {
		got := atomic.LoadUint64(&t.window[first/64%uint64(len(t.window))])
		l.addWord(first, got, int(min(64, end-first)))
	}
	if from := t.base + t.room(); upto > from {
		l.add(from, upto-from)
	}
	return l
}
