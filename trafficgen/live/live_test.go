package live

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/tally"
)

const (
	loopback    = 1
	xdpRedirect = 4
)

var rules = Rules{Tolerated: time.Millisecond, Credit: time.Millisecond, CatchUp: 0.8, Overrun: 100 * time.Millisecond}

// load makes a pump of which a test calls the program, frame by frame.
func load(t testing.TB, rules Rules, streams []Stream) (*Pump, *tally.Table) {
	t.Helper()
	var specs []tally.Spec
	for _, s := range streams {
		specs = append(specs, tally.Spec{Stream: s.Number, Span: 64, Half: 2, Buckets: 1})
	}
	table, err := tally.New(1, specs)
	if err == nil {
		t.Cleanup(func() { table.Close() })
		var p *Pump
		if p, err = New(loopback, rules, table.Records(), streams); err == nil {
			t.Cleanup(func() { p.Close() })
			return p, table
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("NOT TESTED: %v", err)
	}
	t.Skipf("SKIPPED, NOT TESTED: %v", err)
	return nil, nil
}

// cards are a stream's frames, of several sizes where more are given.
func cards(t testing.TB, number uint16, v6 bool, flows int, sizes ...int) (all []*frame.Card) {
	t.Helper()
	s := trafficgen.Stream{Name: "s", Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2"), Flows: flows}
	if v6 {
		s.Src, s.Dst = netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	}
	for _, s.Size = range sizes {
		deck, err := frame.New(s, net.HardwareAddr{2, 0, 0, 0, 0, 1}, net.HardwareAddr{2, 0, 0, 0, 0, 2}, frame.ID{Run: 1, Stream: number})
		if err != nil {
			t.Fatal(err)
		}
		for i := range deck.Len() {
			all = append(all, deck.Card(i))
		}
	}
	return all
}

// next calls the program until it sends a frame and returns the frame.
func next(t *testing.T, p *Pump) []byte {
	t.Helper()
	for range 1_000_000 {
		if b := try(t, p); b != nil {
			return b
		}
	}
	t.Fatal("the program sends nothing")
	return nil
}

// try calls the program once and returns the frame that it sends, or nil.
func try(t *testing.T, p *Pump) []byte {
	t.Helper()
	o := ebpf.RunOptions{Data: p.first, DataOut: make([]byte, 4096)}
	verdict, err := p.program.Run(&o)
	switch {
	case err != nil:
		t.Fatal(err)
	case verdict == xdpDrop:
		return nil
	case verdict != xdpRedirect:
		t.Fatalf("verdict %d", verdict)
	}
	return o.DataOut
}

// Frames are the cards in turn, with the next sequence and the time; whatever
// was in the kernel's frame before is gone.
func TestFramesAreTheCards(t *testing.T) {
	for _, tc := range []struct {
		name  string
		cards []*frame.Card
	}{
		{"one", cards(t, 1, false, 1, 64)},
		{"odd", cards(t, 1, false, 1, 77)},
		{"flows", cards(t, 1, false, 50, 64)},
		{"IPv6", cards(t, 1, true, 3, 84)},
		{"long", cards(t, 1, false, 3, 1518)},
		{"mixed", cards(t, 1, false, 2, 64, 576, 1518, 65)},
		{"the longest", cards(t, 1, false, 1, MaxFrame+frame.FCSLen)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, table := load(t, rules, []Stream{{Number: 1, Cards: tc.cards, Interval: 1000}})
			for i := range p.first {
				p.first[i] = 0xa5
			}
			for seq := range 2*len(tc.cards) + 1 {
				before := time.Now().UnixNano()
				got := next(t, p)
				sig, verdict := frame.Parse(got)
				if verdict != frame.Whole || int(sig.Seq) != seq || sig.Stream != 1 || sig.Sent < before-int64(rules.Tolerated) || sig.Sent > time.Now().UnixNano() {
					t.Fatalf("frame %d: %+v, %v", seq, sig, verdict)
				}
				want := tc.cards[seq%len(tc.cards)].Copy(make([]byte, 4096), sig.Seq, sig.Sent)
				if !bytes.Equal(got, want) {
					t.Fatalf("frame %d:\n%x, want\n%x", seq, got, want)
				}
				if sent := table.Entry(1).Sent.Load(); sent != uint64(seq+1) {
					t.Fatalf("%d sent after frame %d", sent, seq)
				}
			}
			r := p.Report(0)
			if r.Sent != uint64(2*len(tc.cards)+1) || r.First > r.Last || r.First < time.Now().Add(-time.Minute).UnixNano() || r.Last > time.Now().UnixNano() || r.Expired {
				t.Errorf("%+v", r)
			}
		})
	}
}

// slotted is a frame of the model: when it is due.
type slotted struct {
	due    float64
	stream uint16
	seq    uint64
}

// Streams of several rates and counts leave in the order in which a model has
// them due, the streams of one rate and count in turn, and each as often as it
// is to.
func TestOrderIsTheModels(t *testing.T) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 7))
		var streams []Stream
		groups := 1 + rng.IntN(6)
		for g := range groups {
			// Far enough apart to be told from each other, whatever is rounded.
			s := Stream{Interval: float64(20_000 + 7_919*g), Frames: uint64(5 + rng.IntN(30))}
			if rng.IntN(2) == 0 {
				s.Burst, s.Extra = uint64(1+rng.IntN(8)), float64(rng.IntN(300_000))+0.25
			}
			for range 1 + rng.IntN(4) {
				s.Number = uint16(len(streams) + 1)
				s.Cards = cards(t, s.Number, false, 1+rng.IntN(3), 64)
				streams = append(streams, s)
			}
		}
		rng.Shuffle(len(streams), func(i, j int) { streams[i], streams[j] = streams[j], streams[i] })
		var want []slotted
		for g, indices := range grouped(streams) {
			s := streams[indices[0]]
			step := s.Interval / float64(len(indices))
			for slot := range s.Frames * uint64(len(indices)) {
				seq := slot / uint64(len(indices))
				due := math.Floor(step*float64(g)/float64(len(grouped(streams)))) + float64(slot)*step
				if s.Burst > 0 {
					due += float64(seq/s.Burst) * s.Extra
				}
				want = append(want, slotted{due, streams[indices[slot%uint64(len(indices))]].Number, seq})
			}
		}
		slices.SortStableFunc(want, func(a, b slotted) int { return cmp.Compare(a.due, b.due) })
		patient := rules
		patient.Credit = time.Second // a stall of this test is not to change the order
		p, _ := load(t, patient, streams)
		for i := range want {
			w := want[i]
			(*p.header()).epoch = uint64(monotonic() - int64(w.due) - 10_000)
			sig, _ := frame.Parse(next(t, p))
			// Times are rounded to nanoseconds: what is due in the same one may change places.
			if i+1 < len(want) && sig.Stream == want[i+1].stream && want[i+1].due-w.due < 3 {
				want[i], want[i+1] = want[i+1], w
				w = want[i]
			}
			if sig.Stream != w.stream || uint64(sig.Seq) != w.seq {
				t.Fatalf("seed %d, frame %d: stream %d, sequence %d; want %+v", seed, i, sig.Stream, sig.Seq, w)
			}
		}
		if !p.done() || try(t, p) != nil {
			t.Errorf("seed %d: it goes on", seed)
		}
	}
}

