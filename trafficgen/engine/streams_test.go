package engine

import (
	"fmt"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

func fields(pairs ...any) map[string]trafficgen.Values {
	f := map[string]trafficgen.Values{}
	for i := 0; i < len(pairs); i += 2 {
		switch v := pairs[i+1].(type) {
		case trafficgen.Values:
			f[pairs[i].(string)] = v
		default:
			f[pairs[i].(string)] = trafficgen.Only(fmt.Sprint(v))
		}
	}
	return f
}

// Every stack arrives whole, between emulated hosts whose addresses the layers
// do not say, and each flow is accounted for by itself.
func TestLayeredStreams(t *testing.T) {
	step := func(from string, n int) trafficgen.Values { return trafficgen.Values{From: from, Count: n} }
	for name, stack := range map[string][]trafficgen.Layer{
		"plain":  {{Kind: "eth"}, {Kind: "ip"}, {Kind: "udp", Fields: fields("sport", step("7000", 10))}},
		"tagged": {{Kind: "eth"}, {Kind: "vlan", Fields: fields("id", step("100", 10))}, {Kind: "ipv6"}, {Kind: "tcp"}},
		"vxlan": {{Kind: "eth"}, {Kind: "ip"}, {Kind: "udp"}, {Kind: "vxlan", Fields: fields("vni", step("1", 10))},
			{Kind: "eth"}, {Kind: "ipv6"}, {Kind: "icmpv6"}},
		"addresses": {{Kind: "eth"}, {Kind: "ip", Fields: fields("src", step("10.0.0.100", 10), "dst", step("10.0.0.200", 5))}, {Kind: "icmp"}},
		"drawn":     {{Kind: "eth"}, {Kind: "ip", Fields: fields("src", trafficgen.Values{From: "10.0.0.1", To: "10.0.255.255", Count: 16})}, {Kind: "udp"}},
		"raw":       {{Kind: "eth", Fields: fields("dst", "02:00:00:00:00:99", "type", step("0x9000", 10))}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const flows = 10
				w := &port.Wire{Carry: fates(func(sig frame.Signature, _ []byte) []port.Delivery {
					if sig.Seq%flows == 3 && sig.Seq < 100 || sig.Seq == 7 {
						return nil
					}
					return arrive(time.Millisecond)
				})}
				st := one(t, w, trafficgen.Stream{Name: "s", From: g1, To: g2, Size: 256, Rate: 1000, Frames: 205, Layers: stack})
				if st.Sent != 205 || st.Lost != 11 || st.Received != 194 || st.Corrupted+st.Misrouted != 0 || len(st.Faults) > 0 {
					t.Fatalf("sent %d, lost %d, received %d, corrupted %d, misrouted %d, faults %v",
						st.Sent, st.Lost, st.Received, st.Corrupted, st.Misrouted, st.Faults)
				}
				if name == "drawn" {
					if st.FlowCount != 16 {
						t.Errorf("%d flows", st.FlowCount)
					}
					return
				}
				if st.FlowCount != flows || st.FlowsLossy != 2 || len(st.Flows) != 2 {
					t.Fatalf("%d flows, %d lossy: %+v", st.FlowCount, st.FlowsLossy, st.Flows)
				}
				worst, other := st.Flows[0], st.Flows[1]
				if worst.Sent != 21 || worst.Lost != 10 || worst.Received != 11 || other.Lost != 1 || other.Sent != 20 {
					t.Errorf("flows %+v", st.Flows)
				}
				if name == "plain" && worst.Name != "udp.sport 7003" {
					t.Errorf("the worst flow is called %q", worst.Name)
				}
				if name == "addresses" && worst.Name != "ip.src 10.0.0.103, ip.dst 10.0.0.203" {
					t.Errorf("the worst flow is called %q", worst.Name)
				}
			})
		})
	}
}

