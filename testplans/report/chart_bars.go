package report

import (
	"fmt"

	"github.com/ccl-lab/ccl/testplans/check"
)

// A barChart is one horizontal bar per measured outage, longest scale common.
type barChart struct {
	Text          string
	Left, Right   float64
	Bottom        float64
	Height        float64
	X             []tick
	Bars          []bar
	Limits        []limitLine
	MiddleOfScale float64
}

// A bar is one outage with its uncertainty.
type bar struct {
	Label, Value, Class    string
	Y, Width, ValueX       float64
	WhiskerFrom, WhiskerTo float64 // 0, 0: too small to draw
}

// A limitLine is the bound that the bars from Top to Bottom had to keep.
type limitLine struct{ X, Top, Bottom float64 }

const (
	barRow       = 40.0
	barsPerChart = 20 // a drawing must fit on a page
)

// outageBars draws the outages of a view, nil if there are none. Many outages
// make several drawings of one scale.
func outageBars(view convergenceView) []*barChart {
	highest := 0.0
	view.eachCell(func(_ convergenceRow, _ string, cell *outageCell) {
		highest = max(highest, inMS(cell.Outage+cell.Uncertainty), inMS(limitOf(cell.Limit)))
	})
	const left, right = 12, 650
	x := scale{0, niceCeil(max(highest, 1)*1.02, 6), left, right}
	var charts []*barChart
	view.eachCell(func(r convergenceRow, stream string, cell *outageCell) {
		if len(charts) == 0 || len(charts[len(charts)-1].Bars) == barsPerChart {
			charts = append(charts, &barChart{Left: left, Right: right, MiddleOfScale: (left + right) / 2, X: x.ticks(6),
				Text: "Outage of each stream after each event, in milliseconds."})
		}
		c := charts[len(charts)-1]
		top := 10 + barRow*float64(len(c.Bars))
		c.Bars = append(c.Bars, newBar(r, stream, cell, top, x))
		if limit := limitOf(cell.Limit); limit > 0 {
			c.Limits = append(c.Limits, limitLine{X: x.at(inMS(limit)), Top: top + 12, Bottom: top + 34})
		}
		c.Bottom = 12 + barRow*float64(len(c.Bars))
		c.Height = c.Bottom + 38
	})
	return charts
}

func newBar(r convergenceRow, stream string, cell *outageCell, top float64, x scale) bar {
	b := bar{
		Label: clip(fmt.Sprintf("%s · %s · %s", r.Case.ID, r.Event, stream), 96), Class: string(cell.Verdict), Y: top,
		Value: took(cell.Outage), Width: round1(max(x.at(inMS(cell.Outage))-x.from, 1)),
	}
	if cell.Verdict == "" {
		b.Class = string(check.Skip)
	}
	end := x.at(inMS(cell.Outage + cell.Uncertainty))
	b.WhiskerFrom, b.WhiskerTo = max(x.at(inMS(cell.Outage-cell.Uncertainty)), x.from), end
	b.ValueX = end + 8
	return b
}
