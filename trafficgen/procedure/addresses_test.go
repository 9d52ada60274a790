package procedure_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	. "github.com/ccl-lab/ccl/trafficgen/procedure"
)

var g3 = trafficgen.PortID{Node: "g3", Device: "eth1"}

// A bridge is a generator with a switch behind it that learns so many addresses
// at a time, no faster than a rate, and forgets those that it has not seen for
// a while. It reads the addresses from the streams' layers.
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

func (b *bridge) Run(_ context.Context, streams []trafficgen.Stream, _ func([]trafficgen.Stats)) ([]trafficgen.Stats, error) {
	if b.table == nil {
		b.table = map[string]entry{}
	}
	all := make([]trafficgen.Stats, len(streams))
	for i, s := range streams {
		st := &all[i]
		*st = trafficgen.Stats{Stream: s.Name, WantedFPS: s.Rate, OfferedFPS: s.Rate, Sent: s.Frames, Received: s.Frames}
		gap := time.Duration(float64(time.Second) / s.Rate)
		eth := s.Layers[0].Fields
		for n := range s.Frames {
			if b.carry(s.From.Node, address(eth["src"], n), address(eth["dst"], n)) {
				st.Misrouted++
			}
			time.Sleep(gap)
		}
		st.Duration = gap * time.Duration(s.Frames-1)
	}
	return all, nil
}

// address is the n-th of a field's values.
func address(v trafficgen.Values, n uint64) string {
	if v.Count == 0 {
		return v.List[0]
	}
	return fmt.Sprint(v.From, "+", n%uint64(v.Count))
}

// carry learns a frame's source and reports whether the frame was flooded.
func (b *bridge) carry(from, src, dst string) (flooded bool) {
	now := time.Now()
	for old, e := range b.table {
		if now.Sub(e.seen) > b.aging {
			delete(b.table, old)
		}
	}
	_, known := b.table[src]
	if !known && len(b.table) < b.room && now.Sub(b.last) >= b.every {
		known, b.last = true, now
	}
	if known {
		b.table[src] = entry{from, now}
	}
	_, found := b.table[dst]
	return !found
}

// As many addresses are found as the switch has room for.
func TestAddressCaching(t *testing.T) {
	for _, tc := range []struct {
		room, tried, want int
	}{{202, 512, 202}, {1000, 256, 256}, {1, 64, 1}, {0, 64, 0}} {
		synctest.Test(t, func(t *testing.T) {
			b := &bridge{room: tc.room, aging: 5 * time.Minute}
			r := measure(t, b, AddressCaching, Options{Streams: stream(1000), Monitor: g3, Addresses: tc.tried, Rest: 301 * time.Second})
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
		r := measure(t, b, AddressLearning, Options{Streams: stream(1000), Monitor: g3, Addresses: 100, Rest: 2 * time.Second})
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
