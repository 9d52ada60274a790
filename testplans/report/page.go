package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// A page is what the templates show.
type page struct {
	Run         *results.Run
	Summary     results.Summary
	Headline    string // "2 of 20 cases failed"
	Shares      []share
	Groups      []platformGroup
	Emulated    bool
	Generated   time.Time
	Cases       []caseView
	Troubles    []caseView // the cases that did not simply pass
	Coverage    []coverageRow
	Convergence convergenceView
	Benchmarks  []benchmarkView
	Latency     latencyRows
	Timeline    *timeline
	Limitations []limitation
	Evidence    []evidenceRow
}

// A share is one verdict's part of the bar under the title.
type share struct {
	Class, Word string
	Count       int
}

func newPage(run *results.Run, opts Options) *page {
	p := &page{Run: run, Summary: run.Summary(), Groups: platformGroups(run), Generated: opts.Generated}
	if p.Generated.IsZero() {
		p.Generated = run.Finished
	}
	for _, g := range p.Groups {
		p.Emulated = p.Emulated || g.Emulated
	}
	p.Headline = headline(run, p.Summary)
	p.Shares = shares(p.Summary.Counts)
	p.Cases = caseViews(run, opts)
	for _, c := range p.Cases {
		if c.Class != string(check.Pass) && c.Class != string(check.Skip) {
			p.Troubles = append(p.Troubles, c)
		}
	}
	p.Coverage = coverageRows(p.Summary, p.Cases)
	p.Convergence = convergence(p.Cases)
	p.Benchmarks = benchmarks(p.Cases)
	p.Latency = latencies(p.Cases)
	p.Timeline = newTimeline(run, p.Cases)
	p.Limitations = limitations(run, p)
	p.Evidence = evidenceRows(p.Cases)
	return p
}

// headline says in a few words how the run ended.
func headline(run *results.Run, s results.Summary) string {
	switch {
	case s.Fail > 0:
		return fmt.Sprintf("%d of %d cases failed", s.Fail, s.Cases)
	case run.Problem != "":
		return "The run ended early"
	case run.Finished.IsZero():
		return fmt.Sprintf("Still running: %d of %d cases have run", s.Cases-s.NotRun, s.Cases)
	case s.Error > 0:
		return fmt.Sprintf("%d of %d cases could not be judged", s.Error, s.Cases)
	case s.NotRun > 0:
		return fmt.Sprintf("%d of %d cases did not run", s.NotRun, s.Cases)
	case s.Pass == 0:
		return "No case was judged"
	case s.Skip > 0:
		return fmt.Sprintf("All %d judged cases passed, %d skipped", s.Pass, s.Skip)
	}
	return fmt.Sprintf("All %d cases passed", s.Pass)
}

func shares(n results.Counts) []share {
	all := []share{
		{"pass", "passed", n.Pass - n.Flaky}, {"flaky", "flaky", n.Flaky}, {"fail", "failed", n.Fail},
		{"error", plural(n.Error, "error", "errors"), n.Error}, {"skip", "skipped", n.Skip}, {"notrun", "not run", n.NotRun},
	}
	var shown []share
	for _, s := range all {
		if s.Count > 0 {
			shown = append(shown, s)
		}
	}
	return shown
}

// A chipView is a verdict as a coloured word.
type chipView struct{ Class, Word string }

// chip takes a check.Verdict or a class of a caseView.
func chip(v any) chipView {
	class := fmt.Sprint(v)
	switch class {
	case "", "notrun":
		return chipView{"notrun", "not run"}
	}
	return chipView{class, class}
}

// A coverageRow is one requirement and the cases that prove it.
type coverageRow struct {
	results.Coverage
	Class, Word string
	Links       []caseView
}

