package report

import (
	"fmt"
	"sort"
	"strings"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// A caseView is a case with what its rows and its chapter show.
type caseView struct {
	*results.Case
	Anchor   string // fragment of the chapter, unique in the page
	Class    string // pass, flaky, fail, error, skip, notrun
	Reason   string // the last attempt's; of a flaky case also the first trouble
	Took     string
	Facts    []fact
	Attempts []attemptView
}

// Open says that the chapter is unfolded: whoever opens the report looks for
// trouble first.
func (c caseView) Open() bool { return c.Class != "pass" }

// A fact is a line of the list at the top of a chapter.
type fact struct{ Name, Value string }

type attemptView struct {
	*results.Attempt
	Steps []stepView
}

type stepView struct {
	*results.Step
	Findings []findingView
	Files    []fileView
	Charts   []*lineChart
}

type findingView struct {
	check.Finding
	File *fileView
}

// A fileView is an evidence file; an empty Href is not linked.
type fileView struct {
	results.EvidenceFile
	Href string
}

// eachStep calls f for every step of every attempt with its number, from 1.
func (c caseView) eachStep(f func(*attemptView, int, *stepView)) {
	for i := range c.Attempts {
		for j := range c.Attempts[i].Steps {
			f(&c.Attempts[i], j+1, &c.Attempts[i].Steps[j])
		}
	}
}

func caseViews(run *results.Run, opts Options) []caseView {
	anchors := map[string]bool{}
	views := make([]caseView, len(run.Cases))
	for i := range run.Cases {
		c := &run.Cases[i]
		v := caseView{Case: c, Anchor: anchor(c.ID, anchors), Class: caseClass(c), Took: "–", Facts: facts(c)}
		if last := c.Last(); last != nil {
			v.Reason = last.Reason
			if last.Verdict != check.Skip {
				v.Took = took(last.Took())
			}
		} else {
			v.Reason = run.Problem
		}
		if c.Flaky() {
			v.Reason = fmt.Sprintf("passed on attempt %d; before: %s", c.Last().Number, firstTrouble(c).Reason)
		}
		for j := range c.Attempts {
			v.Attempts = append(v.Attempts, newAttemptView(&c.Attempts[j], opts))
		}
		views[i] = v
	}
	return views
}

func caseClass(c *results.Case) string {
	switch {
	case c.Flaky():
		return "flaky"
	case c.Verdict() == "":
		return "notrun"
	}
	return string(c.Verdict())
}

func facts(c *results.Case) []fact {
	var list []fact
	add := func(name, value string) {
		if value != "" {
			list = append(list, fact{name, value})
		}
	}
	add("Requirement", c.Requirement)
	add("Priority", c.Priority)
	add("Tags", strings.Join(c.Tags, ", "))
	names := make([]string, 0, len(c.Params))
	for name := range c.Params {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		add(name, c.Params[name])
	}
	return list
}

func newAttemptView(a *results.Attempt, opts Options) attemptView {
	v := attemptView{Attempt: a}
	for i := range a.Steps {
		s := &a.Steps[i]
		sv := stepView{Step: s}
		for _, f := range s.Evidence {
			sv.Files = append(sv.Files, fileView{EvidenceFile: f, Href: opts.evidence(f)})
		}
		for _, f := range s.Findings {
			fv := findingView{Finding: f}
			for j := range sv.Files {
				if f.Evidence != "" && sv.Files[j].ID == f.Evidence {
					fv.File = &sv.Files[j]
				}
			}
			sv.Findings = append(sv.Findings, fv)
		}
		for j := range s.Stats {
			if chart := rateChart(&s.Stats[j], a); chart != nil {
				sv.Charts = append(sv.Charts, chart)
			}
		}
		v.Steps = append(v.Steps, sv)
	}
	return v
}

// anchor makes a unique fragment of a case ID: POL-001[pref=50] becomes
// POL-001-pref-50.
func anchor(id string, taken map[string]bool) string {
	name := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, id), "-")
	// The sections' own anchors are single lower-case words.
	unique := "case-" + name
	for n := 2; taken[unique]; n++ {
		unique = fmt.Sprintf("case-%s-%d", name, n)
	}
	taken[unique] = true
	return unique
}

// An evidenceRow is one file of the appendix.
type evidenceRow struct {
	Case    caseView
	Attempt int
	Step    int
	File    fileView
}

func evidenceRows(cases []caseView) []evidenceRow {
	var rows []evidenceRow
	for _, c := range cases {
		for _, a := range c.Attempts {
			for i, s := range a.Steps {
				for _, f := range s.Files {
					rows = append(rows, evidenceRow{Case: c, Attempt: a.Number, Step: i + 1, File: f})
				}
			}
		}
	}
	return rows
}
