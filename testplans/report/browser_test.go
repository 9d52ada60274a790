package report_test

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/testplans/report/browsertest"
	"github.com/ccl-lab/ccl/testplans/results"
)

// inspect.js defines what the tests ask of an open page.
//
//go:embed testdata/inspect.js
var inspectJS string

// browser starts a headless Chromium that ends with the test.
func browser(t *testing.T) *browsertest.Tab {
	t.Helper()
	return browsertest.Open(t, "what a reader sees of a report")
}

// openReport writes the run's report and opens it.
func openReport(t *testing.T, tab *browsertest.Tab, run *results.Run) {
	t.Helper()
	openPage(t, tab, html(t, run))
}

// openPage opens a document as a file.
func openPage(t *testing.T, tab *browsertest.Tab, page []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, page, 0o644); err != nil {
		t.Fatal(err)
	}
	tab.Go("file://" + path)
	tab.Await("footer")
	browsertest.Eval[bool](tab, inspectJS+"; true")
}

func TestReaderSeesTheRun(t *testing.T) {
	tab := browser(t)
	run := ringRun()
	openReport(t, tab, run)

	rows := browsertest.Eval[[]string](tab, `textOf("table.cases tbody tr")`)
	if len(rows) != len(run.Cases) {
		t.Fatalf("the table has %d rows, the run %d cases", len(rows), len(run.Cases))
	}
	for i, c := range run.Cases {
		verdict := string(c.Verdict())
		if c.Flaky() {
			verdict = "flaky"
		}
		if !strings.HasPrefix(rows[i], verdict+" "+c.ID) || !strings.Contains(rows[i], c.Title) {
			t.Errorf("row %d reads %q, want %s of %s", i, rows[i], verdict, c.ID)
		}
	}
	page := browsertest.Eval[string](tab, `document.body.innerText.replaceAll("\u202f", " ")`)
	for _, want := range []string{
		"2 of 21 cases failed", "16 passed", "Obtained on Junos emulator (FRR 8.4.4), answering as 24.2R1.17 (r1, r2, r3, r4)", "An emulator is no Junos",
		"Active (last error: Open Message Error: bad peer AS)", "312 ms", "≥ 25 000", "Shortened trials",
		"not emulated: firewall policers", "class-of-service schedulers be-sched",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the reader does not see %q", want)
		}
	}
	tab.None("links within the page that lead nowhere", `deadLinks()`)
	tab.None("structure", `structure()`)
	if got := tab.Asked(); len(got) != 1 {
		t.Errorf("the browser asked for %v; a report has to be complete in itself", got)
	}
}

func TestReportFitsEveryScreen(t *testing.T) {
	tab := browser(t)
	openReport(t, tab, ringRun())
	browsertest.Eval[bool](tab, `unfold()`)
	for _, width := range []int64{400, 800, 1200} {
		tab.Size(width, 900)
		tab.None(fmt.Sprintf("wider than the screen at %d pixels", width), `tooWide()`)
		tab.None(fmt.Sprintf("labels that cover each other at %d pixels", width), `overlaps()`)
		tab.None(fmt.Sprintf("drawings that are not seen whole at %d pixels", width), `cutOff("svg.topology")`)
	}
}

func TestReportIsReadableInLightAndDark(t *testing.T) {
	tab := browser(t)
	openReport(t, tab, ringRun())
	browsertest.Eval[bool](tab, `unfold()`)
	backgrounds := map[string]string{}
	for _, scheme := range []string{"light", "dark"} {
		tab.Media("", scheme)
		background := browsertest.Eval[string](tab, `getComputedStyle(document.body).backgroundColor`)
		tab.None("too little contrast in "+scheme, `faint()`)
		backgrounds[background] = scheme
	}
	if len(backgrounds) != 2 {
		t.Errorf("light and dark have the same background: %v", backgrounds)
	}
}

func TestPaperShowsEverything(t *testing.T) {
	tab := browser(t)
	openReport(t, tab, ringRun())
	script := `[...document.querySelectorAll("details .step")].filter(seen).length`
	onScreen := browsertest.Eval[int](tab, script)
	tab.Media("print", "dark")
	tab.Size(680, 960)
	onPaper := browsertest.Eval[int](tab, script)
	total := 0
	for _, c := range ringRun().Cases {
		for _, a := range c.Attempts {
			total += len(a.Steps)
		}
	}
	if onPaper != total || onScreen >= total {
		t.Errorf("%d of %d steps on paper, %d on the screen: paper shows all, the screen folds what passed", onPaper, total, onScreen)
	}
	tab.None("wider than A4", `tooWide()`)
	if got := browsertest.Eval[string](tab, `getComputedStyle(document.body).backgroundColor`); got != "rgb(255, 255, 255)" {
		t.Errorf("paper is %s for a reader with a dark screen", got)
	}
}

// A run of 100 cases with everything in it still fits and still loads.
func TestBigReportInTheBrowser(t *testing.T) {
	tab := browser(t)
	openReport(t, tab, bigRun())
	tab.None("links within the page that lead nowhere", `deadLinks()`)
	tab.None("structure", `structure()`)
	browsertest.Eval[bool](tab, `unfold()`)
	for _, width := range []int64{400, 1200} {
		tab.Size(width, 900)
		tab.None(fmt.Sprintf("wider than the screen at %d pixels", width), `tooWide()`)
	}
	tab.None("labels of drawings that cover each other", `overlaps()`)
}

// Whatever a run lacks, its report has no dead links, empty tables or drawings.
func TestReportsOfLittle(t *testing.T) {
	tab := browser(t)
	emulated := []results.Platform{{Node: "r1", Platform: "Junos emulator (FRR 8.4.4)"}}
	for name, c := range map[string]struct {
		run  results.Run
		want string
	}{
		"nothing":      {results.Run{ID: "x", Plan: "p", Title: "Nothing", Started: started, Finished: started}, "No case was judged"},
		"problem":      {results.Run{ID: "x", Plan: "p", Title: "Broken", Started: started, Finished: started, Problem: "the lab did not deploy", Cases: []results.Case{{ID: "A", Title: "a"}}}, "The run ended early"},
		"just started": {results.Run{ID: "x", Plan: "p", Title: "Young", Started: started, Platforms: emulated, Cases: []results.Case{{ID: "A", Title: "a", Requirement: "R7"}}}, "Still running: 0 of 1 cases have run"},
		"half way":     {results.Run{ID: "x", Plan: "p", Title: "Half", Started: started, Topology: ringTopology(), Cases: append(ringCases()[:1], results.Case{ID: "A"})}, "Still running: 1 of 2 cases have run"},
	} {
		openReport(t, tab, &c.run)
		if got := browsertest.Eval[string](tab, `document.querySelector(".headline strong").innerText`); got != c.want {
			t.Errorf("%s: the headline is %q, want %q", name, got, c.want)
		}
		tab.None(name+": links that lead nowhere", `deadLinks()`)
		tab.None(name+": structure", `structure()`)
		tab.None(name+": empty", `[...document.querySelectorAll("section")].filter(s => s.innerText.trim() === s.querySelector("h2").innerText.trim()).map(name)`)
	}
}
