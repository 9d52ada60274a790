package oper

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// age is a time span as "show route" prints it: 00:01:00, 1d 00:00:07, 2w3d 04:05:06.
func age(d time.Duration) string {
	clock := fmt.Sprintf("%02d:%02d:%02d", int(d%day/time.Hour), int(d%time.Hour/time.Minute), int(d%time.Minute/time.Second))
	return withDays(d, clock)
}

// elapsed is a time span as "show bgp summary" prints it: 7, 1:05, 1:00:07, 2d 3:04:05.
func elapsed(d time.Duration) string {
	h, m, s := int(d%day/time.Hour), int(d%time.Hour/time.Minute), int(d%time.Minute/time.Second)
	switch {
	case d >= day || h > 0:
		return withDays(d, fmt.Sprintf("%d:%02d:%02d", h, m, s))
	case m > 0:
		return fmt.Sprintf("%d:%02d", m, s)
	}
	return strconv.Itoa(s)
}

// ago is how long ago something was, as "show system uptime" and "show
// interfaces" print it: 00:01:00, from a day on without the seconds: 6w6d 16:12.
func ago(d time.Duration) string {
	if d < day {
		return age(d)
	}
	return withDays(d, fmt.Sprintf("%02d:%02d", int(d%day/time.Hour), int(d%time.Hour/time.Minute)))
}

// upFor is how long a machine has been up, in the words of BSD's uptime: 45
// secs, 3 mins, 2 hrs, 5:07, 154 days, 19:16.
func upFor(d time.Duration) string {
	days, hours, minutes := int(d/day), int(d%day/time.Hour), int(d%time.Hour/time.Minute)
	var parts []string
	if days > 0 {
		parts = append(parts, plural(days, "day"))
	}
	switch {
	case hours > 0 && minutes > 0:
		parts = append(parts, fmt.Sprintf("%d:%02d", hours, minutes))
	case hours > 0:
		parts = append(parts, plural(hours, "hr"))
	case minutes > 0:
		parts = append(parts, plural(minutes, "min"))
	case days == 0:
		parts = append(parts, plural(int(d/time.Second), "sec"))
	}
	return strings.Join(parts, ", ")
}

// plural is a number with its noun: 1 user, 2 users.
func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// spoken is a time span in words, as "show chassis routing-engine" prints it:
// 2 hours, 1 minute, 7 seconds.
func spoken(d time.Duration) string {
	var parts []string
	for _, u := range []struct {
		unit time.Duration
		name string
		of   time.Duration
	}{{day, "day", 1 << 62}, {time.Hour, "hour", day}, {time.Minute, "minute", time.Hour}, {time.Second, "second", time.Minute}} {
		n := d % u.of / u.unit
		if n == 0 && (u.unit != time.Second || len(parts) > 0) {
			continue
		}
		name := u.name
		if n != 1 {
			name += "s"
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, name))
	}
	return strings.Join(parts, ", ")
}

func withDays(d time.Duration, clock string) string {
	switch {
	case d >= week:
		return fmt.Sprintf("%dw%dd %s", d/week, d%week/day, clock)
	case d >= day:
		return fmt.Sprintf("%dd %s", d/day, clock)
	}
	return clock
}

// spanLeaf is an element that holds a time span for people, and the seconds in
// an attribute for programs.
func spanLeaf(name string, d time.Duration, format func(time.Duration) string) *xmltree.Element {
	return xmltree.Leaf(name, format(d)).Set("junos:seconds", strconv.Itoa(int(d/time.Second)))
}

// stamp is a moment as Junos prints it.
func stamp(t time.Time) string { return t.Format("2006-01-02 15:04:05 MST") }

// frrSpan matches FRR's longer spans: 01d02h03m, 03w1d05h, 1y02w3d.
var frrSpan = regexp.MustCompile(`(\d+)([ywdhm])`)

// parseUptime reads a span as FRR prints it ("00:00:07", "01d02h03m"); what it
// cannot read ("never") is zero.
func parseUptime(text string) time.Duration {
	if parts := strings.Split(text, ":"); len(parts) == 3 {
		h, _ := strconv.Atoi(parts[0])
		m, _ := strconv.Atoi(parts[1])
		s, _ := strconv.Atoi(parts[2])
		return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
	}
	units := map[string]time.Duration{"y": 52 * week, "w": week, "d": day, "h": time.Hour, "m": time.Minute}
	var total time.Duration
	for _, part := range frrSpan.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(part[1])
		total += time.Duration(n) * units[part[2]]
	}
	return total
}
