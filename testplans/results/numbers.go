package results

import (
	"fmt"
	"math"

	"github.com/ccl-lab/ccl/trafficgen"
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

// measurements are the outages and throughputs of an attempt. A case that
// measures the same thing twice has the second one numbered.
func measurements(a *Attempt) []measurement {
	if a == nil {
		return nil
	}
	var list []measurement
	times := map[string]int{}
	add := func(m measurement) {
		times[m.what]++
		if n := times[m.what]; n > 1 {
			m.what = fmt.Sprintf("%s (%d)", m.what, n)
		}
		list = append(list, m)
	}
	for _, step := range a.Steps {
		if c := step.Convergence; c != nil {
			add(measurement{
				what: fmt.Sprintf("outage of %s, %s", c.Stream, c.Event), unit: "ms",
				value: c.Outage.Seconds() * 1e3, noise: c.Uncertainty.Seconds() * 1e3, lowerBetter: true,
			})
		}
		for _, t := range step.Throughput {
			add(measurement{
				what: fmt.Sprintf("throughput with %d-byte frames", t.FrameBytes), unit: "fps",
				value: t.FPS, noise: resolution(t),
			})
		}
	}
	return list
}

// resolution is how exactly a throughput search knows its result: the distance
// to the lowest rate above it that lost frames. A search that met no loss, or
// is limited by the tester, cannot say; then a tenth is taken, for rates that
// software offers vary by that much.
func resolution(t trafficgen.Throughput) float64 {
	lowestFailed := math.Inf(1)
	for _, trial := range t.Trials {
		if !trial.Passed && trial.Invalid == "" && trial.WantedFPS > t.FPS {
			lowestFailed = min(lowestFailed, trial.WantedFPS)
		}
	}
	if math.IsInf(lowestFailed, 1) || t.TesterLimited {
		return t.FPS / 10
	}
	return lowestFailed - t.FPS
}