// A pump that stood still sends at once what fits its credit and then a little
// faster than the rate, and remembers which frames of which stream were late.
func TestStall(t *testing.T) {
	for range 50 {
		if stalled(t) {
			return
		}
	}
	t.Fatal("this machine is too busy: the test itself stalled 50 times")
}

// stalled says that the test itself did not stall, so that it could judge.
func stalled(t *testing.T) bool {
	const interval, streams = 100_000, 2 // a slot every 50 µs
	var all []Stream
	for n := range uint16(streams) {
		all = append(all, Stream{Number: n + 1, Cards: cards(t, n+1, false, 1, 64), Interval: interval})
	}
	p, _ := load(t, rules, all)
	steady := true
	sendAt := func(elapsed int64) {
		p.header().epoch = uint64(monotonic() - elapsed)
		next(t, p)
		steady = steady && monotonic()-int64(p.header().epoch) < elapsed+int64(rules.Tolerated)/4
	}
	due := func() int64 { return int64(p.groups[0].due) }
	for range 100 {
		sendAt(due() + 1000)
	}
	const stall = int64(50 * time.Millisecond)
	now, burst := due()+stall, 0
	for ; due() <= now; burst++ { // what is due at once
		sendAt(now)
	}
	before := due()
	sendAt(before + 1000)
	step := due() - before
	if !steady {
		return false
	}
	// Up to a quarter of the credit more passes while this is done.
	if least, most := int(int64(rules.Credit)/40_000), int(int64(rules.Credit)*5/4/40_000)+2; burst < least || burst > most {
		t.Errorf("a burst of %d frames, want %d to %d", burst, least, most)
	}
	if step != 40_000 {
		t.Errorf("it catches up in steps of %d ns, want 40000", step)
	}
	for i := range all {
		worst, stalls := p.Lateness(i, 0)
		if worst > rules.Tolerated || len(stalls) != 1 || stalls[0].First != 50 || stalls[0].Late < time.Duration(stall) || stalls[0].Late > time.Duration(stall)+rules.Tolerated {
			t.Fatalf("stream %d: worst %v, %+v", i, worst, stalls)
		}
		if r := p.Report(i); r.Sent-1 != stalls[0].Last || r.Worst != stalls[0].Late {
			t.Errorf("stream %d: %+v, %+v", i, r, stalls)
		}
	}
	return true
}

