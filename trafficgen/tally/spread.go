package tally

import (
	"math"
	"time"
)

// Spreads are how often the frames of each of several flows took how long:
// histograms of a fixed size, so that those of ten thousand flows take 17 MB.
// Their unit is 16 ns. Delays below 32 units have a bucket for each unit, every
// doubling beyond has 16; a value read from one is the middle of a bucket and off
// by SpreadError at most, or by 8 ns. Delays from SpreadMax on are in the last
// bucket. A bucket that is full stays full.
//
// A bucket's counts of all flows stand side by side, not a flow's of all
// buckets: frames that come one after the other are of neighbouring flows and
// took about as long, so their counts share a cache line.
type Spreads struct {
	counts []uint32
	flows  int
}

const (
	spreadUnit    = 4 // bits
	spreadHalf    = 4 // a doubling has 1<<spreadHalf buckets
	spreadTop     = 33
	spreadBuckets = (spreadTop - spreadUnit - spreadHalf + 1) << spreadHalf

	// spreadFull is what a bucket counts up to. It is a little below what it can
	// hold: several processors that look before they add do not wrap it.
	spreadFull = math.MaxUint32 - 1<<10

	// SpreadMax is the delay from which on Spreads no longer tell delays apart.
	SpreadMax = time.Duration(1) << spreadTop
	// SpreadError is by how much of itself a delay from Spreads may be wrong.
	SpreadError = 1.0 / (2 << spreadHalf)
)

// NewSpreads returns empty histograms of so many flows.
func NewSpreads(flows int) Spreads {
	return Spreads{make([]uint32, flows*spreadBuckets), flows}
}

// Len is how many flows there are.
func (s Spreads) Len() int { return s.flows }

// spreadBucket is the bucket of a delay in ns.
func spreadBucket(delay uint64) int {
	return bucket(min(delay, uint64(SpreadMax)-1)>>spreadUnit, spreadHalf)
}

// spreadMiddle is the delay in the middle of a bucket.
func spreadMiddle(bucket int) uint64 {
	low, width := bounds(bucket, spreadHalf)
	return (2*low + width) << spreadUnit / 2
}

// Record counts a delay of a flow in ns.
func (s Spreads) Record(flow int, delay uint64) {
	if n := &s.counts[spreadBucket(delay)*s.flows+flow]; *n < spreadFull {
		*n++
	}
}

// row is what is in a bucket of each flow, count what is in that of one.
func (s Spreads) row(bucket int) []uint32       { return s.counts[bucket*s.flows:][:s.flows] }
func (s Spreads) count(flow, bucket int) uint64 { return uint64(s.row(bucket)[flow]) }

// Quantiles are delays that these shares of a flow's frames, in ascending order,
// do not exceed, each brought within the least and the highest delay of c, which
// are exact; 0 where nothing was counted. Those of delays that are not told
// apart are the highest.
func (s Spreads) Quantiles(flow int, c *Counters, shares ...float64) []time.Duration {
	values := make([]time.Duration, len(shares))
	for i, b := range quantiles(spreadBuckets, func(b int) uint64 { return s.count(flow, b) }, shares) {
		values[i] = spreadDelay(b, c)
	}
	return values
}

// QuantileOfEach is what Quantiles says of one share, for every flow. It reads
// the counts in the order in which they stand.
func (s Spreads) QuantileOfEach(share float64, counters []Counters) []time.Duration {
	values, totals, below := make([]time.Duration, s.flows), make([]uint64, s.flows), make([]uint64, s.flows)
	for b := range spreadBuckets {
		for flow, n := range s.row(b) {
			totals[flow] += uint64(n)
		}
	}
	for b := range spreadBuckets {
		for flow, n := range s.row(b) {
			if n == 0 {
				continue
			}
			end := rank(share, totals[flow])
			if below[flow] < end && below[flow]+uint64(n) >= end {
				values[flow] = spreadDelay(b, &counters[flow])
			}
			below[flow] += uint64(n)
		}
	}
	return values
}

// spreadDelay is the delay that a bucket stands for in a flow.
func spreadDelay(bucket int, c *Counters) time.Duration {
	v := spreadMiddle(bucket)
	if bucket == spreadBuckets-1 {
		v = c.DelayMax
	}
	return time.Duration(min(max(v, c.DelayMin), c.DelayMax))
}
