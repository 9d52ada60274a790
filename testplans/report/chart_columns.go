package report

import (
	"fmt"
	"math"

	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// A columnChart is one column per frame size.
type columnChart struct {
	Text, Axis               string
	Left, Top, Right, Bottom float64
	Middle                   float64
	Y                        []tick
	Columns                  []column
	Marked                   bool // some column has a mark
}

type column struct {
	X, Y, Width, Height float64
	Center              float64
	Label, Value        string
	Limited             bool
	Mark                float64 // place of the theoretical maximum, 0 if it is not known
}

// A bucket is the value of one frame size before it is drawn.
type bucket struct {
	size    int
	value   float64
	text    string
	limited bool
	mark    float64 // the theoretical maximum
}

// benchmarkColumns draws a result by frame size, nil if it has none to draw.
// The throughput has the media's theoretical maximum beside it, as RFC 2544,
// section 26.1, asks.
func benchmarkColumns(r *procedure.Result) *columnChart {
	var buckets []bucket
	for i := range r.Rows {
		if b, ok := bucketOf(r, &r.Rows[i]); ok {
			buckets = append(buckets, b)
		}
	}
	if len(buckets) == 0 {
		return nil
	}
	what := axisOf[r.Procedure]
	return drawColumns(buckets, what, fmt.Sprintf("The %s benchmark: %s by frame size.", r.Procedure, what))
}

var axisOf = map[procedure.Procedure]string{
	procedure.Throughput:     "frames per second",
	procedure.Latency:        "mean latency in milliseconds",
	procedure.BackToBack:     "frames in the average burst",
	procedure.SystemRecovery: "recovery time in milliseconds",
	procedure.Reset:          "reset time in milliseconds",
	procedure.Forwarding:     "frames per second at the highest load",

	procedure.AddressCaching:  "addresses",
	procedure.AddressLearning: "addresses learned per second",
}

func bucketOf(r *procedure.Result, row *procedure.Row) (bucket, bool) {
	b := bucket{size: row.FrameBytes, limited: row.TesterLimited != ""}
	switch {
	case row.Throughput != nil:
		b.value, b.text = row.Throughput.FPS, fpsText(row.Throughput.FPS, b.limited)
		if r.Speed > 0 {
			b.mark = row.MaxFPS
		}
	case row.Latency != nil && row.Latency.Trials > 0:
		b.value, b.text = inMS(row.Latency.Mean), took(row.Latency.Mean)
	case row.BackToBack != nil && len(row.BackToBack.Bursts) > 0:
		b.limited = b.limited || row.BackToBack.Unbounded
		b.value, b.text = row.BackToBack.Average, fpsText(row.BackToBack.Average, b.limited)
	case row.Recovery != nil && row.Recovery.Recovered():
		b.value, b.text = inMS(row.Recovery.Time), took(row.Recovery.Time)
	case row.Forwarding != nil:
		b.value, b.text = row.Forwarding.FRMOL, fpsText(row.Forwarding.FRMOL, false)
		if r.Speed > 0 {
			b.mark = row.MaxFPS
		}
	case row.Addresses != nil:
		b.value, b.limited = float64(row.Addresses.Addresses), b.limited || row.Addresses.Unbounded
		if r.Procedure == procedure.AddressLearning {
			b.value = row.Addresses.Rate
		}
		b.text = fpsText(b.value, b.limited)
	default:
		return b, false
	}
	return b, true
}

// fpsText is a number with its thousands apart, "≥ 25 000" for a lower limit.
func fpsText(v float64, least bool) string {
	text := grouped(uint64(math.Round(v)))
	if least {
		text = "≥ " + text
	}
	return text
}

func drawColumns(buckets []bucket, axis, text string) *columnChart {
	c := &columnChart{Left: 56, Top: 16, Right: 706, Bottom: 200, Axis: axis, Text: text}
	highest := 0.0
	for _, b := range buckets {
		highest = max(highest, b.value, b.mark)
	}
	if highest == 0 {
		highest = 1
	}
	y := scale{0, niceCeil(highest*1.1, 4), c.Bottom, c.Top}
	c.Y = y.ticks(4)
	c.Middle = (c.Left + c.Right) / 2
	slot := (c.Right - c.Left) / float64(len(buckets))
	width := math.Min(slot*0.6, 90)
	for i, b := range buckets {
		center := c.Left + slot*(float64(i)+0.5)
		top := y.at(b.value)
		col := column{
			X: round1(center - width/2), Y: top, Width: round1(width), Height: round1(c.Bottom - top), Center: round1(center),
			Label: fmt.Sprint(b.size), Value: b.text, Limited: b.limited,
		}
		if b.mark > 0 {
			col.Mark, c.Marked = y.at(b.mark), true
		}
		c.Columns = append(c.Columns, col)
	}
	return c
}
