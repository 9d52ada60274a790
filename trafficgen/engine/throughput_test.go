package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

// shaper carries rate frames per second with a queue of depth frames.
func shaper(rate float64, depth int) func(string, []byte) []port.Delivery {
	var free time.Time // when the last queued frame will have left
	gap := time.Duration(float64(time.Second) / rate)
	return fates(func(frame.Signature, []byte) []port.Delivery {
		now := time.Now()
		if free.Before(now) {
			free = now
		}
		if free.Sub(now) > time.Duration(depth)*gap {
			return nil
		}
		free = free.Add(gap)
		return arrive(free.Sub(now))
	})
}

func TestThroughputFindsTheShapersRate(t *testing.T) {
	for _, truth := range []float64{13.7, 50, 81.1, 99.9} {
		t.Run(fmt.Sprint(truth), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &port.Wire{Carry: shaper(truth, 2)}
				var progress []trafficgen.Trial
				res, err := Throughput(t.Context(), onWire(w), trafficgen.ThroughputSpec{
					Stream: trafficgen.Stream{Name: "t", From: g1, To: g2, Rate: 100},
					Sizes:  []int{64, 1518}, Trial: 10 * time.Second, Resolution: 0.005,
				}, func(tr trafficgen.Trial) { progress = append(progress, tr) })
				if err != nil {
					t.Fatal(err)
				}
				if len(res) != 2 || len(progress) != len(res[0].Trials)+len(res[1].Trials) {
					t.Fatalf("%d results, %d trials reported", len(res), len(progress))
				}
				for _, r := range res {
					// A queue of 2 frames lets 0.2 fps more pass in 10 s.
					if r.FPS < truth-0.5 || r.FPS > truth+0.3 || r.TesterLimited || !r.Shortened {
						t.Errorf("%d bytes: %+v, want %v fps", r.FrameBytes, r, truth)
					}
					if want := r.FPS * float64(r.FrameBytes) * 8; r.BitsPerSec != want {
						t.Errorf("%v bit/s, want %v", r.BitsPerSec, want)
					}
				}
			})
		})
	}
}

func TestThroughputOfAPerfectDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		res, err := Throughput(t.Context(), onWire(&port.Wire{}), trafficgen.ThroughputSpec{
			Stream: trafficgen.Stream{Name: "t", From: g1, To: g2, Rate: 200, Size: 64}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := res[0]
		if len(r.Trials) != 1 || !r.Trials[0].Passed || math.Abs(r.FPS-200) > 0.1 || r.Shortened || r.Trials[0].Sent != 200*60 {
			t.Errorf("%+v", r)
		}
	})
}

// tester is a generator that can offer only so much and a device that can
// carry only so much; a negative fault count never ends.
type tester struct {
	offers, carries float64
	faults          int
	calls           int
}

func (g *tester) Run(_ context.Context, s []trafficgen.Stream, _ func([]trafficgen.Stats)) ([]trafficgen.Stats, error) {
	g.calls++
	st := trafficgen.Stats{WantedFPS: s[0].Rate, OfferedFPS: min(s[0].Rate, g.offers)}
	seconds := s[0].Duration.Seconds()
	st.Sent = uint64(st.OfferedFPS * seconds)
	if st.OfferedFPS > g.carries {
		st.Lost = uint64((st.OfferedFPS - g.carries) * seconds)
	}
	if s[0].Rate > g.offers {
		st.Faults = append(st.Faults, "offered too little")
	}
	if g.faults != 0 {
		g.faults--
		st.Faults = append(st.Faults, "stalled")
	}
	return []trafficgen.Stats{st}, nil
}

func TestThroughputTellsTheTesterFromTheDevice(t *testing.T) {
	for _, tc := range []struct {
		name     string
		gen      tester
		fps      float64
		limited  bool
		maxCalls int
	}{
		{"device is the limit", tester{offers: 1e6, carries: 300}, 300, false, 10},
		{"tester is the limit", tester{offers: 600, carries: 1e6}, 600, true, 25},
		{"tester first, then the device", tester{offers: 600, carries: 300}, 300, false, 25},
		{"two stalls are forgiven", tester{offers: 1e6, carries: 300, faults: 2}, 300, false, 12},
		{"nothing passes", tester{offers: 1e6, carries: -1}, 0, false, 10},
		{"always at fault", tester{offers: 1e6, carries: 1e6, faults: -1}, 0, true, 25},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				res, err := Throughput(t.Context(), &tc.gen, trafficgen.ThroughputSpec{
					Stream: trafficgen.Stream{Name: "t", Rate: 1000, Size: 64}, Trial: time.Second, MaxTrials: 25}, nil)
				if err != nil {
					t.Fatal(err)
				}
				if r := res[0]; math.Abs(r.FPS-tc.fps) > 10 || r.TesterLimited != tc.limited {
					t.Errorf("%v fps, tester limited: %v; want %v, %v\n%+v", r.FPS, r.TesterLimited, tc.fps, tc.limited, r.Trials)
				}
				if tc.gen.calls > tc.maxCalls || len(res[0].Trials) != tc.gen.calls {
					t.Errorf("%d runs and %d trials, want at most %d", tc.gen.calls, len(res[0].Trials), tc.maxCalls)
				}
			})
		})
	}
}

func TestThroughputRefusalsAndCancel(t *testing.T) {
	spec := trafficgen.ThroughputSpec{Stream: trafficgen.Stream{Name: "t", Rate: 1000, Size: 64}, Trial: time.Second}
	bad := spec
	bad.Resolution = 1
	if _, err := Throughput(t.Context(), &tester{}, bad, nil); err == nil || !strings.Contains(err.Error(), "resolution 1") {
		t.Errorf("%v", err)
	}
	bad = spec
	bad.LossLimit = -1
	if _, err := Throughput(t.Context(), &tester{}, bad, nil); err == nil || !strings.Contains(err.Error(), "loss limit -1") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Throughput(ctx, &tester{offers: 10}, spec, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
