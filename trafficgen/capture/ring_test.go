package capture

import (
	"encoding/binary"
	"testing"
)

// TestRingKeepsTheNewest fills a ring several times over: what it holds is the
// newest frames without a gap, in order, and about as much as it was asked for.
func TestRingKeepsTheNewest(t *testing.T) {
	const most = 4 * chunkBytes
	r := newRing(most)
	n := 0
	for ; n < 20000; n++ {
		frame := make([]byte, 60+n%1400)
		binary.BigEndian.PutUint32(frame, uint32(n))
		r.add(n%3, int64(n), frame)
	}
	first, next, bytes := -1, 0, 0
	for m, frame := range r.all() {
		got := int(binary.BigEndian.Uint32(frame))
		if first < 0 {
			first, next = got, got
		}
		if got != next || m.at != int64(got) || m.tap != got%3 || len(frame) != 60+got%1400 {
			t.Fatalf("frame %d of %d bytes, port %d, time %d; want frame %d", got, len(frame), m.tap, m.at, next)
		}
		next++
		bytes += len(frame)
	}
	if next != n || bytes > most || bytes < most*3/5 {
		t.Errorf("holds frames %d to %d of %d, %d of %d bytes", first, next, n, bytes, most)
	}
	if len(r.chunks) != 4 {
		t.Errorf("%d chunks", len(r.chunks))
	}
}
