package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ccl-lab/ccl/trafficgen/tally"
)

// model is the accounting as its definition reads, with unbounded memory.
type model struct {
	seen                           map[uint64]bool
	next                           uint64
	received, duplicate, reordered uint64
	extent                         uint64
	flows                          [flowsOfTest]tally.Counters // without delays
}

func (m *model) account(seq uint64) {
	f := &m.flows[seq%flowsOfTest]
	if m.seen[seq] {
		m.duplicate++
		f.Duplicate++
		return
	}
	m.seen[seq] = true
	f.Received++
	if seq < f.Next {
		f.Reordered++
		f.Extent = max(f.Extent, f.Next-1-seq)
	} else {
		f.Next = seq + 1
	}
	m.received++
	if seq < m.next { // RFC 4737, section 3.3
		m.reordered++
		m.extent = max(m.extent, m.next-1-seq)
	} else {
		m.next = seq + 1
	}
}

// gaps lists the runs of sequences below upto that were never seen, the
// longest maxOutages of them.
func (m *model) gaps(upto uint64) (all []gap, lost uint64) {
	for seq := uint64(0); seq < upto; seq++ {
		if m.seen[seq] {
			continue
		}
		lost++
		if n := len(all); n > 0 && all[n-1].first+all[n-1].n == seq {
			all[n-1].n++
		} else {
			all = append(all, gap{seq, 1})
		}
	}
	slices.SortStableFunc(all, func(a, b gap) int { return int(b.n) - int(a.n) })
	return all, lost
}

// flowGap is how many sequences of a flow below upto were never seen, and the
// first of the longest runs of them.
func (m *model) flowGap(flow, upto uint64) (lost uint64, worst gap) {
	var run gap
	for seq := flow; seq < upto; seq += flowsOfTest {
		switch {
		case m.seen[seq]:
			run = gap{}
			continue
		case run.n == 0:
			run.first = seq
		}
		lost++
		if run.n++; run.n > worst.n {
			worst = run
		}
	}
	return lost, worst
}

// randomArrivals makes an order of arrival for sent frames: bursts of loss,
// single losses, duplicates, displacement by up to reach.
func randomArrivals(rng *rand.Rand, sent, reach int) []uint64 {
	type arrival struct {
		seq uint64
		at  int
	}
	var all []arrival
	loss, dup, late := rng.Float64()*0.2, rng.Float64()*0.2, rng.Float64()*0.3
	if rng.IntN(3) == 0 {
		loss, dup, late = 0, 0, 0
	}
	for seq := 0; seq < sent; seq++ {
		if rng.Float64() < 0.002 {
			seq += rng.IntN(2000) // an outage
			if seq >= sent {
				break
			}
		}
		if rng.Float64() < loss {
			continue
		}
		copies := 1
		for rng.Float64() < dup {
			copies++
		}
		for range copies {
			at := seq
			if rng.Float64() < late {
				at += rng.IntN(reach)
			}
			all = append(all, arrival{uint64(seq), at})
		}
	}
	slices.SortStableFunc(all, func(a, b arrival) int { return a.at - b.at })
	order := make([]uint64, len(all))
	for i, a := range all {
		order[i] = a.seq
	}
	return order
}

const flowsOfTest = 37

func compare(t *testing.T, tr *tracker, m *model, upto uint64) {
	t.Helper()
	if tr.received != m.received || tr.duplicate != m.duplicate || tr.reordered != m.reordered || tr.extent != m.extent {
		t.Fatalf("received %d, duplicate %d, reordered %d by %d; the model says %d, %d, %d by %d",
			tr.received, tr.duplicate, tr.reordered, tr.extent, m.received, m.duplicate, m.reordered, m.extent)
	}
	got := tr.losses(upto, true)
	want, lost := m.gaps(upto)
	for i := range uint64(flowsOfTest) {
		n, worst := m.flowGap(i, upto)
		if got.flows[i].lost != n || got.flows[i].longest() != worst {
			t.Fatalf("flow %d: %+v; the model says %d lost, in a row at most %v", i, got.flows[i], n, worst)
		}
	}
	delays := uint64(0)
	for i, f := range tr.flows {
		delays += f.DelaySum
		f = tally.Counters{Next: f.Next, Received: f.Received, Duplicate: f.Duplicate, Reordered: f.Reordered, Extent: f.Extent}
		if f != m.flows[i] {
			t.Fatalf("flow %d: %+v; the model says %+v", i, f, m.flows[i])
		}
	}
	if len(tr.flows) != flowsOfTest || math.Abs(float64(delays)-tr.delay.sum) > 1e-9*tr.delay.sum {
		t.Fatalf("delays of %d flows sum up to %d, of the stream to %v", len(tr.flows), delays, tr.delay.sum)
	}
	if got.lost != lost {
		t.Fatalf("lost %d below %d; the model says %d", got.lost, upto, lost)
	}
	gaps := got.gaps()
	if len(want) > maxOutages { // which of equally long ones are kept is open
		want, gaps = lengths(want[:maxOutages]), lengths(gaps)
	}
	if !slices.Equal(gaps, want) {
		t.Fatalf("gaps %v; the model says %v", gaps, want)
	}
}

