package engine

import (
	"context"
	"encoding/binary"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

var (
	g1 = trafficgen.PortID{Node: "g1", Device: "eth1", Address: netip.MustParsePrefix("10.0.0.1/24"), Address6: netip.MustParsePrefix("2001:db8::1/64")}
	g2 = trafficgen.PortID{Node: "g2", Device: "eth1", Address: netip.MustParsePrefix("10.0.0.2/24"), Address6: netip.MustParsePrefix("2001:db8::2/64")}
	g3 = trafficgen.PortID{Node: "g3", Device: "eth1", Address: netip.MustParsePrefix("10.0.0.3/24")}
)

// fakeSleep paces in the fake time of synctest.
func fakeSleep(until time.Time) { time.Sleep(time.Until(until)) }

func onWire(w *port.Wire) *Engine { return New(Options{Open: w.Open, Sleep: fakeSleep}) }

// fates makes a Wire's Carry that treats the counted frames of g1 and floods
// the rest at once.
func fates(f func(sig frame.Signature, b []byte) []port.Delivery) func(string, []byte) []port.Delivery {
	names := []string{"g1:eth1", "g2:eth1", "g3:eth1"}
	return func(from string, b []byte) []port.Delivery {
		if sig, v := frame.Parse(b); v == frame.Whole && !sig.Learning {
			return f(sig, b)
		}
		var all []port.Delivery
		for _, n := range names {
			if n != from {
				all = append(all, port.Delivery{To: n})
			}
		}
		return all
	}
}

func arrive(after ...time.Duration) (d []port.Delivery) {
	for _, a := range after {
		d = append(d, port.Delivery{To: "g2:eth1", After: a})
	}
	return d
}

func one(t *testing.T, w *port.Wire, s trafficgen.Stream) trafficgen.Stats {
	t.Helper()
	st, err := onWire(w).Run(t.Context(), []trafficgen.Stream{s}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return st[0]
}

// everyFate treats the frames of the first stream in every way that there is, by
// their sequence, and loses those of the second. What is not late takes 2 ms.
func everyFate(sig frame.Signature, b []byte) []port.Delivery {
	const ms = time.Millisecond
	switch seq := sig.Seq; {
	case sig.Stream == 2:
		return nil
	case seq >= 100 && seq < 150: // an outage of 50 frames
		return nil
	case seq == 300: // a single loss
		return nil
	case seq == 400: // twice
		return arrive(2*ms, 3*ms)
	case seq == 500: // after 501 and 502
		return arrive(2*ms + 2500*time.Microsecond)
	case seq == 600: // damaged on the way
		b[len(b)-1] ^= 1
	case seq == 700: // to a third port too
		return append(arrive(2*ms), port.Delivery{To: "g3:eth1"})
	case seq == 800: // much later
		return arrive(102 * ms)
	}
	return arrive(2 * ms)
}

func TestEveryFateIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ms = time.Millisecond
		w := &port.Wire{Carry: fates(everyFate)}
		start := time.Now()
		st, err := onWire(w).Run(t.Context(), []trafficgen.Stream{
			{Name: "a", From: g1, To: g2, Size: 128, Rate: 1000, Duration: time.Second},
			{Name: "b", From: g3, To: g2, Size: 64, Rate: 10, Duration: time.Second},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		a := st[0]
		for _, c := range []struct {
			what      string
			got, want any
		}{
			{"sent", a.Sent, uint64(1000)},
			{"received", a.Received, uint64(1000 - 50 - 1 - 1)},
			{"lost", a.Lost, uint64(52)},
			{"duplicate", a.Duplicate, uint64(1)},
			{"reordered", a.Reordered, uint64(2)},
			{"corrupted", a.Corrupted, uint64(1)},
			{"misrouted", a.Misrouted, uint64(1)},
			{"wanted", a.WantedFPS, 1000.0},
			{"duration", a.Duration, 999 * ms},
			{"min", a.Latency.Min, 2 * ms},
			{"max", a.Latency.Max, 102 * ms},
			{"outages", len(a.Outages), 3},
			{"first outage", a.Outages[0].Frames, uint64(50)},
			{"its sequence", a.Outages[0].FirstSeq, uint64(100)},
			{"its duration", a.Outages[0].Duration, 50 * ms},
			{"its start", a.Outages[0].Start.Sub(a.Started), 100 * ms},
			{"second outage", a.Outages[1].FirstSeq, uint64(300)},
			{"uncertainty", a.Uncertainty, ms},
			{"faults", len(a.Faults), 0},
			{"engine", a.Engine, "memory"},
			{"started", a.Started.Sub(start) < time.Second, true},
			{"b sent", st[1].Sent, uint64(10)},
			{"b lost", st[1].Lost, uint64(10)}, // all of them
		} {
			if c.got != c.want {
				t.Errorf("%s = %v, want %v", c.what, c.got, c.want)
			}
		}
		if p := a.Latency.P50; p < 1995*time.Microsecond || p > 2005*time.Microsecond {
			t.Errorf("p50 %v, want 2ms", p)
		}
	})
}

// A stream without an end is stopped by its context, drained, and no error.
func TestContextEndsAStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &port.Wire{Carry: fates(func(frame.Signature, []byte) []port.Delivery { return arrive(40 * time.Millisecond) })}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		st, err := onWire(w).Run(ctx, []trafficgen.Stream{{Name: "a", From: g1, To: g2, Size: 64, Rate: 100}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a := st[0]; a.Sent < 490 || a.Lost != 0 || a.Received != a.Sent || len(a.Faults) != 0 {
			t.Errorf("%+v", a)
		}
	})
}