// Bursts leave in bursts, their rate is what it comes to, and an outage lasts
// as long as the schedule says.
func TestBursts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ms = time.Millisecond
		var at []time.Time
		w := &port.Wire{Carry: fates(func(sig frame.Signature, _ []byte) []port.Delivery {
			at = append(at, time.Unix(0, sig.Sent))
			if sig.Seq >= 15 && sig.Seq < 25 {
				return nil
			}
			return arrive(ms)
		})}
		st := one(t, w, trafficgen.Stream{Name: "s", From: g1, To: g2, Size: 64, Rate: 1000, Duration: 200 * ms,
			Burst: trafficgen.Burst{Frames: 10, Gap: 11 * ms}})
		if st.Sent != 100 || st.WantedFPS != 500 || len(st.Faults) > 0 || st.OfferedFPS < 499 || st.OfferedFPS > 501 {
			t.Fatalf("sent %d, wanted %v, offered %v, faults %v", st.Sent, st.WantedFPS, st.OfferedFPS, st.Faults)
		}
		for i := 1; i < len(at); i++ {
			want := ms
			if i%10 == 0 {
				want = 11 * ms
			}
			if got := at[i].Sub(at[i-1]); got != want {
				t.Fatalf("frame %d left %v after the one before, want %v", i, got, want)
			}
		}
		o := st.Outages[0]
		if o.FirstSeq != 15 || o.LastSeq != 24 || o.Duration != 20*ms || o.End.Sub(o.Start) != 19*ms || o.Start.Sub(st.Started) != 25*ms {
			t.Errorf("outage %+v of a stream that started %v", o, st.Started)
		}
	})
}

// A mix of sizes is sent in its order, and a load is the share of the wire that
// it says, preamble and gap included.
func TestSizesAndLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		var bits int
		w := &port.Wire{Speed: 1e6, Carry: fates(func(_ frame.Signature, b []byte) []port.Delivery {
			sizes = append(sizes, len(b)+4)
			bits += 8 * (len(b) + 4 + 20)
			return arrive(time.Millisecond)
		})}
		st := one(t, w, trafficgen.Stream{Name: "s", From: g1, To: g2, Sizes: []int{64, 1518, 570}, Load: 0.5, Duration: 10 * time.Second})
		if !slices.Equal(sizes[:6], []int{64, 1518, 570, 64, 1518, 570}) || st.Lost != 0 || st.FrameBytes != 717 {
			t.Errorf("sizes %v, lost %d, mean %d", sizes[:6], st.Lost, st.FrameBytes)
		}
		if rate := float64(bits) / 10; rate < 0.49e6 || rate > 0.51e6 {
			t.Errorf("%.0f bits a second, want half a million", rate)
		}
		if st.FlowCount != 0 {
			t.Errorf("%d flows of a stream that has one", st.FlowCount)
		}
	})
}

func TestStreamRefusals(t *testing.T) {
	for want, s := range map[string]trafficgen.Stream{
		"g1:eth1 does not say how fast it is: 50% of its speed is no rate": {Load: 0.5},
		"a load of 2 is not a share":                                       {Load: 2},
		"is shorter than the 1ms between the frames of one":                {Rate: 1000, Burst: trafficgen.Burst{Frames: 3, Gap: time.Microsecond}},
		"tcp cannot follow eth":                                            {Rate: 1, Layers: []trafficgen.Layer{{Kind: "eth"}, {Kind: "tcp"}}},
		"frame size 64 is not within 84 to 9216":                           {Rate: 1, Layers: []trafficgen.Layer{{Kind: "eth"}, {Kind: "vlan"}, {Kind: "vlan"}, {Kind: "ip"}, {Kind: "tcp"}}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s.Name, s.From, s.To, s.Size = "s", g1, g2, 64
			_, err := onWire(&port.Wire{}).Run(t.Context(), []trafficgen.Stream{s}, nil)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
		})
	}
}

// A frame that others overtake is reordered by how many they are.
func TestReorderingExtent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &port.Wire{Carry: fates(func(sig frame.Signature, _ []byte) []port.Delivery {
			if sig.Seq == 50 {
				return arrive(5*time.Millisecond + 500*time.Microsecond) // 51 to 55 overtake it
			}
			return arrive(0)
		})}
		st := one(t, w, trafficgen.Stream{Name: "s", From: g1, To: g2, Size: 64, Rate: 1000, Frames: 100})
		if st.Reordered != 1 || st.ReorderExtent != 5 || st.Sent != 100 || st.Latency.IPDVMax != 5500*time.Microsecond {
			t.Errorf("sent %d, reordered %d by %d, latency %+v", st.Sent, st.Reordered, st.ReorderExtent, st.Latency)
		}
	})
}

