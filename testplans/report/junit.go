package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// The elements and attributes are those of the Ant task's schema, the strictest
// of the JUnit dialects, so that every reader takes them.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Package    string          `xml:"package,attr"`
		ID         int             `xml:"id,attr"`
		Timestamp  string          `xml:"timestamp,attr"` // UTC, without a zone
		Hostname   string          `xml:"hostname,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"` // seconds
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
		Out        string          `xml:"system-out"`
		Err        string          `xml:"system-err"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name    string       `xml:"name,attr"`
		Class   string       `xml:"classname,attr"`
		Time    string       `xml:"time,attr"`
		Skipped *junitReason `xml:"skipped"`
		Error   *junitReason `xml:"error"`
		Failure *junitReason `xml:"failure"`
	}
	junitReason struct {
		Message string `xml:"message,attr,omitempty"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",cdata"`
	}
)

// JUnit writes the run as JUnit XML, one test suite per requirement and one for
// the cases that belong to none. A case of a finished run that never ran is an
// error, so that a run that broke off is not taken for a good one.
func JUnit(w io.Writer, run *results.Run) error {
	doc := junitSuites{}
	for _, group := range junitGroups(run) {
		doc.Suites = append(doc.Suites, suite(run, group, len(doc.Suites)))
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// A junitGroup is the cases of one suite.
type junitGroup struct {
	id, title string
	cases     []*results.Case
}

// junitGroups sorts the cases by requirement, in the plan's order. A run that
// has no cases but a problem gets one group to show it in.
func junitGroups(run *results.Run) []junitGroup {
	byID := map[string]*junitGroup{}
	order := []string{}
	for _, r := range run.Requirements {
		byID[r.ID] = &junitGroup{id: r.ID, title: run.Plan + " " + r.ID + ": " + r.Text}
		order = append(order, r.ID)
	}
	order = append(order, "")
	byID[""] = &junitGroup{id: "cases", title: run.Plan}
	for i := range run.Cases {
		c := &run.Cases[i]
		g := byID[c.Requirement]
		if g == nil {
			g = byID[""]
		}
		g.cases = append(g.cases, c)
	}
	var groups []junitGroup
	for _, id := range order {
		if g := byID[id]; len(g.cases) > 0 {
			groups = append(groups, *g)
		}
	}
	if len(groups) == 0 {
		groups = append(groups, *byID[""])
	}
	return groups
}

func suite(run *results.Run, g junitGroup, id int) junitSuite {
	s := junitSuite{
		Name: g.title, Package: run.Plan, ID: id, Hostname: cmp.Or(run.Lab, "localhost"),
		Timestamp: run.Started.UTC().Format("2006-01-02T15:04:05"), Properties: junitProperties(run),
	}
	var total time.Duration
	var out strings.Builder
	for i, c := range g.cases {
		if last := c.Last(); last != nil {
			if i == 0 {
				s.Timestamp = last.Started.UTC().Format("2006-01-02T15:04:05")
			}
			total += last.Took()
		}
		if c.Flaky() {
			fmt.Fprintf(&out, "%s is flaky: passed on attempt %d; before: %s\n", c.ID, c.Last().Number, printable(firstTrouble(c).Reason))
		}
		benchmarkTables(&out, c)
		s.count(testcase(run, c, g.id))
	}
	if len(run.Cases) == 0 && run.Problem != "" {
		s.count(junitCase{Name: "run", Class: run.Plan, Time: "0.000", Error: &junitReason{Message: run.Problem, Type: "error"}})
	}
	s.Time, s.Out = seconds(total), out.String()
	return s
}

// benchmarkTables writes what the benchmarks of a case's last attempt found,
// in their RFCs' tables.
func benchmarkTables(out *strings.Builder, c *results.Case) {
	last := c.Last()
	if last == nil {
		return
	}
	for i := range last.Steps {
		if b := last.Steps[i].Benchmark; b != nil {
			fmt.Fprintf(out, "%s %s (%s)\n%s", c.ID, b.Procedure, b.Reference, b.Table())
		}
	}
}

// count adds a test case and its end to the suite.
func (s *junitSuite) count(c junitCase) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
}

// testcase turns a case into its element. Its name begins with the permanent
// ID.
func testcase(run *results.Run, c *results.Case, group string) junitCase {
	tc := junitCase{Name: printable(c.ID + " " + c.Title), Class: run.Plan + "." + group, Time: "0.000"}
	last := c.Last()
	if last == nil {
		if run.Finished.IsZero() && run.Problem == "" {
			tc.Skipped = &junitReason{Message: "has not run yet"}
		} else {
			tc.Error = &junitReason{Message: strings.TrimSuffix("did not run: "+run.Problem, ": "), Type: "error"}
		}
		return tc
	}
	tc.Time = seconds(last.Took())
	reason := &junitReason{Message: printable(last.Reason), Type: string(last.Verdict)}
	switch last.Verdict {
	case check.Fail:
		reason.Text = troubles(last)
		tc.Failure = reason
	case check.Error:
		reason.Text = troubles(last)
		tc.Error = reason
	case check.Skip:
		tc.Skipped = &junitReason{Message: printable(last.Reason)}
	}
	return tc
}

// troubles is the text of a failure: each finding that did not hold, with its
// evidence.
func troubles(a *results.Attempt) string {
	var b strings.Builder
	for i := range a.Steps {
		s := &a.Steps[i]
		if s.Verdict != check.Fail && s.Verdict != check.Error {
			continue
		}
		fmt.Fprintf(&b, "\n%s %s\n", stamp(s.Finished), printable(s.Sentence()))
		if s.Where != "" {
			fmt.Fprintf(&b, "  plan      %s\n", s.Where)
		}
		if len(s.Findings) == 0 {
			fmt.Fprintf(&b, "  %s\n", printable(s.Reason))
		}
		for _, f := range s.Findings {
			if f.Verdict != check.Fail && f.Verdict != check.Error {
				continue
			}
			fmt.Fprintf(&b, "  %s%s\n    expected  %s\n    seen      %s\n", node(f.Node), printable(f.Subject), printable(f.Expected), printable(f.Seen))
			if file := (Options{}).evidenceOf(s, f); file != "" {
				fmt.Fprintf(&b, "    evidence  %s\n", file)
			}
		}
	}
	return b.String()
}

func junitProperties(run *results.Run) []junitProperty {
	list := []junitProperty{
		{"run", run.ID}, {"plan", run.Plan}, {"plan-hash", run.PlanHash}, {"type", run.Type}, {"lab", run.Lab}, {"backend", run.Backend},
	}
	for _, p := range run.Platforms {
		list = append(list, junitProperty{"platform." + p.Node, platformName(p)})
	}
	return list
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", max(d, 0).Seconds()) }
