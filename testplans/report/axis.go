package report

import (
	"math"
	"strconv"
	"strings"
)

// A scale maps values to places on a drawing.
type scale struct {
	lo, hi   float64 // values
	from, to float64 // places
}

func (s scale) at(v float64) float64 {
	if s.hi == s.lo {
		return s.from
	}
	return round1(s.from + (v-s.lo)/(s.hi-s.lo)*(s.to-s.from))
}

// A tick is a labelled place on an axis.
type tick struct {
	At    float64
	Label string
}

// ticks returns about n round values from lo to hi, with their labels.
func (s scale) ticks(n int) []tick {
	step := niceStep((s.hi - s.lo) / float64(n))
	var list []tick
	for i := math.Ceil(s.lo / step); i*step <= s.hi*(1+1e-9); i++ {
		list = append(list, tick{At: s.at(i * step), Label: axisLabel(i*step, step)})
	}
	return list
}

// niceStep is the least of 1, 2, 5 times a power of ten that is no less than x.
func niceStep(x float64) float64 {
	if x <= 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= x*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// niceCeil is the first multiple of a round step above x.
func niceCeil(x float64, n int) float64 {
	step := niceStep(x / float64(n))
	return math.Ceil(x/step-1e-9) * step
}

// axisLabel writes a value with as many decimals as its step needs; of steps
// from a thousand on in thousands.
func axisLabel(v, step float64) string {
	if v == 0 {
		return "0"
	}
	if step >= 1000 {
		return strconv.FormatFloat(v/1000, 'f', -1, 64) + "k"
	}
	decimals := max(0, int(math.Ceil(-math.Log10(step)-1e-9)))
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// A polyline collects the points of an SVG path.
type polyline struct{ b strings.Builder }

func (p *polyline) add(x, y float64) {
	if p.b.Len() == 0 {
		p.b.WriteByte('M')
	} else {
		p.b.WriteByte('L')
	}
	p.b.WriteString(strconv.FormatFloat(round1(x), 'f', -1, 64))
	p.b.WriteByte(' ')
	p.b.WriteString(strconv.FormatFloat(round1(y), 'f', -1, 64))
}

// round1 rounds to a tenth of a pixel, which no eye tells from the truth.
func round1(x float64) float64 { return math.Round(x*10) / 10 }