func coverageRows(s results.Summary, cases []caseView) []coverageRow {
	byID := map[string]caseView{}
	for _, c := range cases {
		byID[c.ID] = c
	}
	var rows []coverageRow
	for _, cov := range s.Coverage {
		row := coverageRow{Coverage: cov}
		row.Class, row.Word = coverageVerdict(cov.Counts)
		for _, id := range cov.CaseIDs {
			row.Links = append(row.Links, byID[id])
		}
		rows = append(rows, row)
	}
	return rows
}

// coverageVerdict says how far a requirement is proven. Only cases that all
// passed prove it.
func coverageVerdict(n results.Counts) (class, word string) {
	switch {
	case n.Cases == 0:
		return "notrun", "no case"
	case n.Fail > 0:
		return "fail", "not met"
	case n.Pass == n.Cases:
		return "pass", "met"
	case n.Pass == 0 && n.Skip == n.Cases:
		return "skip", "not tested"
	case n.Pass == 0:
		return "error", "not judged"
	}
	return "error", "partly judged"
}

// A limitation is something the reader must know to trust the verdicts rightly.
type limitation struct {
	Title string
	Items []string
}

func limitations(run *results.Run, p *page) []limitation {
	var list []limitation
	add := func(title string, items ...string) {
		if len(items) > 0 {
			list = append(list, limitation{Title: title, Items: items})
		}
	}
	if p.Emulated {
		add("Emulated platforms", "The Junos emulator is not Junos. It speaks Junos’s configuration language, NETCONF and CLI in front of FRRouting and the Linux kernel; a verdict on it says that the plan, the configuration’s intent and FRRouting’s protocols behave as the plan expects. Timing, scale, hardware and defects of a Junos release can only be judged on that release.")
	}
	var notes []string
	for _, pl := range run.Platforms {
		for _, n := range pl.Notes {
			notes = append(notes, pl.Node+": "+n)
		}
	}
	add("Notes of the platforms", notes...)
	var unproven []string
	for _, c := range p.Coverage {
		if c.Cases == 0 {
			unproven = append(unproven, c.Requirement.ID+": "+c.Text)
		}
	}
	add("Requirements without a case", unproven...)
	add("Cases that were skipped", reasons(p.Cases, "skip")...)
	add("Cases that could not be judged", reasons(p.Cases, "error")...)
	add("Cases that did not run", reasons(p.Cases, "notrun")...)
	add("The traffic generator’s own faults", generatorFaults(p.Cases)...)
	for _, b := range p.Benchmarks {
		if b.Shortened {
			add("Shortened trials", "Trials of benchmarks were shorter than the RFCs ask for (RFC 2544, section 24: 60 s). A device that loses frames only under longer load would not have shown it.")
			break
		}
	}
	var limited []string
	for _, b := range p.Benchmarks {
		for _, row := range b.Result.Rows {
			if row.TesterLimited != "" {
				limited = append(limited, fmt.Sprintf("%s, %s of %d-byte frames: %s", b.Case.ID, b.Result.Procedure, row.FrameBytes, row.TesterLimited))
			}
		}
	}
	add("Benchmarks limited by the tester", limited...)
	return list
}

func reasons(cases []caseView, class string) []string {
	var list []string
	for _, c := range cases {
		if c.Class == class {
			list = append(list, strings.TrimSuffix(c.ID+": "+c.Reason, ": "))
		}
	}
	return list
}

func generatorFaults(cases []caseView) []string {
	var list []string
	for _, c := range cases {
		c.eachStep(func(a *attemptView, _ int, s *stepView) {
			for _, st := range s.Stats {
				for _, f := range st.Faults {
					list = append(list, fmt.Sprintf("%s, attempt %d, stream %s: %s", c.ID, a.Number, st.Stream, f))
				}
				if doubtful := st.Lost - st.LeastLost(); doubtful > 0 {
					list = append(list, fmt.Sprintf("%s, attempt %d, stream %s: %d of %d lost frames may be the generator's: %s",
						c.ID, a.Number, st.Stream, doubtful, st.Lost, strings.Join(st.Doubts(), "; ")))
				}
			}
		})
	}
	return list
}
