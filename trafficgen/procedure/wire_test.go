package procedure_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
	. "github.com/ccl-lab/ccl/trafficgen/procedure"
)

var (
	g1 = trafficgen.PortID{Node: "g1", Device: "eth1", Address: netip.MustParsePrefix("10.0.0.1/24"), Address6: netip.MustParsePrefix("2001:db8::1/64")}
	g2 = trafficgen.PortID{Node: "g2", Device: "eth1", Address: netip.MustParsePrefix("10.0.0.2/24"), Address6: netip.MustParsePrefix("2001:db8::2/64")}
)

// A device carries counted frames from g1 to g2 as its fate function says, in
// the fake time of synctest; the rest arrives at once.
type device struct {
	fate func(now time.Time, sig frame.Signature) (after time.Duration, ok bool)
}

func (d device) generator() *engine.Engine {
	w := &port.Wire{Carry: d.carry}
	return engine.New(engine.Options{Open: w.Open, Sleep: func(until time.Time) { time.Sleep(time.Until(until)) }})
}

func (d device) carry(from string, b []byte) []port.Delivery {
	to := map[string]string{"g1:eth1": "g2:eth1", "g2:eth1": "g1:eth1"}[from]
	sig, v := frame.Parse(b)
	if v != frame.Whole || sig.Learning || d.fate == nil {
		return []port.Delivery{{To: to}}
	}
	if after, ok := d.fate(time.Now(), sig); ok {
		return []port.Delivery{{To: to, After: after}}
	}
	return nil
}

// shaper is a device that forwards so many frames per second and holds so many
// back when more come.
func shaper(fps float64, buffer int) device {
	var free time.Time // when the last frame will have left
	gap := time.Duration(float64(time.Second) / fps)
	return device{fate: func(now time.Time, _ frame.Signature) (time.Duration, bool) {
		if free.Before(now) {
			free = now
		}
		if free.Sub(now) > time.Duration(buffer)*gap {
			return 0, false
		}
		free = free.Add(gap)
		return free.Sub(now), true
	}}
}

// stream is the usual one, at a highest rate.
func stream(fps float64) []trafficgen.Stream {
	return []trafficgen.Stream{{Name: "s", From: g1, To: g2, Rate: fps}}
}

// measure runs a procedure that must not fail.
func measure(t *testing.T, gen trafficgen.Generator, p Procedure, o Options) *Result {
	t.Helper()
	r, err := Run(t.Context(), gen, p, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) == 0 {
		t.Fatal("no row")
	}
	return r
}

func between(t *testing.T, what string, got, least, most float64) {
	t.Helper()
	if got < least || got > most {
		t.Errorf("%s is %v, want %v to %v", what, got, least, most)
	}
}
