package live

import (
	"strings"
	"sync/atomic"
	"time"
	"unsafe"
)

// A Report is how far a stream is. Times are CLOCK_REALTIME in ns; 0 before the
// first frame.
type Report struct {
	Sent        uint64
	First, Last int64
	Worst       time.Duration // lateness of the latest frame of its group
	Expired     bool          // its time was over before all frames had left
}

// A Stall is a row of a stream's frames that left late: after their slot by up
// to Late.
type Stall struct {
	First, Last uint64 // sequences
	Late        time.Duration
}

// Report reads how far the i-th stream is. It may be called at any time before
// Close.
func (p *Pump) Report(i int) Report {
	at := p.sent[i]
	g := p.groups[at.group]
	return Report{
		Sent:  atomic.LoadUint64(&at.member.sequence),
		First: int64(atomic.LoadUint64(&at.member.first)), Last: int64(atomic.LoadUint64(&at.member.last)),
		Worst:   time.Duration(atomic.LoadUint64(&g.latest)),
		Expired: atomic.LoadUint64(&g.due) == never && atomic.LoadUint64(&g.slot) < g.slots,
	}
}

// Lateness is how far the i-th stream's frames left from their slots: the worst
// that was tolerated, and the stalls of at least that length. It may be called
// at any time before Close; during Run the last stall may still grow.
func (p *Pump) Lateness(i int, least time.Duration) (worst time.Duration, stalls []Stall) {
	at := p.sent[i]
	g := p.groups[at.group]
	n, j := g.endMember-g.firstMember, uint64(at.index)
	for _, s := range p.stallsOf(g) {
		if time.Duration(s.late) < least {
			continue
		}
		// Slot k is sequence k/n of member k%n.
		first, last := (s.first+n-1-j)/n, (s.last+n-j)/n
		if first < last { // else it was between two frames of this stream
			stalls = append(stalls, Stall{first, last - 1, time.Duration(s.late)})
		}
	}
	return time.Duration(g.worst), stalls
}

func (p *Pump) stallsOf(g *groupState) []stallState {
	n := atomic.LoadUint64(&g.stalled)
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*stallState)(p.stalls.At(int(g.stalls))), n)
}

// Left adds up, from the statistics of a veth device's driver, the live frames
// that really left it, and those that the other end's queue had no room for.
// Nothing is counted where the other end does not take them at all.
func Left(statistics map[string]uint64) (left, refused uint64) {
	for name, v := range statistics {
		switch {
		case !strings.HasPrefix(name, "tx_queue_"):
		case strings.HasSuffix(name, "_xdp_xmit"):
			left += v
		case strings.HasSuffix(name, "_xdp_xmit_errors"):
			refused += v
		}
	}
	return left, refused
}
