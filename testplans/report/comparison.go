package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

var changeColor = map[results.Change]string{
	results.NewFail: red, results.StillFail: red, results.Fixed: green, results.StillPass: green,
	results.NotComparable: purple, results.New: bold, results.Removed: yellow,
}

// Comparison writes what changed from one run to another: every case whose
// verdict or numbers moved, then the counts. Cases that still pass, or were
// skipped both times, are only counted.
func Comparison(w io.Writer, c *results.Comparison, opts Options) error {
	p := printer{w: w}
	p.printf("old  %s\nnew  %s\n", refLine(c.Old), refLine(c.New))
	for _, caveat := range c.Caveats {
		p.printf("%s %s\n", paint(opts, yellow, "note:"), caveat)
	}
	id := len("CASE")
	for _, cc := range c.Cases {
		id = max(id, utf8.RuneCountInString(cc.ID))
	}
	p.printf("\n%-14s  %-*s  %-16s  %s\n", "CHANGE", id, "CASE", "OLD → NEW", "TITLE")
	for _, change := range results.Changes {
		for _, cc := range c.Cases {
			if cc.Change == change && worthShowing(cc) {
				changeLines(&p, cc, id, opts)
			}
		}
	}
	p.printf("\n%s\n", changesLine(c))
	return p.err
}

// worthShowing leaves out the cases of which there is nothing to say.
func worthShowing(cc results.CaseChange) bool {
	if cc.Change == results.NotComparable {
		return cc.Old != cc.New || cc.New == check.Error
	}
	if cc.Change != results.StillPass || cc.Flaky {
		return true
	}
	for _, n := range cc.Numbers {
		if n.Moved() {
			return true
		}
	}
	return false
}

func changeLines(p *printer, cc results.CaseChange, id int, opts Options) {
	verdicts := verdictWord(cc.Old) + " → " + verdictWord(cc.New)
	p.printf("%s  %-*s  %-16s  %s\n", paint(opts, changeColor[cc.Change], fmt.Sprintf("%-14s", cc.Change)), id, cc.ID, verdicts,
		clip(printable(cc.Title), opts.width()-id-38))
	if cc.Change != results.StillPass && cc.Reason != "" {
		p.printf("    %s\n", printable(cc.Reason))
	}
	if cc.Flaky {
		p.printf("    flaky: passed only after it had failed\n")
	}
	if cc.KnownIssue != "" {
		p.printf("    known issue %s\n", cc.KnownIssue)
	}
	for _, n := range cc.Numbers {
		if n.Moved() {
			p.printf("    %s\n", numberLine(n, opts))
		}
	}
}

// numberLine is "outage of h1-h2, link down: 180 → 250 ms (+39 %, noise 4 ms) worse".
func numberLine(n results.Number, opts Options) string {
	word := paint(opts, green, "better")
	if n.Worse() {
		word = paint(opts, red, "worse")
	}
	share := ""
	if n.Old != 0 {
		share = fmt.Sprintf("%+.0f %%, ", 100*(n.New-n.Old)/n.Old)
	}
	return fmt.Sprintf("%s: %s → %s %s (%snoise %s %s) %s", n.What, digits(n.Old), digits(n.New), n.Unit, share, digits(n.Noise), n.Unit, word)
}

// digits is a number with three or four digits that count, never in powers of ten.
func digits(f float64) string {
	if math.Abs(f) >= 1000 {
		return strconv.FormatFloat(math.Round(f), 'f', -1, 64)
	}
	return fmt.Sprintf("%.4g", f)
}

func changesLine(c *results.Comparison) string {
	counts := c.Counts()
	var parts []string
	for _, change := range results.Changes {
		if n := counts[change]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, change))
		}
	}
	if len(parts) == 0 {
		return "no cases in either run"
	}
	return strings.Join(parts, ", ")
}

func refLine(r results.RunRef) string {
	line := fmt.Sprintf("%s  %s  %s", r.ID, r.Started.Format("2006-01-02 15:04 MST"), r.Verdict)
	if len(r.Releases) > 0 {
		line += "  " + strings.Join(r.Releases, ", ")
	}
	return line
}

func verdictWord(v check.Verdict) string {
	if v == "" {
		return "–"
	}
	return string(v)
}
