package engine

import (
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

func TestSchedule(t *testing.T) {
	const ms = float64(time.Millisecond)
	for _, tc := range []struct {
		name  string
		s     trafficgen.Stream
		rate  float64
		slots map[uint64]float64 // ms
		count map[float64]uint64 // frames before so many ms
	}{
		{"even", trafficgen.Stream{Rate: 1000}, 1000,
			map[uint64]float64{0: 0, 1: 1, 1000: 1000}, map[float64]uint64{0: 0, 0.5: 1, 1: 1, 1.1: 2, 1000: 1000}},
		{"bursts of 4, a millisecond apart, then 7 ms of nothing", trafficgen.Stream{Rate: 1000, Burst: trafficgen.Burst{Frames: 4, Gap: 7 * time.Millisecond}}, 400,
			map[uint64]float64{3: 3, 4: 10, 5: 11, 8: 20, 4000: 10_000}, map[float64]uint64{0: 0, 3: 3, 3.5: 4, 9: 4, 10: 4, 10.5: 5, 1000: 400}},
		{"single frames by their gap", trafficgen.Stream{Rate: 1e6, Burst: trafficgen.Burst{Frames: 1, Gap: 2 * time.Millisecond}}, 500,
			map[uint64]float64{1: 2, 7: 14}, map[float64]uint64{1: 1, 2: 1, 3: 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sc := newSchedule(&tc.s)
			if got := sc.rate(); got < tc.rate*0.9999 || got > tc.rate*1.0001 {
				t.Errorf("rate %v, want %v", got, tc.rate)
			}
			for n, want := range tc.slots {
				if got := sc.at(n) / ms; got < want-1e-6 || got > want+1e-6 {
					t.Errorf("frame %d is due after %v ms, want %v", n, got, want)
				}
			}
			for d, want := range tc.count {
				if got := sc.within(d * ms); got != want {
					t.Errorf("%d frames before %v ms, want %d", got, d, want)
				}
			}
		})
	}
}
