package engine

import (
	"net"
	"net/netip"
	"testing"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/internal/aim"
)

// busy is a transmitter that always has frames to send: two streams, one of
// many flows and longer.
func busy(t testing.TB) *transmitter {
	t.Helper()
	tx := &transmitter{send: func(b [][]byte) (int, error) { return len(b), nil }}
	for i, s := range []trafficgen.Stream{{Name: "a", Size: 64}, {Name: "b", Size: 512, Flows: 100}} {
		s.Src, s.Dst = netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
		s.Rate = 1e6
		r := layOut(Options{}, []trafficgen.Stream{s})
		f := r.flows[0]
		var err error
		if f.deck, err = frame.New(s, net.HardwareAddr{2, 0, 0, 0, 0, 1}, net.HardwareAddr{2, 0, 0, 0, 0, 2}, frame.ID{Run: 1, Stream: uint16(i + 1)}); err != nil {
			t.Fatal(err)
		}
		tx.queue = append(tx.queue, &slot{flow: f})
	}
	tx.begin()
	return tx
}

// Making and sending frames allocates nothing.
func TestTheHotPathAllocatesNothing(t *testing.T) {
	if allocated, frames := allocations(t); allocated != 0 || frames < 60*1000 {
		t.Errorf("%v allocations a batch, %d frames", allocated, frames)
	}
}

// allocations are those of a batch, and the frames of all batches.
func allocations(t testing.TB) (each float64, frames int) {
	tx, elapsed := busy(t), 0.0
	each = testing.AllocsPerRun(1000, func() {
		elapsed += 32_000 // of 64 frames
		tx.fill(1, elapsed)
		frames += len(tx.batch)
		_, _ = tx.send(tx.batch)
	})
	return each, frames
}

func BenchmarkBatch(b *testing.B) {
	tx, elapsed := busy(b), 0.0
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		elapsed += 32_000
		tx.fill(1, elapsed)
		n += len(tx.batch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/frame")
	each, _ := allocations(b)
	aim.AtMost("frames made and sent", each, 0, "allocations a batch")
}
