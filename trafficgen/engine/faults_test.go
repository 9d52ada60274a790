package engine

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

// A transmitter that stands still for 200 ms sends what it owes a little
// faster than its rate, not in a burst. That puts only what it may have changed
// in doubt.
func TestStall(t *testing.T) {
	const stall = 200 * time.Millisecond
	for _, tc := range []struct {
		name        string
		lost        func(seq uint32) bool
		least       uint64           // lost for certain
		uncertainty [2]time.Duration // least and most
	}{
		{"no loss", func(uint32) bool { return false }, 0, [2]time.Duration{stall, stall + 2*time.Millisecond}},
		{"loss while it catches up", func(seq uint32) bool { return seq == 600 || seq == 2500 }, 1, [2]time.Duration{stall, stall + 2*time.Millisecond}},
		{"loss elsewhere", func(seq uint32) bool { return seq == 100 || seq == 2500 }, 2, [2]time.Duration{time.Millisecond, 2 * time.Millisecond}},
		{"longer than it was", func(seq uint32) bool { return seq >= 400 && seq < 800 }, 98, [2]time.Duration{stall, stall + 2*time.Millisecond}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var left []time.Time
				w := &port.Wire{Carry: fates(func(sig frame.Signature, _ []byte) []port.Delivery {
					left = append(left, time.Now())
					if tc.lost(sig.Seq) {
						return nil
					}
					return arrive(0)
				})}
				stalled := false
				e := New(Options{Open: w.Open, Sleep: func(until time.Time) {
					if len(left) == 500 && !stalled {
						stalled = true
						until = until.Add(stall)
					}
					fakeSleep(until)
				}})
				all, err := e.Run(t.Context(), []trafficgen.Stream{{Name: "s", From: g1, To: g2, Size: 64, Rate: 1000, Duration: 3 * time.Second}}, nil)
				if err != nil {
					t.Fatal(err)
				}
				st := all[0]
				if st.Sent != 3000 || st.LeastLost() != tc.least || len(st.Faults) > 0 {
					t.Errorf("%d sent, %d lost, %d of them for certain, faults %q; want %d", st.Sent, st.Lost, st.LeastLost(), st.Faults, tc.least)
				}
				if len(st.Stalls) != 1 || st.Stalls[0].Late != stall || !st.Stalls[0].Start.Equal(left[0].Add(500*time.Millisecond)) {
					t.Errorf("stalls %+v", st.Stalls)
				}
				if most := st.Precision; most > 12*time.Millisecond {
					t.Errorf("precision %v", most)
				}
				if u := st.Uncertainty; u < tc.uncertainty[0] || u > tc.uncertainty[1] {
					t.Errorf("uncertainty %v, want %v", u, tc.uncertainty)
				}
				var gaps []time.Duration
				for i := 1; i < len(left); i++ {
					gaps = append(gaps, left[i].Sub(left[i-1]))
				}
				slices.Sort(gaps)
				// A millisecond's worth may follow at once; no more.
				if gaps[0] < 0 || gaps[3] < 790*time.Microsecond || gaps[len(gaps)-1] < stall {
					t.Errorf("gaps of %v to %v", gaps[:4], gaps[len(gaps)-1])
				}
				if end := left[len(left)-1].Sub(left[0]); end != 2999*time.Millisecond {
					t.Errorf("the last frame left after %v: the stall was not made up for", end)
				}
			})
		})
	}
}

// A rate that the transmitter cannot keep is a fault, and its outages are
// measured with the rate that it did keep.
func TestRateNotReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		w := &port.Wire{Carry: fates(func(sig frame.Signature, _ []byte) []port.Delivery {
			n++
			time.Sleep(2 * time.Millisecond) // the wire takes 500 frames a second
			if sig.Seq >= 100 && sig.Seq < 200 {
				return nil
			}
			return arrive(0)
		})}
		st := one(t, w, trafficgen.Stream{Name: "s", From: g1, To: g2, Size: 64, Rate: 1000, Duration: 2 * time.Second})
		if st.Sent < 950 || st.Sent > 1120 || !slices.ContainsFunc(st.Faults, func(f string) bool { return strings.HasPrefix(f, "offered 5") }) {
			t.Errorf("%d sent, faults %q", st.Sent, st.Faults)
		}
		if d := st.MaxOutage(); d < 180*time.Millisecond || d > 220*time.Millisecond {
			t.Errorf("an outage of 100 frames at 500 fps took %v", d)
		}
	})
}

func TestNothingSentIsAFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		st, err := onWire(&port.Wire{}).Run(ctx, []trafficgen.Stream{{Name: "s", From: g1, To: g2, Size: 64, Rate: 1}}, nil)
		if err != nil || len(st) != 1 || !slices.Equal(st[0].Faults, []string{"no frame was sent"}) {
			t.Errorf("%+v, %v", st, err)
		}
	})
}

func TestSoftnetDrops(t *testing.T) {
	const stat = "0000a1b2 00000003 00000001 00000000\n000000ff 0000000a 00000000\n\nbad\n"
	if n := softnetDrops(strings.NewReader(stat)); n != 13 {
		t.Errorf("%d, want 13", n)
	}
}

// Every drop of the host's that may explain a loss is told, and nothing but the
// stream's own where nothing was lost.
func TestHostFaults(t *testing.T) {
	to := &station{}
	r := &run{stations: []*station{to}, host: hostState{ring: []uint64{5}, refused: []uint64{1}, backlog: 7}}
	f := &flow{from: to, to: to, schedule: schedule{interval: 1e7, burst: 1}}
	end := hostState{ring: []uint64{9}, refused: []uint64{3}, backlog: 10, clock: time.Second}
	st := trafficgen.Stats{Sent: 100, Lost: 3, WantedFPS: 100, OfferedFPS: 100, Duration: 990 * time.Millisecond}
	if got, want := r.faults(f, &st, end), []string{"the host's clock was stepped by 1s: latencies are wrong"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	ring := trafficgen.Drop{By: "the receive ring", Frames: 4} // its own, and it may have dropped frames that came twice
	want := []trafficgen.Drop{ring, {By: "the sending device", Frames: 2}, {By: "the packet backlog", Frames: 3}}
	if got := r.drops(f, &st, end); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	st.Lost = 0
	if got := r.drops(f, &st, end); !slices.Equal(got, want[:1]) {
		t.Errorf("%v, want %v", got, want[:1])
	}
}
