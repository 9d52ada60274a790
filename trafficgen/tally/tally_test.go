package tally

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
)

const (
	run     = 0xbeef
	half    = 7
	buckets = 31 << half
)

// load makes a table whose program the kernel runs on frames that a test hands
// it.
func load(t testing.TB, v variant, specs ...Spec) *Trial {
	t.Helper()
	for i := range specs {
		specs[i].Deep = v.deep
	}
	table, err := NewTrial(run, specs, v.native)
	switch {
	case errors.Is(err, os.ErrPermission) && os.Getenv("CI") != "true":
		t.Skipf("SKIPPED, NOT TESTED: %v", err)
	case err != nil: // or the kernel refuses the program
		t.Fatalf("NOT TESTED: %v", err)
	}
	t.Cleanup(func() {
		if err := table.Close(); err != nil {
			t.Error(err)
		}
	})
	return table
}

// A variant is a program: where it is put, and whether it looks into tunnels.
type variant struct{ native, deep bool }

// kinds runs a test with all programs: they are to differ in nothing but their
// speed and what they look into.
func kinds(t *testing.T, test func(t *testing.T, v variant)) {
	t.Run("filter", func(t *testing.T) { test(t, variant{}) })
	t.Run("native", func(t *testing.T) { test(t, variant{native: true}) })
	t.Run("deep filter", func(t *testing.T) { test(t, variant{deep: true}) })
	t.Run("deep native", func(t *testing.T) { test(t, variant{native: true, deep: true}) })
}

