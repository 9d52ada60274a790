package report

import (
	"fmt"
	"sort"
	"strconv"
	"time"
)

// A dayChart is the engagement on a calendar of its days: a lane for each
// phase, the window, the runs, and what was signed. All days are as wide, be
// they long or short.
type dayChart struct {
	Text        string
	Left, Right float64
	Height      float64
	Days        []tick    // the numbers of the days, in their middles
	Edges       []float64 // where days begin and end
	Lanes       []dayLane
	Now         float64 // where it stands or ended; 0 outside the term
}

// A dayLane is one row of blocks.
type dayLane struct {
	Name   string
	Y      float64
	Blocks []block
}

const (
	dayLaneTop    = 34.0
	dayLaneHeight = 24.0
)

// drawDays draws an engagement, or returns nil before it has days.
func drawDays(e *Engagement, phases []phaseRow) *dayChart {
	term := e.State.Term
	if len(term) < 2 {
		return nil
	}
	d := &dayChart{Left: 96, Right: 712}
	x := scale{0, float64(len(term) - 1), d.Left, d.Right}
	at := func(t time.Time) float64 { return x.at(dayOf(term, t)) }
	for i := range term {
		d.Edges = append(d.Edges, x.at(float64(i)))
		if i > 0 {
			d.Days = append(d.Days, tick{At: x.at(float64(i) - .5), Label: strconv.Itoa(i)})
		}
	}
	for _, p := range phases {
		to := p.To
		if to.IsZero() {
			to = e.Now
		}
		d.lane(p.Name, span(at(p.From), at(to), "phase", fmt.Sprintf("%s from day %d", p.Name, p.FromDay)))
	}
	if w := e.State.Window; w != nil && len(w.Days) > 1 {
		d.lane("test window", windowBlocks(w, at)...)
	}
	d.lane("runs", runBlocks(e, at)...)
	d.lane("nights", nightBlocks(e, at)...)
	d.lane("signed", signatureBlocks(e, at)...)
	d.Height = dayLaneTop + dayLaneHeight*float64(len(d.Lanes)) + 4
	d.Now = at(e.Now)
	d.Text = dayText(e)
	return d
}

// dayOf is a moment as a number of days since the term began, within the term.
func dayOf(term []time.Time, t time.Time) float64 {
	i := sort.Search(len(term), func(i int) bool { return term[i].After(t) }) - 1
	switch {
	case i < 0:
		return 0
	case i >= len(term)-1:
		return float64(len(term) - 1)
	}
	length := term[i+1].Sub(term[i])
	if length <= 0 {
		return float64(i)
	}
	return float64(i) + float64(t.Sub(term[i]))/float64(length)
}

// lane adds a row; one without blocks is left out.
func (d *dayChart) lane(name string, blocks ...block) {
	if len(blocks) > 0 {
		d.Lanes = append(d.Lanes, dayLane{Name: clip(name, 14), Y: dayLaneTop + dayLaneHeight*float64(len(d.Lanes)), Blocks: blocks})
	}
}

// span is a block that is wide enough to be seen.
func span(from, to float64, class, text string) block {
	return block{X: from, Width: max(round1(to-from), 2), Class: class, Text: text}
}

// windowBlocks are the test days one by one.
func windowBlocks(w *TestWindow, at func(time.Time) float64) []block {
	var blocks []block
	for i := 1; i < len(w.Days); i++ {
		b := span(at(w.Days[i-1]), at(w.Days[i]), "window", fmt.Sprintf("test day %d of %d", i, len(w.Days)-1))
		b.Width = max(round1(b.Width-1), 1) // a gap between days
		blocks = append(blocks, b)
	}
	return blocks
}

func runBlocks(e *Engagement, at func(time.Time) float64) []block {
	var blocks []block
	for _, r := range e.State.Runs {
		if !r.Started.IsZero() {
			blocks = append(blocks, runBlock(e, r.ID, r.Started, r.Finished, string(r.Verdict), at))
		}
	}
	return blocks
}

func nightBlocks(e *Engagement, at func(time.Time) float64) []block {
	var blocks []block
	for _, n := range e.State.Nights {
		blocks = append(blocks, runBlock(e, n.Run, n.Started, n.Finished, string(n.Verdict), at))
	}
	return blocks
}

// runBlock is a run from its start to its end, or until now.
func runBlock(e *Engagement, id string, from, to time.Time, verdict string, at func(time.Time) float64) block {
	if to.IsZero() {
		to, verdict = e.Now, "running"
	}
	return span(at(from), at(to), verdict, id+": "+verdict)
}

func signatureBlocks(e *Engagement, at func(time.Time) float64) []block {
	var blocks []block
	for _, l := range e.State.Ledger {
		if l.Signature != "" {
			blocks = append(blocks, span(at(l.At), at(l.At)+3, "signature", fmt.Sprintf("day %d, %s: %s", l.Day, l.Who, l.What)))
		}
	}
	return blocks
}

// dayText says the drawing in words.
func dayText(e *Engagement) string {
	days := len(e.State.Term) - 1
	text := fmt.Sprintf("The %d days of the engagement", days)
	w := e.State.Window
	if w == nil || len(w.Days) < 2 {
		return text + "; the test window has not opened."
	}
	text += fmt.Sprintf(" with the %d days of the test window, which opened on day %d", len(w.Days)-1, dayNumber(e.State.Term, w.Days[0]))
	if w.Cut {
		text += fmt.Sprintf(" and is cut at day %d", days)
	}
	return text + "."
}

// dayNumber is the day of a moment, from 1 to the last.
func dayNumber(term []time.Time, t time.Time) int {
	return min(int(dayOf(term, t))+1, max(len(term)-1, 1))
}
