package check

import (
	"math"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// A possible is what convergence times may be in truth, given what the
// generator's stalls and drops put in doubt.
type possible struct {
	full, first span
	precision   time.Duration // the worst of the streams'
	routes      []possibleRoute
}

type possibleRoute struct {
	convergence, lossDerived, rateDerived span

	lost      bool // frames, for whatever reason
	precision time.Duration
}

// newPossible tells what the times of a convergence may be that was measured
// from these streams.
func newPossible(c procedure.Convergence, stats []trafficgen.Stats) possible {
	p := possible{full: spanOf(c.Full, c.Full), first: spanOf(c.FirstRoute, c.FirstRoute)}
	doubted := false
	for i := range c.Routes {
		r := possibleRoute{precision: c.Routes[i].Uncertainty, lost: c.Routes[i].Lost > 0,
			convergence: spanOf(c.Routes[i].Convergence, c.Routes[i].Convergence),
			lossDerived: spanOf(c.Routes[i].LossDerived, c.Routes[i].LossDerived),
			rateDerived: spanOf(c.Routes[i].RateDerived, c.Routes[i].RateDerived)}
		if i < len(stats) {
			if stats[i].Precision > 0 {
				r.precision = stats[i].Precision
			}
			since := OutagesSince(stats[i], c.Event)
			if doubtful := len(since.Stalls) > 0 || len(since.Drops) > 0; doubtful {
				r.doubt(c.Event, &c.Routes[i], since)
				doubted = true
			}
		}
		p.routes = append(p.routes, r)
		p.precision = max(p.precision, r.precision)
	}
	if doubted {
		p.full, p.first = p.last(), p.earliest()
	}
	return p
}

// doubt widens a route's times. Only what followed the event is left of its
// stream.
func (p *possibleRoute) doubt(event time.Time, r *procedure.RouteConvergence, s trafficgen.Stats) {
	hidden, why := s.StoodBeside(), s.OutageDoubts()
	s.Lost = r.Lost
	least, end := time.Duration(0), time.Duration(0)
	if r.Lost > 0 {
		least = time.Duration(float64(r.LossDerived) * float64(s.LeastLost()) / float64(r.Lost))
	}
	for i := range s.Outages {
		if o := &s.Outages[i]; s.LeastOf(o) > 0 {
			end = max(end, o.Start.Add(s.LeastOf(o)).Sub(event))
		}
	}
	end = min(end, r.Convergence)
	earlier := r.Convergence - end
	p.convergence = spanOf(end, r.Convergence+hidden, why...)
	p.lossDerived = spanOf(least, r.LossDerived+hidden, why...)
	p.rateDerived = spanOf(max(0, r.RateDerived-earlier), r.RateDerived+hidden, why...)
}

// last is when the last of the routes had converged.
func (p *possible) last() span {
	t := p.routes[0].convergence
	for _, r := range p.routes[1:] {
		t = t.with(r.convergence, max(t.least, r.convergence.least), max(t.most, r.convergence.most))
	}
	return t
}

// earliest is when the first of the routes that lost frames flowed again. One
// that may have lost them for no fault of the device, or may have lost more than
// was seen, brings it forward, but not for certain.
func (p *possible) earliest() span {
	var t span
	sure := math.Inf(1)
	for _, r := range p.routes {
		c := r.convergence
		if c.most == 0 { // no loss, and no doubt
			continue
		}
		if t.most == 0 {
			t = c
		}
		t = t.with(c, min(t.least, c.least), max(t.most, c.most))
		if r.lost && c.least > 0 {
			sure = min(sure, c.most)
		}
	}
	t.most = min(t.most, sure)
	return t
}

// with is a span of those ends, made of this and another: its doubts are theirs.
func (s span) with(o span, least, most float64) span {
	why := s.why
	if why == "" || o.most-o.least > s.most-s.least {
		why = o.why
	}
	return span{least, most, why}
}
