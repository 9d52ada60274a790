package report

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// A convergenceView is the outages of the run, event by stream.
type convergenceView struct {
	Streams []string
	Rows    []convergenceRow
	Bars    []*barChart
	// Routes are the times of RFC 6412 and RFC 6413, one row for each stream of
	// each converge step.
	Routes []routeRow
}

// A routeRow is the convergence of one route or flow.
type routeRow struct {
	Case  caseView
	Event string
	Note  string                 // which round it is of
	All   *procedure.Convergence // of the step; nil but for its first row
	Rows  int                    // of the step
	procedure.RouteConvergence
}

// addRoutes adds the rows of a step.
func (v *convergenceView) addRoutes(c caseView, s worstStep) {
	measured := s.Convergence
	if measured.Measured == nil {
		return
	}
	for i, r := range measured.Measured.Routes {
		row := routeRow{Case: c, Event: measured.Event, Note: s.Note, RouteConvergence: r, Rows: len(measured.Measured.Routes)}
		if i == 0 {
			row.All = measured.Measured
		}
		v.Routes = append(v.Routes, row)
	}
}

// A convergenceRow is one event of one case; Cells follow the view's Streams,
// nil where a stream was not measured.
type convergenceRow struct {
	Case  caseView
	Event string
	Cells []*outageCell
}

type outageCell struct {
	results.Convergence
	Verdict check.Verdict
	Note    string // which round it is of
}

// Lasts says that the outage had not ended when it was measured.
func (c outageCell) Lasts() bool { return c.Measured != nil && !c.Measured.Converged }

// convergence gathers the last attempts' outages. Each case has rows of its
// own, for the same event may be measured under other circumstances.
func convergence(cases []caseView) convergenceView {
	var view convergenceView
	column := map[string]int{}
	rows := map[string]int{}
	for _, c := range cases {
		if len(c.Attempts) == 0 {
			continue
		}
		for _, s := range worstConvergence(c.Attempts[len(c.Attempts)-1]) {
			view.addRoutes(c, s)
			at, ok := column[s.Convergence.Stream]
			if !ok {
				at = len(view.Streams)
				column[s.Convergence.Stream] = at
				view.Streams = append(view.Streams, s.Convergence.Stream)
			}
			key := c.ID + "\x00" + s.Convergence.Event
			row, ok := rows[key]
			if !ok {
				row = len(view.Rows)
				rows[key] = row
				view.Rows = append(view.Rows, convergenceRow{Case: c, Event: s.Convergence.Event})
			}
			r := &view.Rows[row]
			for len(r.Cells) <= at {
				r.Cells = append(r.Cells, nil)
			}
			r.Cells[at] = &outageCell{Convergence: *s.Convergence, Verdict: s.Verdict, Note: s.Note}
		}
	}
	for i := range view.Rows {
		for len(view.Rows[i].Cells) < len(view.Streams) {
			view.Rows[i].Cells = append(view.Rows[i].Cells, nil)
		}
	}
	view.Bars = outageBars(view)
	return view
}

// eachCell calls f for every measured outage, row by row.
func (v convergenceView) eachCell(f func(r convergenceRow, stream string, cell *outageCell)) {
	for _, r := range v.Rows {
		for i, cell := range r.Cells {
			if cell != nil {
				f(r, v.Streams[i], cell)
			}
		}
	}
}

// limitOf is the duration in a bound such as "< 200ms", 0 if it has none.
func limitOf(bound string) time.Duration {
	d, err := time.ParseDuration(strings.ReplaceAll(strings.TrimLeft(bound, "<=> "), " ", ""))
	if err != nil {
		return 0
	}
	return d
}

// A latencyRow is what became of one stream in one step.
type latencyRow struct {
	Case caseView
	trafficgen.Stats
	Verdict check.Verdict
	Attempt int // 0 for a case that ran once
	Step    int // from 1
}

// Share is the lost frames in per cent, exact enough to tell one frame from none.
func (r latencyRow) Share() string {
	ratio := r.LossRatio() * 100
	switch {
	case r.Lost == 0:
		return "0 %"
	case ratio < 0.01:
		return "< 0.01 %"
	}
	return fmt.Sprintf("%.2f %%", ratio)
}

