package report

import (
	"fmt"

	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// A lossChart is the loss over the load, one line per frame size, both in per
// cent (RFC 2544, section 26.3).
type lossChart struct {
	Text                     string
	Left, Top, Right, Bottom float64
	Middle                   float64
	X, Y                     []tick
	Lines                    []lossLine
}

type lossLine struct {
	Path   string
	Number int // of the line, from 1, for its colour
	Label  string
	LabelX float64
	LabelY float64
	Points []lossDot
}

type lossDot struct{ X, Y float64 }

// lineColors is how many lines are told apart by colour before they repeat.
const lineColors = 6

// lossLines draws a frame loss benchmark, nil if the result is another.
func lossLines(r *procedure.Result) *lossChart {
	c := &lossChart{Left: 56, Top: 16, Right: 640, Bottom: 200, Text: "Frame loss over the load, one line for each frame size, both in per cent."}
	c.Middle = (c.Left + c.Right) / 2
	highest := 0.0
	for _, row := range r.Rows {
		if row.FrameLoss != nil {
			for _, p := range row.FrameLoss.Points {
				highest = max(highest, 100*p.Ratio)
			}
		}
	}
	if highest == 0 {
		highest = 1
	}
	x := scale{0, 100, c.Left, c.Right}
	y := scale{0, niceCeil(highest*1.05, 4), c.Bottom, c.Top}
	c.X, c.Y = x.ticks(10), y.ticks(4)
	for _, row := range r.Rows {
		if row.FrameLoss == nil || len(row.FrameLoss.Points) == 0 {
			continue
		}
		line := lossLine{Number: len(c.Lines)%lineColors + 1, Label: fmt.Sprintf("%d B", row.FrameBytes)}
		var path polyline
		for _, p := range row.FrameLoss.Points {
			dot := lossDot{x.at(100 * p.Load), y.at(100 * p.Ratio)}
			line.Points = append(line.Points, dot)
			path.add(dot.X, dot.Y)
		}
		line.Path = path.b.String()
		line.LabelX, line.LabelY = c.Right+8, line.Points[0].Y+4
		c.Lines = append(c.Lines, line)
	}
	if len(c.Lines) == 0 {
		return nil
	}
	spread(c.Lines)
	return c
}

// spread moves labels apart that would stand on each other.
func spread(lines []lossLine) {
	const height = 13
	for i := range lines {
		for j := range i {
			if d := lines[i].LabelY - lines[j].LabelY; d > -height && d < height {
				lines[i].LabelY = lines[j].LabelY + height
			}
		}
	}
}
