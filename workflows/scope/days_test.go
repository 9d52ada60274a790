package scope_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/workflows/scope"
)

// kickoff is a Monday.
var kickoff = time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)

func term(t *testing.T, c scope.Calendar, from time.Time) scope.Days {
	t.Helper()
	days, err := c.Days(from, scope.EngagementDays)
	if err != nil {
		t.Fatal(err)
	}
	return days
}

func TestDays(t *testing.T) {
	working := func(zone string, holidays ...string) scope.Calendar {
		return scope.Calendar{Zone: zone, Working: true, Holidays: holidays}
	}
	at := func(s string) time.Time {
		got, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for _, c := range []struct {
		name     string
		calendar scope.Calendar
		from     string
		n        int
		start    string
		end      string
	}{
		{"calendar days", scope.Calendar{Zone: "UTC"}, "2026-11-23T13:00:00Z", 30, "2026-11-23T13:00:00Z", "2026-12-23T13:00:00Z"},
		{"the clock goes back", scope.Calendar{Zone: "Europe/Berlin"}, "2026-10-24T12:00:00+02:00", 1, "2026-10-24T12:00:00+02:00", "2026-10-25T12:00:00+01:00"},
		{"the clock goes forward", scope.Calendar{Zone: "America/New_York"}, "2026-03-01T09:00:00-05:00", 30, "2026-03-01T09:00:00-05:00", "2026-03-31T09:00:00-04:00"},
		{"a week of working days", working("UTC"), "2026-11-23T13:00:00Z", 5, "2026-11-23T13:00:00Z", "2026-11-30T13:00:00Z"},
		{"thirty working days", working("UTC"), "2026-11-23T13:00:00Z", 30, "2026-11-23T13:00:00Z", "2027-01-04T13:00:00Z"},
		{"two holidays, one on a Sunday", working("UTC", "2026-11-25", "2026-11-29"), "2026-11-23T13:00:00Z", 5, "2026-11-23T13:00:00Z", "2026-12-01T13:00:00Z"},
		{"a kick-off on Saturday", working("UTC"), "2026-11-21T13:00:00Z", 1, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"},
		{"it is Monday there already", working("Pacific/Auckland"), "2026-11-22T20:00:00Z", 1, "2026-11-22T20:00:00Z", "2026-11-23T20:00:00Z"},
		{"holidays do not matter to calendar days", scope.Calendar{Zone: "UTC", Holidays: []string{"2026-11-24"}}, "2026-11-23T13:00:00Z", 1, "2026-11-23T13:00:00Z", "2026-11-24T13:00:00Z"},
		{"days of two seconds", scope.Calendar{Zone: "nowhere", Day: 2 * time.Second}, "2026-11-23T13:00:00Z", 30, "2026-11-23T13:00:00Z", "2026-11-23T13:01:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			days, err := c.calendar.Days(at(c.from), c.n)
			if err != nil {
				t.Fatal(err)
			}
			if days.Len() != c.n || !days.Start().Equal(at(c.start)) || !days.End().Equal(at(c.end)) {
				t.Errorf("%d days from %s to %s, want %d from %s to %s", days.Len(), days.Start(), days.End(), c.n, c.start, c.end)
			}
		})
	}
}

func TestDaysThatCannotBe(t *testing.T) {
	if _, err := (scope.Calendar{Zone: "Mars/Olympus"}).Days(kickoff, 1); err == nil || !strings.Contains(err.Error(), "Mars/Olympus") {
		t.Errorf("an unknown zone: %v", err)
	}
	var all []string
	for day := kickoff; day.Before(kickoff.AddDate(3, 0, 0)); day = day.AddDate(0, 0, 1) {
		all = append(all, day.Format(time.DateOnly))
	}
	if _, err := (scope.Calendar{Zone: "UTC", Working: true, Holidays: all}).Days(kickoff, 1); err == nil {
		t.Error("holidays without an end are accepted")
	}
}

func TestNumber(t *testing.T) {
	days := term(t, scope.Calendar{Zone: "UTC"}, kickoff)
	for offset, want := range map[time.Duration]int{
		-time.Second: 0, 0: 1, 24*time.Hour - 1: 1, 24 * time.Hour: 2, 29 * 24 * time.Hour: 30, 300 * 24 * time.Hour: 30,
	} {
		if got := days.Number(kickoff.Add(offset)); got != want {
			t.Errorf("%v after the kick-off is day %d, want %d", offset, got, want)
		}
	}
}

func TestWindow(t *testing.T) {
	calendar := scope.Calendar{Zone: "UTC"}
	days := term(t, calendar, kickoff)
	for _, c := range []struct {
		name    string
		elapsed time.Duration
		day     int
		length  int
		cut     bool
	}{
		{"day 3", 60 * time.Hour, 3, 20, false},
		{"day 10", 9*24*time.Hour + time.Hour, 10, 20, false},
		{"the end of day 10", 10*24*time.Hour - 1, 10, 20, false},
		{"the first moment of day 11 still has twenty days", 10 * 24 * time.Hour, 11, 20, false},
		{"day 11", 10*24*time.Hour + time.Hour, 11, 20, true},
		{"day 29", 28*24*time.Hour + time.Hour, 29, 2, true},
		{"day 30", 29*24*time.Hour + time.Hour, 30, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := kickoff.Add(c.elapsed)
			w, err := calendar.Open(days, at)
			if err != nil {
				t.Fatal(err)
			}
			if days.Number(at) != c.day || w.Cut != c.cut || w.Days.Len() != c.length {
				t.Errorf("opened on day %d, cut %v, %d days; want day %d, %v, %d", days.Number(at), w.Cut, w.Days.Len(), c.day, c.cut, c.length)
			}
			full := at.Add(scope.WindowDays * 24 * time.Hour)
			if want := min(full.Unix(), days.End().Unix()); w.Closes().Unix() != want {
				t.Errorf("it closes at %s, want %s", w.Closes(), time.Unix(want, 0).UTC())
			}
			if (w.Notice(days) != "") != c.cut {
				t.Errorf("cut %v, and the customer is told %q", c.cut, w.Notice(days))
			}
		})
	}
	var refusal *scope.Refusal
	if _, err := calendar.Open(days, days.End()); !errors.As(err, &refusal) || refusal.Instead == "" {
		t.Errorf("opened after the end: %v", err)
	}
}

