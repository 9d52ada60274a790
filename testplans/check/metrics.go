package check

import (
	"fmt"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// A Metric is a number of a stream's statistics that a plan may bound.
type Metric struct {
	Name       string // its key in a plan
	Doc        string
	Dimensions []Dimension
	subject    string // of a sentence; of stream s follows
	// value reads it in the base unit of a dimension, a time in ns, and as people
	// write it. ok is false where it was not measured.
	value func(s *trafficgen.Stats, d Dimension) (v span, seen string, ok bool)
}

// Metrics are what a plan may bound beside loss and the 99th percentile of
// latency.
var Metrics = []Metric{
	timed("latency-mean", "mean latency", "The mean latency: < 1ms.", func(l *trafficgen.Latency) time.Duration { return l.Mean }),
	timed("latency-p50", "p50 latency", "The median of latency: < 1ms.", func(l *trafficgen.Latency) time.Duration { return l.P50 }),
	timed("latency-p90", "p90 latency", "The 90th percentile of latency: < 2ms.", func(l *trafficgen.Latency) time.Duration { return l.P90 }),
	timed("latency-p99.9", "p99.9 latency", "The 99.9th percentile of latency: < 10ms.", func(l *trafficgen.Latency) time.Duration { return l.P999 }),
	timed("latency-max", "highest latency", "The highest latency: < 50ms.", func(l *trafficgen.Latency) time.Duration { return l.Max }),
	timed("jitter", "jitter", "The jitter of RFC 3550: < 1ms.", func(l *trafficgen.Latency) time.Duration { return l.Jitter }),
	timed("pdv", "delay variation", "The packet delay variation of RFC 5481, the 99.9th percentile over the least: < 5ms.", func(l *trafficgen.Latency) time.Duration { return l.PDV }),
	timed("ipdv", "inter-packet delay variation", "The mean inter-packet delay variation of RFC 5481, without sign: < 1ms.", func(l *trafficgen.Latency) time.Duration { return l.IPDV }),
	counted("duplicates", "duplicate frames", "Frames that came more than once: = 0, or a share of those received.", func(s *trafficgen.Stats) uint64 { return s.Duplicate }),
	counted("reordered", "reordered frames", "Frames that others overtook (RFC 4737): = 0, or a share of those received.", func(s *trafficgen.Stats) uint64 { return s.Reordered }),
	{Name: "reorder-extent", Doc: "How many places in the sequence a reordered frame is behind at most (RFC 4737): <= 3.",
		Dimensions: []Dimension{Number}, subject: "reordering extent",
		value: func(s *trafficgen.Stats, _ Dimension) (span, string, bool) {
			most := s.ReorderExtent
			if s.Dropped() > 0 {
				most = s.Sent
			}
			return unseen(s, float64(s.ReorderExtent), float64(most)), fmt.Sprint(s.ReorderExtent), s.Received > 0
		}},
	{Name: "lossy-flows", Doc: "How many flows of the stream may lose frames: = 0, or a share of its flows.",
		Dimensions: []Dimension{Number, Share}, subject: "flows that lost frames",
		value: func(s *trafficgen.Stats, d Dimension) (span, string, bool) {
			flows, lossy := uint64(max(s.FlowCount, 1)), uint64(s.FlowsLossy)
			if s.FlowCount == 0 && s.Lost > 0 {
				lossy = 1
			}
			least := lossy - min(lossy, s.Lost-s.LeastLost())
			return span{share(least, flows, d), share(lossy, flows, d), strings.Join(s.Doubts(), ", and ")},
				fmt.Sprintf("%d of %d", lossy, flows), true
		}},
}

func timed(name, subject, doc string, of func(*trafficgen.Latency) time.Duration) Metric {
	return Metric{Name: name, Doc: doc, Dimensions: []Dimension{Time}, subject: subject,
		value: func(s *trafficgen.Stats, _ Dimension) (span, string, bool) {
			v := of(&s.Latency)
			return spanOf(of(latencyLeast(s)), v, ownStalls), rounded(v).String(), s.Received > 0 && s.Latency.Max > 0
		}}
}

func counted(name, subject, doc string, of func(*trafficgen.Stats) uint64) Metric {
	return Metric{Name: name, Doc: doc, Dimensions: []Dimension{Number, Share}, subject: subject,
		value: func(s *trafficgen.Stats, d Dimension) (span, string, bool) {
			n := of(s)
			return unseen(s, share(n, s.Received, d), share(n+s.Dropped(), s.Received, d)), fmt.Sprintf("%d of %d received", n, s.Received), s.Received > 0
		}}
}

// unseen is a number that frames may have to be added to which the generator's
// host dropped before they were counted.
func unseen(s *trafficgen.Stats, least, most float64) span {
	return span{least, most, fmt.Sprintf("the generator's host dropped %d frames", s.Dropped())}
}

// share is n, or the part it is of a whole where a share is asked for.
func share(n, whole uint64, d Dimension) float64 {
	if d == Share {
		return float64(n) / float64(max(whole, 1))
	}
	return float64(n)
}

// Words say in a sentence what a bound on the metric asks: "jitter of less than
// 1ms".
func (m *Metric) Words(b Bound) string { return m.subject + " of " + b.Words() }

// Judge judges the metric of a stream. What was not measured is an error, unless
// the device forwarded nothing.
func (m *Metric) Judge(b Bound, s trafficgen.Stats) Outcome {
	if o, unusable := instrument(s, b, m.Dimensions...); unusable {
		return o
	}
	subject := m.subject + " of stream " + s.Stream
	v, seen, ok := m.value(&s, b.Dimension())
	if !ok && s.Received == 0 {
		return conclude("", []Finding{finding(false, "", subject, b.Words(), noneArrived(s))})
	}
	if !ok {
		return conclude("", []Finding{{Verdict: Error, Subject: subject, Expected: b.Words(), Seen: "no frame arrived that it could be measured with"}})
	}
	f := Finding{Verdict: v.judge(b), Subject: subject, Expected: b.Words(), Seen: seen}
	switch {
	case v.least == v.most:
	case b.Dimension() == Time:
		f = timeFinding(b, subject, v, 0, seen)
	case !v.negligible(b, f.Verdict):
		f.Seen += v.apart(b.Dimension())
	}
	return conclude(subject+" is "+f.Seen, []Finding{f})
}
