// Package scope is the arithmetic of an engagement: its 30 days, the window of
// 20 test days inside them, and the slots of its at most 100 test cases. All
// of it is pure: no clock, no files, no Temporal.
//
// A day lasts from one moment to the same time of the next day that counts, in
// the engagement's time zone. An engagement that is kicked off at 14:00 ends at
// 14:00 on the thirtieth day that counts after that. A window that opens within
// the first ten days therefore has its twenty; one that opens later is cut.
//
// What the contract does not allow is a *Refusal, which says what is.
package scope

import "fmt"

// The figures of the fixed-scope service.
const (
	EngagementDays = 30
	WindowDays     = 20
	MaxCases       = 100 // counted after expansion
)

// A Refusal is something the contract does not allow.
type Refusal struct {
	Reason  string `json:"reason"`  // why not, as a sentence without its full stop
	Instead string `json:"instead"` // what would be allowed
}

func (r *Refusal) Error() string {
	if r.Instead == "" {
		return r.Reason
	}
	return r.Reason + "; " + r.Instead
}

// Refuse makes a refusal. The reason is a format for args.
func Refuse(instead, reason string, args ...any) *Refusal {
	return &Refusal{Reason: fmt.Sprintf(reason, args...), Instead: instead}
}