func TestAdmitRun(t *testing.T) {
	calendar := scope.Calendar{Zone: "UTC"}
	days := term(t, calendar, kickoff)
	w, err := calendar.Open(days, kickoff)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		window *scope.Window
		signed bool
		now    time.Time
		want   string // "" is admitted
	}{
		{"open", w, true, kickoff, ""},
		{"the last moment", w, true, w.Closes().Add(-1), ""},
		{"closed", w, true, w.Closes(), "the test window closed on 2026-12-13 13:00:00 UTC"},
		{"not signed", nil, false, kickoff, "the scope is not signed"},
		{"not open", nil, true, kickoff, "has not opened yet"},
	} {
		err := scope.AdmitRun(c.window, c.signed, c.now)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		var refusal *scope.Refusal
		if err != nil && (!errors.As(err, &refusal) || refusal.Instead == "") {
			t.Errorf("%s: the refusal does not say what would be allowed", c.name)
		}
	}
}

func TestWarnings(t *testing.T) {
	days := term(t, scope.Calendar{Zone: "UTC"}, kickoff)
	warnings := scope.Warnings(days, "the engagement")
	if len(warnings) != 3 {
		t.Fatalf("%d warnings, want 3", len(warnings))
	}
	for i, want := range []string{"the engagement ends in 5 days", "the engagement ends in 2 days", "the engagement ends in 1 day,"} {
		if !strings.HasPrefix(warnings[i].Text, want) || !warnings[i].At.Equal(days.End().AddDate(0, 0, -scope.WarnBefore[i])) {
			t.Errorf("warning %d: %s at %s", i, warnings[i].Text, warnings[i].At)
		}
	}
	if short := scope.Warnings(days[:3], "the window"); len(short) != 1 {
		t.Errorf("a window of two days has %d warnings, want one: the day before", len(short))
	}
}