// While a stream runs, observers see its first frame begun, loss only among
// frames old enough, and the outage as it grows and ends.
func TestLiveCounters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &port.Wire{Carry: fates(func(sig frame.Signature, _ []byte) []port.Delivery {
			if sig.Seq >= 1000 && sig.Seq < 2000 {
				return nil
			}
			return arrive(10 * time.Millisecond)
		})}
		var seen []trafficgen.Stats
		st, err := onWire(w).Run(t.Context(), []trafficgen.Stream{{Name: "a", From: g1, To: g2, Size: 64, Rate: 1000, Duration: 3 * time.Second}},
			func(s []trafficgen.Stats) { seen = append(seen, s[0]) })
		if err != nil {
			t.Fatal(err)
		}
		if len(seen) < 28 || len(seen) > 32 {
			t.Errorf("%d observations in 3 s, want about 30", len(seen))
		}
		for i, s := range seen {
			if s.Sent <= 1000 && (s.Lost != 0 || len(s.Outages) != 0) {
				t.Errorf("%d sent and %d lost before anything was", s.Sent, s.Lost)
			}
			if s.Received+s.Lost > s.Sent {
				t.Errorf("received %d + lost %d > sent %d", s.Received, s.Lost, s.Sent)
			}
			if i > 0 && s.Lost < seen[i-1].Lost {
				t.Errorf("lost fell from %d to %d", seen[i-1].Lost, s.Lost)
			}
			// 300 ms later at most, the outage shows; it grows with time.
			if s.Sent > 1300 && s.Sent <= 2000 && (len(s.Outages) != 1 || s.Outages[0].Frames < s.Sent-1300) {
				t.Errorf("after %d frames, outages %v", s.Sent, s.Outages)
			}
			if s.Sent > 2300 && s.MaxOutage() != time.Second {
				t.Errorf("after %d frames, an outage of %v", s.Sent, s.MaxOutage())
			}
		}
		if n := len(st[0].Series); n < 28 || n > 34 {
			t.Errorf("%d samples", n)
		}
		if last := st[0].Series[len(st[0].Series)-1]; last.Sent != 3000 || last.Received != 2000 {
			t.Errorf("last sample %+v", last)
		}
	})
}

func TestIPv6AndOwnAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := one(t, &port.Wire{}, trafficgen.Stream{Name: "a", From: g1, To: g2, Src: netip.MustParseAddr("2001:db8::77"),
			Size: 200, Rate: 100, Duration: time.Second})
		if st.Sent != 100 || st.Received != 100 || st.Lost != 0 {
			t.Errorf("%+v", st)
		}
	})
}

// A stream that asks for IPv6 sends it, though its ports have IPv4 too.
func TestIPv6ByRequest(t *testing.T) {
	for _, v6 := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			types := map[uint16]int{} // of the counted frames
			w := &port.Wire{Carry: fates(func(_ frame.Signature, b []byte) []port.Delivery {
				types[binary.BigEndian.Uint16(b[12:])]++
				return arrive(0)
			})}
			one(t, w, trafficgen.Stream{Name: "a", From: g1, To: g2, IPv6: v6, Size: 200, Rate: 100, Duration: time.Second})
			want := map[uint16]int{0x0800: 100}
			if v6 {
				want = map[uint16]int{0x86dd: 100}
			}
			if !maps.Equal(types, want) {
				t.Errorf("IPv6 %v: EtherTypes %x, want %x", v6, types, want)
			}
		})
	}
}

