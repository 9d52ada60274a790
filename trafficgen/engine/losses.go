package engine

import (
	"math/bits"
	"slices"
)

// maxOutages is how many of a stream's outages are kept, the longest.
const maxOutages = 100

// A gap is a run of consecutive sequences that were lost.
type gap struct{ first, n uint64 }

// losses collects lost sequences, given in ascending order.
type losses struct {
	lost uint64
	open gap   // the latest, which may still grow
	kept []gap // the longest that have ended

	flows []flowLosses // of each flow, where there are several
}

// flowLosses are the lost frames of one flow. The length of a gap is in its
// frames.
type flowLosses struct {
	lost        uint64
	open, worst gap // the latest, which may still grow, and the longest before
}

// add notes n lost frames, the first being that sequence of a stream of so many
// flows.
func (l *flowLosses) add(first, n, count uint64) {
	l.lost += n
	if l.open.n > 0 && l.open.first+l.open.n*count == first {
		l.open.n += n
		return
	}
	l.worst = l.longest()
	l.open = gap{first, n}
}

// longest is the longest gap, the first of several.
func (l *flowLosses) longest() gap {
	if l.open.n > l.worst.n {
		return l.open
	}
	return l.worst
}

// perFlow has losses be counted by flow: sequence n is of flow n modulo count.
func (l *losses) perFlow(count int) {
	if count > 1 {
		l.flows = make([]flowLosses, count)
	}
}

// clone copies the losses; those of flows only if they are wanted, for there
// may be many.
func (l *losses) clone(byFlow bool) losses {
	c := *l
	c.kept, c.flows = slices.Clone(l.kept), nil
	if byFlow {
		c.flows = slices.Clone(l.flows)
	}
	return c
}

// add notes n lost sequences from first on.
func (l *losses) add(first, n uint64) {
	if n == 0 {
		return
	}
	l.lost += n
	if count := uint64(len(l.flows)); count > 0 {
		for seq := first; seq < first+min(n, count); seq++ {
			l.flows[seq%count].add(seq, (first+n-1-seq)/count+1, count)
		}
	}
	if l.open.n > 0 && l.open.first+l.open.n == first {
		l.open.n += n
		return
	}
	l.keep(l.open)
	l.open = gap{first, n}
}

// addWord notes the zero bits among the lowest n of got, whose bit 0 stands
// for first.
func (l *losses) addWord(first, got uint64, n int) {
	missing := ^got
	if n < 64 {
		missing &= 1<<n - 1
	}
	for missing != 0 {
		at := bits.TrailingZeros64(missing)
		length := bits.TrailingZeros64(^(missing >> at))
		l.add(first+uint64(at), uint64(length))
		if at+length >= 64 {
			return
		}
		missing &^= 1<<(at+length) - 1
	}
}

func (l *losses) keep(g gap) {
	if g.n == 0 {
		return
	}
	if len(l.kept) < maxOutages {
		l.kept = append(l.kept, g)
		return
	}
	shortest := 0
	for i := range l.kept {
		if l.kept[i].n < l.kept[shortest].n {
			shortest = i
		}
	}
	if l.kept[shortest].n < g.n {
		l.kept[shortest] = g
	}
}

// gaps are the longest runs, the open one among them, longest first and
// earlier before later.
func (l *losses) gaps() []gap {
	c := l.clone(false)
	c.keep(c.open)
	slices.SortFunc(c.kept, func(a, b gap) int {
		if a.n != b.n {
			if a.n > b.n {
				return -1
			}
			return 1
		}
		if a.first < b.first {
			return -1
		}
		return 1
	})
	return c.kept
}
