package check

import (
	"fmt"

	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// JudgeBenchmark judges every row of a benchmark. An empty bound asks only for
// what the procedure is about: some rate without loss, a device that comes
// back, a measurement. What the tester let nobody measure is an error; where it
// only could not offer more, the result is a lower limit, which may satisfy a
// bound but not violate one.
func JudgeBenchmark(b Bound, r *procedure.Result) Outcome {
	var findings []Finding
	for i := range r.Rows {
		findings = append(findings, judgeRow(b, r, &r.Rows[i]))
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

// A reading is the number of a row that a bound is held against.
type reading struct {
	value      float64 // in the bound's base unit
	seen       string
	atLeast    bool   // the value is a lower limit
	missing    string // there is no value, and why
	fails      string // there is none, and that is the device's doing
	dimensions []Dimension
	without    Bound // what is asked without a bound
}

func judgeRow(b Bound, r *procedure.Result, row *procedure.Row) Finding {
	v := read(b, r.Procedure, row)
	if b == "" {
		b = v.without
	}
	f := Finding{Subject: fmt.Sprintf("%s of %d-byte frames", subjectOf[r.Procedure], row.FrameBytes), Expected: b.Words()}
	if b == "" {
		f.Expected = "a measurement"
	}
	switch {
	case v.missing != "":
		f.Verdict, f.Seen = Error, v.missing
		return f
	case v.fails != "":
		f.Verdict, f.Seen = Fail, v.fails
		return f
	}
	if b != "" {
		if err := b.Check(v.dimensions...); err != nil {
			f.Verdict, f.Expected, f.Seen = Error, "a bound", err.Error()
			return f
		}
	}
	f.Verdict, f.Seen = Fail, v.seen
	if b == "" || b.Holds(v.value) {
		f.Verdict = Pass
	}
	if v.atLeast {
		f.Seen = "at least " + f.Seen + ", all that the generator could offer"
		if f.Verdict == Fail {
			f.Verdict = Error
		}
	}
	if r.Shortened() {
		f.Seen += ", in trials shorter than the RFC asks for"
	}
	return f
}

var subjectOf = map[procedure.Procedure]string{
	procedure.Throughput:     "throughput",
	procedure.Latency:        "mean latency",
	procedure.FrameLoss:      "frame loss at the highest load",
	procedure.BackToBack:     "longest burst without loss",
	procedure.SystemRecovery: "recovery from overload",
	procedure.Reset:          "recovery from the reset",
	procedure.Forwarding:     "forwarding rate at the highest load",

	procedure.AddressCaching:  "address caching capacity",
	procedure.AddressLearning: "address learning rate",
}

// read takes the number of a row that its bound is about.
func read(b Bound, p procedure.Procedure, row *procedure.Row) reading {
	tester := ""
	if row.TesterLimited != "" {
		tester = "the generator was at fault: " + row.TesterLimited
	}
	switch {
	case row.Throughput != nil:
		return readThroughput(b, row, tester)
	case row.Latency != nil:
		return readLatency(row.Latency, tester)
	case row.FrameLoss != nil:
		return readFrameLoss(row.FrameLoss)
	case row.BackToBack != nil:
		return readBackToBack(row.BackToBack, tester)
	case row.Recovery != nil:
		return readRecovery(row.Recovery, tester)
	case row.Forwarding != nil:
		return readForwarding(b, row, tester)
	case row.Addresses != nil:
		return readAddresses(p, row.Addresses, tester)
	}
	return reading{missing: "nothing was measured"}
}

// noThroughput is said of procedures that build on one.
const noThroughput = "there is no rate without loss to measure at"

func readThroughput(b Bound, row *procedure.Row, tester string) reading {
	t := row.Throughput
	v := reading{value: t.FPS, dimensions: []Dimension{FrameRate, BitRate}, without: "> 0fps", atLeast: tester != "",
		seen: fmt.Sprintf("%.0f frames per second (%s)", t.FPS, bitRate(t.BitsPerSec))}
	if b.Dimension() == BitRate {
		v.value = t.BitsPerSec
	}
	switch {
	case len(row.Trials) == 0:
		v.missing = "no valid trial: there was no trial"
	case t.FPS == 0 && tester != "":
		v.missing = "no valid trial: " + row.TesterLimited
	}
	return v
}

func readLatency(l *procedure.LatencyRow, tester string) reading {
	v := reading{value: l.Mean.Seconds(), dimensions: []Dimension{Time},
		seen: fmt.Sprintf("%s (p50 %s, p99 %s, max %s) at %.0f frames per second", rounded(l.Mean), rounded(l.P50), rounded(l.P99), rounded(l.Max), l.FPS)}
	switch {
	case l.Trials == 0 && tester != "":
		v.missing = tester
	case l.Trials == 0 && l.FPS == 0:
		v.fails = noThroughput
	case l.Trials == 0:
		v.fails = fmt.Sprintf("none arrived at %.0f frames per second", l.FPS)
	}
	return v
}

func readFrameLoss(f *procedure.FrameLossRow) reading {
	if len(f.Points) == 0 {
		return reading{missing: "there was no trial"}
	}
	p := f.Points[0]
	v := reading{value: p.Ratio, dimensions: []Dimension{Share},
		seen: fmt.Sprintf("%.3g%% (%d of %d frames at %.0f frames per second)", 100*p.Ratio, p.Lost, p.Sent, p.OfferedFPS)}
	if p.Invalid != "" {
		v.missing = "the generator was at fault: " + p.Invalid
	}
	return v
}

func readBackToBack(row *procedure.BackToBackRow, tester string) reading {
	v := reading{value: row.Average, dimensions: []Dimension{Number}, atLeast: row.Unbounded,
		seen: fmt.Sprintf("%.0f frames (%d to %d), a buffer of %s", row.Average, row.Min, row.Max, rounded(row.CorrectedBuffer))}
	if row.Unbounded {
		v.seen = fmt.Sprintf("%.0f frames", row.Average)
	}
	if tester != "" {
		v.missing = tester
	} else if len(row.Bursts) == 0 {
		v.missing = "there was no trial"
	}
	return v
}

func readRecovery(r *procedure.RecoveryRow, tester string) reading {
	v := reading{value: r.Time.Seconds(), dimensions: []Dimension{Time},
		seen: fmt.Sprintf("%s ± %s at %.0f frames per second", rounded(r.Time), rounded(r.Uncertainty), r.FPS)}
	switch {
	case tester != "":
		v.missing = tester
	case r.FPS == 0:
		v.fails = noThroughput
	case len(r.Runs) == 0:
		v.missing = "it was not measured"
	case !r.Recovered():
		v.fails = "it still loses frames"
	}
	return v
}

func readAddresses(p procedure.Procedure, a *procedure.AddressRow, tester string) reading {
	v := reading{value: float64(a.Addresses), dimensions: []Dimension{Number}, without: "> 0", missing: tester, atLeast: a.Unbounded,
		seen: fmt.Sprintf("%d addresses, taught at %.0f frames per second", a.Addresses, a.Rate)}
	if p == procedure.AddressLearning {
		v.value, v.dimensions, v.without = a.Rate, []Dimension{FrameRate}, "> 0fps"
		v.seen = fmt.Sprintf("%.0f frames per second for %d addresses", a.Rate, a.Addresses)
	}
	return v
}

func readForwarding(b Bound, row *procedure.Row, tester string) reading {
	f := row.Forwarding
	bits := float64(8 * row.FrameBytes)
	v := reading{value: f.FRMOL, dimensions: []Dimension{FrameRate, BitRate}, without: "> 0fps", missing: tester,
		seen: fmt.Sprintf("%.0f frames per second (%s), highest %.0f at %.3g%% load", f.FRMOL, bitRate(f.FRMOL*bits), f.MFR, 100*f.MFRLoad)}
	if b.Dimension() == BitRate {
		v.value *= bits
	}
	return v
}
