package report

import (
	"fmt"
	"sort"
	"time"

	"github.com/ccl-lab/ccl/testplans/results"
)

// The kinds of event that this package knows; others are shown in a lane of
// their own.
const (
	kindCommit    = "commit"
	kindFault     = "fault"
	kindFirstLoss = "first-loss"
	kindLastLoss  = "last-loss"
)

// A timeline is the whole run on one clock.
type timeline struct {
	Text        string
	Left, Right float64
	Height      float64
	X           []tick
	Blocks      []block
	Lanes       []lane
	Rows        []eventRow
}

// A block is one attempt of a case.
type block struct {
	X, Width    float64
	Class, Text string
	Anchor      string
}

// A lane is one kind of event.
type lane struct {
	Name, Kind string
	Y          float64
	Ticks      []laneTick
}

type laneTick struct {
	X    float64
	Text string
}

// An eventRow is one event in the table under the drawing.
type eventRow struct {
	Offset string // since the run began
	results.Event
	Case caseView
}

// newTimeline draws the run, or returns nil if nothing has run.
func newTimeline(run *results.Run, cases []caseView) *timeline {
	end := run.Finished
	for _, c := range cases {
		for _, a := range c.Attempts {
			if a.Finished.After(end) {
				end = a.Finished
			}
		}
	}
	if !end.After(run.Started) {
		return nil
	}
	t := &timeline{Left: 84, Right: 712}
	x := scale{0, end.Sub(run.Started).Seconds(), t.Left, t.Right}
	t.X = x.ticks(8)
	for _, c := range cases {
		for _, a := range c.Attempts {
			from, to := x.at(a.Started.Sub(run.Started).Seconds()), x.at(a.Finished.Sub(run.Started).Seconds())
			class := string(a.Verdict)
			t.Blocks = append(t.Blocks, block{X: from, Width: max(round1(to-from-0.5), 1), Class: class, Anchor: c.Anchor,
				Text: fmt.Sprintf("%s, attempt %d: %s, %s", c.ID, a.Number, class, took(a.Took()))})
		}
	}
	t.Rows = eventRows(run, cases)
	t.lanes(run, x)
	t.Height = 66 + 26*float64(len(t.Lanes))
	t.Text = fmt.Sprintf("%d attempts and %d events in %s.", len(t.Blocks), len(t.Rows), took(end.Sub(run.Started)))
	return t
}

// lanes sorts the events into lanes: commits, faults, loss, then the rest in
// the order of their first appearance.
func (t *timeline) lanes(run *results.Run, x scale) {
	order := []string{kindCommit, kindFault, "loss"}
	names := map[string]string{kindCommit: "commits", kindFault: "faults", "loss": "loss"}
	byKind := map[string][]laneTick{}
	for _, r := range t.Rows {
		kind := r.Kind
		if kind == kindFirstLoss || kind == kindLastLoss {
			kind = "loss"
		}
		if names[kind] == "" {
			names[kind] = kind
			order = append(order, kind)
		}
		byKind[kind] = append(byKind[kind], laneTick{X: x.at(r.At.Sub(run.Started).Seconds()), Text: r.Offset + " " + r.Kind + " " + r.Node + " " + r.Text})
	}
	for _, kind := range order {
		if ticks := byKind[kind]; len(ticks) > 0 {
			t.Lanes = append(t.Lanes, lane{Name: clip(names[kind], 20), Kind: kind, Y: 44 + 26*float64(len(t.Lanes)), Ticks: ticks})
		}
	}
}

// eventRows are all events in the order of their times. Where a stream's
// outages were counted but no event tells of them, the counts do.
func eventRows(run *results.Run, cases []caseView) []eventRow {
	var rows []eventRow
	for _, c := range cases {
		for _, a := range c.Attempts {
			events := attemptEvents(a.Attempt)
			for _, e := range events {
				rows = append(rows, eventRow{Event: e, Case: c, Offset: offset(e.At.Sub(run.Started))})
			}
		}
	}
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].At.Before(rows[j].At) })
	return rows
}

func attemptEvents(a *results.Attempt) []results.Event {
	var events []results.Event
	told := false
	for _, s := range a.Steps {
		for _, e := range s.Events {
			told = told || e.Kind == kindFirstLoss || e.Kind == kindLastLoss
			events = append(events, e)
		}
	}
	if told {
		return events
	}
	for _, s := range a.Steps {
		for _, st := range s.Stats {
			if len(st.Outages) == 0 {
				continue
			}
			o := st.Outages[0] // the longest; a lossy stream may have hundreds
			text := fmt.Sprintf("stream %s, its longest outage", st.Stream)
			events = append(events, results.Event{At: o.Start, Kind: kindFirstLoss, Text: text},
				results.Event{At: o.Start.Add(o.Duration), Kind: kindLastLoss, Text: text})
		}
	}
	return events
}

// offset is a time since the run began, +54.897 s.
func offset(d time.Duration) string { return fmt.Sprintf("%+.3f s", d.Seconds()) }
