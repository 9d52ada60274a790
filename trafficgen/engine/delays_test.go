package engine

import (
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

func TestLatency(t *testing.T) {
	d := newDelays(3)
	if got := d.latency(); got != (trafficgen.Latency{}) {
		t.Errorf("of nothing: %+v", got)
	}
	for _, ns := range []int64{1000, 1160, 1000, -5} { // the last as if the clock had been set back
		d.record(ns)
	}
	// RFC 3550: J += (|D| - J)/16 for |D| of 160, 160 and 1000.
	jitter := 0.0
	for _, diff := range []float64{160, 160, 1000} {
		jitter += (diff - jitter) / 16
	}
	want := trafficgen.Latency{Min: 0, Mean: 790, P50: 1000, P90: 1160, P99: 1160, P999: 1160, Max: 1160, Jitter: time.Duration(jitter),
		PDV: 1160, IPDV: (160 + 160 + 1000) / 3, IPDVMax: 1000}
	if got := d.latency(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Percentiles are within a thousandth of the truth over the whole range.
func TestPercentiles(t *testing.T) {
	for _, unit := range []time.Duration{time.Nanosecond, time.Microsecond, time.Millisecond} {
		d := newDelays(3)
		for i := range 10_000 {
			d.record(int64(unit) * int64(i+1))
		}
		l := d.latency()
		for _, p := range []struct{ got, want time.Duration }{{l.P50, 5000 * unit}, {l.P90, 9000 * unit}, {l.P99, 9900 * unit}, {l.P999, 9990 * unit}, {l.PDV, 9989 * unit}, {l.Max, 10_000 * unit}} {
			if diff := (p.got - p.want).Abs(); diff > p.want/1000+1 {
				t.Errorf("%v, want %v", p.got, p.want)
			}
		}
	}
}

func TestLatenessAroundAGap(t *testing.T) {
	const ms = time.Millisecond
	var l lateness
	l.note(0, ms/2)
	l.note(10, 30*ms)
	l.note(11, 25*ms)
	l.note(50, 7*ms)
	if l.max() != 30*ms || len(l.stalls) != 2 {
		t.Errorf("worst %v, stalls %v", l.max(), l.stalls)
	}
	for _, tc := range []struct {
		g    gap
		want time.Duration
	}{
		{gap{8, 1}, ms / 2},
		{gap{9, 1}, 30 * ms}, // the frame after it was late: the gap seems longer
		{gap{10, 1}, 30 * ms},
		{gap{12, 1}, 30 * ms}, // the frame before it was
		{gap{13, 30}, ms / 2},
		{gap{13, 40}, 7 * ms},
		{gap{49, 1}, 7 * ms},
	} {
		if got := l.around(tc.g); got != tc.want {
			t.Errorf("around %v: %v, want %v", tc.g, got, tc.want)
		}
	}
}
