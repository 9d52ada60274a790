package engine

import (
	"math"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// A schedule says when the frames of a stream are due.
type schedule struct {
	interval float64 // ns from frame to frame within a burst
	burst    uint64  // frames of a burst; 1 of a stream without
	extra    float64 // ns that a gap between bursts is longer than an interval
}

// newSchedule is that of a stream whose rate is known.
func newSchedule(s *trafficgen.Stream) schedule {
	sc := schedule{interval: float64(time.Second) / s.Rate, burst: 1}
	if s.Burst.Frames > 0 {
		sc.burst = uint64(s.Burst.Frames)
		sc.extra = float64(s.Burst.Gap) - sc.interval
	}
	return sc
}

// at is how long after frame 0 frame n is due, in ns.
func (s *schedule) at(n uint64) float64 {
	if s.extra == 0 {
		return float64(n) * s.interval
	}
	return float64(n)*s.interval + float64(n/s.burst)*s.extra
}

// mean is the time from frame to frame over whole bursts, in ns.
func (s *schedule) mean() float64 {
	if s.extra == 0 {
		return s.interval
	}
	return s.interval + s.extra/float64(s.burst)
}

// rate is the frames per second that the schedule comes to.
func (s *schedule) rate() float64 { return float64(time.Second) / s.mean() }

// within is how many frames are due before so many ns have passed.
func (s *schedule) within(ns float64) uint64 {
	const jot = 1e-6 // of an interval: a frame that is due at the end is not
	if s.extra == 0 {
		return uint64(math.Ceil(ns/s.interval - jot))
	}
	whole := math.Floor(ns / (s.mean() * float64(s.burst)))
	rest := (ns - whole*s.mean()*float64(s.burst)) / s.interval
	return uint64(whole)*s.burst + uint64(min(math.Ceil(rest-jot), float64(s.burst)))
}
