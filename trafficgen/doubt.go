package trafficgen

import (
	"fmt"
	"math"
	"time"
)

// A generator shares its host with others, and now and then does not keep its
// own times, or drops frames itself. What it counted then stays as it was
// counted; here is what of it may be the generator's own doing.

// A Stall is a row of frames that left late, because the transmitter stood still
// and then had to catch up.
type Stall struct {
	// FirstSeq and LastSeq are the first and the last frame that it may have
	// touched: those it was about to send when it stood still, and those that left
	// late.
	FirstSeq uint64 `json:"firstSeq"`
	LastSeq  uint64 `json:"lastSeq"`
	// Owed is how many frames were due meanwhile. They followed closer than they
	// should have, so a device may have dropped as many for no fault of its own.
	Owed  uint64        `json:"owed"`
	Start time.Time     `json:"start"` // when the first frame that left late was due
	End   time.Time     `json:"end"`   // when the stream had caught up
	Late  time.Duration `json:"late"`  // how late the latest of them left
}

// MaxStalls is how many stalls statistics keep, the longest; the last of so many
// may be several, from the beginning of the first to the end of the last.
const MaxStalls = 50

// A Drop is frames that the generator's own host dropped while a stream ran.
type Drop struct {
	By     string `json:"by"` // "the receive ring"
	Frames uint64 `json:"frames"`
}

// Dropped is how many of the frames, at most, the generator's host dropped.
func (s *Stats) Dropped() (n uint64) {
	for _, d := range s.Drops {
		n += d.Frames
	}
	return n
}

// LongestStall is the length of the longest stall, 0 without any.
func (s *Stats) LongestStall() time.Duration {
	if len(s.Stalls) == 0 {
		return 0
	}
	return s.Stalls[0].Late
}

// LeastLost is how many frames the device under test lost for certain: Lost,
// but for those that the generator dropped, or that may be lost for a stall: no
// more of the outages beside it than the stall owed.
func (s *Stats) LeastLost() uint64 {
	elsewhere := s.Lost // in outages that are not kept
	for i := range s.Outages {
		elsewhere -= min(elsewhere, s.Outages[i].Frames)
	}
	doubtful := s.Dropped()
	for i := range s.Stalls {
		beside := elsewhere
		for j := range s.Outages {
			if s.Stalls[i].explains(&s.Outages[j]) {
				beside += s.Outages[j].Frames
			}
		}
		doubtful += min(beside, s.Stalls[i].Owed)
	}
	return s.Lost - min(s.Lost, doubtful)
}

// last is the last lost frame.
func (o *Outage) last() uint64 { return max(o.LastSeq, o.FirstSeq+max(o.Frames, 1)-1) }

// explains says that frames of an outage may be lost for the stall: that they
// did not all leave before it, nor long after it.
func (st *Stall) explains(o *Outage) bool {
	return st.FirstSeq <= o.last() && st.LastSeq+1 >= o.FirstSeq
}

// delays says that the frame after an outage may have left late, so that the
// outage may have lasted longer than its frames tell.
func (st *Stall) delays(o *Outage) bool { return st.FirstSeq <= o.last()+1 && st.LastSeq >= o.last() }

// OutageRange is between which two lengths the longest outage was. At least,
// it was what remains of an outage when the frames at its ends that stalls
// explain are taken away, and those that the generator dropped, wherever they
// were. At most, it went on while the transmitter stood still; so may one that
// no lost frame tells of. Both are MaxOutage where nothing is in doubt.
func (s *Stats) OutageRange() (least, most time.Duration) {
	for i := range s.Outages {
		least = max(least, s.LeastOf(&s.Outages[i]))
		most = max(most, s.mostOf(&s.Outages[i]))
	}
	return least, max(most, s.LongestStall())
}

// LeastOf is how long one of the stream's outages was at least.
func (s *Stats) LeastOf(o *Outage) time.Duration {
	var owed uint64
	for i := range s.Stalls {
		if s.Stalls[i].explains(o) {
			owed += s.Stalls[i].Owed
		}
	}
	dropped := s.Dropped()
	switch {
	case owed == 0 && dropped == 0:
		return o.Duration
	case owed+dropped >= o.Frames, s.uneven(o):
		return 0
	}
	// The dropped may cut what remains into pieces.
	pieces := dropped + 1
	run := (o.Frames - owed - dropped + pieces - 1) / pieces
	return time.Duration(float64(o.Duration) * float64(run) / float64(o.Frames))
}

// uneven says that the frames of an outage were not due at even distances.
func (s *Stats) uneven(o *Outage) bool {
	const interval = 1.0
	return math.Abs(o.Duration.Seconds()*s.WantedFPS-float64(o.Frames)) > interval
}

// mostOf is how long an outage was at most.
func (s *Stats) mostOf(o *Outage) time.Duration {
	most := o.Duration
	for i := range s.Stalls {
		if s.Stalls[i].delays(o) {
			most += s.Stalls[i].Late
		}
	}
	return most
}

// StoodBeside is how long, all in all, the transmitter stood still beside the
// outages: frames that would have been lost may have left only when the device
// forwarded again. Where there is no outage, one may have been as long as the
// longest stall.
func (s *Stats) StoodBeside() (sum time.Duration) {
	if len(s.Outages) == 0 {
		return s.LongestStall()
	}
	for i := range s.Stalls {
		for j := range s.Outages {
			if s.Stalls[i].explains(&s.Outages[j]) || s.Stalls[i].delays(&s.Outages[j]) {
				sum += s.Stalls[i].Late
				break
			}
		}
	}
	return sum
}

// Doubts says, a phrase each, what of the generator's own doing the frames that
// are not lost for certain may have been lost for.
func (s *Stats) Doubts() []string {
	if s.LeastLost() == s.Lost {
		return nil
	}
	var stood time.Duration
	for i := range s.Stalls {
		for j := range s.Outages {
			if s.Stalls[i].explains(&s.Outages[j]) {
				stood = max(stood, s.Stalls[i].Late)
			}
		}
	}
	if stood == 0 && len(s.Drops) == 0 { // beside an outage that is not kept
		stood = s.LongestStall()
	}
	return s.excuses(stood)
}

// OutageDoubts is Doubts where OutageRange is one.
func (s *Stats) OutageDoubts() []string { return s.excuses(s.LongestStall()) }

func (s *Stats) excuses(stood time.Duration) (all []string) {
	if stood > 0 {
		all = append(all, fmt.Sprintf("the generator itself stood still for %v meanwhile", stood.Round(100*time.Microsecond)))
	}
	for _, d := range s.Drops {
		all = append(all, fmt.Sprintf("%s of the generator's host dropped %d frames", d.By, d.Frames))
	}
	return all
}
