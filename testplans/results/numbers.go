package results

import (
	"fmt"
	"math"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// A Number is one measurement that both runs made. Its values are in Unit.
type Number struct {
	What        string  `json:"what"` // "outage of h1-h2, link r1:ge-0/0/0 down"
	Unit        string  `json:"unit"` // ms, fps
	Old         float64 `json:"old"`
	New         float64 `json:"new"`
	Noise       float64 `json:"noise"` // the uncertainties of both together
	LowerBetter bool    `json:"lowerBetter"`
}

// Moved reports whether the values differ by more than their noise.
func (n Number) Moved() bool { return math.Abs(n.New-n.Old) > n.Noise }

// Worse reports whether the number moved in the wrong direction.
func (n Number) Worse() bool { return n.Moved() && (n.New > n.Old) == n.LowerBetter }

// measurement is a number of one run.
type measurement struct {
	what, unit   string
	value, noise float64
	lowerBetter  bool
}

// compareNumbers pairs what was measured in the last attempts of a case. What
// only one of them measured is left out.
func compareNumbers(old, new *Case) []Number {
	before := map[string]measurement{}
	for _, m := range measurements(old.Last()) {
		before[m.what] = m
	}
	var numbers []Number
	for _, m := range measurements(new.Last()) {
		was, ok := before[m.what]
		if !ok {
			continue
		}
		numbers = append(numbers, Number{
			What: m.what, Unit: m.unit, Old: was.value, New: m.value,
			Noise: was.noise + m.noise, LowerBetter: m.lowerBetter,
		})
	}
	return numbers
}

// measurements are the outages, route times and benchmarks of an attempt. A case that
// measures the same thing twice has the second one numbered.
func measurements(a *Attempt) []measurement {
	if a == nil {
		return nil
	}
	var list []measurement
	times := map[string]int{}
	add := func(round *check.Round, m measurement) {
		if round != nil {
			m.what = fmt.Sprintf("%s, round %d", m.what, round.Number)
		}
		times[m.what]++
		if n := times[m.what]; n > 1 {
			m.what = fmt.Sprintf("%s (%d)", m.what, n)
		}
		list = append(list, m)
	}
	for _, step := range a.Steps {
		if c := step.Convergence; c != nil {
			add(step.Round, measurement{
				what: fmt.Sprintf("outage of %s, %s", c.Stream, c.Event), unit: "ms",
				value: c.Outage.Seconds() * 1e3, noise: c.Uncertainty.Seconds() * 1e3, lowerBetter: true,
			})
		}
		if step.RouteTime != nil {
			add(step.Round, routeTime(step.RouteTime))
		}
		if step.Benchmark != nil {
			for i := range step.Benchmark.Rows {
				if m, ok := benchmark(step.Benchmark.Procedure, &step.Benchmark.Rows[i]); ok {
					add(step.Round, m)
				}
			}
		}
	}
	return list
}

// routeTime is how long a sample of routes took. Beside what the instrument does
// not know, a tenth is noise: a router batches what it learns, so that the same
// one takes now more, now less.
func routeTime(r *RouteTime) measurement {
	event := "flows after their announcement"
	if r.Withdrawn {
		event = "ends after their withdrawal"
	}
	return measurement{
		what: fmt.Sprintf("time until traffic to %d of %d routes %s %s", r.Sample, r.Count, r.Routes, event), unit: "ms",
		value: inMS(r.Took), noise: inMS(r.Uncertainty + r.Took/10), lowerBetter: true,
	}
}

// benchmark is the one number of a row that runs are compared by, if it was
// measured.
func benchmark(p procedure.Procedure, row *procedure.Row) (measurement, bool) {
	m := measurement{what: fmt.Sprintf("%s with %d-byte frames", p, row.FrameBytes)}
	switch {
	case row.Throughput != nil:
		m.unit, m.value, m.noise = "fps", row.Throughput.FPS, resolution(row)
	case row.Latency != nil && row.Latency.Trials > 0:
		m.unit, m.lowerBetter = "ms", true
		m.value, m.noise = inMS(row.Latency.Mean), inMS(row.Latency.P99-row.Latency.P50)
	case row.BackToBack != nil && len(row.BackToBack.Bursts) > 0:
		m.unit, m.value, m.noise = "frames", row.BackToBack.Average, max(1, row.BackToBack.StdDev)
	case row.Recovery != nil && row.Recovery.Recovered():
		m.unit, m.lowerBetter = "ms", true
		m.value, m.noise = inMS(row.Recovery.Time), inMS(row.Recovery.Uncertainty)
	case row.Addresses != nil && p == procedure.AddressCaching:
		m.unit, m.value = "addresses", float64(row.Addresses.Addresses)
	case row.Addresses != nil:
		m.unit, m.value, m.noise = "fps", row.Addresses.Rate, row.Addresses.Rate/100
	case row.Forwarding != nil:
		m.unit, m.value, m.noise = "fps", row.Forwarding.FRMOL, row.Forwarding.FRMOL/100
	default:
		return m, false
	}
	return m, true
}

func inMS(d time.Duration) float64 { return d.Seconds() * 1e3 }

// resolution is how exactly a throughput search knows its result: the distance
// to the lowest rate above it that lost frames. A search that met no loss, or
// is limited by the tester, cannot say; then a tenth is taken, for rates that
// software offers vary by that much.
func resolution(row *procedure.Row) float64 {
	t := row.Throughput
	if row.TesterLimited != "" || t.LowestLossy <= t.FPS {
		return t.FPS / 10
	}
	return t.LowestLossy - t.FPS
}
