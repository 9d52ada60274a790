package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows"
)

// A live view shows a run while it goes on. Finished cases become lines that
// stay; on a terminal, below them, two lines say what happens now.
type live struct {
	w      io.Writer
	redraw bool // the stream is a terminal
	color  bool

	begun   bool
	doing   string // as it was printed last
	printed map[string]bool
	status  int // lines of the status that are on the screen
}

func newLive(w io.Writer) *live {
	return &live{w: w, redraw: redraws(w), color: terminal(w), printed: map[string]bool{}}
}

// update shows the difference to what was shown before.
func (l *live) update(p workflows.Progress) {
	l.clear()
	if !l.begun && p.Title != "" {
		l.begun = true
		fmt.Fprintf(l.w, "%s: %s, %s\n", p.Run, p.Title, count(len(p.Cases), "case"))
	}
	// What follows the cases is told after the last of them.
	for i := range p.Cases {
		c := &p.Cases[i]
		if c.State == workflows.CaseDone && !l.printed[c.ID] {
			l.printed[c.ID] = true
			l.finished(c)
		}
	}
	if now := doing(&p); now != l.doing && p.Phase != workflows.PhaseRunning && p.Phase != workflows.PhaseDone {
		l.doing = now
		fmt.Fprintf(l.w, "  %s\n", now)
	}
	if l.redraw && p.Phase == workflows.PhaseRunning {
		l.now(p)
	}
}

// doing is the phase, and for what it waits.
func doing(p *workflows.Progress) string {
	if p.Phase == workflows.PhaseWaiting && p.Waiting != "" {
		return "waiting " + p.Waiting
	}
	return string(p.Phase)
}

// finished prints a case's line, and the reason where there is one to know.
func (l *live) finished(c *workflows.CaseState) {
	flaky := ""
	if c.Flaky {
		flaky = " (flaky)"
	}
	took := c.Finished.Sub(c.Started).Round(10 * time.Millisecond)
	fmt.Fprintf(l.w, "  %s %-20s %s  %s%s\n", l.paint(c.Verdict, fmt.Sprintf("%-5s", c.Verdict)), c.ID, c.Title, took, flaky)
	if c.Verdict != check.Pass && c.Reason != "" {
		fmt.Fprintf(l.w, "        %s\n", c.Reason)
	}
}

func (l *live) now(p workflows.Progress) {
	n := p.Counts
	done := n.Cases - n.NotRun
	fmt.Fprintf(l.w, "  %s %d of %d cases, %d passed, %d failed, %s\n",
		bar(done, n.Cases, 20), done, n.Cases, n.Pass, n.Fail+n.Error, time.Since(p.Started).Round(time.Second))
	l.status = 1
	if c := p.Current(); c != nil {
		line := "  " + c.ID
		if c.Now != nil {
			line += "  " + stepLine(c.Now)
		}
		fmt.Fprintln(l.w, check.Shorten(line, 100))
		l.status = 2
		if c.Now != nil && c.Now.Live != nil {
			l.counters(c.Now.Live)
		}
	}
}

// stepLine is where a case is. The return to the baseline is none of its steps.
func stepLine(now *workflows.CaseProgress) string {
	if now.Step > now.Steps {
		return now.Title
	}
	return fmt.Sprintf("step %d of %d: %s", now.Step, now.Steps, now.Title)
}

// counters adds what the step tells of itself: what it is doing, and a line for
// each of the first streams.
func (l *live) counters(now *activities.Live) {
	const most = 4
	var lines []string
	if now.Doing != "" {
		lines = append(lines, now.Doing)
	}
	for i, s := range now.Streams {
		if i == most {
			lines = append(lines, fmt.Sprintf("and %d streams more", len(now.Streams)-most))
			break
		}
		line := fmt.Sprintf("%s  %s  sent %d, received %d, lost %d", s.Stream, frameRate(s.FPS), s.Sent, s.Received, s.Lost)
		if s.P99 > 0 {
			line += fmt.Sprintf(", p99 %s", brief(s.P99))
		}
		lines = append(lines, line)
	}
	for _, line := range lines {
		fmt.Fprintln(l.w, check.Shorten("    "+line, 100))
		l.status++
	}
}

// clear takes the status lines off the terminal.
func (l *live) clear() {
	for ; l.status > 0; l.status-- {
		fmt.Fprint(l.w, "\x1b[1A\x1b[2K")
	}
}

// bar is a progress bar of block characters.
func bar(done, all, width int) string {
	if all == 0 {
		return strings.Repeat("░", width)
	}
	full := done * width / all
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}

var colors = map[check.Verdict]string{
	check.Pass:  "\x1b[32m",
	check.Fail:  "\x1b[31m",
	check.Error: "\x1b[35m",
	check.Skip:  "\x1b[33m",
}

func (l *live) paint(v check.Verdict, text string) string {
	if !l.color || colors[v] == "" {
		return text
	}
	return colors[v] + text + "\x1b[0m"
}