func lengths(g []gap) []gap {
	out := slices.Clone(g)
	for i := range out {
		out[i].first = 0
	}
	return out
}

// Random streams, many times the window long, are accounted for as the model
// does, in the middle as well as in the end, across the wrap of the wire's
// 32-bit sequence.
func TestTrackerAgreesWithTheModel(t *testing.T) {
	for seed := range uint64(200) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 1))
			sent := 1 + rng.IntN(15_000)
			tr, m := newTracker(1, 2), &model{seen: map[uint64]bool{}} // a window of 4096
			tr.settled.perFlow(flowsOfTest)
			tr.split(flowsOfTest, flowsOfTest-7)
			for i, seq := range randomArrivals(rng, sent, minWindow/2-64) {
				tr.arrive(uint32(seq), 0, 5, uint64(sent))
				m.account(seq)
				if i%4001 == 0 {
					compare(t, tr, m, m.next)
					compare(t, tr, m, m.next/2+uint64(sent)/2)
				}
			}
			compare(t, tr, m, uint64(sent))
		})
	}
}

func TestTrackerAcrossTheWrap(t *testing.T) {
	const start = 1<<32 - 500
	tr := newTracker(1, 2)
	tr.account(start-1, 0, 0) // as if 2^32 frames had passed
	for seq := uint64(start); seq < start+1000; seq++ {
		if seq%100 != 7 {
			tr.arrive(uint32(seq), 0, 0, 1<<40)
		}
	}
	if tr.received != 991 || tr.reordered != 0 || tr.next != start+1000 {
		t.Errorf("received %d, reordered %d, next %d", tr.received, tr.reordered, tr.next)
	}
	if lost := tr.losses(start+1000, false).lost; lost != start-1+10 {
		t.Errorf("lost %d, want %d", lost, uint64(start-1+10))
	}
}

// A sequence that was never sent, or one that has been given up, changes no
// count of good frames.
func TestTrackerStrays(t *testing.T) {
	tr := newTracker(1, 2)
	tr.arrive(50, 0, 0, 50)
	tr.arrive(1<<31+5, 0, 0, 50)
	if tr.corrupted != 2 || tr.received != 0 {
		t.Errorf("%+v", tr)
	}
	tr.arrive(100_000, 0, 0, 200_000)
	tr.arrive(3, 0, 0, 200_000) // far behind the window of 4096
	if tr.received != 1 || tr.duplicate != 0 || tr.losses(100_001, false).lost != 100_000 {
		t.Errorf("received %d, duplicate %d, lost %d", tr.received, tr.duplicate, tr.losses(100_001, false).lost)
	}
}

func TestArrivalAllocatesNothing(t *testing.T) {
	for _, flows := range []int{1, 10_000} {
		tr := newTracker(1e6, 3)
		if flows > 1 {
			tr.split(flows, flows)
		}
		seq := uint32(0)
		if n := testing.AllocsPerRun(20_000, func() {
			tr.arrive(seq, 1000, 3000, 1<<40)
			seq++
		}); n != 0 {
			t.Errorf("%d flows: %v allocations a frame", flows, n)
		}
	}
}

func BenchmarkArrive(b *testing.B) {
	for _, flows := range []int{1, 10_000} {
		b.Run(fmt.Sprintf("flows=%d", flows), func(b *testing.B) {
			tr := newTracker(1e6, 3)
			if flows > 1 {
				tr.split(flows, flows)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				tr.arrive(uint32(i), int64(i), int64(i+2000+i%100), 1<<40)
			}
		})
	}
}
