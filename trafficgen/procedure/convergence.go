package procedure

import (
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// A Convergence is what an event did to streams that ran through it, in the
// terms of RFC 6412 and RFC 6413 (link-state protocols) and RFC 7747 (BGP).
// Every stream stands for a route or a flow.
type Convergence struct {
	Event time.Time `json:"event"`
	// FirstRoute and Full are when, after the event, the first of the streams
	// that lost frames flowed again, and the last one did (RFC 6412, sections
	// 3.6.1 and 3.6.2). 0 if no frame was lost.
	FirstRoute time.Duration `json:"firstRoute"`
	Full       time.Duration `json:"full"`
	// Partial is how long some, but not all, of the streams were interrupted.
	Partial time.Duration `json:"partial"`
	// Converged says that every stream flowed again in the end.
	Converged bool               `json:"converged"`
	Routes    []RouteConvergence `json:"routes"`
}

// A RouteConvergence is the convergence of one stream.
type RouteConvergence struct {
	Stream string `json:"stream"`
	Lost   uint64 `json:"lost"`
	// First and Last are when the first and the last frame were sent that were
	// lost to the event; zero if none was.
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
	// Convergence is from the event to the first frame after the last that was
	// lost; LossOfConnectivity from the first that was lost to there. They are
	// the route-specific times of RFC 6412, sections 3.6.4 and 3.6.5.
	Convergence        time.Duration `json:"convergence"`
	LossOfConnectivity time.Duration `json:"lossOfConnectivity"`
	// LossDerived is the lost frames over the rate (RFC 6413, section 6.1).
	LossDerived time.Duration `json:"lossDerived"`
	// RateDerived is from the event to the first sample in which frames arrive
	// at the offered rate again and that none follows in which they do not (RFC
	// 6413, section 6.2); its error is Sampling, the length of the sample before
	// that. Without a sample in which frames are missing it is 0, known to a
	// sample; without samples Sampling is 0 too.
	RateDerived time.Duration `json:"rateDerived,omitempty"`
	Sampling    time.Duration `json:"sampling,omitempty"`
	Uncertainty time.Duration `json:"uncertainty"`
	// Recovered says that frames arrived again in the end.
	Recovered bool `json:"recovered"`
}

// Measure computes convergence times from what was counted of streams that ran
// through an event, and from before it until they flowed again. The losses of a
// stream that has more outages than its statistics keep are counted by their
// sum and their end, which are exact, and the beginning of those that are kept.
func Measure(event time.Time, stats []trafficgen.Stats) Convergence {
	c := Convergence{Event: event, Converged: len(stats) > 0}
	var first, last time.Time // of the losses of all streams
	var allFrom, allTo time.Time
	hit := 0
	for i := range stats {
		st := &stats[i]
		r := lossOf(st, event)
		r.RateDerived, r.Sampling = rateDerived(st, event)
		c.Routes = append(c.Routes, r)
		c.Converged = c.Converged && r.Recovered
		if r.Lost == 0 {
			continue
		}
		hit++
		end := r.First.Add(r.LossOfConnectivity)
		if c.FirstRoute == 0 || r.Convergence < c.FirstRoute {
			c.FirstRoute = r.Convergence
		}
		c.Full = max(c.Full, r.Convergence)
		first, last = earlier(first, r.First), later(last, end)
		allFrom, allTo = later(allFrom, r.First), earlier(allTo, end)
	}
	if hit > 0 {
		c.Partial = last.Sub(first)
		if hit == len(stats) && allTo.After(allFrom) {
			c.Partial -= allTo.Sub(allFrom)
		}
	}
	return c
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// lossOf measures a stream's loss to an event.
func lossOf(st *trafficgen.Stats, event time.Time) RouteConvergence {
	r := RouteConvergence{Stream: st.Stream, Uncertainty: st.Uncertainty}
	interval := frameInterval(st)
	r.Recovered = st.Received > 0 && st.CleanSince.Before(st.CountedTo)
	before := uint64(0) // lost to something else
	for _, o := range st.Outages {
		if !o.Start.Add(o.Duration).After(event) {
			before += o.Frames
			continue
		}
		r.First = earlier(r.First, o.Start)
	}
	if r.First.IsZero() {
		return r
	}
	r.Lost = st.Lost - min(before, st.Lost)
	end := st.CleanSince
	r.Last = end.Add(-interval)
	r.LossOfConnectivity = end.Sub(r.First)
	r.Convergence = max(0, end.Sub(event))
	r.LossDerived = time.Duration(float64(r.Lost) * float64(interval))
	return r
}

// frameInterval is the time from frame to frame of a stream.
func frameInterval(st *trafficgen.Stats) time.Duration {
	fps := st.OfferedFPS
	if fps <= 0 {
		fps = st.WantedFPS
	}
	if fps <= 0 {
		return 0
	}
	return time.Duration(float64(time.Second) / fps)
}

// missingRate is the share of a sample's frames that may be missing when a
// stream flows, and one frame in any case: some are on their way when the
// sample is taken.
const missingRate = 0.05

// rateDerived is the convergence time by the rate of arrivals.
func rateDerived(st *trafficgen.Stats, event time.Time) (convergence, sampling time.Duration) {
	at := event.Sub(st.Started)
	low := time.Duration(-1) // end of the last sample at less than full rate
	usual := time.Duration(0)
	for i := 1; i < len(st.Series); i++ {
		was, is := st.Series[i-1], st.Series[i]
		if is.Offset <= at || is.Sent <= was.Sent {
			continue
		}
		if usual == 0 {
			usual = is.Offset - was.Offset
		}
		sent := float64(is.Sent - was.Sent)
		if missing := sent - float64(is.Received-was.Received); missing > max(1, missingRate*sent) {
			low, sampling = is.Offset, is.Offset-was.Offset
		}
	}
	if low < 0 {
		return 0, usual
	}
	return low - at, sampling
}
