package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// JudgeLoss judges the frames that a stream lost: their number if the bound is
// a number, their share if it is a percentage. An empty bound is "= 0". A
// stream that sent nothing, or whose generator was at fault, is an error; so is
// one of which so many frames may be lost for the generator's own stalls and
// drops that they decide.
func JudgeLoss(b Bound, s trafficgen.Stats) Outcome {
	if b == "" {
		b = "= 0"
	}
	if o, unusable := instrument(s, b, Number, Share); unusable {
		return o
	}
	subject := "frames lost by stream " + s.Stream
	seen := fmt.Sprintf("%d of %d (%.3g%%)", s.Lost, s.Sent, 100*s.LossRatio())
	least := s.LeastLost()
	lost := span{share(least, s.Sent, b.Dimension()), share(s.Lost, s.Sent, b.Dimension()), ""}
	f := Finding{Verdict: lost.judge(b), Subject: subject, Expected: b.Words(), Seen: seen}
	if least < s.Lost && !lost.negligible(b, f.Verdict) {
		f.Seen += fmt.Sprintf(", %d of them perhaps for no fault of the device: %s", s.Lost-least, strings.Join(s.Doubts(), ", and "))
	}
	findings := []Finding{f}
	if s.Corrupted > 0 {
		findings = append(findings, finding(false, "", "frames of stream "+s.Stream+" corrupted on the way", "0", fmt.Sprint(s.Corrupted)))
	}
	return conclude(fmt.Sprintf("stream %s lost %s", s.Stream, f.Seen), findings)
}

// JudgeLatency judges the 99th percentile of a stream's latency.
func JudgeLatency(b Bound, s trafficgen.Stats) Outcome {
	if o, unusable := instrument(s, b, Time); unusable {
		return o
	}
	subject := "p99 latency of stream " + s.Stream
	if s.Received == 0 { // instrument has seen that the frames were sent, and that they were lost
		return conclude("", []Finding{finding(false, "", subject, b.Words(), noneArrived(s))})
	}
	if s.Latency.P99 <= 0 {
		return conclude("", []Finding{{Verdict: Error, Subject: subject, Expected: b.Words(), Seen: "no frame arrived whose latency could be measured"}})
	}
	seen := fmt.Sprintf("%s (mean %s, max %s)", rounded(s.Latency.P99), rounded(s.Latency.Mean), rounded(s.Latency.Max))
	f := timeFinding(b, subject, spanOf(latencyLeast(&s).P99, s.Latency.P99, ownStalls), 0, seen)
	return conclude(subject+" is "+f.Seen, []Finding{f})
}

// JudgeOutage judges the longest outage of a stream. OutagesSince restricts
// it to what follows an event. What the generator's stalls hid or made is an
// error where it decides.
func JudgeOutage(b Bound, s trafficgen.Stats) Outcome {
	if o, unusable := instrument(s, b, Time); unusable {
		return o
	}
	subject := "longest outage of stream " + s.Stream
	if s.Received == 0 {
		return conclude("", []Finding{finding(false, "", subject, b.Words(), noneArrived(s))})
	}
	seen := "none: no frame was lost"
	if len(s.Outages) > 0 {
		seen = fmt.Sprintf("%s ± %s (%d frames in a row)", rounded(s.MaxOutage()), rounded(precision(&s)), s.Outages[0].Frames)
	}
	least, most := s.OutageRange()
	f := timeFinding(b, subject, spanOf(least, most, s.OutageDoubts()...), precision(&s), seen)
	return conclude(subject+" is "+f.Seen, []Finding{f})
}

// noneArrived is what is seen of a stream that the device forwards nothing of:
// a failure, whatever was to be measured.
func noneArrived(s trafficgen.Stats) string { return fmt.Sprintf("none of %d frames arrived", s.Sent) }

// OutagesSince returns the statistics with only the outages that began at a
// time or later, or were still going on then, and the stalls likewise.
func OutagesSince(s trafficgen.Stats, since time.Time) trafficgen.Stats {
	var kept []trafficgen.Outage
	for _, o := range s.Outages {
		if o.Start.Add(o.Duration).After(since) {
			kept = append(kept, o)
		}
	}
	s.Outages = kept
	s.Stalls = slices.DeleteFunc(slices.Clone(s.Stalls), func(st trafficgen.Stall) bool { return !st.End.After(since) })
	return s
}

// JudgeRecovery judges whether a stream flowed again in time.
func JudgeRecovery(stream string, recovered bool, within time.Duration) Outcome {
	subject, expected := "recovery of stream "+stream, "within "+within.String()
	if recovered {
		return conclude("stream "+stream+" flows again", []Finding{finding(true, "", subject, expected, "it flows again")})
	}
	return conclude("", []Finding{finding(false, "", subject, expected, "it still loses frames")})
}

// instrument is the outcome of a stream whose numbers say nothing about the
// device, or cannot be held against the bound, and whether it is one.
func instrument(s trafficgen.Stats, b Bound, dimensions ...Dimension) (Outcome, bool) {
	problem := Finding{Verdict: Error, Subject: "stream " + s.Stream, Expected: "a measurement that counts"}
	err := b.Check(dimensions...)
	switch {
	case err != nil:
		problem.Expected, problem.Seen = "a bound that fits", err.Error()
	case s.Sent == 0:
		problem.Seen = "it sent no frame"
	case len(s.Faults) > 0:
		problem.Seen = "the generator was at fault: " + strings.Join(s.Faults, "; ")
		if s.Lost > 0 {
			problem.Seen += fmt.Sprintf("; %d of %d frames were lost, perhaps for that", s.Lost, s.Sent)
		}
	case s.Received == 0 && s.Lost == 0:
		problem.Seen = fmt.Sprintf("%d frames were sent, and none was counted as received or lost", s.Sent)
	case s.Received == 0 && s.LeastLost() == 0:
		problem.Seen = fmt.Sprintf("%s, perhaps for no fault of the device: %s", noneArrived(s), strings.Join(s.Doubts(), ", and "))
	default:
		return Outcome{}, false
	}
	return conclude("", []Finding{problem}), true
}

func bitRate(bps float64) string {
	switch {
	case bps >= 1e9:
		return fmt.Sprintf("%.3g Gbps", bps/1e9)
	case bps >= 1e6:
		return fmt.Sprintf("%.3g Mbps", bps/1e6)
	}
	return fmt.Sprintf("%.3g kbps", bps/1e3)
}

func finding(holds bool, node, subject, expected, seen string) Finding {
	verdict := Fail
	if holds {
		verdict = Pass
	}
	return Finding{Verdict: verdict, Node: node, Subject: subject, Expected: expected, Seen: seen}
}

// rounded cuts a duration to a precision that means something.
func rounded(d time.Duration) time.Duration {
	switch {
	case d >= time.Second:
		return d.Round(time.Millisecond)
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond)
	}
	return d.Round(100 * time.Nanosecond)
}
