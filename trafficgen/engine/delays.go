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

// disturbance is what the transmitter's lateness may have added to latencies:
// up to late to each of so many frames, the last of them so many before the end.
type disturbance struct {
	frames, ago uint64
	late        time.Duration
}

// least is what the values of latency are at least, whatever of that came to
// them: frames wait with those that the transmitter had in hand, and queue up
// while it catches up, longer than they should have but never shorter.
func (d *delays) least(l trafficgen.Latency, all []disturbance) trafficgen.Latency {
	var frames uint64
	var worst time.Duration
	var sum, swing float64 // ns, of all frames; what remains in the jitter's mean
	for _, x := range all {
		frames += x.frames
		worst = max(worst, x.late)
		sum += float64(x.frames) * float64(x.late)
		swing += 2 * float64(x.late) * math.Pow(15.0/16, float64(x.ago))
	}
	if frames == 0 || d.count == 0 {
		return trafficgen.Latency{}
	}
	part := float64(frames) / float64(d.count)
	less := func(v time.Duration, by float64) time.Duration { return max(0, v-time.Duration(by)) }
	// No frame waited longer for the worst stall, and no more frames did than those.
	quantile := func(v time.Duration, share float64) time.Duration {
		least := less(v, float64(worst))
		if share > part {
			least = max(least, time.Duration(d.hist.Quantiles(share - part)[0]))
		}
		return min(v, least)
	}
	o := trafficgen.Latency{
		Min: less(l.Min, float64(worst)), Mean: less(l.Mean, sum/float64(d.count)),
		P50: quantile(l.P50, 0.5), P90: quantile(l.P90, 0.9), P99: quantile(l.P99, 0.99), P999: quantile(l.P999, 0.999), Max: quantile(l.Max, 1),
		Jitter: less(l.Jitter, swing), IPDV: less(l.IPDV, 2*sum/float64(max(d.count, 2)-1)), IPDVMax: less(l.IPDVMax, float64(worst)),
	}
	o.PDV = less(o.P999, float64(l.Min))
	return o
}

// latencyLeast is what the stream's latencies are at least, nothing if the
// transmitter was never late.
func (f *flow) latencyLeast(st *trafficgen.Stats) trafficgen.Latency {
	f.late.mu.Lock()
	var all []disturbance
	for _, s := range f.late.stalls {
		last := s.last + f.behind()
		all = append(all, disturbance{frames: f.inHand() + last - s.first + 1, ago: st.Received - min(st.Received, last+1), late: s.late})
	}
	f.late.mu.Unlock()
	f.to.mu.Lock()
	defer f.to.mu.Unlock()
	return f.delay.least(st.Latency, all)
}
