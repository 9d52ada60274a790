package procedure_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	. "github.com/ccl-lab/ccl/trafficgen/procedure"
)

// outageOf runs streams of 100 fps over a device that loses, of the stream with
// a number, what is sent in a time after the first frame.
func outageOf(t *testing.T, lost map[uint16][2]time.Duration, streams ...string) []trafficgen.Stats {
	t.Helper()
	first := map[uint16]time.Time{}
	d := device{fate: func(now time.Time, sig frame.Signature) (time.Duration, bool) {
		if first[sig.Stream].IsZero() {
			first[sig.Stream] = now
		}
		at, out := now.Sub(first[sig.Stream]), lost[sig.Stream]
		return 0, at < out[0] || at >= out[1]
	}}
	var all []trafficgen.Stream
	for _, name := range streams {
		all = append(all, trafficgen.Stream{Name: name, From: g1, To: g2, Size: 64, Rate: 100, Duration: 10 * time.Second})
	}
	st, err := d.generator().Run(context.Background(), all, nil)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func near(t *testing.T, what string, got, want, within time.Duration) {
	t.Helper()
	if (got - want).Abs() > within {
		t.Errorf("%s is %v, want %v ± %v", what, got, want, within)
	}
}

// Three routes: one converges after 1 s, one after 2.5 s, one is not hit. Each
// time is exact to a frame interval, the rate-derived one to a sample.
func TestConvergenceTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const interval, s = 10 * time.Millisecond, time.Second
		st := outageOf(t, map[uint16][2]time.Duration{1: {3 * s, 4 * s}, 2: {3500 * time.Millisecond, 5500 * time.Millisecond}}, "a", "b", "c")
		event := st[0].Started.Add(2900 * time.Millisecond)
		c := Measure(event, st)
		if !c.Converged || len(c.Routes) != 3 {
			t.Fatalf("%+v", c)
		}
		near(t, "first route", c.FirstRoute, 1100*time.Millisecond, interval)
		near(t, "full", c.Full, 2600*time.Millisecond, interval)
		near(t, "partial", c.Partial, 2500*time.Millisecond, interval)
		a, b, unhurt := c.Routes[0], c.Routes[1], c.Routes[2]
		near(t, "a's connectivity", a.LossOfConnectivity, s, interval)
		near(t, "a by loss", a.LossDerived, s, interval)
		near(t, "a by rate", a.RateDerived, 1100*time.Millisecond, a.Sampling)
		near(t, "b's convergence", b.Convergence, 2600*time.Millisecond, interval)
		near(t, "b by loss", b.LossDerived, 2*s, interval)
		near(t, "b by rate", b.RateDerived, 2600*time.Millisecond, b.Sampling)
		near(t, "sampling", a.Sampling, 100*time.Millisecond, 50*time.Millisecond)
		if a.Lost != 100 || b.Lost != 200 || unhurt.Lost != 0 || unhurt.Convergence != 0 || unhurt.RateDerived != 0 {
			t.Errorf("%+v", c.Routes)
		}
		// An event after all that: none of it is its doing.
		if late := Measure(event.Add(5*s), st); late.Full != 0 || late.Routes[1].Lost != 0 || !late.Converged {
			t.Errorf("%+v", late)
		}
	})
}

// Two routes that are out together are so fully; only the rest is partial.
func TestPartialConvergence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const s = time.Second
		st := outageOf(t, map[uint16][2]time.Duration{1: {3 * s, 5 * s}, 2: {3 * s, 6 * s}}, "a", "b")
		c := Measure(st[0].Started.Add(3*s), st)
		near(t, "partial", c.Partial, s, 20*time.Millisecond)
		near(t, "full", c.Full, 3*s, 20*time.Millisecond)
	})
}

// A route that never flows again has not converged.
func TestNoConvergence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := outageOf(t, map[uint16][2]time.Duration{1: {3 * time.Second, time.Hour}}, "a")
		if c := Measure(st[0].Started.Add(3*time.Second), st); c.Converged || c.Routes[0].Recovered || c.Routes[0].Lost != 700 {
			t.Errorf("%+v", c)
		}
		if c := Measure(time.Now(), nil); c.Converged {
			t.Error("nothing has converged")
		}
	})
}
