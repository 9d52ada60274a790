package tally

import (
	"encoding/binary"
	"sync/atomic"

	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/internal/bpf"
)

// An Entry is one stream's share of a Table.
type Entry struct {
	record  *record
	lengths *bpf.Shared
	// Window has a bit for each sequence that came and is not settled:
	// sequence s is bit s%64 of word s/64 modulo the number of words.
	Window  []uint64
	Delays  []uint64       // frames by delay
	Flows   []Counters     // nil where they are not counted by themselves
	Spreads Spreads        // of the first of the flows
	Sent    *atomic.Uint64 // to be kept by the transmitter: the sequences below it exist
}

// Begin has the program count the stream whose frames are the deck's. It says
// no to a stream that the program cannot verify as well as frame.Parse does.
func (e *Entry) Begin(deck *frame.Deck) bool {
	kinds := map[uint64]expected{} // by length
	for i := range deck.Len() {
		payload := deck.Card(i).Payload()
		if payload == nil {
			return false
		}
		x, ok := expect(payload)
		if known, seen := kinds[x.length]; !ok || seen && x != known {
			return false
		}
		kinds[x.length] = x
	}
	for _, x := range kinds {
		if len(kinds) == 1 {
			e.record.expected = x
			break
		}
		*(*expected)(e.lengths.At(int(x.length))) = x
	}
	e.record.active.Store(1)
	return true
}

// expect is what there is behind the signature of a payload, if it is what the
// program can check: nothing, or a checksum and padding.
func expect(payload []byte) (x expected, ok bool) {
	tail := payload[frame.SignatureLen:]
	switch {
	case len(tail) == 0:
	case len(tail) <= frame.CRCLen, !frame.Padded(tail[frame.CRCLen:]):
		return x, false
	default:
		x.crc = uint64(binary.NativeEndian.Uint32(tail))
	}
	x.length = uint64(len(payload))
	for i := 0; i < len(tail); i += 2 {
		var word [2]byte
		copy(word[:], tail[i:])
		x.rest += uint64(binary.NativeEndian.Uint16(word[:]))
	}
	return x, true
}

// Stop ends the program's counting: from now on it lets the stream pass. It
// does so by itself when it has no room for a sequence.
func (e *Entry) Stop() { e.record.passing.Store(1) }

// Settle tells the program that the bits of the sequences before base, a
// multiple of 64, have been read and cleared.
func (e *Entry) Settle(base uint64) { e.record.settled.Store(base) }

// Counters reads the counters of the whole stream.
func (e *Entry) Counters() Counters {
	r := &e.record.Counters
	return Counters{
		Next:      atomic.LoadUint64(&r.Next),
		Received:  atomic.LoadUint64(&r.Received),
		Duplicate: atomic.LoadUint64(&r.Duplicate),
		Reordered: atomic.LoadUint64(&r.Reordered),
		Extent:    atomic.LoadUint64(&r.Extent),
		DelaySum:  atomic.LoadUint64(&r.DelaySum),
		DelayMin:  atomic.LoadUint64(&r.DelayMin),
		DelayMax:  atomic.LoadUint64(&r.DelayMax),
		DelayLast: atomic.LoadUint64(&r.DelayLast),
		StepSum:   atomic.LoadUint64(&r.StepSum),
		StepMax:   atomic.LoadUint64(&r.StepMax),
		jitter:    atomic.LoadInt64(&r.jitter),
	}
}
