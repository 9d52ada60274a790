package engine

import (
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ccl-lab/ccl/trafficgen"
)

// maxDelay is the longest delay that percentiles tell apart.
const maxDelay = 60 * time.Second

// delays collects one-way delays in nanoseconds, in order of arrival.
type delays struct {
	hist           *hdrhistogram.Histogram
	count          uint64
	sum            float64
	min, max, last int64
	jitter         float64 // RFC 3550, section 6.4.1
}

func newDelays(digits int) delays {
	return delays{hist: hdrhistogram.New(1, int64(maxDelay), digits), min: math.MaxInt64}
}

func (d *delays) record(ns int64) {
	if ns < 0 { // the clock was set back on the way; a fault says so
		ns = 0
	}
	if d.count > 0 {
		d.jitter += (math.Abs(float64(ns-d.last)) - d.jitter) / 16
	}
	d.last = ns
	d.count++
	d.sum += float64(ns)
	d.min, d.max = min(d.min, ns), max(d.max, ns)
	_ = d.hist.RecordValue(min(max(ns, 1), int64(maxDelay))) // cannot fail within the bounds
}

func (d *delays) latency() trafficgen.Latency {
	if d.count == 0 {
		return trafficgen.Latency{}
	}
	quantile := func(q float64) time.Duration {
		// A bucket's value may lie a little outside of what was measured.
		return time.Duration(min(max(d.hist.ValueAtQuantile(q), d.min), d.max))
	}
	return trafficgen.Latency{
		Min: time.Duration(d.min), Mean: time.Duration(d.sum / float64(d.count)), Max: time.Duration(d.max),
		P50: quantile(50), P99: quantile(99), Jitter: time.Duration(d.jitter),
	}
}
