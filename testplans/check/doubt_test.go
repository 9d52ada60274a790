package check

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

const ms = time.Millisecond

func TestBoundOver(t *testing.T) {
	for _, tc := range []struct {
		bound       Bound
		least, most float64
		want        Verdict
	}{
		{"< 5", 1, 4, Pass}, {"< 5", 1, 5, Error}, {"< 5", 5, 6, Fail}, {"<= 5", 1, 5, Pass},
		{"> 5", 6, 7, Pass}, {"> 5", 5, 7, Error}, {">= 5", 5, 7, Pass}, {">= 5", 1, 4, Fail},
		{"= 5", 5, 5, Pass}, {"= 5", 4, 6, Error}, {"= 5", 6, 7, Fail}, {"= 5", 1, 4, Fail}, {"= 0", 0, 1, Error},
		{"!= 5", 4, 6, Error}, {"!= 5", 6, 7, Pass}, {"!= 5", 5, 5, Fail},
		{"2..4", 2, 4, Pass}, {"2..4", 1, 5, Error}, {"2..4", 3, 5, Error}, {"2..4", 5, 6, Fail},
		{"apples", 1, 1, Error}, {"", 1, 1, Error},
	} {
		if got := tc.bound.over(tc.least, tc.most); got != tc.want {
			t.Errorf("%q over %v to %v: %s, want %s", tc.bound, tc.least, tc.most, got, tc.want)
		}
	}
	if got := Bound("< 5").overTime(1, 2); got != Error {
		t.Errorf("a number for a time: %s", got)
	}
}

// stoodStill has the transmitter stand still for 40 ms near the end of a loss of
// 150 frames, 40 of which then left late; earlier does at the beginning.
func stoodStill(s *trafficgen.Stats) { still(s, 110, 300) }
func earlier(s *trafficgen.Stats)    { still(s, 0, 40) }

func still(s *trafficgen.Stats, first, last uint64) {
	s.WantedFPS, s.Precision = 1000, ms
	s.Stalls = []trafficgen.Stall{{FirstSeq: first, LastSeq: last, Late: 40 * ms, Start: time.Unix(100, 0), End: time.Unix(100, 2e8)}}
	s.LatencyLeast = trafficgen.Latency{P99: ms / 2}
}

func dropped(s *trafficgen.Stats) { s.Drops = []trafficgen.Drop{{By: "the receive ring", Frames: 2}} }

// What the generator did itself decides nothing that does not hang on it, and is
// said wherever it matters.
func TestJudgeDoubt(t *testing.T) {
	const still = "the generator itself stood still for 40ms meanwhile"
	metric := func(name string, b Bound, s trafficgen.Stats) Outcome { return metricOf(name).Judge(b, s) }
	twice := func(s *trafficgen.Stats) { s.Duplicate, s.Reordered, s.ReorderExtent = 3, 3, 7 }
	for _, tc := range []struct {
		name   string
		got    Outcome
		want   Verdict
		reason string
	}{
		{"loss within", JudgeLoss("<= 150", stats(150, stoodStill)), Pass, "lost 150 of 1000 (15%), 40 of them perhaps for no fault of the device: " + still},
		{"loss beyond", JudgeLoss("< 11%", stats(150, stoodStill)), Fail, "saw 150 of 1000 (15%), 40 of them perhaps"},
		{"loss in between", JudgeLoss("<= 120", stats(150, stoodStill)), Error, still},
		{"any loss", JudgeLoss(">= 0", stats(30, earlier)), Pass, "30 of them perhaps"},
		{"no loss wanted", JudgeLoss("", stats(30, earlier)), Error, "30 of them"},
		{"no loss in spite of it", JudgeLoss("", stats(0, stoodStill)), Pass, "lost 0 of 1000 (0%)"},
		{"loss wanted", JudgeLoss("> 120", stats(150, stoodStill)), Error, still},
		{"dropped", JudgeLoss("", stats(2, dropped)), Error, "the receive ring of the generator's host dropped 2 frames"},
		{"dropped some", JudgeLoss("", stats(3, dropped)), Fail, "3 of 1000"},
		{"all lost, perhaps dropped", JudgeLatency("< 1s", trafficgen.Stats{Stream: "s", Sent: 2, Lost: 2, Drops: []trafficgen.Drop{{Frames: 2}}}), Error, "none of 2 frames arrived, perhaps"},

		{"outage within", JudgeOutage("< 200ms", stats(150, stoodStill)), Pass, "110ms to 190ms: " + still},
		{"outage beyond", JudgeOutage("< 100ms", stats(150, stoodStill)), Fail, "saw 110ms to 190ms"},
		{"outage in between", JudgeOutage("< 160ms", stats(150, stoodStill)), Error, "expected less than 160ms, saw 110ms to 190ms: " + still},
		{"hidden outage", JudgeOutage("< 20ms", stats(0, stoodStill)), Error, "saw 0s to 40ms: " + still},
		{"no hidden outage", JudgeOutage("< 50ms", stats(0, stoodStill)), Pass, "0s to 40ms"},
		{"it stood still before", JudgeOutage("< 20ms", OutagesSince(stats(0, stoodStill), time.Unix(101, 0))), Pass, "no frame was lost"},

		{"latency within", JudgeLatency("< 3ms", stats(0, stoodStill)), Pass, "500µs to 2ms: the generator's own stalls"},
		{"latency in between", JudgeLatency("< 1ms", stats(0, stoodStill)), Error, "500µs to 2ms"},
		{"latency beyond", JudgeLatency("< 400us", stats(0, stoodStill)), Fail, "500µs to 2ms"},
		{"another latency", metric("latency-max", "< 5ms", stats(0, stoodStill, func(s *trafficgen.Stats) { s.Latency.Max = 6 * ms })), Error, "0s to 6ms"},

		{"duplicates", metric("duplicates", "<= 3", stats(0, twice, stoodStill)), Pass, "3 of 1000 received"},
		{"duplicates dropped", metric("duplicates", "<= 3", stats(0, twice, dropped)), Error, "in truth between 3 and 5: the generator's host dropped 2 frames"},
		{"duplicates as a share", metric("duplicates", "< 0.4%", stats(0, twice, dropped)), Error, "in truth between 0.3% and 0.5%"},
		{"reordered dropped", metric("reordered", "<= 5", stats(0, twice, dropped)), Pass, "between 3 and 5"},
		{"extent dropped", metric("reorder-extent", "<= 7", stats(0, twice, dropped)), Error, "between 7 and 1000"},
		{"lossy flows", metric("lossy-flows", "= 0", stats(2, dropped)), Error, "in truth between 0 and 1"},

		{"a fault is an error whatever the bound", JudgeLoss(">= 0", stats(0, stalled)), Error, "transmitter stalled"},
	} {
		t.Run(tc.name, func(t *testing.T) { holds(t, tc.got, tc.want, tc.reason) })
	}
}