// Delay is one of the stream's delays, – where no frame arrived.
func (r latencyRow) Delay(d time.Duration) string {
	if r.Received == 0 {
		return "–"
	}
	return took(d)
}

// Doubtful are the lost frames that may be the generator's own doing.
func (r latencyRow) Doubtful() uint64 { return r.Lost - r.LeastLost() }

// latencyRows are the streams of all steps.
type latencyRows []latencyRow

// Varying are the rows whose delay variation was measured.
func (rows latencyRows) Varying() latencyRows {
	return rows.where(func(r *latencyRow) bool { return r.Latency.P999 > 0 })
}

// Lossy are the rows of streams whose flows were told apart, some of which
// lost frames.
func (rows latencyRows) Lossy() latencyRows {
	return rows.where(func(r *latencyRow) bool { return r.FlowsLossy > 0 })
}

// Slow are the rows of streams whose flows have latencies of their own.
func (rows latencyRows) Slow() latencyRows {
	return rows.where(func(r *latencyRow) bool { return len(r.FlowsSlow) > 0 })
}

// Outages are the rows of streams whose outages have ends.
func (rows latencyRows) Outages() latencyRows {
	return rows.where(func(r *latencyRow) bool { return len(r.Worst()) > 0 })
}

func (rows latencyRows) where(wanted func(*latencyRow) bool) (kept latencyRows) {
	for _, r := range rows {
		if wanted(&r) {
			kept = append(kept, r)
		}
	}
	return kept
}

// worst is how many of a stream's flows or outages the report shows.
const worst = 5

// WorstFlows are the flows that lost most.
func (r latencyRow) WorstFlows() []trafficgen.FlowStats {
	return r.Flows[:min(len(r.Flows), r.FlowsLossy, worst)]
}

// SlowFlows are the flows with the highest 99th percentile of latency.
func (r latencyRow) SlowFlows() []trafficgen.FlowStats {
	return r.FlowsSlow[:min(len(r.FlowsSlow), worst)]
}

// Worst are the longest outages whose last lost frame is known.
func (r latencyRow) Worst() (outages []trafficgen.Outage) {
	for _, o := range r.Stats.Outages {
		if !o.End.IsZero() && len(outages) < worst {
			outages = append(outages, o)
		}
	}
	return outages
}

// A profileRow is one stream of the plan.
type profileRow struct{ trafficgen.Stream }

func profiles(streams []trafficgen.Stream) []profileRow {
	rows := make([]profileRow, len(streams))
	for i, s := range streams {
		rows[i].Stream = s
	}
	return rows
}

// Frames is the frames' layers where they are not plain UDP.
func (r profileRow) Frames() string {
	if r.Capture != "" {
		return filepath.Base(r.Capture)
	}
	if text := r.Stack(); text != "" {
		return text
	}
	return "udp"
}

// Length is the frame size, or the least and the greatest.
func (r profileRow) Length() string {
	if r.Capture != "" {
		return "–"
	}
	if len(r.Sizes) == 0 {
		return fmt.Sprintf("%d B", r.Size)
	}
	return fmt.Sprintf("%d–%d B", slices.Min(r.Sizes), slices.Max(r.Sizes))
}

// Pace is the rate.
func (r profileRow) Pace() string {
	if r.Load > 0 {
		return fmt.Sprintf("%.3g %%", 100*r.Load)
	}
	return fmt.Sprintf("%g fps", r.Rate)
}

// Bursts are the frames of a burst and the gap to the next.
func (r profileRow) Bursts() string {
	if r.Burst.Frames == 0 {
		return ""
	}
	return fmt.Sprintf("bursts of %d, %s apart", r.Burst.Frames, took(r.Burst.Gap))
}

func latencies(cases []caseView) latencyRows {
	var rows latencyRows
	for _, c := range cases {
		c.eachStep(func(a *attemptView, nth int, s *stepView) {
			number := 0
			if len(c.Attempts) > 1 {
				number = a.Number
			}
			for _, st := range s.Stats {
				rows = append(rows, latencyRow{Case: c, Stats: st, Verdict: s.Verdict, Attempt: number, Step: nth})
			}
		})
	}
	return rows
}
