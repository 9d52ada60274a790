package notice

import (
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// Notice is the night in words.
func (n *Night) Notice() Notice { return Notice{Headline: n.Headline(), Text: n.Text()} }

// Headline is the night in one line.
func (n *Night) Headline() string {
	switch n.Outcome {
	case CouldNotRun:
		return fmt.Sprintf("%s could not run: %s", n.Plan, check.Shorten(oneLine(n.Problem), 200))
	case NoBaseline:
		return fmt.Sprintf("%s: %s, and no baseline to compare with", n.Plan, countsLine(n.Counts))
	case FirstBaseline:
		return fmt.Sprintf("%s: %s; this run is the baseline from now on", n.Plan, countsLine(n.Counts))
	case Changed:
		return fmt.Sprintf("%s: %s", n.Plan, changesLine(n.Changes))
	}
	return fmt.Sprintf("%s: all of %s as in the baseline", n.Plan, plural(n.Counts.Cases, "case"))
}

// What a message holds at most: the rest is in the report.
const (
	maxChanges = 15
	maxReason  = 200 // characters
)

// Text is what lies below the headline: a list of changes and where to look.
// Its paragraphs and lists read well as Markdown and as they are.
func (n *Night) Text() string {
	var b strings.Builder
	for i, cc := range n.Changes {
		if i == maxChanges {
			fmt.Fprintf(&b, "- and %d more\n", len(n.Changes)-maxChanges)
			break
		}
		b.WriteString("- " + changeLine(cc) + "\n")
	}
	if len(n.Changes) > 0 {
		b.WriteString("\n")
	}
	if n.Outcome == CouldNotRun && n.Counts.Cases > 0 {
		fmt.Fprintf(&b, "What is known: %s.\n\n", countsLine(n.Counts))
	}
	switch {
	case n.Outcome == NoBaseline && n.Problem != "":
		fmt.Fprintf(&b, "It cannot become the baseline: %s.\n\n", oneLine(n.Problem))
	case n.Outcome == NoBaseline:
		fmt.Fprintf(&b, "To make it the baseline: ccl results baseline %s\n\n", n.Run)
	}
	for _, caveat := range n.Caveats {
		fmt.Fprintf(&b, "Note: %s.\n\n", check.Shorten(oneLine(caveat), maxReason))
	}
	fmt.Fprintf(&b, "Run %s", n.Run)
	if n.Baseline != "" && n.Baseline != n.Run {
		fmt.Fprintf(&b, ", compared with %s", n.Baseline)
	}
	if n.Report != "" {
		fmt.Fprintf(&b, ", report %s", n.Report)
	}
	return b.String()
}

func changeLine(cc results.CaseChange) string {
	line := fmt.Sprintf("%s %s %s (%s, before %s)", cc.Change, cc.ID, oneLine(cc.Title), verdictWord(cc.New), verdictWord(cc.Old))
	if cc.Reason != "" && cc.Change != results.Fixed {
		line += ": " + check.Shorten(oneLine(cc.Reason), maxReason)
	}
	if cc.KnownIssue != "" {
		line += ", known issue " + cc.KnownIssue
	}
	return line
}

// changesLine is "2 new-fail, 1 fixed".
func changesLine(list []results.CaseChange) string {
	var parts []string
	for _, change := range results.Changes {
		n := 0
		for _, cc := range list {
			if cc.Change == change {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, change))
		}
	}
	return strings.Join(parts, ", ")
}

// countsLine is "20 pass, 2 fail".
func countsLine(n results.Counts) string {
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{{n.Pass, "pass"}, {n.Fail, "fail"}, {n.Error, "error"}, {n.Skip, "skip"}, {n.NotRun, "not run"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.word))
		}
	}
	if len(parts) == 0 {
		return "no case"
	}
	return strings.Join(parts, ", ")
}

func verdictWord(v check.Verdict) string {
	if v == "" {
		return "none"
	}
	return string(v)
}

func plural(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}

// oneLine joins lines and squeezes blanks, so that what a device said cannot
// lay out the message.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
