package check

import (
	"fmt"
)

// A Round says which turn of a repeat a step belongs to. A plan's repeat is
// written out when the plan is loaded, so that everything after sees plain
// steps; the round is what they keep of it.
type Round struct {
	Repeat int    `json:"repeat"`          // which repeat of the case, from 1, through all its phases
	Number int    `json:"number"`          // from 1
	Times  int    `json:"times"`           // how many rounds there are
	Title  string `json:"title,omitempty"` // of the repeat, if its author gave one
}

// String is the round in a sentence: "round 3 of 10".
func (r *Round) String() string { return fmt.Sprintf("round %d of %d", r.Number, r.Times) }

// Before puts the round in front of what is said of one of its steps: "Round 3
// of 10: Cut the link". What belongs to no round stays as it is.
func (r *Round) Before(text string) string {
	if r == nil {
		return text
	}
	return "R" + r.String()[1:] + ": " + text
}

// Heading is the repeat as a whole: "Flap the link, 10 times", or "Repeat 10
// times" if its author said nothing.
func (r *Round) Heading() string {
	times := "once"
	if r.Times != 1 {
		times = fmt.Sprintf("%d times", r.Times)
	}
	if r.Title == "" {
		return "Repeat " + times
	}
	return r.Title + ", " + times
}

// Together reports whether two steps, of which either may belong to no round,
// belong to the same repeat.
func (r *Round) Together(other *Round) bool {
	return r != nil && other != nil && r.Repeat == other.Repeat
}
