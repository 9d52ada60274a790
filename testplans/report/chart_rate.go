package report

import (
	"fmt"
	"time"

	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen"
)

// maxPoints is how many points a line keeps: about one a pixel.
const maxPoints = 600

// A lineChart is frames per second over time: what was sent, what arrived.
type lineChart struct {
	Title, Text              string // Text says in words what the picture shows
	Left, Top, Right, Bottom float64
	X, Y                     []tick
	Sent, Received, Area     string // SVG paths
	Bands                    []band
	Marks                    []mark
	Lost                     bool
}

// A band is an outage. The longest is labelled, beside it.
type band struct {
	X, Width float64
	Label    string
	LabelX   float64
	Anchor   string // start or end, whichever side has room
}

// A mark is an event at its time.
type mark struct {
	X, Y        float64 // Y of the label
	Kind, Label string
	Anchor      string // start or end, whichever side has room
}

// A ratePoint is the rate between two samples, in seconds and frames per second.
type ratePoint struct{ from, to, sent, received float64 }

// rateChart draws one stream of an attempt, or returns nil if there are too
// few samples to draw.
func rateChart(st *trafficgen.Stats, a *results.Attempt) *lineChart {
	points := thin(rates(st.Series), maxPoints)
	if len(points) < 2 {
		return nil
	}
	c := &lineChart{
		Title: "Stream " + st.Stream + ": frames per second over time",
		Left:  52, Top: 40, Right: 706, Bottom: 190,
		Lost: st.Lost > 0,
	}
	c.Text = fmt.Sprintf("Offered %s fps for %s. Sent %s, received %s, lost %s; %s.",
		grouped(uint64(st.OfferedFPS+0.5)), took(st.Duration), grouped(st.Sent), grouped(st.Received), grouped(st.Lost), longestOutage(st))
	highest := 0.0
	for _, p := range points {
		highest = max(highest, p.sent, p.received)
	}
	x := scale{0, points[len(points)-1].to, c.Left, c.Right}
	y := scale{0, niceCeil(highest*1.08, 4), c.Bottom, c.Top}
	c.X, c.Y = x.ticks(8), y.ticks(4)
	c.lines(points, x, y)
	c.annotate(st, a, x)
	return c
}

// lines draws the rates as steps: a rate is known between two samples, not at
// one of them. Where points were left out, a step lasts until the next one.
func (c *lineChart) lines(points []ratePoint, x, y scale) {
	var sent, received, area polyline
	area.add(x.at(points[0].from), c.Bottom)
	for i, p := range points {
		end := p.to
		if i+1 < len(points) {
			end = points[i+1].from
		}
		for _, t := range []float64{p.from, end} {
			sent.add(x.at(t), y.at(p.sent))
			received.add(x.at(t), y.at(p.received))
			area.add(x.at(t), y.at(p.received))
		}
	}
	area.add(x.at(points[len(points)-1].to), c.Bottom)
	c.Sent, c.Received, c.Area = sent.b.String(), received.b.String(), area.b.String()+"Z"
}

// annotate marks the outages, and the attempt's events that fall into the
// stream's time.
func (c *lineChart) annotate(st *trafficgen.Stats, a *results.Attempt, x scale) {
	for i, o := range st.Outages {
		from := x.at(o.Start.Sub(st.Started).Seconds())
		to := x.at((o.Start.Sub(st.Started) + o.Duration).Seconds())
		b := band{X: max(from, c.Left), Width: max(min(to, c.Right)-max(from, c.Left), 1.5)}
		if i == 0 {
			b.Label, b.LabelX, b.Anchor = took(o.Duration), b.X+b.Width+6, "start"
			if b.LabelX > (c.Left+c.Right)/2 {
				b.LabelX, b.Anchor = b.X-6, "end"
			}
		}
		if from <= c.Right && to >= c.Left {
			c.Bands = append(c.Bands, b)
		}
	}
	for _, s := range a.Steps {
		for _, e := range s.Events {
			offset := e.At.Sub(st.Started)
			if e.Kind == kindFirstLoss || e.Kind == kindLastLoss || offset < 0 || offset.Seconds() > x.hi {
				continue
			}
			m := mark{X: x.at(offset.Seconds()), Y: c.Top - 24 + float64(len(c.Marks)%2)*14, Kind: e.Kind, Label: clip(e.Text, 48), Anchor: "start"}
			if m.X > (c.Left+c.Right)/2 {
				m.Anchor = "end"
			}
			c.Marks = append(c.Marks, m)
		}
	}
	// More labels than fit say nothing.
	if len(c.Marks) > 6 {
		for i := range c.Marks {
			c.Marks[i].Label = ""
		}
	}
}

// rates turns counters into frames per second.
func rates(series []trafficgen.Sample) []ratePoint {
	var points []ratePoint
	for i := 1; i < len(series); i++ {
		was, is := series[i-1], series[i]
		span := (is.Offset - was.Offset).Seconds()
		if span <= 0 || is.Sent < was.Sent || is.Received < was.Received {
			continue
		}
		points = append(points, ratePoint{
			from: was.Offset.Seconds(), to: is.Offset.Seconds(),
			sent: float64(is.Sent-was.Sent) / span, received: float64(is.Received-was.Received) / span,
		})
	}
	return points
}

// thin keeps at most about n points: of each stretch the one with the lowest
// and the one with the highest received rate, so that no dip disappears.
func thin(points []ratePoint, n int) []ratePoint {
	if len(points) <= n {
		return points
	}
	stretch := (len(points)*2 + n - 1) / n
	var kept []ratePoint
	for from := 0; from < len(points); from += stretch {
		lowest, highest := from, from
		for i := from; i < min(from+stretch, len(points)); i++ {
			if points[i].received < points[lowest].received {
				lowest = i
			}
			if points[i].received > points[highest].received {
				highest = i
			}
		}
		first, second := min(lowest, highest), max(lowest, highest)
		kept = append(kept, points[first])
		if second != first {
			kept = append(kept, points[second])
		}
	}
	return kept
}

// inMS is a duration in milliseconds.
func inMS(d time.Duration) float64 { return d.Seconds() * 1e3 }

func longestOutage(st *trafficgen.Stats) string {
	if st.MaxOutage() == 0 {
		return "no outage"
	}
	return "longest outage " + took(st.MaxOutage())
}
