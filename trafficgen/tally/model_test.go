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
	last  uint64 // delay of the frame before
	steps uint64
	want  Counters
	flows []flowModel // if there are several
}

// flowModel is a flow as its definition reads.
type flowModel struct {
	want   Counters // without what follows from the delays
	delays []uint64 // in order of arrival
}

func newModel(deck *frame.Deck) *model {
	m := &model{seen: map[uint64]bool{}}
	if n := deck.Flows(); n > 1 {
		m.flows = make([]flowModel, n)
	}
	return m
}

// flow is that of a sequence, or one that nobody looks at.
func (m *model) flow(seq uint64) *flowModel {
	if m.flows == nil {
		return &flowModel{}
	}
	return &m.flows[seq%uint64(len(m.flows))]
}

// arrive counts a frame. Its delay is what the program says of the last one.
func (m *model) arrive(seq, delay uint64) {
	w := &m.want
	switch {
	case seq+4096 < (w.Next+63)&^63: // given up
	case m.seen[seq]:
		w.Duplicate++
		m.flow(seq).want.Duplicate++
	default:
		m.seen[seq] = true
		m.flow(seq).arrive(seq, delay)
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
func (f *flowModel) arrive(seq, delay uint64) {
	w := &f.want
	w.Received++
	if seq < w.Next {
		w.Reordered++
		w.Extent = max(w.Extent, w.Next-1-seq)
	} else {
		w.Next = seq + 1
	}
	f.delays = append(f.delays, delay)
}

// counters are what the flow's are to be, but for the jitter, which is returned
// by itself.
func (f *flowModel) counters() (c Counters, jitter float64) {
	c = f.want
	c.DelayMin = math.MaxInt64
	for i, d := range f.delays {
		c.DelaySum += d
		c.DelayMin, c.DelayMax, c.DelayLast = min(c.DelayMin, d), max(c.DelayMax, d), d
		if i > 0 {
			step := math.Abs(float64(d) - float64(f.delays[i-1]))
			c.StepSum, c.StepMax = c.StepSum+uint64(step), max(c.StepMax, uint64(step))
			jitter += (step - jitter) / 16
		}
	}
	return c, jitter
}

// agree checks the flows of the program.
func (m *model) agree(t *testing.T, e *Entry) {
	t.Helper()
	if len(e.Flows) != len(m.flows) || e.Spreads.Len() != spreadsOf(len(m.flows)) {
		t.Fatalf("%d flows, %d spreads, the model has %d flows", len(e.Flows), e.Spreads.Len(), len(m.flows))
	}
	for i, got := range e.Flows {
		want, jitter := m.flows[i].counters()
		if math.Abs(got.Jitter()-jitter) > 1 {
			t.Fatalf("flow %d: a jitter of %v, the model says %v", i, got.Jitter(), jitter)
		}
		got.jitter = 0
		if got != want {
			t.Fatalf("flow %d: %+v, the model says %+v", i, got, want)
		}
		if i >= e.Spreads.Len() {
			continue
		}
		if got, want := e.Spreads.of(i), spreadOf(m.flows[i].delays); got != want {
			t.Fatalf("flow %d: delays of %v, the model says %v", i, got, want)
		}
	}
}

// step takes the program's word for the delay, as that of the next frame if
// there was one, but not for how it differs from the one before.
func (m *model) step(got Counters) {
	if m.want.Received > m.steps+1 {
		d := max(got.DelayLast, m.last) - min(got.DelayLast, m.last)
		m.want.StepSum += d
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

func programAgreesWithTheModel(t *testing.T, v variant) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 2))
			deck := deckOf(t, seed%2 == 1, []int{64, 84, 100, 1518}[seed%4/2*2+seed%2], 3)
			if seed%3 == 2 {
				deck = mixed(t)
			}
			agree(t, v, deck, rng, 12_000)
		})
	}
}

// agree has the program and the model count n random arrivals.
func agree(t *testing.T, v variant, deck *frame.Deck, rng *rand.Rand, n int) {
	t.Helper()
	table, e := begun(t, v, deck, 1<<40)
	m, buf, base := newModel(deck), make([]byte, 2000), uint64(0)
	ages := rand.New(rand.NewPCG(uint64(n), 1))
	for i := range n {
		seq := m.random(rng)
		ago := int64(1) << ages.IntN(36)
		if !counted(t, table, deck.For(seq).Copy(buf, uint32(seq), time.Now().UnixNano()-ago)) {
			t.Fatalf("sequence %d was let pass", seq)
		}
		got := e.Counters()
		m.arrive(seq, got.DelayLast)
		m.want.DelaySum, m.want.DelayMin, m.want.DelayMax = got.DelaySum, got.DelayMin, got.DelayMax
		m.want.DelayLast, m.want.jitter = got.DelayLast, got.jitter
		m.step(got)
		if got != m.want {
			t.Fatalf("after %d frames, the last %d: %+v, the model says %+v", i+1, seq, got, m.want)
		}
		if i%500 == 0 {
			base = m.settle(t, e, base)
		}
	}
	m.settle(t, e, base)
	m.agree(t, e)
	total := uint64(0)
	for _, n := range e.Delays {
		total += n
	}
	if m.want.Duplicate == 0 || m.want.Reordered == 0 || total != m.want.Received {
		t.Errorf("%+v, %d delays", m.want, total)
	}
}
