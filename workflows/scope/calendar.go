package scope

import (
	"fmt"
	"slices"
	"time"
)

// A Calendar says which days count and how long they are.
type Calendar struct {
	Zone    string // IANA name: Europe/Berlin
	Working bool   // Monday to Friday, holidays left out; otherwise every day
	// Holidays are dates, 2026-12-25. They matter to working days only.
	Holidays []string
	// Day is the length of a day, for demonstrations: then every day counts and
	// the time zone is of no importance. 0 is a real day.
	Day time.Duration
}

// maxGap is the longest run of days that do not count before a calendar is
// taken to be a mistake.
const maxGap = 366

// Days returns n consecutive days from a moment on. Of working days, the first
// begins at the start of the next one if from is in none. The time zone comes
// from the machine's database: let an activity ask, and keep the answer.
func (c Calendar) Days(from time.Time, n int) (Days, error) {
	if c.Day > 0 {
		days := make(Days, n+1)
		for i := range days {
			days[i] = from.Add(time.Duration(i) * c.Day).UTC()
		}
		return days, nil
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", c.Zone, err)
	}
	local := from.In(zone)
	year, month, date := local.Date()
	first := local
	at := func(offset int) time.Time {
		return time.Date(year, month, date+offset, first.Hour(), first.Minute(), first.Second(), first.Nanosecond(), zone)
	}
	if !c.counts(local) {
		first = time.Date(year, month, date, 0, 0, 0, 0, zone)
	}
	days, gap := make(Days, 0, n+1), 0
	for offset := 0; len(days) <= n; offset++ {
		if t := at(offset); c.counts(t) {
			days, gap = append(days, t.UTC()), 0
		} else if gap++; gap > maxGap {
			return nil, fmt.Errorf("no day counts in the year after %s", t.Format(time.DateOnly))
		}
	}
	return days, nil
}

// counts reports whether the date of t, in its own location, is a day that counts.
func (c Calendar) counts(t time.Time) bool {
	if !c.Working {
		return true
	}
	if w := t.Weekday(); w == time.Saturday || w == time.Sunday {
		return false
	}
	return !slices.Contains(c.Holidays, t.Format(time.DateOnly))
}

// Days are the boundaries of consecutive days: day 1 lasts from Days[0] to
// Days[1]. They are plain data; asking them needs no time zone.
type Days []time.Time

// Len is the number of days.
func (d Days) Len() int { return max(0, len(d)-1) }

// Start is when the first day begins.
func (d Days) Start() time.Time { return d[0] }

// End is when the last day ends.
func (d Days) End() time.Time { return d[len(d)-1] }

// Number is the day of a moment, from 1; 0 before the first, Len after the
// last. A boundary belongs to the day that it begins.
func (d Days) Number(t time.Time) int {
	n := 0
	for n < d.Len() && !t.Before(d[n]) {
		n++
	}
	return n
}

// Before is the moment n days before the end; the start if there are no n.
func (d Days) Before(n int) time.Time { return d[max(0, d.Len()-n)] }