func TestJudgeDoubtfulConvergence(t *testing.T) {
	event := time.Unix(100, 0)
	route := procedure.RouteConvergence{Stream: "a", Lost: 150, Convergence: 150 * ms, LossDerived: 150 * ms, RateDerived: 200 * ms, Sampling: 100 * ms, Recovered: true}
	c := procedure.Convergence{Event: event, FirstRoute: 150 * ms, Full: 150 * ms, Converged: true, Routes: []procedure.RouteConvergence{route}}
	calm := procedure.RouteConvergence{Stream: "b", Recovered: true, Sampling: 100 * ms}
	both := c
	both.Routes = append(slices.Clone(c.Routes), calm)
	s := []trafficgen.Stats{stats(150, stoodStill)}
	two := append(slices.Clone(s), stats(0, stoodStill))
	for _, tc := range []struct {
		name   string
		got    Outcome
		want   Verdict
		reason string
	}{
		{"full, within", JudgeConvergence(ConvergenceBounds{Full: "< 200ms"}, c, s), Pass, "110ms to 190ms: the generator itself"},
		{"full, in between", JudgeConvergence(ConvergenceBounds{Full: "< 150ms"}, c, s), Error, "110ms to 190ms"},
		{"full, beyond", JudgeConvergence(ConvergenceBounds{Full: "<= 100ms"}, c, s), Fail, "110ms to 190ms"},
		{"first", JudgeConvergence(ConvergenceBounds{FirstRoute: "<= 100ms"}, c, s), Fail, "110ms to 190ms"},
		{"first, another may have been", JudgeConvergence(ConvergenceBounds{FirstRoute: "<= 100ms"}, both, two), Error, "0s to 190ms"},
		{"full of both", JudgeConvergence(ConvergenceBounds{Full: "<= 100ms"}, both, two), Fail, "110ms to 190ms"},
		{"loss-derived", JudgeConvergence(ConvergenceBounds{LossDerived: "< 150ms"}, c, s), Error, "110ms to 190ms"},
		{"loss-derived of none", JudgeConvergence(ConvergenceBounds{LossDerived: "< 30ms"}, both, two), Error, "of stream b"},
		{"rate-derived", JudgeConvergence(ConvergenceBounds{RateDerived: "< 250ms"}, c, s), Pass, "160ms to 240ms"},
		{"rate-derived, in between", JudgeConvergence(ConvergenceBounds{RateDerived: "< 200ms"}, c, s), Error, "160ms to 240ms"},
		{"stood still before", JudgeConvergence(ConvergenceBounds{Full: "<= 150ms"}, c, []trafficgen.Stats{stats(150, stoodStill, func(s *trafficgen.Stats) { s.Stalls[0].End = event })}), Pass, "150ms ± 1ms"},
	} {
		t.Run(tc.name, func(t *testing.T) { holds(t, tc.got, tc.want, tc.reason) })
	}
}

// A truth is one way in which the doubtful frames may be counted.
type truth struct {
	lost    uint64
	longest time.Duration
}

