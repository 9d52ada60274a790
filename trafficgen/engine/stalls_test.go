package engine

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// Stalls that do not matter are not told, and more than there is room for are
// told as one.
func TestStallsThatMatter(t *testing.T) {
	const ms = time.Millisecond
	var l lateness
	for seq, late := range map[uint64]time.Duration{100: 5 * ms, 200: 30 * ms, 300: 90 * ms, 400: 20 * ms, 500: 60 * ms} {
		l.note(seq, late)
	}
	for _, tc := range []struct {
		most int
		want []stall
	}{
		{9, []stall{{300, 300, 90 * ms}, {500, 500, 60 * ms}, {200, 200, 30 * ms}, {400, 400, 20 * ms}}},
		{3, []stall{{300, 300, 90 * ms}, {500, 500, 60 * ms}, {200, 400, 30 * ms}}},
		{1, []stall{{200, 500, 90 * ms}}},
	} {
		if got := l.matter(tc.most); !slices.Equal(got, tc.want) {
			t.Errorf("at most %d: %v, want %v", tc.most, got, tc.want)
		}
	}
}

// What a stall may have touched reaches from the frames that were in hand to
// those that left when it had nearly been caught up with.
func TestReachOfAStall(t *testing.T) {
	const ms = time.Millisecond
	for _, tc := range []struct {
		rate   float64
		before uint64
		after  uint64
	}{{100, 1, 2}, {1000, 2, 6}, {10_000, 11, 51}, {1e6, 64, 5001}} {
		f := &flow{schedule: newSchedule(&trafficgen.Stream{Rate: tc.rate})}
		f.late.note(10_000, 40*ms)
		got := f.stalled(9, func(seq uint64) time.Time { return time.Unix(0, int64(f.at(seq))) })
		want := trafficgen.Stall{FirstSeq: 10_000 - tc.before, LastSeq: 10_000 + tc.after, Late: 40 * ms,
			Start: time.Unix(0, int64(f.at(10_000))), End: time.Unix(0, int64(f.at(10_000+tc.after)))}
		if len(got) != 1 || got[0] != want {
			t.Errorf("at %v frames per second: %+v, want %+v", tc.rate, got, want)
		}
	}
}

// Whatever stalls add to the delays of the frames that they may have touched,
// the least that is told of each value is no more than it would have been.
func TestLeastLatency(t *testing.T) {
	const seed = 9
	r := rand.New(rand.NewPCG(seed, seed))
	tells := 0
	for range 500 {
		frames := 20 + r.IntN(2000)
		truth, measured := newDelays(3), newDelays(3)
		delays := make([]int64, frames)
		for i := range delays {
			delays[i] = int64(1+r.IntN(1000)) * int64(time.Microsecond)
		}
		added, stalls := someStalls(r, frames)
		for i, d := range delays {
			truth.record(d)
			measured.record(d + added[i])
		}
		want, seen := truth.latency(), measured.latency()
		got := measured.least(seen, stalls)
		for _, v := range []struct {
			name              string
			least, was, value time.Duration
		}{
			{"min", got.Min, want.Min, seen.Min}, {"mean", got.Mean, want.Mean, seen.Mean}, {"p50", got.P50, want.P50, seen.P50},
			{"p90", got.P90, want.P90, seen.P90}, {"p99", got.P99, want.P99, seen.P99}, {"p99.9", got.P999, want.P999, seen.P999},
			{"max", got.Max, want.Max, seen.Max}, {"jitter", got.Jitter, want.Jitter, seen.Jitter}, {"PDV", got.PDV, want.PDV, seen.PDV},
			{"IPDV", got.IPDV, want.IPDV, seen.IPDV}, {"IPDV max", got.IPDVMax, want.IPDVMax, seen.IPDVMax},
		} {
			const jot = time.Microsecond // a histogram knows its values to a thousandth
			if v.least > v.was+jot || v.least > v.value {
				t.Fatalf("%s: at least %v, measured %v; without stalls it is %v\n%+v", v.name, v.least, v.value, v.was, stalls)
			}
			if v.least > 0 && v.least < v.value {
				tells++
			}
		}
	}
	if tells < 1000 {
		t.Errorf("only %d values were told to be less than was measured, yet more than nothing", tells)
	}
	if d := newDelays(3); d.least(trafficgen.Latency{}, nil) != (trafficgen.Latency{}) {
		t.Error("of nothing there is a least")
	}
}

// someStalls are up to two, and what they add to the delays of frames.
func someStalls(r *rand.Rand, frames int) (added []int64, stalls []disturbance) {
	added = make([]int64, frames)
	for half := range 1 + r.IntN(2) {
		first := half*frames/2 + r.IntN(frames/4)
		last := first + r.IntN(frames/4)
		late := int64(1+r.IntN(3000)) * int64(time.Microsecond)
		for i := first; i <= last; i++ {
			added[i] = r.Int64N(late + 1)
		}
		stalls = append(stalls, disturbance{frames: uint64(last - first + 1), ago: uint64(frames - 1 - last), late: time.Duration(late)})
	}
	return added, stalls
}
