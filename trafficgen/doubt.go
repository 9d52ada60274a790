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
// and then had to catch up. They followed closer than they should have, so a
// device may have dropped them for no fault of its own.
type Stall struct {
	// FirstSeq and LastSeq are the first and the last frame that it may have
	// touched, from those that the transmitter was about to send when it stood
	// still to those that left when it had nearly caught up.
	FirstSeq uint64        `json:"firstSeq"`
	LastSeq  uint64        `json:"lastSeq"`
	Start    time.Time     `json:"start"` // when the first frame that left late was due
	End      time.Time     `json:"end"`   // when the last one was
	Late     time.Duration `json:"late"`  // how late the latest of them left
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
// but for those that the generator dropped, and those of stalls.
func (s *Stats) LeastLost() uint64 {
	kept, doubtful := uint64(0), s.Dropped()
	for i := range s.Outages {
		o := &s.Outages[i]
		kept += o.Frames
		first, end := s.certain(o)
		doubtful += o.Frames - (end - first)
	}
	var touched uint64
	for i := range s.Stalls {
		touched += s.Stalls[i].LastSeq - s.Stalls[i].FirstSeq + 1
	}
	doubtful += min(s.Lost-min(s.Lost, kept), touched) // of outages that are not kept
	return s.Lost - min(s.Lost, doubtful)
}

// certain are the frames of an outage that no stall explains, from the first to
// before the end. Those that left late are not among them, but for such that
// the device lost in one go with frames before and after them.
func (s *Stats) certain(o *Outage) (first, end uint64) {
	first, end = o.FirstSeq, o.FirstSeq+o.Frames
	for changed := true; changed && first < end; {
		changed = false
		for i := range s.Stalls {
			st := &s.Stalls[i]
			if st.FirstSeq <= first && first <= st.LastSeq {
				first, changed = min(end, st.LastSeq+1), true
			}
			if st.FirstSeq < end && end-1 <= st.LastSeq {
				end, changed = max(first, st.FirstSeq), true
			}
		}
	}
	return first, end
}

// delays says that the frame after an outage may have left late, so that the
// outage may have lasted longer than its frames tell.
func (st *Stall) delays(o *Outage) bool {
	end := o.FirstSeq + o.Frames
	return st.FirstSeq <= end && st.LastSeq+1 >= end
}

// touches says that frames of an outage may be lost for the stall, or that one
// beside it left late.
func (st *Stall) touches(o *Outage) bool {
	return st.FirstSeq <= o.FirstSeq+o.Frames && st.LastSeq+1 >= o.FirstSeq
}

// OutageRange is between which two lengths the longest outage was. At least,
// it was as long as an outage without the frames that stalls explain, and those
// that the generator dropped, wherever they were. At most, it went on while the
// transmitter stood still; so may one that no lost frame tells of. Both are
// MaxOutage where nothing is in doubt.
func (s *Stats) OutageRange() (least, most time.Duration) {
	for i := range s.Outages {
		least = max(least, s.LeastOf(&s.Outages[i]))
		most = max(most, s.mostOf(&s.Outages[i]))
	}
	return least, max(most, s.LongestStall())
}

// LeastOf is how long one of the stream's outages was at least.
func (s *Stats) LeastOf(o *Outage) time.Duration {
	first, end := s.certain(o)
	frames, dropped := end-first, s.Dropped()
	switch {
	case frames == o.Frames && dropped == 0:
		return o.Duration
	case dropped >= frames, s.uneven(o):
		return 0
	}
	// The dropped may cut what remains into pieces.
	pieces := dropped + 1
	run := (frames - dropped + pieces - 1) / pieces
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
			if s.Stalls[i].touches(&s.Outages[j]) {
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
			if s.Stalls[i].touches(&s.Outages[j]) {
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
