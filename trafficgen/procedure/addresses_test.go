package procedure_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/port"
	. "github.com/ccl-lab/ccl/trafficgen/procedure"
)

var g3 = trafficgen.PortID{Node: "g3", Device: "eth1"}

// A bridge learns so many addresses at a time, no faster than a rate, and
// forgets those that it has not seen for a while.
type bridge struct {
	room  int
	every time.Duration // from one address learned to the next
	aging time.Duration

	table map[string]entry
	last  time.Time
}

type entry struct {
	port string
	seen time.Time
}

func (b *bridge) carry(from string, frame []byte) []port.Delivery {
	now := time.Now()
	b.learn(from, string(frame[6:12]), now)
	if e, ok := b.table[string(frame[:6])]; ok && frame[0]&1 == 0 {
		if e.port == from {
			return nil
		}
		return []port.Delivery{{To: e.port}}
	}
	var flood []port.Delivery
	for _, to := range []string{"g1:eth1", "g2:eth1", "g3:eth1"} {
		if to != from {
			flood = append(flood, port.Delivery{To: to})
		}
	}
	return flood
}

func (b *bridge) learn(from, mac string, now time.Time) {
	for old, e := range b.table {
		if now.Sub(e.seen) > b.aging {
			delete(b.table, old)
		}
	}
	if _, known := b.table[mac]; !known {
		if len(b.table) == b.room || now.Sub(b.last) < b.every {
			return
		}
		b.last = now
	}
	b.table[mac] = entry{from, now}
}

func (b *bridge) generator() *engine.Engine {
	b.table = map[string]entry{}
	w := &port.Wire{Carry: b.carry}
	return engine.New(engine.Options{Open: w.Open, Sleep: func(until time.Time) { time.Sleep(time.Until(until)) }})
}

// The tester's own two addresses take room too.
func TestAddressCaching(t *testing.T) {
	for _, tc := range []struct {
		room, tried, want int
	}{{202, 512, 200}, {1000, 256, 256}, {2, 64, 0}} {
		synctest.Test(t, func(t *testing.T) {
			b := &bridge{room: tc.room, aging: 5 * time.Minute}
			r := measure(t, b.generator(), AddressCaching, Options{Streams: stream(1000), Monitor: g3, Addresses: tc.tried, Rest: 301 * time.Second})
			a := r.Rows[0].Addresses
			if a.Addresses != tc.want || a.Unbounded != (tc.want == tc.tried) || r.Rows[0].TesterLimited != "" || r.Shortened() {
				t.Errorf("room for %d: %+v %q", tc.room, a, r.Rows[0].TesterLimited)
			}
		})
	}
}

func TestAddressLearningRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bridge{room: 1 << 20, every: 2500 * time.Microsecond, aging: time.Second} // 400 a second
		r := measure(t, b.generator(), AddressLearning, Options{Streams: stream(1000), Monitor: g3, Addresses: 100, Rest: 2 * time.Second})
		a := r.Rows[0].Addresses
		if a.Addresses != 100 || a.Unbounded {
			t.Errorf("%+v", a)
		}
		between(t, "learning rate", a.Rate, 394, 400.1)
	})
}

func TestAddressRefusals(t *testing.T) {
	for want, o := range map[string]Options{
		"one stream":      {Streams: append(stream(1), stream(1)...), Monitor: g3},
		"a third port":    {Streams: stream(1)},
		"99999 addresses": {Streams: stream(1), Monitor: g3, Addresses: 99999},
	} {
		if _, err := Run(t.Context(), &tester{}, AddressCaching, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
