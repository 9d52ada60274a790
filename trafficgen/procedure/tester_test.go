package procedure_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	. "github.com/ccl-lab/ccl/trafficgen/procedure"
)

// tester is a generator that can offer only so much and a device that can
// carry only so much; a negative count of faults never ends.
type tester struct {
	offers, carries float64
	faults          int
	calls           int
}

func (g *tester) Run(_ context.Context, s []trafficgen.Stream, _ func([]trafficgen.Stats)) ([]trafficgen.Stats, error) {
	g.calls++
	st := trafficgen.Stats{WantedFPS: s[0].Rate, OfferedFPS: min(s[0].Rate, g.offers), Duration: s[0].Duration}
	seconds := s[0].Duration.Seconds()
	st.Sent = uint64(st.OfferedFPS*seconds + 0.5)
	if st.OfferedFPS > g.carries {
		st.Lost = min(st.Sent, uint64(math.Ceil((st.OfferedFPS-g.carries)*seconds)))
	}
	st.Received = st.Sent - st.Lost
	if g.faults != 0 {
		g.faults--
		st.Faults = append(st.Faults, "stalled")
	}
	return []trafficgen.Stats{st}, nil
}

// What the tester could not offer, or spoilt, is never the device's throughput.
func TestTheTesterIsToldFromTheDevice(t *testing.T) {
	for _, tc := range []struct {
		name     string
		gen      tester
		fps      float64
		limited  string
		maxCalls int
	}{
		{"device is the limit", tester{offers: 1e6, carries: 300}, 300, "", 10},
		{"tester is the limit", tester{offers: 600, carries: 1e6}, 600, "offered 600 of the wanted", 25},
		{"tester first, then the device", tester{offers: 600, carries: 300}, 300, "", 25},
		{"two stalls are forgiven", tester{offers: 1e6, carries: 300, faults: 2}, 300, "", 12},
		{"nothing passes", tester{offers: 1e6, carries: 0}, 0, "", 12},
		{"always at fault", tester{offers: 1e6, carries: 1e6, faults: -1}, 0, "stalled", 75},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := measure(t, &tc.gen, Throughput, Options{Streams: stream(1000), Sizes: []int{64}, Trial: time.Second, MaxTrials: 25})
				row := r.Rows[0]
				if math.Abs(row.Throughput.FPS-tc.fps) > 10 || (tc.limited == "") != (row.TesterLimited == "") || !strings.Contains(row.TesterLimited, tc.limited) {
					t.Errorf("%v fps, tester limited: %q; want %v, %q\n%+v", row.Throughput.FPS, row.TesterLimited, tc.fps, tc.limited, row.Trials)
				}
				if tc.gen.calls > tc.maxCalls || len(row.Trials) != tc.gen.calls {
					t.Errorf("%d runs and %d trials, want at most %d", tc.gen.calls, len(row.Trials), tc.maxCalls)
				}
			})
		})
	}
}

// A trial of which the generator may have lost frames itself counts where it
// passes or fails without them, and they are few of those that were lost.
func TestDoubtThatDecides(t *testing.T) {
	for _, tc := range []struct {
		name          string
		lost, dropped uint64
		limit         float64
		counts        bool
	}{
		{"no loss", 0, 5, 0, true},
		{"all dropped", 5, 5, 0, false},
		{"half dropped", 10, 5, 0, false},
		{"few dropped", 100, 5, 0, true},
		{"within the limit", 10, 10, 0.01, true},
		{"within the limit without them", 102, 5, 0.1, false},
		{"beyond the limit without them", 110, 5, 0.1, true},
	} {
		st := trafficgen.Stats{Sent: 1000, Received: 1000 - tc.lost, Lost: tc.lost, WantedFPS: 1000, OfferedFPS: 1000, Duration: time.Second,
			Drops: []trafficgen.Drop{{By: "the receive ring", Frames: tc.dropped}}}
		if why := Disowned(&st, tc.limit); (why == "") != tc.counts {
			t.Errorf("%s: %q", tc.name, why)
		}
	}
}

// Every procedure of a spoilt tester ends, and says so in each row.
func TestASpoiltTesterHasNoResult(t *testing.T) {
	for _, p := range []Procedure{Throughput, Latency, FrameLoss, BackToBack, SystemRecovery, Reset, Forwarding} {
		synctest.Test(t, func(t *testing.T) {
			gen := &tester{offers: 1e6, carries: 1e6, faults: -1}
			r := measure(t, gen, p, Options{Streams: stream(1000), Trial: time.Second, Reset: func(context.Context) error { return nil }})
			for _, row := range r.Rows {
				if row.TesterLimited != "stalled" {
					t.Errorf("%s: %+v", p, row)
				}
			}
			if table := r.Table(); len(table.Rows) != len(r.Rows) || !strings.Contains(table.String(), "limited by the tester: stalled") {
				t.Errorf("%s:\n%s", p, table)
			}
		})
	}
}

