// Package report writes what a run found, for people and for machines: a table
// for the terminal (Text), a document that stands alone (HTML), and the files
// that other programs read (JUnit, JSON). Every writer is a pure function of
// the record: the same run gives the same bytes.
package report

import (
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ccl-lab/ccl/testplans/results"
)

// Options are the reader's circumstances. The zero Options suit a file.
type Options struct {
	Color bool // terminal colours in text
	Width int  // columns of the terminal; 0 is 100
	// Evidence is the evidence directory as seen from where the report will be
	// read; empty is results.EvidenceDir, beside the report.
	Evidence string
	// Generated is printed as the report's own date; zero is the end of the run.
	Generated time.Time
}

func (o Options) width() int {
	if o.Width <= 0 {
		return 100
	}
	return max(o.Width, 60)
}

// evidence returns the path of an evidence file from the reader's place, or ""
// for a record whose path would lead out of the evidence directory.
func (o Options) evidence(f results.EvidenceFile) string {
	if !filepath.IsLocal(f.Path) {
		return ""
	}
	dir := o.Evidence
	if dir == "" {
		dir = results.EvidenceDir
	}
	return path.Join(filepath.ToSlash(dir), f.Path)
}

// took writes a duration with three significant figures, in the largest unit
// that makes it at least one: 41.2 µs, 180 ms, 2.13 s, 1 min 44 s.
func took(d time.Duration) string {
	// The limits are where rounding would reach the next unit.
	switch {
	case d < 0:
		return "–"
	case d == 0:
		return "0 s"
	case d < time.Microsecond:
		return fmt.Sprintf("%d ns", d.Nanoseconds())
	case d < 999500*time.Nanosecond:
		return figures(float64(d)/1e3) + " µs"
	case d < 999500*time.Microsecond:
		return figures(float64(d)/1e6) + " ms"
	case d < 59950*time.Millisecond:
		return figures(d.Seconds()) + " s"
	case d < time.Hour-500*time.Millisecond:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

// figures writes x (1 to 1000) with three significant figures and without
// trailing zeros behind the point.
func figures(x float64) string {
	decimals := 2
	if x >= 100 {
		decimals = 0
	} else if x >= 10 {
		decimals = 1
	}
	s := fmt.Sprintf("%.*f", decimals, x)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// grouped writes a whole number with thin spaces between thousands.
func grouped[N ~uint64 | ~int](n N) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// A printer writes lines and keeps the first error, so that a renderer need not
// look after each line.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// printable makes one line of what a device said: control characters, which
// could move the cursor or be no XML, become spaces.
func printable(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r == ' ' || r == utf8.RuneError || unicode.IsControl(r)
	}), " ")
}
