package tally

import (
	"math"
	"time"
)

// Counters are what was counted of a stream, or of one of its flows: the frames
// that have the same values in all fields that vary. Sequences are the
// stream's, times are ns. Programs find the fields by their offsets.
type Counters struct {
	Next      uint64 // RFC 4737's NextExp: one more than the highest sequence that came
	Received  uint64 // distinct frames
	Duplicate uint64 // copies
	Reordered uint64 // RFC 4737, section 3.3
	Extent    uint64 // how many sequences a reordered frame was behind the newest, at most
	DelaySum  uint64
	DelayMin  uint64 // math.MaxInt64 before the first frame
	DelayMax  uint64
	DelayLast uint64
	StepSum   uint64 // of the differences of successive delays, without sign
	StepMax   uint64 // the largest of them
	jitter    int64  // 1/65536 ns
}

// jitterBits are those of a jitter behind the point.
const jitterBits = 16

// Reset makes the counters those of a flow before its first frame.
func (c *Counters) Reset() { *c = Counters{DelayMin: math.MaxInt64} }

// Arrive counts a frame that has not come before, as the programs do. A delay
// below zero, after the clock was set back on the way, is to be given as zero.
func (c *Counters) Arrive(seq, delay uint64) {
	if seq < c.Next {
		c.Reordered++
		c.Extent = max(c.Extent, c.Next-1-seq)
	} else {
		c.Next = seq + 1
	}
	if c.Received > 0 {
		step := max(delay, c.DelayLast) - min(delay, c.DelayLast)
		c.StepSum += step
		c.StepMax = max(c.StepMax, step)
		c.jitter += (int64(step)<<jitterBits - c.jitter) >> 4
	}
	c.Received++
	c.DelayLast = delay
	c.DelaySum += delay
	c.DelayMin, c.DelayMax = min(c.DelayMin, delay), max(c.DelayMax, delay)
}

// Jitter is that of RFC 3550, section 6.4.1, in ns.
func (c *Counters) Jitter() float64 { return float64(c.jitter) / (1 << jitterBits) }

// DelayMean is the mean delay, 0 when nothing came.
func (c *Counters) DelayMean() time.Duration {
	if c.Received == 0 {
		return 0
	}
	return time.Duration(c.DelaySum / c.Received)
}

// StepMean is the mean difference of successive delays, 0 when fewer than two
// frames came.
func (c *Counters) StepMean() time.Duration {
	if c.Received < 2 {
		return 0
	}
	return time.Duration(c.StepSum / (c.Received - 1))
}
