package tally

import (
	"math/rand/v2"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Buckets and quantiles are those of the HDR histogram.
func TestHistogramIsHDR(t *testing.T) {
	for _, digits := range []int{2, 3} {
		h, hdr := NewHistogram(digits), hdrhistogram.New(1, int64(MaxDelay), digits)
		rng := rand.New(rand.NewPCG(1, uint64(digits)))
		for range 10_000 {
			v := 1 + rng.Int64N(1<<rng.IntN(36))
			v = min(v, int64(MaxDelay))
			h.Record(v)
			if err := hdr.RecordValue(v); err != nil {
				t.Fatal(err)
			}
		}
		for _, q := range []float64{1, 50, 90, 99, 99.9, 100} {
			if got, want := h.Quantiles(q / 100)[0], hdr.ValueAtQuantile(q); got != want {
				t.Errorf("%d digits: quantile %v is %d, want %d", digits, q, got, want)
			}
		}
	}
}

// Every value up to the longest is in a bucket that ends within the error.
func TestHistogramError(t *testing.T) {
	h := NewHistogram(2)
	for v := uint64(1); v < uint64(MaxDelay); v += 1 + v/300 {
		low, width := bounds(bucket(v, h.Half), h.Half)
		top := low + width - 1
		if low > v || top < v || float64(top-v) > 0.01*float64(v) {
			t.Fatalf("%d is in a bucket up to %d", v, top)
		}
	}
	h.Record(-5)
	h.Record(1 << 62)
	if q := h.Quantiles(0.1, 1); q[0] != 1 || q[1] < int64(MaxDelay) {
		t.Errorf("%v", q)
	}
	empty := NewHistogram(2)
	if q := empty.Quantiles(0.5); q[0] != 0 {
		t.Errorf("%v of nothing", q)
	}
}