// A stream whose time is over ends, and says that frames were left.
func TestOverrun(t *testing.T) {
	p, table := load(t, rules, []Stream{{Number: 1, Cards: cards(t, 1, false, 1, 64), Interval: 1e6, Frames: 10}})
	next(t, p)
	p.header().epoch = uint64(monotonic() - int64(rules.Overrun) - 10e6 - 1)
	if try(t, p) != nil || !p.done() || !p.Report(0).Expired || table.Entry(1).Sent.Load() != 1 {
		t.Errorf("%+v, done %v", p.Report(0), p.done())
	}
}

func TestStop(t *testing.T) {
	p, _ := load(t, rules, []Stream{{Number: 1, Cards: cards(t, 1, false, 1, 64), Interval: 1}})
	next(t, p)
	p.Stop()
	if try(t, p) != nil || !p.done() {
		t.Error("it goes on")
	}
}

func TestRefusals(t *testing.T) {
	for _, tc := range []struct {
		cards []*frame.Card
		want  string
	}{
		{cards(t, 1, false, 1, 9000), "live frames: a frame of 9000 bytes does not fit a page (3404 at most)"},
	} {
		if _, err := New(loopback, rules, 0, []Stream{{Number: 1, Cards: tc.cards, Interval: 1}}); err == nil || err.Error() != tc.want {
			t.Errorf("error %v, want %q", err, tc.want)
		}
	}
}

// The wall clock ahead of the monotonic one is found to a fraction of a
// microsecond.
func TestWallAhead(t *testing.T) {
	spread := int64(0)
	first := wallAhead()
	for range 20 {
		spread = max(spread, max(wallAhead()-first, first-wallAhead()))
	}
	if spread > 1000 {
		t.Errorf("it moves by %d ns", spread)
	}
}

func BenchmarkProgram(b *testing.B) {
	for _, tc := range []struct {
		streams, size int
	}{{1, 64}, {1000, 64}, {1, 1518}} {
		b.Run(fmt.Sprintf("streams=%d/size=%d", tc.streams, tc.size), func(b *testing.B) {
			var streams []Stream
			for n := range uint16(tc.streams) {
				streams = append(streams, Stream{Number: n + 1, Cards: cards(b, n+1, false, 1, tc.size), Interval: 1})
			}
			p, _ := load(b, rules, streams)
			const repeat = 1_000_000
			total := time.Duration(0)
			for b.Loop() {
				_, took, err := p.program.Benchmark(p.first, repeat, nil)
				if err != nil {
					b.Fatal(err)
				}
				total += took
			}
			b.ReportMetric(float64(total.Nanoseconds())/float64(b.N), "ns/frame")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func monotonic() int64 {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return ts.Nano()
}
