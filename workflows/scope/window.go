package scope

import (
	"fmt"
	"time"
)

// A Window is the dedicated test days of an engagement.
type Window struct {
	Days Days `json:"days"` // the last may be short if the window is cut
	// Cut says that the engagement ends before the window has had its days.
	Cut bool `json:"cut,omitempty"`
	// Nights are when the nightly regression begins, if there is one.
	Nights []time.Time `json:"nights,omitempty"`
}

// Open opens the window at a moment within the term. One that would outlast
// the term ends with it.
func (c Calendar) Open(term Days, at time.Time) (*Window, error) {
	if !at.Before(term.End()) {
		return nil, Refuse("a new engagement has a window of its own", "the engagement ended on %s, so its window cannot open", stamp(term.End()))
	}
	days, err := c.Days(at, WindowDays)
	if err != nil {
		return nil, err
	}
	w := &Window{Days: days}
	if !days.End().After(term.End()) {
		return w, nil
	}
	w.Cut = true
	for w.Days.Len() > 1 && !w.Days[w.Days.Len()-1].Before(term.End()) {
		w.Days = w.Days[:len(w.Days)-1]
	}
	w.Days[len(w.Days)-1] = term.End()
	return w, nil
}

// Closes is when the window ends; no case starts then or later.
func (w *Window) Closes() time.Time { return w.Days.End() }

// Notice is what the customer is told of a window that is cut, "" of another.
func (w *Window) Notice(term Days) string {
	if !w.Cut {
		return ""
	}
	return fmt.Sprintf("the test window opens on day %d, so it is cut at day %d: it closes on %s and has less than its %d days",
		term.Number(w.Days.Start()), term.Len(), stamp(w.Closes()), WindowDays)
}

// AdmitRun refuses a run that may not start now. w is nil while the window has
// not opened.
func AdmitRun(w *Window, signed bool, now time.Time) error {
	switch {
	case !signed:
		return Refuse("submit the plans and let a contact sign them first", "the scope is not signed, so no case may run")
	case w == nil:
		return Refuse("runs are accepted once the lab stands and the window is open", "the test window has not opened yet")
	case !now.Before(w.Closes()):
		return Refuse("what has been run until then is reported; more needs a new engagement",
			"the test window closed on %s and no case starts after that", stamp(w.Closes()))
	}
	return nil
}

// WarnBefore are the days before an end at which it is announced.
var WarnBefore = []int{5, 2, 1}

// A Warning announces that time is running out.
type Warning struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// CatchUp is how long after its time a night still begins, if nobody was there
// to begin it at its time: a quarter of a day.
func (w *Window) CatchUp() time.Duration { return w.Days[1].Sub(w.Days[0]) / 4 }

// Warnings are those for the end of days, in their order. what is what ends.
// Days that are too few for a warning have none.
func Warnings(days Days, what string) []Warning {
	var all []Warning
	for _, n := range WarnBefore {
		if n >= days.Len() {
			continue
		}
		unit := "days"
		if n == 1 {
			unit = "day"
		}
		all = append(all, Warning{At: days.Before(n), Text: fmt.Sprintf("%s ends in %d %s, on %s", what, n, unit, stamp(days.End()))})
	}
	return all
}

// stamp is a moment as people read it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