// A gateway that does not answer is an error that names it, before any frame.
func TestSilentGateway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := g1
		from.Gateway = netip.MustParseAddr("10.0.0.254")
		_, err := onWire(&port.Wire{}).Run(t.Context(), []trafficgen.Stream{
			{Name: "a", From: from, To: g2, Dst: netip.MustParseAddr("192.0.2.1"), Size: 64, Rate: 1, Duration: time.Second}}, nil)
		if err == nil || !strings.Contains(err.Error(), "g1:eth1: 10.0.0.254 did not answer ARP within 3s") {
			t.Errorf("%v", err)
		}
	})
}

func TestRefusals(t *testing.T) {
	good := trafficgen.Stream{Name: "a", From: g1, To: g2, Size: 64, Rate: 1, Duration: time.Second}
	with := func(f func(*trafficgen.Stream)) trafficgen.Stream { s := good; f(&s); return s }
	for _, tc := range []struct {
		name    string
		streams []trafficgen.Stream
		want    []string
	}{
		{"nothing", nil, []string{"no stream"}},
		{"twice", []trafficgen.Stream{good, good}, []string{"stream a is given twice"}},
		{"all at once", []trafficgen.Stream{
			with(func(s *trafficgen.Stream) { s.Rate = 0 }),
			with(func(s *trafficgen.Stream) { s.Name = "b"; s.Duration = -1 }),
			with(func(s *trafficgen.Stream) { s.Name = "c"; s.To.Device = "" }),
		}, []string{"stream a: rate 0", "stream b: duration -1", "stream c needs two ports"}},
		{"size", []trafficgen.Stream{with(func(s *trafficgen.Stream) { s.Size = 63 })}, []string{"stream a", "size 63"}},
		{"no gateway", []trafficgen.Stream{with(func(s *trafficgen.Stream) { s.Dst = netip.MustParseAddr("192.0.2.1") })},
			[]string{"g1:eth1 has no gateway for 192.0.2.1"}},
		{"family", []trafficgen.Stream{with(func(s *trafficgen.Stream) { s.To = g3; s.Src = netip.MustParseAddr("2001:db8::1") })},
			[]string{"g3:eth1 has no IPv6 address"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, err := onWire(&port.Wire{}).Run(t.Context(), tc.streams, nil)
				for _, w := range tc.want {
					if err == nil || !strings.Contains(err.Error(), w) {
						t.Errorf("error %v, want %q", err, w)
					}
				}
			})
		})
	}
}

// Many streams of different rates on a port are each paced at their own.
func TestManyStreamsShareAPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent []uint16 // streams in order of transmission
		w := &port.Wire{Carry: fates(func(sig frame.Signature, _ []byte) []port.Delivery {
			sent = append(sent, sig.Stream)
			return arrive(0)
		})}
		var streams []trafficgen.Stream
		for i, rate := range []float64{10, 20, 50, 333} {
			streams = append(streams, trafficgen.Stream{Name: string(rune('a' + i)), From: g1, To: g2, Size: 64 + 100*i, Rate: rate, Duration: 2 * time.Second})
		}
		st, err := onWire(w).Run(t.Context(), streams, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []uint64{20, 40, 100, 666} {
			if s := st[i]; s.Sent != want || s.Received != want || len(s.Faults) > 0 {
				t.Errorf("stream %s: %d sent, %d received, faults %v; want %d", s.Stream, s.Sent, s.Received, s.Faults, want)
			}
		}
		half := sent[:len(sent)/2]
		for id, want := range []int{10, 20, 50, 333} {
			n := 0
			for _, s := range half {
				if int(s) == id+1 {
					n++
				}
			}
			if n < want-2 || n > want+2 {
				t.Errorf("in the first half, stream %d sent %d frames, want %d", id+1, n, want)
			}
		}
		if !slices.Contains(sent, 4) {
			t.Error("stream 4 sent nothing")
		}
	})
}
