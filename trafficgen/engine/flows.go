package engine

import (
	"cmp"
	"slices"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/tally"
)

// Bounds of the memory for flows that are counted by themselves, of all streams
// of a run.
const (
	maxFlows   = 1 << 20 // beyond, only their losses are known
	maxSpreads = 1 << 16 // beyond, no percentiles of their latencies; these take 109 MB
)

// countFlows settles which streams' flows are counted by themselves.
func (r *run) countFlows() {
	total := 0
	for _, f := range r.flows {
		n, err := frame.Flows(f.stream)
		if err != nil || n < 2 || total+n > maxFlows { // the frames cannot be built either: prepare says why
			continue
		}
		f.split(n, min(n, max(0, maxSpreads-total)))
		total += n
	}
}

// split has so many flows be counted by themselves, and latencies of the first
// ones.
func (t *tracker) split(flows, spreads int) {
	t.flows = make([]tally.Counters, flows)
	for i := range t.flows {
		t.flows[i].Reset()
	}
	t.spreads = tally.NewSpreads(spreads)
}

// arriveInFlow counts a frame in its flow, as account does in the stream.
func (t *tracker) arriveInFlow(seq uint64, delay int64) {
	i, ns := int(seq%uint64(len(t.flows))), uint64(max(0, delay))
	t.flows[i].Arrive(seq, ns)
	if i < t.spreads.Len() {
		t.spreads.Record(i, ns)
	}
}

// flowBook is what is known of each flow of a stream.
type flowBook struct {
	upto     uint64                     // sequences that were sent
	at       func(seq uint64) time.Time // when
	lost     []flowLosses
	counters []tally.Counters // nil where flows are not counted by themselves
	spreads  tally.Spreads    // of the first of them
}

// byFlow adds what became of each flow, the sequences below upto being sent.
func (f *flow) byFlow(st *trafficgen.Stats, upto uint64) {
	if f.deck == nil || f.deck.Flows() < 2 || f.stream.Elsewhere() {
		return
	}
	f.to.mu.Lock()
	defer f.to.mu.Unlock()
	b := flowBook{upto, f.sendTimes(st), f.losses(upto, true).flows, f.tracker.flows, f.tracker.spreads}
	st.FlowCount = len(b.lost)
	for i := range b.lost {
		if b.lost[i].lost > 0 {
			st.FlowsLossy++
		}
	}
	all := func(flows []int) (stats []trafficgen.FlowStats) {
		for _, i := range flows {
			stats = append(stats, f.flowStats(&b, i))
		}
		return stats
	}
	st.Flows, st.FlowDelays, st.FlowsSlow = all(b.harmed()), all(b.extremes()), all(b.slowest())
	if f.stream.EveryFlow {
		for i := range b.lost {
			st.EveryFlow = append(st.EveryFlow, f.flowStats(&b, i))
		}
	}
	if b.spreads.Len() > 0 {
		st.FlowResolution = tally.SpreadError
	}
}

// flowStats is what became of a flow.
func (f *flow) flowStats(b *flowBook, i int) trafficgen.FlowStats {
	count := uint64(len(b.lost))
	sent, lost := b.upto/count, b.lost[i].lost
	if uint64(i) < b.upto%count {
		sent++
	}
	fs := trafficgen.FlowStats{Name: f.deck.Flow(i), Sent: sent, Received: sent - lost, Lost: lost, Latency: b.latency(i)}
	if g := b.lost[i].longest(); g.n > 0 {
		fs.Outage = outage(g, count, b.at)
	}
	if b.counters != nil {
		c := &b.counters[i]
		fs.Duplicate, fs.Reordered, fs.ReorderExtent = c.Duplicate, c.Reordered, c.Extent/count
	}
	return fs
}

// harmed are the flows that lost or repeated frames or had some arrive out of
// their order, the worst first, as many as are told of.
func (b *flowBook) harmed() (flows []int) {
	count := func(i int) *tally.Counters {
		if b.counters == nil {
			return &tally.Counters{}
		}
		return &b.counters[i]
	}
	for i := range b.lost {
		if c := count(i); b.lost[i].lost+c.Duplicate+c.Reordered > 0 {
			flows = append(flows, i)
		}
	}
	slices.SortStableFunc(flows, func(i, j int) int {
		return cmp.Or(cmp.Compare(b.lost[j].lost, b.lost[i].lost),
			cmp.Compare(count(j).Reordered, count(i).Reordered), cmp.Compare(count(j).Duplicate, count(i).Duplicate))
	})
	return flows[:min(len(flows), trafficgen.MaxFlowStats)]
}

// extremes are the flows with the least and the highest mean latency, if any.
func (b *flowBook) extremes() []int {
	fastest, slowest := -1, -1
	for i := range b.counters {
		mean := b.counters[i].DelayMean()
		switch {
		case mean == 0:
		case fastest < 0:
			fastest, slowest = i, i
		case mean < b.counters[fastest].DelayMean():
			fastest = i
		case mean > b.counters[slowest].DelayMean():
			slowest = i
		}
	}
	if fastest < 0 {
		return nil
	}
	return []int{fastest, slowest}
}

// slowest are the flows with the highest 99th percentile of latency.
func (b *flowBook) slowest() (flows []int) {
	if b.spreads.Len() == 0 {
		return nil
	}
	p99 := b.spreads.QuantileOfEach(0.99, b.counters)
	for i := range p99 {
		if p99[i] > 0 {
			flows = append(flows, i)
		}
	}
	slices.SortStableFunc(flows, func(i, j int) int { return cmp.Compare(p99[j], p99[i]) })
	return flows[:min(len(flows), trafficgen.MaxSlowFlows)]
}

// latency is that of a flow.
func (b *flowBook) latency(i int) (l trafficgen.Latency) {
	if b.counters == nil || b.counters[i].Received == 0 {
		return l
	}
	c := &b.counters[i]
	l = trafficgen.Latency{
		Min: time.Duration(c.DelayMin), Mean: c.DelayMean(), Max: time.Duration(c.DelayMax),
		Jitter: time.Duration(c.Jitter()), IPDV: c.StepMean(), IPDVMax: time.Duration(c.StepMax),
	}
	if i < b.spreads.Len() {
		q := b.spreads.Quantiles(i, c, 0.5, 0.9, 0.99, 0.999)
		l.P50, l.P90, l.P99, l.P999, l.PDV = q[0], q[1], q[2], q[3], q[3]-l.Min
	}
	return l
}
