package engine_test

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
)

// relayed is two emulated hosts with a wire between them that does to counted
// frames on their way from the first to the second what fate says: send returns
// the frames that leave in place of one.
func relayed(t *testing.T, fate func(seq uint32, b []byte) [][]byte) (from, to trafficgen.PortID) {
	t.Helper()
	return carried(t, func(f port.Arrival, seq uint32, out port.Port) {
		if frames := fate(seq, f.Frame); len(frames) > 0 {
			_, _ = out.Send(frames)
		}
	})
}

// carried is two emulated hosts with a wire between them, which hands counted
// frames on their way from the first to the second to carry and sends others on
// as they are.
func carried(t *testing.T, carry func(f port.Arrival, seq uint32, out port.Port)) (from, to trafficgen.PortID) {
	t.Helper()
	a, b, wire := porttest.New(t), porttest.New(t), porttest.New(t)
	porttest.Veth(t, a, "eth1", wire, "left")
	porttest.Veth(t, b, "eth1", wire, "right")
	open := func(device string) port.Port {
		p, err := port.Open(trafficgen.PortID{Node: "wire", Device: device, NetNS: wire.Path}, port.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		return p
	}
	left, right := open("left"), open("right")
	forward := func(in, out port.Port, carry func(port.Arrival, uint32, port.Port)) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = in.Receive(func(batch []port.Arrival) {
				for _, f := range batch {
					if sig, v := frame.Parse(f.Frame); v == frame.Whole && !sig.Learning && carry != nil {
						carry(f, sig.Seq, out)
						continue
					}
					_, _ = out.Send([][]byte{f.Frame})
				}
			})
		}()
		t.Cleanup(func() { in.Close(); <-done })
	}
	forward(left, right, carry)
	forward(right, left, nil)
	return trafficgen.PortID{Node: "a", Device: "eth1", NetNS: a.Path, Address: netip.MustParsePrefix("10.0.0.1/24")},
		trafficgen.PortID{Node: "b", Device: "eth1", NetNS: b.Path, Address: netip.MustParsePrefix("10.0.0.2/24")}
}

// Over a wire that loses, repeats, delays and damages known frames, each
// engine counts exactly those.
func TestEveryFateIsCountedInTheKernel(t *testing.T) {
	for _, size := range []int{64, 700} {
		conform(t, func(t *testing.T, o engine.Options) { everyFate(t, o, size) })
	}
}

func everyFate(t *testing.T, o engine.Options, size int) {
	var held []byte
	from, to := relayed(t, func(seq uint32, b []byte) [][]byte {
		switch {
		case seq >= 100 && seq < 150 || seq == 300:
			return nil
		case seq >= 400 && seq < 410:
			return [][]byte{b, b}
		case seq == 500:
			held = bytes.Clone(b)
			return nil
		case seq == 505:
			return [][]byte{b, held} // after five that were sent later
		case seq == 600:
			b[len(b)-1] ^= 1
		case seq == 700:
			b[50] ^= 1 // the sequence
		}
		return [][]byte{b}
	})
	st := calmly(t, func() trafficgen.Stats {
		return run(t, o, trafficgen.Stream{Name: "s", From: from, To: to, Size: size, Rate: 2000, Duration: time.Second / 2})[0]
	})
	got := []uint64{st.Sent, st.Received, st.Lost, st.Duplicate, st.Reordered, st.Corrupted, st.Misrouted}
	if want := []uint64{1000, 1000 - 53, 53, 10, 1, 2, 0}; !slices.Equal(got, want) {
		t.Errorf("sent, received, lost, duplicate, reordered, corrupted, misrouted: %v, want %v; faults %v", got, want, st.Faults)
	}
	var outages [][2]uint64
	for _, out := range st.Outages {
		outages = append(outages, [2]uint64{out.FirstSeq, out.Frames})
	}
	if want := [][2]uint64{{100, 50}, {300, 1}, {600, 1}, {700, 1}}; !slices.Equal(outages, want) {
		t.Errorf("outages %v, want %v", outages, want)
	}
}