// readings are all ways: the frames of each stall are the device's, or are not,
// unless it lost them in one go with others on both sides; and each made the
// outage that ended in it, or one of its own, as much longer as it was. Frames
// are a millisecond apart.
func readings(s *trafficgen.Stats) (all []truth) {
	for ways := range 1 << len(s.Stalls) {
		r := truth{}
		for _, o := range s.Outages {
			frames := make([]bool, o.Frames) // the device's
			for i := range frames {
				frames[i] = true
			}
			for i, st := range s.Stalls {
				within := st.FirstSeq > o.FirstSeq && st.LastSeq < o.LastSeq
				for seq := max(st.FirstSeq, o.FirstSeq); ways>>i&1 == 1 && !within && seq <= min(st.LastSeq, o.LastSeq); seq++ {
					frames[seq-o.FirstSeq] = false
				}
			}
			run := uint64(0)
			for _, device := range frames {
				if run++; !device {
					run = 0
					continue
				}
				r.lost++
				r.longest = max(r.longest, time.Duration(run)*ms)
			}
		}
		all = append(all, r)
	}
	for _, st := range s.Stalls {
		longer := truth{s.Lost, max(st.Late, s.MaxOutage())}
		for _, o := range s.Outages {
			if end := o.FirstSeq + o.Frames; st.FirstSeq <= end && st.LastSeq+1 >= end {
				longer.longest = max(longer.longest, o.Duration+st.Late)
			}
		}
		all = append(all, longer)
	}
	return all
}

// randomStats are of a stream of 30 frames with random losses and up to two
// stalls, one after the other.
func randomStats(r *rand.Rand) trafficgen.Stats {
	s := trafficgen.Stats{Stream: "s", Sent: 30, WantedFPS: 1000, Precision: 1}
	lost := make([]bool, s.Sent+1)
	for range r.IntN(4) {
		from := r.IntN(int(s.Sent))
		for i := from; i < min(from+1+r.IntN(8), int(s.Sent)); i++ {
			lost[i] = true
		}
	}
	for i := uint64(0); i <= s.Sent; i++ {
		if !lost[i] {
			continue
		}
		first := i
		for ; lost[i]; i++ {
		}
		s.Lost += i - first
		s.Outages = append(s.Outages, trafficgen.Outage{FirstSeq: first, LastSeq: i - 1, Frames: i - first, Duration: time.Duration(i-first) * ms})
	}
	slices.SortStableFunc(s.Outages, func(a, b trafficgen.Outage) int { return int(b.Frames) - int(a.Frames) })
	s.Received = s.Sent - s.Lost
	for _, half := range [][2]int{{0, 13}, {16, 30}}[:r.IntN(3)] {
		first := half[0] + r.IntN(half[1]-half[0])
		last := first + r.IntN(half[1]-first)
		late := 1 + r.IntN(6)
		s.Stalls = append(s.Stalls, trafficgen.Stall{FirstSeq: uint64(first), LastSeq: uint64(last), Late: time.Duration(late) * ms})
	}
	slices.SortStableFunc(s.Stalls, func(a, b trafficgen.Stall) int { return int(b.Late - a.Late) })
	return s
}

// A verdict is what all readings agree on. That it is not some number, or is
// just that one, may be an error although no reading is or is not: a judge sees
// what lies between them.
func TestVerdictsStandWhicheverWay(t *testing.T) {
	const seed = 5
	r := rand.New(rand.NewPCG(seed, seed))
	agreed := map[Verdict]int{}
	for range 10_000 {
		s := randomStats(r)
		if s.Received == 0 {
			continue
		}
		n := r.IntN(16)
		op := []string{"<", "<=", ">", ">=", "=", "!="}[r.IntN(6)]
		loss, outage := Bound(fmt.Sprintf("%s %d", op, n)), Bound(fmt.Sprintf("%s %dms", op, n))
		var byLoss, byOutage []Verdict
		for _, w := range readings(&s) {
			byLoss = append(byLoss, loss.over(float64(w.lost), float64(w.lost)))
			byOutage = append(byOutage, outage.overTime(w.longest, w.longest))
		}
		for _, c := range []struct {
			got  Outcome
			ways []Verdict
		}{{JudgeLoss(loss, s), byLoss}, {JudgeOutage(outage, s), byOutage}} {
			want := Error
			if slices.Min(c.ways) == slices.Max(c.ways) {
				want = c.ways[0]
			}
			agreed[c.got.Verdict]++
			if c.got.Verdict != want && (c.got.Verdict != Error || !strings.Contains("=!=", op)) {
				t.Fatalf("%s, %s: %s: %s; want %s of %v\n%+v", loss, outage, c.got.Verdict, c.got.Reason, want, c.ways, s)
			}
		}
	}
	for _, v := range []Verdict{Pass, Fail, Error} {
		if agreed[v] < 1000 {
			t.Errorf("%d times %s: the streams are not diverse", agreed[v], v)
		}
	}
}
