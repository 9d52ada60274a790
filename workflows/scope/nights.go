package scope

import (
	"fmt"
	"time"
)

// Nights are the moments at which the nightly regression begins within days:
// in each the first one at this time of the day, in the calendar's time zone.
// A day that is cut may have none. Where the clocks change and leave that time
// out, the night begins an hour later.
//
// Days that have a length are taken for days from midnight to midnight: 02:00
// is a twelfth of the way into each.
func (c Calendar) Nights(days Days, hour, minute int) ([]time.Time, error) {
	var nights []time.Time
	add := func(at time.Time, day int) {
		if !at.Before(days[day]) && at.Before(days[day+1]) {
			nights = append(nights, at.UTC())
		}
	}
	if c.Day > 0 {
		into := c.Day * time.Duration(hour*60+minute) / (24 * 60)
		for i := range days.Len() {
			add(days[i].Add(into), i)
		}
		return nights, nil
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", c.Zone, err)
	}
	for i := range days.Len() {
		year, month, date := days[i].In(zone).Date()
		at := time.Date(year, month, date, hour, minute, 0, 0, zone)
		if at.Before(days[i]) {
			at = time.Date(year, month, date+1, hour, minute, 0, 0, zone)
		}
		add(at, i)
	}
	return nights, nil
}
