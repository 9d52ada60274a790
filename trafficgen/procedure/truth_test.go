package procedure_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	. "github.com/ccl-lab/ccl/trafficgen/procedure"
)

// The search finds a shaper's rate within 1.5 %, and again within 2 % in each
// of ten repetitions whose clocks begin elsewhere.
func TestThroughputOfAShaper(t *testing.T) {
	for _, truth := range []float64{31.7, 81.1, 99.4} {
		t.Run(fmt.Sprint(truth), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				lowest, highest := math.Inf(1), 0.0
				for i := range 10 {
					time.Sleep(time.Duration(i) * 12345 * time.Microsecond)
					r := measure(t, shaper(truth, 1).generator(), Throughput, Options{
						Streams: stream(100), Sizes: []int{64}, Trial: 6 * time.Second, Resolution: 0.005})
					fps := r.Rows[0].Throughput.FPS
					between(t, "throughput", fps, truth*0.985, truth*1.015)
					lowest, highest = min(lowest, fps), max(highest, fps)
					if r.TesterLimited() || !r.Shortened() {
						t.Errorf("%+v", r)
					}
				}
				between(t, "spread", (highest-lowest)/truth, 0, 0.02)
			})
		})
	}
}

// A device that carries all is found in one trial of the RFC's length for each
// of the RFC's sizes, at the medium's theoretical maximum.
func TestThroughputOfAPerfectDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := measure(t, device{}.generator(), Throughput, Options{Streams: stream(1), Speed: 100_000})
		if len(r.Rows) != len(RFC2544Sizes) || len(r.Departures) != 0 || r.Shortened() {
			t.Errorf("%d rows, departures %q", len(r.Rows), r.Departures)
		}
		for _, row := range r.Rows {
			want := 100_000 / float64(8*(row.FrameBytes+20))
			if len(row.Trials) != 1 || math.Abs(row.Throughput.FPS-want) > want/100 || row.Throughput.LowestLossy != 0 {
				t.Errorf("%+v, want %v fps", row.Throughput, want)
			}
			if sent := float64(row.Trials[0].Sent); math.Abs(sent-60*want) > 1 {
				t.Errorf("%v frames in 60 s at %v fps", sent, want)
			}
		}
	})
}

func TestLatencyOfAConstantDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := device{fate: func(time.Time, frame.Signature) (time.Duration, bool) { return 3 * time.Millisecond, true }}
		r := measure(t, d.generator(), Latency, Options{Streams: stream(4), Sizes: []int{1518}, Rates: map[int]float64{1518: 2}})
		for i, fps := range []float64{2} {
			l := r.Rows[i].Latency
			if l.Mean != 3*time.Millisecond || l.Min != l.Mean || l.Max != l.Mean || l.P999 != l.Mean || l.PDV != 0 || l.FPS != fps || l.Trials != 20 {
				t.Errorf("%+v", l)
			}
			if sent := r.Rows[i].Trials[0].Sent; float64(sent) != 120*fps {
				t.Errorf("%d frames in 120 s at %v fps", sent, fps)
			}
		}
	})
}

// Above a rate the shaper loses what is more than it: the curve is 1 - truth/load.
func TestFrameLossOfAShaper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := measure(t, shaper(650, 3).generator(), FrameLoss, Options{Streams: stream(1000), Sizes: []int{64}, Trial: 10 * time.Second})
		points := r.Rows[0].FrameLoss.Points
		if len(points) != 6 { // 100, 90, 80, 70, 60, 50 %: two without loss
			t.Fatalf("%+v", points)
		}
		for i, p := range points {
			between(t, "load", p.Load, 1-0.1*float64(i)-1e-9, 1-0.1*float64(i)+1e-9)
			want := max(0, 1-650/(1000*p.Load))
			between(t, fmt.Sprintf("loss at %v", p.Load), p.Ratio, want-0.002, want+0.002)
		}
	})
}

// The corrected buffer time times the highest rate is the shaper's buffer.
func TestBackToBackFindsTheBuffer(t *testing.T) {
	for _, buffer := range []int{20, 100} {
		synctest.Test(t, func(t *testing.T) {
			const highest, drain = 1000, 600
			r := measure(t, shaper(drain, buffer).generator(), BackToBack, Options{
				Streams: stream(highest), Sizes: []int{64}, Rates: map[int]float64{64: drain}})
			b := r.Rows[0].BackToBack
			if len(b.Bursts) != 50 || b.Unbounded || r.Rows[0].TesterLimited != "" {
				t.Fatalf("%+v %s", b, r.Rows[0].TesterLimited)
			}
			between(t, "average burst", b.Average, float64(buffer)/(1-0.6)*0.98, float64(buffer+2)/(1-0.6)*1.02)
			between(t, "buffer in frames", b.CorrectedBuffer.Seconds()*highest, float64(buffer)*0.98, float64(buffer+2)*1.02)
			between(t, "standard deviation", b.StdDev, 0, 2)
		})
	}
}

func TestBackToBackOfAPerfectDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := measure(t, device{}.generator(), BackToBack, Options{Streams: stream(100), Sizes: []int{64}})
		if b := r.Rows[0].BackToBack; !b.Unbounded || len(b.Bursts) != 1 || b.Average != 200 {
			t.Errorf("%+v", b)
		}
	})
}

// A device that forwards 500 fps and, once overloaded, goes on losing for a
// known time after the load has fallen.
func TestSystemRecovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const after = 300 * time.Millisecond
		var fell, last time.Time
		overloads := 0 // frames in a row at more than 500 fps on average
		d := device{fate: func(now time.Time, _ frame.Signature) (time.Duration, bool) {
			// Two streams at half the rate each come in pairs.
			window := now.Sub(last)
			last = now
			if window < 3*time.Millisecond {
				overloads++
				fell = now.Add(after)
			}
			return 0, overloads < 20 || now.After(fell)
		}}
		r := measure(t, d.generator(), SystemRecovery, Options{
			Streams: stream(600), Sizes: []int{64}, Trial: 5 * time.Second, Rates: map[int]float64{64: 500}})
		rec := r.Rows[0].Recovery
		if !rec.Recovered() || len(rec.Runs) != 1 || rec.FPS != 500 || math.Abs(rec.Overload-550) > 1e-6 {
			t.Fatalf("%+v", rec)
		}
		interval := time.Second / 275
		if d := (rec.Time - after).Abs(); d > interval+time.Millisecond {
			t.Errorf("recovery in %v, want %v", rec.Time, after)
		}
	})
}

// A reset is measured from the first lost frame to the last, by time and by
// the frames lost.
func TestReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const outage = 730 * time.Millisecond
		var until time.Time
		d := device{fate: func(now time.Time, _ frame.Signature) (time.Duration, bool) { return 0, now.After(until) }}
		r := measure(t, d.generator(), Reset, Options{Streams: stream(100), Rates: map[int]float64{64: 100}, Repeats: 3,
			Reset: func(context.Context) error { until = time.Now().Add(outage); return nil }})
		rec := r.Rows[0].Recovery
		if len(r.Rows) != 1 || len(rec.Runs) != 3 || !rec.Recovered() {
			t.Fatalf("%+v", r.Rows)
		}
		for _, run := range rec.Runs {
			const interval = 10 * time.Millisecond
			if (run.Time-outage).Abs() > interval || (run.LossDerived-outage).Abs() > interval || run.Lost < 72 || run.Lost > 74 {
				t.Errorf("%+v, want %v", run, outage)
			}
		}
	})
}

// A device that does not come back is said not to.
func TestResetWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dead := false
		d := device{fate: func(time.Time, frame.Signature) (time.Duration, bool) { return 0, !dead }}
		r := measure(t, d.generator(), Reset, Options{Streams: stream(100), Rates: map[int]float64{64: 100}, Trial: time.Second, Within: 3 * time.Second,
			Reset: func(context.Context) error { dead = true; return nil }})
		if rec := r.Rows[0].Recovery; rec.Recovered() || rec.Runs[0].Lost == 0 {
			t.Errorf("%+v", rec)
		}
	})
}

// Within a sweep the highest forwarding rate of a shaper is its rate.
func TestForwardingRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := measure(t, shaper(650, 3).generator(), Forwarding, Options{Streams: stream(1000), Sizes: []int{64}, Trial: 10 * time.Second})
		f := r.Rows[0].Forwarding
		between(t, "FRMOL", f.FRMOL, 648, 652)
		between(t, "MFR", f.MFR, 648, 652)
	})
}

// Streams of both IP versions share the medium in the proportion of their
// rates, as in the dual-stack runs of RFC 5180 and RFC 8219.
func TestDualStack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		streams := []trafficgen.Stream{
			{Name: "v4", From: g1, To: g2, Rate: 3},
			{Name: "v6", From: g1, To: g2, Rate: 1, IPv6: true},
		}
		r := measure(t, shaper(81, 2).generator(), Throughput, Options{Streams: streams, Speed: 83200, Sizes: []int{84}, Trial: 20 * time.Second})
		row := r.Rows[0]
		between(t, "throughput", row.Throughput.FPS, 80, 82)
		parts := row.Trials[0].Streams
		if len(parts) != 2 || parts[0].Sent != 1500 || parts[1].Sent != 500 { // 100 fps for 20 s, 3 : 1
			t.Errorf("%+v", parts)
		}
		r = measure(t, device{}.generator(), Throughput, Options{Streams: streams, Trial: time.Second})
		if len(r.Rows) != len(RFC5180Sizes) || r.Rows[0].FrameBytes != 84 {
			t.Errorf("%+v", r.Rows)
		}
	})
}
