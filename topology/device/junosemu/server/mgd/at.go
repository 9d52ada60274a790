package mgd

import (
	"fmt"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// atLayouts are the ways to say when to commit: today at a time of day, or on
// a day.
var atLayouts = []string{"15:04", "15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05"}

// ParseAt reads the time of "commit at", in the router's time zone. The error
// is an *oper.Refusal.
func ParseAt(text string, now time.Time) (time.Time, error) {
	for i, layout := range atLayouts {
		t, err := time.ParseInLocation(layout, text, now.Location())
		if err != nil {
			continue
		}
		if i < 2 {
			year, month, day := now.Date()
			t = time.Date(year, month, day, t.Hour(), t.Minute(), t.Second(), 0, now.Location())
		}
		if t.Before(now) {
			return t, &oper.Refusal{Message: "commit time is in the past", BadElement: text}
		}
		return t, nil
	}
	return time.Time{}, &oper.Refusal{Message: fmt.Sprintf("invalid commit time: '%s', expecting hh:mm[:ss] or yyyy-mm-dd hh:mm[:ss]", text), BadElement: text}
}

// ScheduledText is what Junos answers to "commit at".
func ScheduledText(at time.Time) string {
	return "commit at will be executed at " + Stamp(at) + "\n"
}

// clearCommit cancels the commit that waits for its time.
func (s *Session) clearCommit(*xmltree.Element) (*xmltree.Element, error) {
	there, err := s.Store().ClearScheduled()
	if err != nil {
		return nil, err
	}
	if !there {
		return xmltree.Leaf("output", "No commit scheduled."), nil
	}
	return xmltree.Leaf("output", "Pending commit cleared."), nil
}