// A flow whose path is slower than the others' is not reordered by itself,
// though the stream is, and shows as the slowest; what happens within a flow is
// counted there.
func TestFlowsOfSeveralPaths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ms = time.Millisecond
		w := &port.Wire{Carry: fates(func(sig frame.Signature, _ []byte) []port.Delivery {
			switch {
			case sig.Seq%4 == 2:
				return arrive(7*ms + 500*time.Microsecond)
			case sig.Seq == 41: // after 45 and 49
				return arrive(9*ms + 500*time.Microsecond)
			case sig.Seq == 60:
				return arrive(ms, ms, 2*ms)
			}
			return arrive(ms)
		})}
		st := one(t, w, trafficgen.Stream{Name: "s", From: g1, To: g2, Size: 64, Rate: 1000, Frames: 200, Flows: 4, SrcPort: 7000})
		if st.Reordered < 49 || st.Lost != 0 || st.FlowsLossy != 0 || len(st.Flows) != 2 || len(st.FlowDelays) != 2 {
			t.Fatalf("reordered %d, %+v, %+v", st.Reordered, st.Flows, st.FlowDelays)
		}
		late, twice := st.Flows[0], st.Flows[1]
		if late.Name != "udp.sport 7001" || late.Reordered != 1 || late.ReorderExtent != 2 || late.Latency.Max != 9*ms+500*time.Microsecond || late.Latency.Min != ms {
			t.Errorf("%+v", late)
		}
		if twice.Name != "udp.sport 7000" || twice.Duplicate != 2 || twice.Received != 50 || twice.Reordered != 0 {
			t.Errorf("%+v", twice)
		}
		fast, slow := st.FlowDelays[0], st.FlowDelays[1]
		if fast.Latency.Mean != ms || slow.Name != "udp.sport 7002" || slow.Latency.Mean != 7*ms+500*time.Microsecond || slow.Reordered != 0 {
			t.Errorf("fastest %+v, slowest %+v", fast, slow)
		}
	})
}

// Each flow has percentiles, jitter and outages of its own: the path of one
// swings between two delays, that of another breaks for a while.
func TestFlowsHaveLatenciesAndOutages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ms = time.Millisecond
		w := &port.Wire{Carry: fates(func(sig frame.Signature, _ []byte) []port.Delivery {
			switch flow, round := sig.Seq%4, sig.Seq/4; {
			case flow == 3 && (round >= 50 && round < 80 || round == 100):
				return nil
			case flow == 2 && round%10 == 9:
				return arrive(30 * ms)
			case flow == 2:
				return arrive(5 * ms)
			}
			return arrive(ms)
		})}
		st := one(t, w, trafficgen.Stream{Name: "s", From: g1, To: g2, Size: 64, Rate: 1000, Frames: 800, Flows: 4, SrcPort: 7000})
		if len(st.Flows) != 2 || len(st.FlowsSlow) != 4 || st.FlowResolution != 1.0/32 {
			t.Fatalf("harmed %+v, slow %+v, resolution %v", st.Flows, st.FlowsSlow, st.FlowResolution)
		}
		broken, swings := st.Flows[0], st.FlowsSlow[0]
		want := trafficgen.Outage{FirstSeq: 203, LastSeq: 319, Frames: 30, Start: st.Started.Add(203 * ms), End: st.Started.Add(319 * ms), Duration: 120 * ms}
		if broken.Name != "udp.sport 7003" || broken.Lost != 31 || broken.Outage != want {
			t.Errorf("the flow that broke: %+v; want %+v", broken, want)
		}
		l := swings.Latency
		near := func(got, want time.Duration) bool {
			return math.Abs(float64(got-want)) <= st.FlowResolution*float64(want)
		}
		if swings.Name != "udp.sport 7002" || swings.Outage != (trafficgen.Outage{}) ||
			!near(l.P50, 5*ms) || !near(l.P90, 5*ms) || !near(l.P99, 30*ms) || l.P999 != l.P99 || l.PDV != l.P999-l.Min {
			t.Errorf("the flow that swings: %+v", swings)
		}
		// 39 of the 199 differences are 25 ms.
		if l.Min != 5*ms || l.Max != 30*ms || l.Mean != 7500*time.Microsecond || l.IPDVMax != 25*ms || l.IPDV != 39*25*ms/199 || l.Jitter < ms {
			t.Errorf("the flow that swings: %+v", l)
		}
		if other := st.FlowsSlow[1].Latency; other.P50 != ms || other.P999 != ms || other.Jitter != 0 {
			t.Errorf("a steady flow: %+v", other)
		}
	})
}

