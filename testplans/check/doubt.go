package check

import (
	"fmt"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// A generator that stood still, or dropped frames itself, leaves numbers of
// which only a least and a greatest value is known. A verdict on one stands
// where it is the same whichever is true; where it is not, it is an error.

// over judges a number of which only the least and the greatest value is known,
// in the base unit of the bound's dimension: Pass if the bound holds for every
// value between them, Fail if it does for none, otherwise Error.
func (b Bound) over(least, most float64) Verdict {
	l, err := b.parse()
	if err != nil {
		return Error
	}
	return l.over(least, most)
}

// overTime is over for a bound of dimension Time, exact to the nanosecond.
func (b Bound) overTime(least, most time.Duration) Verdict {
	l, err := b.parse()
	if err != nil || l.dimension != Time {
		return Error
	}
	return l.ns().over(float64(least), float64(most))
}

func (l limit) over(least, most float64) Verdict {
	all, none := l.holds(least) && l.holds(most), !l.holds(least) && !l.holds(most)
	switch l.op {
	case "!=": // the one value that it is not to be may be between
		all = all && (most < l.lo || least > l.lo)
	case "=", "..":
		none = none && (most < l.lo || least > l.hi)
	}
	switch {
	case all:
		return Pass
	case none:
		return Fail
	}
	return Error
}

// A span is a number of which the least and the greatest value is known, and
// why no more is.
type span struct {
	least, most float64 // base unit; times are in ns
	why         string
}

// judge holds the span against the bound.
func (s span) judge(b Bound) Verdict {
	if b.Dimension() == Time {
		return b.overTime(time.Duration(s.least), time.Duration(s.most))
	}
	return b.over(s.least, s.most)
}

// negligible says that the doubt is not worth a word beside a verdict on the
// bound: small beside the number, or beside the limit.
func (s span) negligible(b Bound, v Verdict) bool {
	const part = 0.05
	l, err := b.parse()
	if err != nil || v == Error {
		return false
	}
	if l.dimension == Time {
		l = l.ns()
	}
	return s.most-s.least <= part*max(s.most, l.hi)
}

// spanOf is between two times. The words say why it is more than one.
func spanOf(least, most time.Duration, why ...string) span {
	return span{float64(least), float64(most), strings.Join(why, ", and ")}
}

// apart is what a number that was counted may be in truth, and why.
func (s span) apart(d Dimension) string {
	if d == Share {
		return fmt.Sprintf(", in truth between %.3g%% and %.3g%%: %s", 100*s.least, 100*s.most, s.why)
	}
	return fmt.Sprintf(", in truth between %.0f and %.0f: %s", s.least, s.most, s.why)
}

// timeFinding is the finding on a time. plain is how it is put where it is one
// value, which is known to some uncertainty: that does not decide, but it is
// said if it could.
func timeFinding(b Bound, subject string, t span, uncertainty time.Duration, plain string) Finding {
	f := Finding{Verdict: t.judge(b), Subject: subject, Expected: b.Words(), Seen: plain}
	if t.least < t.most && !t.negligible(b, f.Verdict) {
		f.Seen = fmt.Sprintf("%s to %s: %s", rounded(time.Duration(t.least)), rounded(time.Duration(t.most)), t.why)
		return f
	}
	wider := span{max(0, t.least-float64(uncertainty)), t.most + float64(uncertainty), ""}
	if wider.judge(b) != f.Verdict {
		f.Seen += ", the limit being within the uncertainty"
	}
	return f
}

// latencyLeast is what the values of a stream's latency are at least.
func latencyLeast(s *trafficgen.Stats) *trafficgen.Latency {
	if s.LatencyLeast == (trafficgen.Latency{}) {
		return &s.Latency
	}
	return &s.LatencyLeast
}

// ownStalls is why a latency may be less than was measured.
const ownStalls = "the generator's own stalls may have added the difference"

// precision is the error of a stream's times but for what its stalls do.
func precision(s *trafficgen.Stats) time.Duration {
	if s.Precision > 0 {
		return s.Precision
	}
	return s.Uncertainty
}
