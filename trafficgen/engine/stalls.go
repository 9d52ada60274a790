package engine

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// tolerated is a lateness of the transmitter that is no stall.
const tolerated = time.Millisecond

// maxStalls bounds the memory for stalls; later ones join the last.
const maxStalls = 1000

// A stall is a row of frames that left late: after their slot by up to late.
type stall struct {
	first, last uint64
	late        time.Duration
}

// lateness remembers how far frames left from their slots.
type lateness struct {
	worst time.Duration // of frames that were not in a stall

	mu     sync.Mutex // taken while frames leave late, or others look
	stalls []stall
}

func (l *lateness) note(seq uint64, late time.Duration) {
	if late <= tolerated {
		l.worst = max(l.worst, late)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.stalls); n > 0 && (l.stalls[n-1].last+1 == seq || n == maxStalls) {
		s := &l.stalls[n-1]
		s.last, s.late = seq, max(s.late, late)
		return
	}
	l.stalls = append(l.stalls, stall{first: seq, last: seq, late: late})
}

// max is the worst lateness of any frame.
func (l *lateness) max() time.Duration {
	worst := l.worst
	for _, s := range l.stalls {
		worst = max(worst, s.late)
	}
	return worst
}

// around is the worst lateness of the frames of a gap and the two beside it.
func (l *lateness) around(g gap) time.Duration {
	worst := l.worst
	for _, s := range l.stalls {
		if s.first <= g.first+g.n && s.last+1 >= g.first {
			worst = max(worst, s.late)
		}
	}
	return worst
}

// matter are the stalls that may matter, longest first, at most so many: the
// shorter ones are told as one that is all of them.
func (l *lateness) matter(most int) []stall {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []stall
	for _, s := range l.stalls {
		if s.late > stallMatters {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b stall) int { return cmp.Compare(b.late, a.late) })
	if len(all) <= most {
		return all
	}
	rest := &all[most-1]
	for _, s := range all[most:] {
		rest.first, rest.last = min(rest.first, s.first), max(rest.last, s.last)
	}
	return all[:most]
}

// set replaces what the transmitter has not noted itself.
func (l *lateness) set(worst time.Duration, stalls []stall) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.worst, l.stalls = worst, stalls
}

// stalled are the flow's stalls as they are told, at most so many, sequences
// being due as at says.
func (f *flow) stalled(most int, at func(seq uint64) time.Time) (stalls []trafficgen.Stall) {
	for _, s := range f.late.matter(most) {
		last := s.last + f.behind()
		stalls = append(stalls, trafficgen.Stall{
			FirstSeq: s.first - min(s.first, f.inHand()), LastSeq: last,
			Start: at(s.first), End: at(last), Late: s.late,
		})
	}
	return stalls
}

// inHand is how many frames may be stamped, and so have left in time by the
// records, when the transmitter stands still: a batch of those that were due.
func (f *flow) inHand() uint64 {
	return 1 + uint64(min(float64(credit)/f.interval, maxBatch-1))
}

// behind is how many frames it takes to catch up with a lateness that is
// tolerated, and the next, which may find the way still full.
func (f *flow) behind() uint64 {
	return 1 + uint64(math.Ceil(float64(tolerated)/(f.interval*(1-catchUp))))
}
