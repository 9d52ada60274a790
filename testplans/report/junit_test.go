package report_test

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/report"
	"github.com/ccl-lab/ccl/testplans/results"
)

// suites is JUnit XML as a reader of it sees it.
type suites struct {
	XMLName xml.Name `xml:"testsuites"`
	Suites  []struct {
		Name      string `xml:"name,attr"`
		ID        int    `xml:"id,attr"`
		Timestamp string `xml:"timestamp,attr"`
		Hostname  string `xml:"hostname,attr"`
		Tests     int    `xml:"tests,attr"`
		Failures  int    `xml:"failures,attr"`
		Errors    int    `xml:"errors,attr"`
		Skipped   int    `xml:"skipped,attr"`
		Children  []struct {
			XMLName xml.Name
			Name    string `xml:"name,attr"`
			Class   string `xml:"classname,attr"`
			Ends    []struct {
				XMLName xml.Name
				Message string `xml:"message,attr"`
				Type    string `xml:"type,attr"`
				Text    string `xml:",chardata"`
			} `xml:",any"`
		} `xml:",any"`
	} `xml:"testsuite"`
}

func parseJUnit(t *testing.T, run *results.Run) suites {
	t.Helper()
	var doc suites
	if err := xml.Unmarshal(render(t, func(b *bytes.Buffer) error { return report.JUnit(b, run) }), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestJUnitStructure(t *testing.T) {
	run := ringRun()
	doc := parseJUnit(t, run)
	var total results.Counts
	for i, s := range doc.Suites {
		if s.ID != i || s.Hostname == "" || s.Name == "" {
			t.Errorf("suite %d: id %d, hostname %q, name %q", i, s.ID, s.Hostname, s.Name)
		}
		if _, err := time.Parse("2006-01-02T15:04:05", s.Timestamp); err != nil {
			t.Errorf("suite %s: timestamp %q has to be without a zone", s.Name, s.Timestamp)
		}
		total.Cases += s.Tests
		total.Fail += s.Failures
		total.Error += s.Errors
		total.Skip += s.Skipped
		// The schema is a sequence: properties, test cases, system-out, system-err.
		var order []string
		for _, c := range s.Children {
			if n := len(order); n == 0 || order[n-1] != c.XMLName.Local {
				order = append(order, c.XMLName.Local)
			}
			if c.XMLName.Local == "testcase" && (c.Name == "" || c.Class == "" || len(c.Ends) > 1) {
				t.Errorf("test case %+v", c)
			}
		}
		if got := strings.Join(order, " "); got != "properties testcase system-out system-err" {
			t.Errorf("suite %s: children %s", s.Name, got)
		}
	}
	want := run.Summary().Counts
	want.Pass, want.Flaky = 0, 0
	if total != want {
		t.Errorf("counts of the suites %+v, want %+v", total, want)
	}
}

func TestJUnitOfABrokenRun(t *testing.T) {
	for name, c := range map[string]struct {
		run                    results.Run
		tests, errors, skipped int
		message                string
	}{
		"no case ran":       {results.Run{Plan: "p", Started: started, Finished: started, Problem: "the lab did not deploy", Cases: []results.Case{{ID: "A"}, {ID: "B"}}}, 2, 2, 0, "did not run: the lab did not deploy"},
		"no cases, problem": {results.Run{Plan: "p", Started: started, Finished: started, Problem: "the plan was refused"}, 1, 1, 0, "the plan was refused"},
		"still running":     {results.Run{Plan: "p", Started: started, Cases: []results.Case{{ID: "A"}}}, 1, 0, 1, "has not run yet"},
		"one was forgotten": {results.Run{Plan: "p", Started: started, Finished: started, Cases: []results.Case{{ID: "A"}}}, 1, 1, 0, "did not run"},
	} {
		doc := parseJUnit(t, &c.run)
		s := doc.Suites[0]
		if len(doc.Suites) != 1 || s.Tests != c.tests || s.Errors != c.errors || s.Skipped != c.skipped {
			t.Errorf("%s: %+v", name, s)
			continue
		}
		for _, child := range s.Children {
			if child.XMLName.Local == "testcase" && child.Ends[0].Message != c.message {
				t.Errorf("%s: message %q, want %q", name, child.Ends[0].Message, c.message)
			}
		}
	}
}

// What a device says may hold anything; no file may become unreadable by it.
func TestHostileDeviceOutput(t *testing.T) {
	nasty := "]]> \x1b[31m\x00 <b>&\r\n<script>alert(1)</script> \xff"
	a := results.Attempt{Number: 1, Verdict: check.Fail, Reason: nasty, Started: started, Finished: started, Steps: []results.Step{{
		Title: nasty, Kind: "check", Verdict: check.Fail, Reason: nasty, Started: started, Finished: started,
		Findings: []check.Finding{{Verdict: check.Fail, Node: "r1", Subject: nasty, Expected: nasty, Seen: nasty, Evidence: "e"}},
		Evidence: []results.EvidenceFile{{ID: "e", What: nasty, Path: "../../etc/passwd"}},
	}}}
	run := &results.Run{ID: "x", Plan: "p", Title: nasty, Started: started, Finished: started,
		Cases: []results.Case{{ID: "A", Title: nasty, Attempts: []results.Attempt{a}}}}
	doc := parseJUnit(t, run)
	failure := doc.Suites[0].Children[1].Ends[0]
	if !strings.Contains(failure.Text, "<script>") || !strings.Contains(failure.Message, "]]>") {
		t.Errorf("the failure lost its text: %+v", failure)
	}
	text := string(render(t, func(b *bytes.Buffer) error { return report.Text(b, run, report.Options{}) }))
	if strings.ContainsAny(text, "\x1b\x00\r") {
		t.Errorf("the terminal would be disturbed by %q", text)
	}
	html := string(render(t, func(b *bytes.Buffer) error { return report.HTML(b, run, report.Options{}) }))
	for name, out := range map[string]string{"text": text, "html": html} {
		if strings.Contains(out, "etc/passwd") {
			t.Errorf("%s leads out of the evidence directory", name)
		}
	}
	if strings.Contains(html, "<script>") {
		t.Error("html: a device's words became markup")
	}
}