func TestNights(t *testing.T) {
	for _, c := range []struct {
		name     string
		calendar scope.Calendar
		from     string
		days     int
		at       [2]int
		want     []string
	}{
		{"the same day, later", scope.Calendar{Zone: "UTC"}, "2026-11-23T13:00:00Z", 2, [2]int{22, 0}, []string{"2026-11-23T22:00:00Z", "2026-11-24T22:00:00Z"}},
		{"the day after", scope.Calendar{Zone: "UTC"}, "2026-11-23T13:00:00Z", 2, [2]int{2, 0}, []string{"2026-11-24T02:00:00Z", "2026-11-25T02:00:00Z"}},
		{"in the engagement's time zone", scope.Calendar{Zone: "Europe/Berlin"}, "2026-11-23T13:00:00Z", 1, [2]int{2, 0}, []string{"2026-11-24T01:00:00Z"}},
		{"a time at which the window opens", scope.Calendar{Zone: "UTC"}, "2026-11-23T13:00:00Z", 1, [2]int{13, 0}, []string{"2026-11-23T13:00:00Z"}},
		{"the clock goes back", scope.Calendar{Zone: "Europe/Berlin"}, "2026-10-24T12:00:00+02:00", 2, [2]int{2, 30}, []string{"2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"}},
		{"the clock leaves the time out", scope.Calendar{Zone: "Europe/Berlin"}, "2026-03-28T12:00:00+01:00", 2, [2]int{2, 30}, []string{"2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"}},
		{"a weekend is one day", scope.Calendar{Zone: "UTC", Working: true}, "2026-11-27T13:00:00Z", 2, [2]int{2, 0}, []string{"2026-11-28T02:00:00Z", "2026-12-01T02:00:00Z"}},
		{"short days", scope.Calendar{Zone: "nowhere", Day: 24 * time.Second}, "2026-11-23T13:00:00Z", 2, [2]int{2, 0}, []string{"2026-11-23T13:00:02Z", "2026-11-23T13:00:26Z"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			from, err := time.Parse(time.RFC3339, c.from)
			if err != nil {
				t.Fatal(err)
			}
			days, err := c.calendar.Days(from, c.days)
			if err != nil {
				t.Fatal(err)
			}
			nights, err := c.calendar.Nights(days, c.at[0], c.at[1])
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range nights {
				got = append(got, n.Format(time.RFC3339))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("nights %v, want %v", got, c.want)
			}
		})
	}
	if _, err := (scope.Calendar{Zone: "Mars/Olympus"}).Nights(nil, 2, 0); err == nil {
		t.Error("nights in an unknown zone")
	}
}

// Every day of a window has a night, and the short last one of a window that
// is cut only if its time comes before the end.
func TestNightsOfAWindow(t *testing.T) {
	calendar := scope.Calendar{Zone: "UTC"}
	w, err := calendar.Open(term(t, calendar, kickoff), kickoff.Add(10*24*time.Hour+time.Hour)) // day 11 at 14:00, cut at 13:00
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[int]int{2: 20, 13: 19, 14: 20} {
		nights, err := calendar.Nights(w.Days, at, 0)
		if err != nil || len(nights) != want || !nights[len(nights)-1].Before(w.Closes()) {
			t.Errorf("nights at %d: %d, %v; want %d, all inside the window", at, len(nights), err, want)
		}
	}
	if w.CatchUp() != 6*time.Hour {
		t.Errorf("a night is caught up with for %v", w.CatchUp())
	}
}
