package notice

import (
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/testplans/check"
)

// An Event is something that happened in an engagement and that its service
// manager has to hear of: a phase, a warning, something that waits for a
// contact, a night that changed or could not run.
type Event struct {
	Engagement string `json:"engagement"` // acme-ring
	Customer   string `json:"customer"`
	For        string `json:"for"` // the service manager
	Phase      string `json:"phase"`
	Day        int    `json:"day"`
	Days       int    `json:"days"` // of the engagement
	// What happened, as a sentence without its full stop, and why.
	What string `json:"what"`
	Why  string `json:"why,omitempty"`
	// Waiting is for what the engagement waits, and for whom.
	Waiting string `json:"waiting,omitempty"`
	// Do is the command that helps.
	Do string `json:"do,omitempty"`
	// Night is the night that the event is about, if it is.
	Night *Night `json:"night,omitempty"`
}

// Notice is the event in words.
func (e *Event) Notice() Notice {
	n := Notice{Headline: fmt.Sprintf("%s (%s): %s", e.Customer, e.Engagement, check.Shorten(oneLine(e.What), 300))}
	var paragraphs []string
	add := func(format string, args ...any) { paragraphs = append(paragraphs, fmt.Sprintf(format, args...)) }
	if e.Why != "" {
		add("Why: %s.", check.Shorten(oneLine(e.Why), 300))
	}
	if e.Night != nil {
		add("%s", e.Night.Text())
	}
	if e.Waiting != "" {
		add("It waits %s.", check.Shorten(oneLine(e.Waiting), 300))
	}
	if e.Do != "" {
		add("To do it: %s", e.Do)
	}
	add("Day %d of %d, phase %s. For %s, the service manager.", e.Day, e.Days, e.Phase, e.For)
	n.Text = strings.Join(paragraphs, "\n\n")
	return n
}
