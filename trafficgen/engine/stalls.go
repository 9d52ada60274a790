package engine

import "time"

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
	worst  time.Duration // of frames that were not in a stall
	stalls []stall
}

func (l *lateness) note(seq uint64, late time.Duration) {
	if late <= tolerated {
		l.worst = max(l.worst, late)
		return
	}
	if n := len(l.stalls); n > 0 && (l.stalls[n-1].last+1 == seq || n == maxStalls) {
		s := &l.stalls[n-1]
		s.last, s.late = seq, max(s.late, late)
		return
	}
	l.stalls = append(l.stalls, stall{seq, seq, late})
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
