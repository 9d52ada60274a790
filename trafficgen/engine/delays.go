package engine

import (
	"math"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/tally"
)

// delays collects one-way delays in nanoseconds, in order of arrival.
type delays struct {
	hist           tally.Histogram
	count          uint64
	sum            float64
	min, max, last int64
	jitter         float64 // RFC 3550, section 6.4.1
	steps          float64 // sum of the differences of successive delays, without sign
	step           int64   // the largest of them
}

func newDelays(digits int) delays {
	return delays{hist: tally.NewHistogram(digits), min: math.MaxInt64}
}

func (d *delays) record(ns int64) {
	if ns < 0 { // the clock was set back on the way; a fault says so
		ns = 0
	}
	if d.count > 0 {
		step := max(ns-d.last, d.last-ns)
		d.jitter += (float64(step) - d.jitter) / 16
		d.steps += float64(step)
		d.step = max(d.step, step)
	}
	d.last = ns
	d.count++
	d.sum += float64(ns)
	d.min, d.max = min(d.min, ns), max(d.max, ns)
	d.hist.Record(ns)
}

func (d *delays) latency() trafficgen.Latency {
	if d.count == 0 {
		return trafficgen.Latency{}
	}
	q := d.hist.Quantiles(0.5, 0.9, 0.99, 0.999)
	for i := range q { // a bucket's end may lie a little outside of what was measured
		q[i] = min(max(q[i], d.min), d.max)
	}
	l := trafficgen.Latency{
		Min: time.Duration(d.min), Mean: time.Duration(d.sum / float64(d.count)), Max: time.Duration(d.max),
		P50: time.Duration(q[0]), P90: time.Duration(q[1]), P99: time.Duration(q[2]), P999: time.Duration(q[3]),
		Jitter: time.Duration(d.jitter), PDV: time.Duration(q[3] - d.min), IPDVMax: time.Duration(d.step),
	}
	if d.count > 1 {
		l.IPDV = time.Duration(d.steps / float64(d.count-1))
	}
	return l
}
