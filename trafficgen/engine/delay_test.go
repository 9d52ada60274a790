package engine_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

// A held frame is one that leaves the relay at a time.
type held struct {
	due, came int64 // CLOCK_REALTIME, ns
	frame     []byte
}

// delayed is two emulated hosts with a wire between them that holds every frame
// for so long. The function it returns waits for the last one and says how long
// each was really held.
func delayed(t *testing.T, hold func(seq uint32) time.Duration) (from, to trafficgen.PortID, truth func() []time.Duration) {
	t.Helper()
	queue := newQueue()
	from, to = carried(t, func(f port.Arrival, seq uint32, out port.Port) {
		queue.put(f, hold(seq), out)
	})
	return from, to, queue.close
}

// queue sends frames when they are due, in the order in which they came.
type queue struct {
	frames chan held
	out    port.Port
	took   []time.Duration
	done   chan struct{}
}

func newQueue() *queue {
	const room = 10_000
	q := &queue{frames: make(chan held, room), done: make(chan struct{})}
	go q.run()
	return q
}

func (q *queue) put(f port.Arrival, hold time.Duration, out port.Port) {
	q.out = out // always the same; the channel makes it known
	q.frames <- held{f.At + int64(hold), f.At, bytes.Clone(f.Frame)}
}

func (q *queue) run() {
	defer close(q.done)
	for f := range q.frames {
		for { // sleep for most of it: a sleep ends late
			left := time.Duration(f.due - time.Now().UnixNano())
			if left <= 0 {
				break
			}
			if left > time.Millisecond {
				time.Sleep(left - time.Millisecond)
			}
		}
		now := time.Now().UnixNano()
		_, _ = q.out.Send([][]byte{f.frame})
		q.took = append(q.took, time.Duration(now-f.came))
	}
}

// close waits for the last frame and returns how long each was held.
func (q *queue) close() []time.Duration {
	close(q.frames)
	<-q.done
	return q.took
}

// Of a wire that delays frames by known times, least, mean, median and 90th
// percentile, and how much delays differ from frame to frame, are within 0.3 ms
// of the truth. That is what the wire says itself, for it too may wake up late.
func TestDelayIsTheWires(t *testing.T) { conform(t, delayIsTheWires) }

func delayIsTheWires(t *testing.T, o engine.Options) {
	const some, most = 12 * time.Millisecond, 14 * time.Millisecond // later than the relay hears of a frame
	var held []time.Duration
	st := calmly(t, func() trafficgen.Stats {
		from, to, truth := delayed(t, func(seq uint32) time.Duration {
			if seq%3 == 0 {
				return some
			}
			return most
		})
		st := run(t, o, trafficgen.Stream{Name: "s", From: from, To: to, Size: 128, Rate: 200, Frames: 300})[0]
		held = truth()
		return st
	})
	if st.Received != 300 || len(held) != 300 || st.Reordered+st.Lost != 0 {
		t.Fatalf("%d held, %+v", len(held), st)
	}
	var sum, steps time.Duration
	for i, d := range held {
		sum += d
		if i > 0 {
			steps += (d - held[i-1]).Abs()
		}
	}
	slices.Sort(held)
	l, mean, step := st.Latency, sum/300, steps/299
	t.Logf("held for %v to %v, %v on average; measured %+v", held[0], held[299], mean, l)
	for _, c := range []struct {
		what             string
		got, least, most time.Duration
	}{
		{"least", l.Min, held[0], held[0]},
		{"mean", l.Mean, mean, mean},
		{"median", l.P50, held[148], held[151]},
		{"90th percentile", l.P90, held[268], held[271]},
		{"mean difference of", l.IPDV, step, step},
	} {
		const margin = 300 * time.Microsecond
		if c.got < c.least-margin || c.got > c.most+margin {
			t.Errorf("%s delay %v, the wire says %v to %v", c.what, c.got, c.least, c.most)
		}
	}
}

// An outage that begins and ends at known times is as long as it was, to a
// frame interval and what the transmitter was late, which the result says.
func TestOutageIsTheWires(t *testing.T) { conform(t, outageIsTheWires) }

func outageIsTheWires(t *testing.T, o engine.Options) {
	const outage, rate = 237 * time.Millisecond, 2000
	var begins int64
	from, to := carried(t, func(f port.Arrival, seq uint32, out port.Port) {
		if seq == 0 {
			begins = f.At + int64(401_300*time.Microsecond) // between two frames
		}
		if f.At < begins || f.At >= begins+int64(outage) {
			_, _ = out.Send([][]byte{f.Frame})
		}
	})
	st := calmly(t, func() trafficgen.Stats {
		return run(t, o, trafficgen.Stream{Name: "s", From: from, To: to, Size: 64, Rate: rate, Duration: time.Second})[0]
	})
	if len(st.Outages) != 1 || st.Sent != rate || st.Received+st.Lost != st.Sent {
		t.Fatalf("%+v", st)
	}
	got := st.Outages[0]
	t.Logf("%v ± %v", got.Duration, st.Uncertainty)
	if off := (got.Duration - outage).Abs(); off > st.Uncertainty {
		t.Errorf("%v ± %v, it was %v", got.Duration, st.Uncertainty, outage)
	}
	begin := time.Unix(0, begins)
	if got.Start.Before(begin.Add(-st.Uncertainty)) || got.Start.After(begin.Add(st.Uncertainty)) {
		t.Errorf("it began at %v ± %v, the wire says %v", got.Start, st.Uncertainty, begin)
	}
}