// Frames of a capture are sent in their order, and counted like any.
func TestCapture(t *testing.T) {
	deck, err := frame.New(trafficgen.Stream{Name: "old", Sizes: []int{100, 300, 200}, Src: g1.Address.Addr(), Dst: g2.Address.Addr()},
		make([]byte, 6), make([]byte, 6), frame.ID{Run: 1, Stream: 1})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "frames.pcap")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := pcapgo.NewWriter(f)
	if err := w.WriteFileHeader(65536, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	short := deck.Card(0).Bytes()[:50]
	for _, b := range [][]byte{deck.Card(0).Bytes(), short, deck.Card(1).Bytes(), deck.Card(2).Bytes()} {
		if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: time.Unix(1, 0), Length: len(b), CaptureLength: len(b)}, b); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		w := &port.Wire{Carry: fates(func(sig frame.Signature, b []byte) []port.Delivery {
			if sizes = append(sizes, len(b)+4); sig.Seq == 4 {
				return nil
			}
			return arrive(time.Millisecond)
		})}
		st := one(t, w, trafficgen.Stream{Name: "s", From: g1, To: g2, Capture: path, Rate: 100, Frames: 30})
		if st.Sent != 30 || st.Lost != 1 || st.Omitted != 1 || st.FrameBytes != 200 || !slices.Equal(sizes[:4], []int{100, 300, 200, 100}) {
			t.Errorf("%+v, sizes %v", st, sizes)
		}
	})
}

// While its stream runs, a port answers for every address that the stream goes
// to: ARP, and ping.
func TestSeveralHostsOnAPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &port.Wire{}
		asker, err := w.Open(g3, port.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		heard := make(chan []byte, 1000)
		go func() {
			_ = asker.Receive(func(batch []port.Arrival) {
				for _, a := range batch {
					if sig, v := frame.Parse(a.Frame); v == frame.Foreign || sig.Reply {
						heard <- slices.Clone(a.Frame)
					}
				}
			})
		}()
		running, err := trafficgen.Start(t.Context(), onWire(w), []trafficgen.Stream{{Name: "s", From: g1, To: g2, Size: 128, Rate: 100,
			Layers: []trafficgen.Layer{{Kind: "eth"}, {Kind: "ip", Fields: fields("dst", trafficgen.Values{From: "10.0.0.200", Count: 10})}, {Kind: "udp"}}}})
		if err != nil {
			t.Fatal(err)
		}
		for len(heard) > 0 {
			<-heard // the generator's own questions
		}
		own, mac := g3.Address.Addr(), asker.Link().MAC
		for _, host := range []string{"10.0.0.200", "10.0.0.205", "10.0.0.209"} {
			addr := netip.MustParseAddr(host)
			question, err := frame.Solicit(mac, own, addr)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = asker.Send([][]byte{question})
			answer, ok := frame.ParseNeighbor(<-heard)
			if !ok || answer.Solicit || answer.Sender != addr {
				t.Fatalf("%s: %+v", host, answer)
			}
			echo, err := frame.New(trafficgen.Stream{Name: "ping", Size: 128, Layers: []trafficgen.Layer{{Kind: "eth"},
				{Kind: "ip", Fields: fields("src", own, "dst", addr)}, {Kind: "icmp"}}}, mac, answer.MAC, frame.ID{Run: 0, Stream: 1})
			if err != nil {
				t.Fatal(err)
			}
			_, _ = asker.Send([][]byte{echo.Card(0).Bytes()})
			if sig, _ := frame.Parse(<-heard); !sig.Reply {
				t.Errorf("%s does not answer ping", host)
			}
		}
		if st, err := running.Stop(); err != nil || st[0].Lost != 0 || st[0].Misrouted != 0 {
			t.Errorf("%+v, %v", st, err)
		}
		_ = asker.Close()
	})
}
