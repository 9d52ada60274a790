package report_test

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/ccl-lab/ccl/testplans/results"
)

// inspect.js defines what the tests ask of an open page.
//
//go:embed testdata/inspect.js
var inspectJS string

// browser starts a headless Chromium that ends with the test. Without one the
// test is skipped, or fails where CI=true.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		const missing = "NOT TESTED: what a reader sees of the report. There is no chromium here (apt-get install chromium)."
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	ctx, cancelTime := context.WithTimeout(context.Background(), 4*time.Minute)
	ctx, cancelBrowser := chromedp.NewExecAllocator(ctx, opts...)
	ctx, cancelTab := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("closing chromium: %v", err)
		}
		cancelTab()
		cancelBrowser()
		cancelTime()
	})
	return ctx
}

// openReport writes the run's report and opens it. It returns the addresses
// that the browser asked for, the report itself among them.
func openReport(t *testing.T, ctx context.Context, run *results.Run) (asked func() []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, html(t, run), 0o644); err != nil {
		t.Fatal(err)
	}
	address := "file://" + path
	var mu sync.Mutex
	var all []string
	err := chromedp.Listen(ctx, func(ev any) {
		if r, ok := ev.(*network.EventRequestWillBeSent); ok {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, r.Request.URL)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	do(t, ctx, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, network.Enable, network.EnableParams{})
		return err
	}), chromedp.Navigate(address), chromedp.WaitReady("footer"))
	eval[bool](t, ctx, inspectJS+"; true")
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

func do(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// eval returns the value of a script.
func eval[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatalf("%.60s: %v", script, err)
	}
	return v
}

// media makes the page believe in a medium ("" is the screen) and a scheme.
func media(medium, scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

// none fails the test if a script of inspect.js returns complaints.
func none(t *testing.T, ctx context.Context, what, script string) {
	t.Helper()
	complaints := eval[[]string](t, ctx, script)
	if len(complaints) > 12 {
		complaints = append(complaints[:12], fmt.Sprintf("and %d more", len(complaints)-12))
	}
	if len(complaints) > 0 {
		t.Errorf("%s:\n  %s", what, strings.Join(complaints, "\n  "))
	}
}

func TestReaderSeesTheRun(t *testing.T) {
	ctx := browser(t)
	run := ringRun()
	asked := openReport(t, ctx, run)

	rows := eval[[]string](t, ctx, `textOf("table.cases tbody tr")`)
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
	page := eval[string](t, ctx, `document.body.innerText.replaceAll("\u202f", " ")`)
	for _, want := range []string{
		"2 of 21 cases failed", "16 passed", "Obtained on Junos emulator (FRR 8.4.4), answering as 24.2R1.17 (r1, r2, r3, r4)", "An emulator is no Junos",
		"Active (last error: Open Message Error: bad peer AS)", "312 ms", "≥ 25 000", "Shortened trials",
		"not emulated: firewall policers", "class-of-service schedulers be-sched",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the reader does not see %q", want)
		}
	}
	none(t, ctx, "links within the page that lead nowhere", `deadLinks()`)
	none(t, ctx, "structure", `structure()`)
	if got := asked(); len(got) != 1 {
		t.Errorf("the browser asked for %v; a report has to be complete in itself", got)
	}
}

func TestReportFitsEveryScreen(t *testing.T) {
	ctx := browser(t)
	openReport(t, ctx, ringRun())
	eval[bool](t, ctx, `unfold()`)
	for _, width := range []int64{400, 800, 1200} {
		do(t, ctx, chromedp.EmulateViewport(width, 900))
		none(t, ctx, fmt.Sprintf("wider than the screen at %d pixels", width), `tooWide()`)
	}
	none(t, ctx, "labels of drawings that cover each other", `overlaps()`)
}

func TestReportIsReadableInLightAndDark(t *testing.T) {
	ctx := browser(t)
	openReport(t, ctx, ringRun())
	eval[bool](t, ctx, `unfold()`)
	backgrounds := map[string]string{}
	for _, scheme := range []string{"light", "dark"} {
		do(t, ctx, media("", scheme))
		background := eval[string](t, ctx, `getComputedStyle(document.body).backgroundColor`)
		none(t, ctx, "too little contrast in "+scheme, `faint()`)
		backgrounds[background] = scheme
	}
	if len(backgrounds) != 2 {
		t.Errorf("light and dark have the same background: %v", backgrounds)
	}
}

func TestPaperShowsEverything(t *testing.T) {
	ctx := browser(t)
	openReport(t, ctx, ringRun())
	script := `[...document.querySelectorAll("details .step")].filter(seen).length`
	onScreen := eval[int](t, ctx, script)
	do(t, ctx, media("print", "dark"), chromedp.EmulateViewport(680, 960))
	onPaper := eval[int](t, ctx, script)
	total := 0
	for _, c := range ringRun().Cases {
		for _, a := range c.Attempts {
			total += len(a.Steps)
		}
	}
	if onPaper != total || onScreen >= total {
		t.Errorf("%d of %d steps on paper, %d on the screen: paper shows all, the screen folds what passed", onPaper, total, onScreen)
	}
	none(t, ctx, "wider than A4", `tooWide()`)
	if got := eval[string](t, ctx, `getComputedStyle(document.body).backgroundColor`); got != "rgb(255, 255, 255)" {
		t.Errorf("paper is %s for a reader with a dark screen", got)
	}
}

// A run of 100 cases with everything in it still fits and still loads.
func TestBigReportInTheBrowser(t *testing.T) {
	ctx := browser(t)
	openReport(t, ctx, bigRun())
	none(t, ctx, "links within the page that lead nowhere", `deadLinks()`)
	none(t, ctx, "structure", `structure()`)
	eval[bool](t, ctx, `unfold()`)
	for _, width := range []int64{400, 1200} {
		do(t, ctx, chromedp.EmulateViewport(width, 900))
		none(t, ctx, fmt.Sprintf("wider than the screen at %d pixels", width), `tooWide()`)
	}
	none(t, ctx, "labels of drawings that cover each other", `overlaps()`)
}

// Whatever a run lacks, its report has no dead links, empty tables or drawings.
func TestReportsOfLittle(t *testing.T) {
	ctx := browser(t)
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
		openReport(t, ctx, &c.run)
		if got := eval[string](t, ctx, `document.querySelector(".headline strong").innerText`); got != c.want {
			t.Errorf("%s: the headline is %q, want %q", name, got, c.want)
		}
		none(t, ctx, name+": links that lead nowhere", `deadLinks()`)
		none(t, ctx, name+": structure", `structure()`)
		none(t, ctx, name+": empty", `[...document.querySelectorAll("section")].filter(s => s.innerText.trim() === s.querySelector("h2").innerText.trim()).map(name)`)
	}
}
