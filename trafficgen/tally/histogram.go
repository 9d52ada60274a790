package tally

import "math/bits"

// A Histogram counts values with a bounded relative error (HDR). Values up to
// 2<<Half have a bucket each; every doubling beyond has 1<<Half buckets. A
// program may count in it too.
type Histogram struct {
	Counts []uint64
	Half   uint8
}

// NewHistogram returns an empty histogram for values up to MaxDelay that keeps
// so many decimal digits of them.
func NewHistogram(digits int) Histogram {
	least := 2 // buckets of one each
	for range digits {
		least *= 10
	}
	half := uint8(bits.Len(uint(least-1)) - 1)
	return Histogram{make([]uint64, bucket(uint64(MaxDelay), half)+1), half}
}

// Record counts a value, which is brought within 1 to MaxDelay.
func (h *Histogram) Record(v int64) {
	h.Counts[bucket(uint64(min(max(v, 1), int64(MaxDelay))), h.Half)]++
}

// Quantiles are values that at least these shares of the values, in ascending
// order, do not exceed; 0 where nothing was counted.
func (h *Histogram) Quantiles(shares ...float64) []int64 {
	values := make([]int64, len(shares))
	for i, b := range quantiles(len(h.Counts), func(b int) uint64 { return h.Counts[b] }, shares) {
		low, width := bounds(b, h.Half)
		values[i] = int64(low + width - 1)
	}
	return values
}

// bucket is the one of a value, in a histogram with so many halves: the
// programs reckon the same.
func bucket(v uint64, half uint8) int {
	b := bits.Len64(v|(2<<half-1)) - int(half) - 1
	return b<<half + int(v>>b)
}

// bounds are the lowest value of a bucket, and how many values it is for.
func bounds(bucket int, half uint8) (low, width uint64) {
	b := max(bucket>>half-1, 0)
	return uint64(bucket-b<<half) << b, 1 << b
}

// quantiles are the buckets, of so many, that these shares of what they count, in
// ascending order, end in. It is empty if nothing was counted.
func quantiles(buckets int, count func(bucket int) uint64, shares []float64) (ends []int) {
	total, below := uint64(0), uint64(0)
	for b := range buckets {
		total += count(b)
	}
	for b := range buckets {
		n := count(b)
		below += n
		for n > 0 && len(ends) < len(shares) && below >= rank(shares[len(ends)], total) {
			ends = append(ends, b)
		}
	}
	return ends
}

// rank is how many of a total, in ascending order, a share of them is.
func rank(share float64, total uint64) uint64 { return max(1, uint64(share*float64(total)+0.5)) }