// one is a generator that reports what it is told to.
type one trafficgen.Stats

func (g one) Run(context.Context, []trafficgen.Stream, func([]trafficgen.Stats)) ([]trafficgen.Stats, error) {
	return []trafficgen.Stats{trafficgen.Stats(g)}, nil
}

// Frames lost beside a stall of the transmitter are its own, if they are no
// more than it then sent in a hurry.
func TestALossBesideAStall(t *testing.T) {
	base := one{Sent: 1000, Received: 990, Lost: 10, WantedFPS: 1000, OfferedFPS: 1000, Duration: 999 * time.Millisecond}
	for _, tc := range []struct {
		uncertainty time.Duration
		lost        uint64
		ours        bool
	}{
		{time.Millisecond, 10, false},
		{2 * time.Millisecond, 1, false}, // 1 ms late is no stall
		{11 * time.Millisecond, 10, true},
		{11 * time.Millisecond, 20, false}, // more than it owed
	} {
		synctest.Test(t, func(t *testing.T) {
			g := base
			g.Uncertainty, g.Lost = tc.uncertainty, tc.lost
			r := measure(t, g, Throughput, Options{Streams: stream(1000), Sizes: []int{64}, MaxTrials: 1, Attempts: 1})
			if why := r.Rows[0].Trials[0].Invalid; (why != "") != tc.ours {
				t.Errorf("%v late, %d lost: disowned: %q", tc.uncertainty, tc.lost, why)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for _, tc := range []struct {
		change func(*Options)
		want   string
	}{
		{func(o *Options) { o.Resolution = 1 }, "resolution 1"},
		{func(o *Options) { o.LossLimit = -1 }, "loss limit -1"},
		{func(o *Options) { o.Step = 2 }, "step 2"},
		{func(o *Options) { o.Streams = nil }, "no stream"},
		{func(o *Options) { o.Streams = stream(0) }, "stream s: rate 0"},
		{func(o *Options) { o.Streams[0].Load = 0.5 }, "its load is a share"},
		{func(o *Options) { o.Streams[0].To = trafficgen.PortID{} }, "received by nobody"},
		{func(o *Options) { o.Sizes = []int{63} }, "frame size 63"},
		{func(o *Options) { o.Trial = -1 }, "trials of -1ns"},
		{func(o *Options) { o.Speed = -1 }, "speed -1"},
		{func(o *Options) {}, "nothing that resets"},
	} {
		o := Options{Streams: stream(1000), Trial: time.Second}
		tc.change(&o)
		if _, err := Run(t.Context(), &tester{}, Reset, o); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v, want %q", err, tc.want)
		}
	}
	if _, err := Run(t.Context(), &tester{}, "speed", Options{}); err == nil || !strings.Contains(err.Error(), `no procedure "speed"`) {
		t.Errorf("%v", err)
	}
}

// A procedure that is cut short returns what it has with the reason.
func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		o := Options{Streams: stream(1000), Sizes: []int{64}, Trial: time.Second}
		o.Progress = func(p Progress) {
			if p.Trial != nil && p.Number == 3 {
				cancel()
			}
		}
		r, err := Run(ctx, &tester{offers: 1e6, carries: 300}, Throughput, o)
		if !errors.Is(err, context.Canceled) || len(r.Rows[0].Trials) != 3 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// Progress comes while trials run and once for each that has ended.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended []string
		live := 0
		r := measure(t, shaper(60, 2).generator(), Throughput, Options{Streams: stream(100), Sizes: []int{64}, Trial: 2 * time.Second, Resolution: 0.1,
			Progress: func(p Progress) {
				if p.Trial == nil {
					live++
					if len(p.Live) != 1 || p.FPS == 0 || p.FrameBytes != 64 {
						t.Errorf("%+v", p)
					}
					return
				}
				ended = append(ended, p.String())
			}})
		trials := len(r.Rows[0].Trials)
		if len(ended) != trials || live < 15*trials {
			t.Fatalf("%d live and %d ended of %d trials", live, len(ended), trials)
		}
		if want := "throughput: 64-byte frames at 100 fps: 7"; !strings.HasPrefix(ended[0], want) {
			t.Errorf("%q, want %q…", ended[0], want)
		}
		if want := "throughput: 64-byte frames at 50 fps: all 100 arrived"; ended[1] != want {
			t.Errorf("%q, want %q", ended[1], want)
		}
	})
}
