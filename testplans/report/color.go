package report

import "github.com/ccl-lab/ccl/testplans/check"

// Terminal colours: the sixteen that every terminal and theme has.
const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
	purple = "35"
	grey   = "2"
)

var verdictColor = map[check.Verdict]string{
	check.Pass: green, check.Fail: red, check.Error: purple, check.Skip: grey, "": grey,
}

// paint colours s if the reader wants colour.
func (t *textTable) paint(code, s string) string { return paint(t.opts, code, s) }

func paint(opts Options, code, s string) string {
	if !opts.Color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
