package check

import (
	"fmt"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// ConvergenceBounds bound the times of RFC 6412 and RFC 6413. Empty ones are not
// judged.
type ConvergenceBounds struct {
	Full        Bound `json:"full,omitempty"`
	FirstRoute  Bound `json:"first-route,omitempty"`
	LossDerived Bound `json:"loss-derived,omitempty"` // of each stream
	RateDerived Bound `json:"rate-derived,omitempty"` // of each stream
}

// JudgeConvergence judges convergence times. A stream that sent nothing, or
// whose generator was at fault, is an error; so is a rate that was not sampled.
func JudgeConvergence(b ConvergenceBounds, c procedure.Convergence, stats []trafficgen.Stats) Outcome {
	for i := range stats {
		for _, bound := range []Bound{b.Full, b.FirstRoute, b.LossDerived, b.RateDerived} {
			if bound == "" {
				continue
			}
			if o, unusable := instrument(stats[i], bound, Time); unusable {
				return o
			}
		}
	}
	p := newPossible(c, stats)
	var findings []Finding
	judge := func(bound Bound, subject string, measured time.Duration, t span, uncertainty time.Duration) {
		if bound != "" {
			findings = append(findings, within(bound, subject, measured, t, uncertainty))
		}
	}
	if !c.Converged {
		findings = append(findings, finding(false, "", "convergence", "every stream flows again", "some frames are still lost"))
	}
	judge(b.Full, "full convergence time", c.Full, p.full, p.precision)
	judge(b.FirstRoute, "first route convergence time", c.FirstRoute, p.first, p.precision)
	for i, r := range c.Routes {
		judge(b.LossDerived, "loss-derived convergence time of stream "+r.Stream, r.LossDerived, p.routes[i].lossDerived, p.routes[i].precision)
		if b.RateDerived != "" && r.Sampling == 0 {
			findings = append(findings, Finding{Verdict: Error, Subject: "rate-derived convergence time of stream " + r.Stream,
				Expected: b.RateDerived.Words(), Seen: "no samples of its rate since the event"})
			continue
		}
		judge(b.RateDerived, "rate-derived convergence time of stream "+r.Stream, r.RateDerived, p.routes[i].rateDerived, r.Sampling)
	}
	held := ""
	for i, f := range findings {
		if i > 0 {
			held += "; "
		}
		held += f.Subject + " is " + f.Seen
	}
	return conclude(held, findings)
}

// within holds a time with its uncertainty against a bound.
func within(b Bound, subject string, measured time.Duration, t span, uncertainty time.Duration) Finding {
	return timeFinding(b, subject, t, uncertainty, fmt.Sprintf("%s ± %s", rounded(measured), rounded(uncertainty)))
}