// A path that changes frames to what the program does not read, here by a
// pseudowire, costs nothing but speed: this process counts from there on.
func TestTakingOver(t *testing.T) {
	needBPF(t)
	from, to := relayed(t, func(seq uint32, b []byte) [][]byte {
		switch {
		case seq == 200 || seq == 700:
			return nil
		case seq == 300 || seq == 800:
			return [][]byte{b, b}
		case seq < 500:
			return [][]byte{b}
		}
		return [][]byte{slices.Concat(b[:12], []byte{0x88, 0x47, 0, 1, 1, 64}, b)} // RFC 4448, without a control word
	})
	st := calmly(t, func() trafficgen.Stats {
		all, err := engine.New(engine.Options{}).Run(t.Context(), []trafficgen.Stream{{
			Name: "s", From: from, To: to, Size: 128, Rate: 2000, Duration: time.Second / 2}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return all[0]
	})
	if st.Engine != "sendmmsg+bpf+tpacket-v3" {
		t.Errorf("counted by %s", st.Engine)
	}
	got := []uint64{st.Sent, st.Received, st.Lost, st.Duplicate, st.Reordered, st.Corrupted}
	if want := []uint64{1000, 998, 2, 2, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("sent, received, lost, duplicate, reordered, corrupted: %v, want %v; faults %v", got, want, st.Faults)
	}
	if len(st.Outages) != 2 || st.Outages[0].FirstSeq != 200 || st.Outages[1].FirstSeq != 700 {
		t.Errorf("outages %+v", st.Outages)
	}
}

// Over a wire that holds up the frames of one flow and loses a row of another's,
// each engine tells so of these flows, and of no other.
func TestFlowsAreTold(t *testing.T) { conform(t, flowsAreTold) }

func flowsAreTold(t *testing.T, o engine.Options) {
	const flows, holdUp = 4, 50 * time.Millisecond
	late := newQueue()
	from, to := carried(t, func(f port.Arrival, seq uint32, out port.Port) {
		switch flow, round := seq%flows, seq/flows; {
		case flow == 1 && round >= 40 && round < 70:
		case flow == 2:
			late.put(f, holdUp, out)
		default:
			_, _ = out.Send([][]byte{f.Frame})
		}
	})
	st := calmly(t, func() trafficgen.Stats {
		return run(t, o, trafficgen.Stream{Name: "s", From: from, To: to, Size: 128, Rate: 1000, Frames: 400, Flows: flows, SrcPort: 7000, EveryFlow: true})[0]
	})
	late.close()
	if st.Lost != 30 || len(st.Flows) != 1 || len(st.FlowsSlow) != flows {
		t.Fatalf("lost %d, harmed %+v, slow %+v", st.Lost, st.Flows, st.FlowsSlow)
	}
	broken, out := st.Flows[0], st.Flows[0].Outage
	if broken.Name != "udp.sport 7001" || broken.Sent != 100 || broken.Lost != 30 || broken.Reordered != 0 ||
		out.FirstSeq != 161 || out.LastSeq != 277 || out.Frames != 30 || out.Duration < 120*time.Millisecond {
		t.Errorf("the flow that broke: %+v", broken)
	}
	if len(st.EveryFlow) != flows || st.EveryFlow[1] != broken {
		t.Errorf("every flow: %+v", st.EveryFlow)
	}
	for _, f := range st.FlowsSlow { // on a busy machine others may be slow too, now and then
		l, held := f.Latency, f.Name == "udp.sport 7002"
		if l.Min < holdUp && held || l.Min >= holdUp && !held || f.Reordered > 0 || l.P50 < l.Min || l.P99 < l.P50 || l.P99 > l.Max {
			t.Errorf("%+v", f)
		}
	}
}
