package engine

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/tally"
)

// maxFlows bounds the memory for flows that are counted by themselves, of all
// streams of a run. Beyond it only their losses are known.
const maxFlows = 1 << 20

// countFlows settles which streams' flows are counted by themselves.
func (r *run) countFlows() {
	total := 0
	for _, f := range r.flows {
		n, err := frame.Flows(f.stream)
		if err != nil || n < 2 || total+n > maxFlows { // the frames cannot be built either: prepare says why
			continue
		}
		total += n
		f.split(n)
	}
}

// split has n flows be counted by themselves.
func (t *tracker) split(n int) {
	t.flows = make([]tally.Flow, n)
	for i := range t.flows {
		t.flows[i].DelayMin = math.MaxInt64
	}
}

func (t *tracker) flow(seq uint64) *tally.Flow { return &t.flows[seq%uint64(len(t.flows))] }

// arriveIn counts a frame in its flow as account does in the stream.
func arriveIn(f *tally.Flow, seq uint64, delay int64) {
	f.Received++
	if seq < f.Next {
		f.Reordered++
		f.Extent = max(f.Extent, f.Next-1-seq)
	} else {
		f.Next = seq + 1
	}
	f.DelaySum += uint64(delay)
	f.DelayMin, f.DelayMax = min(f.DelayMin, uint64(delay)), max(f.DelayMax, uint64(delay))
}

// byFlow adds what became of each flow, the sequences below upto being sent.
func (f *flow) byFlow(st *trafficgen.Stats, upto uint64) {
	if f.deck == nil || f.deck.Flows() < 2 || f.stream.Elsewhere() {
		return
	}
	f.to.mu.Lock()
	lost, flows := f.losses(upto), slices.Clone(f.tracker.flows)
	f.to.mu.Unlock()
	st.FlowCount = f.deck.Flows()
	all := make([]trafficgen.FlowStats, st.FlowCount)
	var harmed []int
	for i := range all {
		all[i] = flowStats(i, st.FlowCount, upto, lost.ofFlow(i), flows)
		if all[i].Lost > 0 {
			st.FlowsLossy++
		}
		if all[i].Lost+all[i].Duplicate+all[i].Reordered > 0 {
			harmed = append(harmed, i)
		}
	}
	slices.SortStableFunc(harmed, func(a, b int) int {
		return cmp.Or(cmp.Compare(all[b].Lost, all[a].Lost), cmp.Compare(all[b].Reordered, all[a].Reordered), cmp.Compare(all[b].Duplicate, all[a].Duplicate))
	})
	named := func(i int) trafficgen.FlowStats {
		all[i].Name = f.deck.Flow(i)
		return all[i]
	}
	for _, i := range harmed[:min(len(harmed), trafficgen.MaxFlowStats)] {
		st.Flows = append(st.Flows, named(i))
	}
	if fastest, slowest, ok := extremes(all); ok {
		st.FlowDelays = []trafficgen.FlowStats{named(fastest), named(slowest)}
	}
}

// flowStats is what became of flow i of so many.
func flowStats(i, count int, upto, lost uint64, flows []tally.Flow) trafficgen.FlowStats {
	sent := upto / uint64(count)
	if uint64(i) < upto%uint64(count) {
		sent++
	}
	fs := trafficgen.FlowStats{Sent: sent, Received: sent - lost, Lost: lost}
	if flows == nil {
		return fs
	}
	c := flows[i]
	fs.Duplicate, fs.Reordered, fs.ReorderExtent = c.Duplicate, c.Reordered, c.Extent/uint64(count)
	if c.Received > 0 {
		fs.LatencyMin, fs.LatencyMax = time.Duration(c.DelayMin), time.Duration(c.DelayMax)
		fs.LatencyMean = time.Duration(c.DelaySum / c.Received)
	}
	return fs
}

// extremes are the flows with the least and the highest mean latency.
func extremes(all []trafficgen.FlowStats) (fastest, slowest int, ok bool) {
	for i := range all {
		switch {
		case all[i].LatencyMean == 0:
		case !ok:
			fastest, slowest, ok = i, i, true
		case all[i].LatencyMean < all[fastest].LatencyMean:
			fastest = i
		case all[i].LatencyMean > all[slowest].LatencyMean:
			slowest = i
		}
	}
	return fastest, slowest, ok
}
