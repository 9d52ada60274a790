package tally

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen/frame"
)

// model is the accounting as its definition reads, with unbounded memory.
type model struct {
	seen  map[uint64]bool
	last  int64 // delay of the frame before
	steps uint64
	want  Counters
	flows []Flow // if there are several, without delays
}

func newModel(deck *frame.Deck) *model {
	m := &model{seen: map[uint64]bool{}}
	if n := deck.Flows(); n > 1 {
		m.flows = make([]Flow, n)
	}
	return m
}

// flow is that of a sequence, or one that nobody looks at.
func (m *model) flow(seq uint64) *Flow {
	if m.flows == nil {
		return &Flow{}
	}
	return &m.flows[seq%uint64(len(m.flows))]
}

func (m *model) arrive(seq uint64) {
	w := &m.want
	switch {
	case seq+4096 < (w.Next+63)&^63: // given up
	case m.seen[seq]:
		w.Duplicate++
		m.flow(seq).Duplicate++
	default:
		m.seen[seq] = true
		m.flow(seq).arrive(seq)
		w.Received++
		if seq < w.Next {
			w.Reordered++
			w.Extent = max(w.Extent, w.Next-1-seq)
		} else {
			w.Next = seq + 1
		}
	}
}

// arrive counts a frame that has not come before.
func (f *Flow) arrive(seq uint64) {
	f.Received++
	if seq < f.Next {
		f.Reordered++
		f.Extent = max(f.Extent, f.Next-1-seq)
	} else {
		f.Next = seq + 1
	}
}

// agree checks the flows of the program, whose delays come to the stream's.
func (m *model) agree(t *testing.T, flows []Flow, all Counters) {
	t.Helper()
	sum, least, most := uint64(0), int64(math.MaxInt64), int64(0)
	for i, got := range flows {
		sum += got.DelaySum
		least, most = min(least, int64(got.DelayMin)), max(most, int64(got.DelayMax))
		got.DelaySum, got.DelayMin, got.DelayMax = 0, 0, 0
		if got != m.flows[i] {
			t.Fatalf("flow %d: %+v, the model says %+v", i, got, m.flows[i])
		}
	}
	if len(flows) != len(m.flows) || flows != nil && (sum != all.DelaySum || least != all.DelayMin || most != all.DelayMax) {
		t.Errorf("delays of %d flows sum up to %d, %d to %d; those of the stream: %+v", len(flows), sum, least, most, all)
	}
}

// step takes the program's word for the delay, as that of the next frame if
// there was one, but not for how it differs from the one before.
func (m *model) step(got Counters) {
	if m.want.Received > m.steps+1 {
		d := max(got.DelayLast-m.last, m.last-got.DelayLast)
		m.want.StepSum += uint64(d)
		m.want.StepMax = max(m.want.StepMax, d)
		m.steps++
	}
	m.last = got.DelayLast
}

// next is a random arrival: mostly the next frame, else a gap, a copy or a
// late one of any age.
func (m *model) random(rng *rand.Rand) uint64 {
	n := m.want.Next
	switch rng.IntN(10) {
	case 0:
		return n + uint64(rng.IntN(100))
	case 1, 2:
		return n - min(n, uint64(rng.IntN(50)))
	case 3:
		return n - min(n, uint64(rng.IntN(6000)))
	}
	return n
}

// settle clears what no longer counts, as a reader of the table does, and
// checks it against the model.
func (m *model) settle(t *testing.T, e *Entry, from uint64) uint64 {
	t.Helper()
	base := max((m.want.Next+63)&^63, 4096) - 4096
	for at := from; at < base; at += 64 {
		word := &e.Window[at/64%uint64(len(e.Window))]
		for i := range uint64(64) {
			if got := *word>>i&1 == 1; got != m.seen[at+i] {
				t.Fatalf("sequence %d came: %v, the model says %v", at+i, got, m.seen[at+i])
			}
		}
		*word = 0
	}
	e.Settle(base)
	return base
}

// The program agrees with the model in every counter and every bit of the
// window, for random arrivals many times the window long.
func TestProgramAgreesWithTheModel(t *testing.T) { kinds(t, programAgreesWithTheModel) }

func programAgreesWithTheModel(t *testing.T, native bool) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 2))
			deck := deckOf(t, seed%2 == 1, []int{64, 84, 100, 1518}[seed%4/2*2+seed%2], 3)
			if seed%3 == 2 {
				deck = mixed(t)
			}
			agree(t, native, deck, rng, 12_000)
		})
	}
}

// agree has the program and the model count n random arrivals.
func agree(t *testing.T, native bool, deck *frame.Deck, rng *rand.Rand, n int) {
	t.Helper()
	table, e := begun(t, native, deck, 1<<40)
	m, buf, base := newModel(deck), make([]byte, 2000), uint64(0)
	for i := range n {
		seq := m.random(rng)
		if !counted(t, table, deck.For(seq).Copy(buf, uint32(seq), time.Now().UnixNano())) {
			t.Fatalf("sequence %d was let pass", seq)
		}
		m.arrive(seq)
		got := e.Counters()
		m.want.DelaySum, m.want.DelayMin, m.want.DelayMax = got.DelaySum, got.DelayMin, got.DelayMax
		m.want.DelayLast, m.want.Jitter = got.DelayLast, got.Jitter
		m.step(got)
		if got != m.want {
			t.Fatalf("after %d frames, the last %d: %+v, the model says %+v", i+1, seq, got, m.want)
		}
		if i%500 == 0 {
			base = m.settle(t, e, base)
		}
	}
	m.settle(t, e, base)
	m.agree(t, e.Flows, m.want)
	total := uint64(0)
	for _, n := range e.Delays {
		total += n
	}
	if m.want.Duplicate == 0 || m.want.Reordered == 0 || total != m.want.Received {
		t.Errorf("%+v, %d delays", m.want, total)
	}
}
