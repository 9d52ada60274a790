package engine

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"testing"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/tally"
)

// delegated is a tracker for which a program in the kernel counts.
func delegated(t *testing.T, sent uint64) (*tracker, *tally.Trial, *frame.Deck) {
	t.Helper()
	id := frame.ID{Run: 1, Stream: 1}
	tr := newTracker(1, 2) // a window of 4096
	table, err := tally.NewTrial(id.Run, []tally.Spec{{Stream: 1, Span: tr.span, Half: tr.delay.hist.Half, Buckets: len(tr.delay.hist.Counts), Flows: flowsOfTest, Spreads: flowsOfTest - 7}}, true)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("NOT TESTED: %v", err)
		}
		t.Skipf("SKIPPED, NOT TESTED: %v", err)
	}
	t.Cleanup(func() { table.Close() })
	deck, err := frame.New(trafficgen.Stream{Name: "s", Size: 64, Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2")},
		net.HardwareAddr{2, 0, 0, 0, 0, 1}, net.HardwareAddr{2, 0, 0, 0, 0, 2}, id)
	if err != nil {
		t.Fatal(err)
	}
	e := table.Entry(1)
	if !e.Begin(deck) {
		t.Fatal("the stream is refused")
	}
	e.Sent.Store(sent)
	tr.adopt(e)
	tr.settled.perFlow(flowsOfTest)
	return tr, table, deck
}

// A tracker that reads what the kernel counts agrees with the model, in the
// middle as well as in the end, and goes on for itself from where the program
// stopped: after a jump that it has no room for, or a frame that it does not
// understand.
func TestDelegatedTrackerAgreesWithTheModel(t *testing.T) {
	var stayed, tookOver int
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 3))
			sent := 1 + rng.IntN(15_000)
			order := randomArrivals(rng, sent, minWindow/2-64)
			strange := rng.IntN(4 * len(order)) // the arrival that the program does not understand
			if seed%4 == 1 {
				order = jump(order, uint64(sent/2), 20_000)
				sent += 20_000
			}
			tr, table, deck := delegated(t, uint64(sent))
			m, buf := &model{seen: map[uint64]bool{}}, make([]byte, 100)
			for i, seq := range order {
				counted, err := false, error(nil)
				if i != strange {
					counted, err = table.Try(deck.Card(0).Copy(buf, uint32(seq), 1))
				}
				if err != nil {
					t.Fatal(err)
				}
				if !counted {
					tr.arrive(uint32(seq), 1, 5, uint64(sent))
				}
				m.account(seq)
				if i%401 == 0 {
					tr.settle()
				}
				if i%1999 == 0 {
					compare(t, tr.read(), m, m.next)
				}
			}
			compare(t, tr.read(), m, uint64(sent))
			if tr.kernel == nil {
				tookOver++
			} else {
				stayed++
			}
		})
	}
	if stayed == 0 || tookOver == 0 {
		t.Errorf("%d stayed in the kernel, %d were taken over", stayed, tookOver)
	}
}

// read is the tracker with the kernel's counters in it.
func (t *tracker) read() *tracker {
	t.pull()
	return t
}

// jump puts a gap before the sequences from at on, which all arrive after
// those before it.
func jump(order []uint64, at, by uint64) (jumped []uint64) {
	var late []uint64
	for _, seq := range order {
		if seq < at {
			jumped = append(jumped, seq)
		} else {
			late = append(late, seq+by)
		}
	}
	return append(jumped, late...)
}
