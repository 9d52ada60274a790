package engine

import (
	"math/bits"

	"github.com/ccl-lab/ccl/trafficgen/tally"
)

// histogram counts values with a bounded relative error (HDR). Values up to
// 2<<half have a bucket each; every doubling beyond has 1<<half buckets. It is
// a slice so that the kernel may count in it too.
type histogram struct {
	counts []uint64
	half   uint8
}

// precision is a histogram's half for decimal digits of its values.
func precision(digits int) uint8 {
	least := 2 // buckets of one each
	for range digits {
		least *= 10
	}
	return uint8(bits.Len(uint(least-1)) - 1)
}

// bucketsFor is how many buckets values up to tally.MaxDelay need.
func bucketsFor(half uint8) int {
	return (&histogram{half: half}).bucket(uint64(tally.MaxDelay)) + 1
}

func newHistogram(digits int) histogram {
	half := precision(digits)
	return histogram{counts: make([]uint64, bucketsFor(half)), half: half}
}

func (h *histogram) bucket(v uint64) int {
	b := bits.Len64(v|(2<<h.half-1)) - int(h.half) - 1
	return b<<h.half + int(v>>b)
}

// highest is the highest value of a bucket.
func (h *histogram) highest(bucket int) uint64 {
	b := max(bucket>>h.half-1, 0)
	return uint64(bucket-b<<h.half+1)<<b - 1
}

// record counts a value, which is brought within 1 to tally.MaxDelay.
func (h *histogram) record(v int64) {
	h.counts[h.bucket(uint64(min(max(v, 1), int64(tally.MaxDelay))))]++
}

// quantiles are values that at least these shares of the values, in ascending
// order, do not exceed.
func (h *histogram) quantiles(shares ...float64) []int64 {
	total := uint64(0)
	for _, n := range h.counts {
		total += n
	}
	values := make([]int64, 0, len(shares))
	below := uint64(0)
	for i, n := range h.counts {
		below += n
		for n > 0 && len(values) < len(shares) && below >= max(1, uint64(shares[len(values)]*float64(total)+0.5)) {
			values = append(values, int64(h.highest(i)))
		}
	}
	for len(values) < len(shares) { // nothing was counted
		values = append(values, 0)
	}
	return values
}