func deckOf(t testing.TB, v6 bool, size int, stream uint16) *frame.Deck {
	t.Helper()
	s := trafficgen.Stream{Name: "s", Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2"), Size: size}
	if v6 {
		s.Src, s.Dst = netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	}
	deck, err := frame.New(s, net.HardwareAddr{2, 0, 0, 0, 0, 1}, net.HardwareAddr{2, 0, 0, 0, 0, 2}, frame.ID{Run: run, Stream: stream})
	if err != nil {
		t.Fatal(err)
	}
	return deck
}

// counted runs the program on a frame and says whether it took it out.
func counted(t testing.TB, table *Trial, b []byte) bool {
	t.Helper()
	yes, err := table.Try(b)
	if err != nil {
		t.Fatal(err)
	}
	return yes
}

// spreadsOf is how many flows of several have delays of their own in tests: all
// but the last.
func spreadsOf(flows int) int { return max(0, flows-1) }

// begun is a table of one stream that is being counted.
func begun(t testing.TB, v variant, deck *frame.Deck, sent uint64) (*Trial, *Entry) {
	t.Helper()
	table := load(t, v, Spec{Stream: 3, Span: 4096, Half: half, Buckets: buckets, Flows: deck.Flows(), Spreads: spreadsOf(deck.Flows())})
	e := table.Entry(3)
	if !e.Begin(deck) {
		t.Fatal("the stream is refused")
	}
	e.Sent.Store(sent)
	return table, e
}

// The 32 bits of the wire are extended to the sequence that is nearest to the
// next one.
func TestSequencesWrap(t *testing.T) { kinds(t, sequencesWrap) }

func sequencesWrap(t *testing.T, v variant) {
	deck := deckOf(t, false, 64, 3)
	table, e := begun(t, v, deck, 1<<40)
	e.record.Next = 1<<32 - 5
	e.Settle(1<<32 - 4096)
	for seq := uint64(1<<32 - 5); seq < 1<<32+5; seq++ {
		counted(t, table, deck.Card(0).Copy(make([]byte, 100), uint32(seq), time.Now().UnixNano()))
	}
	if c := e.Counters(); c.Next != 1<<32+5 || c.Received != 10 || c.Reordered != 0 {
		t.Errorf("%+v", c)
	}
}

// Whatever is not an intact frame of the stream passes and counts nowhere.
func TestOthersPass(t *testing.T) { kinds(t, othersPass) }

func othersPass(t *testing.T, v variant) {
	deck := deckOf(t, false, 400, 3)
	table, e := begun(t, v, deck, 10)
	whole := deck.Card(0).Copy(make([]byte, 400), 0, time.Now().UnixNano())
	damagedPass(t, table, whole)
	// The Ethernet addresses and fields of IP that nothing here covers may
	// differ; those frames are all copies of one.
	if c := e.Counters(); c.Received != 1 {
		t.Errorf("%+v", c)
	}
	if counted(t, table, deck.Learning().Copy(make([]byte, 400), 0, 0)) {
		t.Error("a learning frame was counted")
	}
	for _, n := range []int{14, 59, 60, 200, len(whole) - 1} {
		if counted(t, table, whole[:n]) {
			t.Errorf("the first %d bytes were counted", n)
		}
	}
	if counted(t, table, deck.Card(0).Copy(make([]byte, 400), 10, 0)) {
		t.Error("a sequence that was never sent was counted")
	}
	if other := deckOf(t, false, 400, 2); counted(t, table, other.Card(0).Copy(make([]byte, 400), 0, 0)) {
		t.Error("a frame of a stream without an entry was counted")
	}
}

// damagedPass damages each byte of a frame of stream 3.
func damagedPass(t *testing.T, table *Trial, whole []byte) {
	t.Helper()
	for at := range whole {
		for _, bit := range []byte{1, 0x80} {
			b := append([]byte(nil), whole...)
			b[at] ^= bit
			sig, verdict := frame.Parse(b)
			ours := verdict == frame.Whole && sig.Run == run && sig.Stream == 3 && !sig.Learning
			if counted(t, table, b) && !ours {
				t.Errorf("bit %#x of byte %d is wrong, yet it was counted", bit, at)
			}
		}
	}
}

// What a checksum over 16 bits cannot see is seen: words that changed places.
func TestSwappedPaddingPasses(t *testing.T) { kinds(t, swappedPaddingPasses) }

func swappedPaddingPasses(t *testing.T, v variant) {
	deck := deckOf(t, true, 700, 3)
	table, e := begun(t, v, deck, 10)
	b := deck.Card(0).Copy(make([]byte, 700), 0, 0)
	i, j := len(b)-6, len(b)-4
	b[i], b[i+1], b[j], b[j+1] = b[j], b[j+1], b[i], b[i+1]
	if _, v := frame.Parse(b); v != frame.Damaged {
		t.Fatal(v)
	}
	if counted(t, table, b) || e.Counters().Received != 0 {
		t.Error("it was counted")
	}
}

// A sequence for whose bit there is no room passes, and from then on the whole
// stream does, in order: the reader goes on where the program stopped.
func TestNoRoomHandsOver(t *testing.T) { kinds(t, noRoomHandsOver) }

func noRoomHandsOver(t *testing.T, v variant) {
	deck := deckOf(t, false, 64, 3)
	table, e := begun(t, v, deck, 1<<40)
	at := func(seq uint32) bool {
		return counted(t, table, deck.Card(0).Copy(make([]byte, 100), seq, time.Now().UnixNano()))
	}
	if !at(0) || !at(8191) || at(8192) || at(1) || at(8190) {
		t.Error("8192 is beyond the room of 8192 sequences; only 0 and 8191 could be counted")
	}
	if c := e.Counters(); c.Received != 2 || c.Next != 8192 {
		t.Errorf("%+v", c)
	}
}

func TestStopped(t *testing.T) { kinds(t, stopped) }

func stopped(t *testing.T, v variant) {
	deck := deckOf(t, false, 64, 3)
	table, e := begun(t, v, deck, 10)
	e.Stop()
	if counted(t, table, deck.Card(0).Copy(make([]byte, 100), 0, 0)) {
		t.Error("a frame of a stopped stream was counted")
	}
}

// Delays are summed up, bounded, put in their buckets and give RFC 3550's
// jitter.
func TestDelays(t *testing.T) { kinds(t, delays) }

func delays(t *testing.T, v variant) {
	deck := deckOf(t, false, 64, 3)
	table, e := begun(t, v, deck, 1<<40)
	rng := rand.New(rand.NewPCG(1, 1))
	want, jitter := Counters{DelayMin: math.MaxInt64}, 0.0
	for seq := range uint32(2000) {
		before := time.Now().UnixNano()
		ago := uint64(1) << rng.IntN(40)
		counted(t, table, deck.Card(0).Copy(make([]byte, 100), seq, before-int64(ago)))
		got := e.Counters()
		d := got.DelayLast
		if took := time.Now().UnixNano() - before; d < ago || d > ago+uint64(took) {
			t.Fatalf("sent %v ago, measured %v, though it took %v", time.Duration(ago), time.Duration(d), time.Duration(took))
		}
		if seq > 0 {
			step := max(d, want.DelayLast) - min(d, want.DelayLast)
			jitter += (float64(step) - jitter) / 16
			want.StepSum, want.StepMax = want.StepSum+step, max(want.StepMax, step)
		}
		want.DelayLast = d
		want.DelaySum += d
		want.DelayMin, want.DelayMax = min(want.DelayMin, d), max(want.DelayMax, d)
		if math.Abs(got.Jitter()-jitter) > 1 {
			t.Fatalf("jitter %v, want %v", got.Jitter(), jitter)
		}
		got.jitter, got.Next, got.Received = 0, 0, 0
		if got != want {
			t.Fatalf("%+v, want %+v", got, want)
		}
		v := min(max(d, 1), uint64(MaxDelay))
		i := bucket(v, half)
		if e.Delays[i] == 0 {
			t.Fatalf("%d ns is not in bucket %d", v, i)
		}
		e.Delays[i]--
	}
	counted(t, table, deck.Card(0).Copy(make([]byte, 100), 2000, time.Now().Add(time.Hour).UnixNano()))
	if c := e.Counters(); c.DelayLast != 0 || c.DelayMin != 0 {
		t.Errorf("a frame from the future: %+v", c)
	}
}

// Frames that the program cannot verify as the reader does are refused.
func TestUnverifiableStreamIsRefused(t *testing.T) { kinds(t, unverifiableStreamIsRefused) }

func unverifiableStreamIsRefused(t *testing.T, v variant) {
	table := load(t, v, Spec{Stream: 3, Span: 64, Half: half, Buckets: buckets})
	for size := 65; size <= 68; size++ {
		if table.Entry(3).Begin(deckOf(t, false, size, 3)) {
			t.Errorf("a frame of %d bytes has words behind the signature that nothing checks", size)
		}
	}
	if table.Entry(1) != nil {
		t.Error("an entry for a stream that was not asked for")
	}
	if _, err := New(run, []Spec{{Stream: 1, Span: 100}}); err == nil {
		t.Error("a span of 100 was taken")
	}
}

// The programs that go to sockets are loaded too.
func TestSocketFilterLoads(t *testing.T) {
	for _, deep := range []bool{false, true} {
		table := load(t, variant{deep: deep}, Spec{Stream: 1, Span: 64, Half: half, Buckets: buckets})
		p, err := table.Filter(0)
		if err != nil || p.FD() <= 0 {
			t.Error(err, "no program")
		}
	}
}

func BenchmarkProgram(b *testing.B) {
	for _, tc := range []struct {
		v    variant
		size int
	}{{variant{}, 64}, {variant{native: true}, 64}, {variant{native: true, deep: true}, 64}, {variant{}, 1518}, {variant{native: true}, 1518}} {
		b.Run(fmt.Sprintf("native=%v/deep=%v/size=%d", tc.v.native, tc.v.deep, tc.size), func(b *testing.B) {
			deck := deckOf(b, false, tc.size, 3)
			table, e := begun(b, tc.v, deck, 1<<40)
			data := deck.Card(0).Copy(make([]byte, tc.size), 0, time.Now().UnixNano())
			if !counted(b, table, data) {
				b.Fatal("not counted")
			}
			// A repeated frame is a copy: all but its delay is done.
			const repeat = 1_000_000
			var total time.Duration
			for b.Loop() {
				_, took, err := table.program.Benchmark(data, repeat, nil)
				if err != nil {
					b.Fatal(err)
				}
				total += took
			}
			b.ReportMetric(float64(total.Nanoseconds())/float64(b.N), "ns/frame")
			b.ReportMetric(0, "ns/op")
			if e.Counters().Duplicate == 0 {
				b.Error("nothing was counted")
			}
		})
	}
}
