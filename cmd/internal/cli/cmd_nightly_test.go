package cli

import (
	"strings"
	"testing"
	"time"
)

func TestParseDays(t *testing.T) {
	for in, want := range map[string]string{
		"":                "",
		"mon-fri":         "Monday Tuesday Wednesday Thursday Friday",
		"sat,sun":         "Sunday Saturday",
		"Fri-Mon":         "Sunday Monday Friday Saturday",
		"wed,monday,wed":  "Monday Wednesday",
		"sun-sat":         "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
		"tue-tue":         "Tuesday",
		"someday":         "error",
		"mon-someday":     "error",
		"mon-":            "error",
		"mon,,tue":        "error",
		"mon-wed-fri":     "error",
		"sunday-saturday": "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
	} {
		var list []string
		if in != "" {
			list = strings.Split(in, ",")
		}
		days, err := parseDays(list)
		if (err != nil) != (want == "error") {
			t.Errorf("%q: %v", in, err)
		}
		if err == nil && names(days) != want {
			t.Errorf("%q: %s, want %s", in, names(days), want)
		}
	}
}

func names(days []time.Weekday) string {
	var list []string
	for _, d := range days {
		list = append(list, d.String())
	}
	return strings.Join(list, " ")
}
