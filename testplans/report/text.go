package report

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// Text writes the table of verdicts. Under each case that did not pass stands
// why: where, what was expected, what was seen, which file shows it, and when.
func Text(w io.Writer, run *results.Run, opts Options) error {
	t := textTable{printer: printer{w: w}, opts: opts, run: run}
	t.head()
	t.cases()
	t.foot()
	return t.err
}

type textTable struct {
	printer
	opts Options
	run  *results.Run
}

func (t *textTable) head() {
	t.printf("%s  %s\n", t.paint(bold, t.run.ID), printable(t.run.Title))
	where := t.run.Lab
	if t.run.Backend != "" {
		where += " on " + t.run.Backend
	}
	t.printf("plan %s (%s) · lab %s · started %s\n", t.run.Plan, t.run.Type, where, t.run.Started.UTC().Format("2006-01-02 15:04:05 MST"))
	for _, line := range platformLines(t.run) {
		t.printf("%s\n", line)
	}
	if t.run.Problem != "" {
		t.printf("%s %s\n", t.paint(red, "The run ended early:"), printable(t.run.Problem))
	}
	t.printf("\n")
}

func (t *textTable) cases() {
	id := len("CASE")
	for _, c := range t.run.Cases {
		id = max(id, utf8.RuneCountInString(c.ID))
	}
	line := fmt.Sprintf("%%-%ds  %%s  %%10s  %%s\n", id)
	t.printf(line, "CASE", "VERDICT", "TIME", "TITLE")
	for i := range t.run.Cases {
		c := &t.run.Cases[i]
		time := "–"
		if last := c.Last(); last != nil && last.Verdict != check.Skip {
			time = took(last.Took())
		}
		room := t.opts.width() - id - 23
		t.printf(line, c.ID, t.verdict(c), time, clip(printable(c.Title), room))
		t.why(c)
	}
}

// why explains a case that did not simply pass.
func (t *textTable) why(c *results.Case) {
	last := c.Last()
	if last == nil {
		return
	}
	if c.Flaky() {
		t.indented("passed on attempt %d; before: %s", last.Number, printable(firstTrouble(c).Reason))
		return
	}
	if last.Verdict == check.Pass {
		return
	}
	if last.Verdict == check.Skip {
		t.indented("%s", printable(last.Reason))
		return
	}
	explained := false
	for i := range last.Steps {
		if s := &last.Steps[i]; s.Verdict == check.Fail || s.Verdict == check.Error {
			t.step(s)
			explained = true
		}
	}
	if !explained {
		t.indented("%s", printable(last.Reason))
	}
}

// step explains one failed step: every finding that did not hold, or the
// step's reason when nothing was compared.
func (t *textTable) step(s *results.Step) {
	t.indented("%s (%s into the run): %s", stamp(s.Finished), took(s.Finished.Sub(t.run.Started)), printable(s.Sentence()))
	shown := 0
	for _, f := range s.Findings {
		if f.Verdict != check.Fail && f.Verdict != check.Error {
			continue
		}
		shown++
		t.indented("  %s%s", node(f.Node), printable(f.Subject))
		t.indented("    expected  %s", printable(f.Expected))
		t.indented("    seen      %s", t.paint(red, printable(f.Seen)))
		if file := t.opts.evidenceOf(s, f); file != "" {
			t.indented("    evidence  %s", file)
		}
	}
	if shown == 0 {
		t.indented("  %s", t.paint(red, printable(s.Reason)))
		for _, file := range s.Evidence {
			if path := t.opts.evidence(file); path != "" {
				t.indented("    evidence  %s", path)
			}
		}
	}
}

func (t *textTable) indented(format string, args ...any) {
	t.printf("    "+format+"\n", args...)
}

func (t *textTable) foot() {
	s := t.run.Summary()
	t.printf("\n%s  %s", t.paint(verdictColor[s.Verdict], strings.ToUpper(string(s.Verdict))), countsLine(s.Counts))
	if d := t.run.Took(); d > 0 {
		t.printf(" in %s", took(d))
	} else {
		t.printf("; the run has not finished")
	}
	t.printf("\n")
}

// verdict is a case's cell: padded before it is painted, for colours have no
// width on the screen.
func (t *textTable) verdict(c *results.Case) string {
	v := c.Verdict()
	word := string(v)
	switch {
	case v == "":
		word = "not run"
	case c.Flaky():
		word = "flaky"
	case v != check.Pass && v != check.Skip:
		word = strings.ToUpper(word)
	}
	color := verdictColor[v]
	if c.Flaky() {
		color = yellow
	}
	return t.paint(color, fmt.Sprintf("%-7s", word))
}

// platformLines name what the verdicts were obtained on, one line a platform.
func platformLines(run *results.Run) []string {
	var lines []string
	for _, g := range platformGroups(run) {
		lines = append(lines, fmt.Sprintf("%s: %s", strings.Join(g.Nodes, ", "), g.Name))
	}
	return lines
}

// countsLine is "14 passed (1 flaky), 2 failed, 1 error, 1 skipped of 18 cases".
func countsLine(n results.Counts) string {
	var parts []string
	add := func(count int, format string) {
		if count > 0 {
			parts = append(parts, fmt.Sprintf(format, count))
		}
	}
	passed := "%d passed"
	if n.Flaky > 0 {
		passed += fmt.Sprintf(" (%d flaky)", n.Flaky)
	}
	add(n.Pass, passed)
	add(n.Fail, "%d failed")
	add(n.Error, plural(n.Error, "%d error", "%d errors"))
	add(n.Skip, "%d skipped")
	add(n.NotRun, "%d not run")
	if len(parts) == 0 {
		return "no cases"
	}
	return strings.Join(parts, ", ") + fmt.Sprintf(" of %d %s", n.Cases, plural(n.Cases, "case", "cases"))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// node is a finding's node in front of its subject.
func node(name string) string {
	if name == "" {
		return ""
	}
	return name + ": "
}

// evidenceOf is the path of the file that a finding was read from, or "".
func (o Options) evidenceOf(s *results.Step, f check.Finding) string {
	for _, file := range s.Evidence {
		if f.Evidence != "" && file.ID == f.Evidence {
			return o.evidence(file)
		}
	}
	return ""
}

// firstTrouble is the first attempt that did not pass, of a case that has one.
func firstTrouble(c *results.Case) *results.Attempt {
	for i := range c.Attempts {
		if v := c.Attempts[i].Verdict; v == check.Fail || v == check.Error {
			return &c.Attempts[i]
		}
	}
	return nil
}

// clip shortens s to n runes.
func clip(s string, n int) string {
	n = max(n, 20)
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// stamp is a moment in UTC to the millisecond.
func stamp(t time.Time) string { return t.UTC().Format("15:04:05.000") }

// moment is a time with its date, for what lasts for days.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }
