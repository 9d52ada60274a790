package engine

import (
	"math/rand/v2"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ccl-lab/ccl/trafficgen/tally"
)

// Buckets and quantiles are those of the HDR histogram.
func TestHistogramIsHDR(t *testing.T) {
	for _, digits := range []int{2, 3} {
		h, hdr := newHistogram(digits), hdrhistogram.New(1, int64(tally.MaxDelay), digits)
		rng := rand.New(rand.NewPCG(1, uint64(digits)))
		for range 10_000 {
			v := 1 + rng.Int64N(1<<rng.IntN(36))
			v = min(v, int64(tally.MaxDelay))
			h.record(v)
			if err := hdr.RecordValue(v); err != nil {
				t.Fatal(err)
			}
		}
		for _, q := range []float64{1, 50, 90, 99, 99.9, 100} {
			if got, want := h.quantiles(q / 100)[0], hdr.ValueAtQuantile(q); got != want {
				t.Errorf("%d digits: quantile %v is %d, want %d", digits, q, got, want)
			}
		}
	}
}

// Every value up to the longest is in a bucket that ends within the error.
func TestHistogramError(t *testing.T) {
	h := newHistogram(2)
	for v := uint64(1); v < uint64(tally.MaxDelay); v += 1 + v/300 {
		top := h.highest(h.bucket(v))
		if top < v || float64(top-v) > 0.01*float64(v) {
			t.Fatalf("%d is in a bucket up to %d", v, top)
		}
	}
	h.record(-5)
	h.record(1 << 62)
	if q := h.quantiles(0.1, 1); q[0] != 1 || q[1] < int64(tally.MaxDelay) {
		t.Errorf("%v", q)
	}
	empty := newHistogram(2)
	if q := empty.quantiles(0.5); q[0] != 0 {
		t.Errorf("%v of nothing", q)
	}
}
