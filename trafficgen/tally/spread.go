package tally

import (
	"math"
	"time"
)

// A Spread is how often a flow's frames took how long: a histogram of fixed
// size, so that ten thousand flows take 17 MB. Its unit is 16 ns. Delays below
// 32 units have a bucket for each unit, every doubling beyond has 16; a value
// read from it is the middle of a bucket and off by SpreadError at most, or by
// 8 ns. Delays from SpreadMax on are in the last bucket. A bucket that is full
// stays full.
type Spread [spreadBuckets]uint32

const (
	spreadUnit    = 4 // bits
	spreadHalf    = 4 // a doubling has 1<<spreadHalf buckets
	spreadTop     = 33
	spreadBuckets = (spreadTop - spreadUnit - spreadHalf + 1) << spreadHalf

	// spreadFull is what a bucket counts up to. It is a little below what it can
	// hold: several processors that look before they add do not wrap it.
	spreadFull = math.MaxUint32 - 1<<10

	// SpreadMax is the delay from which on a Spread no longer tells delays apart.
	SpreadMax = time.Duration(1) << spreadTop
	// SpreadError is by how much of itself a delay from a Spread may be wrong.
	SpreadError = 1.0 / (2 << spreadHalf)
)

// MaxSpreads is how many flows of a run have a Spread, the first ones: they
// take 109 MB.
const MaxSpreads = 1 << 16

// spreadBucket is the bucket of a delay in ns.
func spreadBucket(delay uint64) int {
	return bucket(min(delay, uint64(SpreadMax)-1)>>spreadUnit, spreadHalf)
}

// spreadMiddle is the delay in the middle of a bucket.
func spreadMiddle(bucket int) uint64 {
	low, width := bounds(bucket, spreadHalf)
	return (2*low + width) << spreadUnit / 2
}

// Record counts a delay in ns.
func (s *Spread) Record(delay uint64) {
	if n := &s[spreadBucket(delay)]; *n < spreadFull {
		*n++
	}
}

// Quantiles are delays that these shares of the frames, in ascending order, do
// not exceed, each brought within the least and the highest delay of c, which
// are exact; 0 where nothing was counted. Those of delays that the Spread does
// not tell apart are the highest.
func (s *Spread) Quantiles(c *Counters, shares ...float64) []time.Duration {
	values := make([]time.Duration, len(shares))
	for i, b := range quantiles(s[:], shares) {
		v := spreadMiddle(b)
		if b == spreadBuckets-1 {
			v = c.DelayMax
		}
		values[i] = time.Duration(min(max(v, c.DelayMin), c.DelayMax))
	}
	return values
}
