package server_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
	"github.com/ccl-lab/ccl/workflows/server"
)

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
		const missing = "NOT TESTED: what a customer sees in the Web UI. There is no chromium here (apt-get install chromium)."
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1600, 1000),
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

func do(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

func eval[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatalf("%.60s: %v", script, err)
	}
	return v
}

// pageText is what the page says, and the Markdown in its frames.
const pageText = `[document, ...[...document.querySelectorAll("iframe")].map(f => f.contentDocument)]
	.map(d => d?.body?.innerText ?? "").join("\n")`

// shows waits until the page holds all the words, in whatever case it sets them.
func shows(t *testing.T, ctx context.Context, words ...string) {
	t.Helper()
	var page string
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		page = strings.ToLower(eval[string](t, ctx, pageText))
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(page, strings.ToLower(w)) }) {
			return
		}
		if time.Now().After(deadline) {
			picture(t, ctx, "not-found")
			t.Fatalf("the page does not show all of %q:\n%.2000s", words, page)
		}
	}
}

// picture keeps what the page looks like, if CCL_TEST_PICTURES names a folder.
func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("CCL_TEST_PICTURES")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}

// buttons lists what can be pressed on the page: enabled buttons and menu
// items that are on view, by their text or label.
const buttons = `[...document.querySelectorAll("button, [role=menuitem], [role=button]")]
	.filter(b => b.offsetParent !== null && !b.disabled && b.getAttribute("aria-disabled") !== "true")
	.map(b => (b.innerText + " " + (b.getAttribute("aria-label") || "")).trim())`

// acts are the words of buttons that change something.
var acts = []string{"terminate", "cancel", "reset", "signal", "update", "delete", "pause", "start workflow", "more actions"}

func mustNotAct(t *testing.T, ctx context.Context, where string) {
	t.Helper()
	for _, b := range eval[[]string](t, ctx, buttons) {
		for _, act := range acts {
			if strings.Contains(strings.ToLower(b), act) {
				picture(t, ctx, "acts")
				t.Errorf("%s: there is a button %q", where, b)
			}
		}
	}
}

// A customer opens the address they were given, finds the run with its
// verdicts, opens it, sees its cases, and finds no way to end it.
func TestCustomerInTheBrowser(t *testing.T) {
	ctx := browser(t)
	world := fakes.New()
	reached := world.BlockOnce("run r1 show midway")
	s := newServed(t, t.TempDir(), world, server.Options{UI: "127.0.0.1:0", CustomerUI: "127.0.0.1:0"})
	s.start(t, "pair-done", oneCase)
	if _, err := workflows.Follow(t.Context(), s.client, "pair-done", nil); err != nil {
		t.Fatal(err)
	}
	s.start(t, "pair-open", threeCases)
	<-reached

	do(t, ctx, chromedp.Navigate(s.server.CustomerUI))
	shows(t, ctx, "pair-done", "pair-open", "Completed", "Running", "pass", "CclVerdict", "CclPhase", "done", "Runs and nights")
	picture(t, ctx, "list")
	if page := eval[string](t, ctx, `document.body.innerText`); strings.Contains(page, "/CMD-001") {
		t.Error("the first view shows single cases")
	}
	mustNotAct(t, ctx, "the list")

	do(t, ctx, chromedp.Navigate(s.server.CustomerUI+"/namespaces/default/workflows/pair-open"))
	shows(t, ctx, "pair-open", "Running")
	run := eval[string](t, ctx, `location.pathname.split("/").slice(0, 6).join("/")`)
	mustNotAct(t, ctx, "the run's page")
	picture(t, ctx, "run")
	do(t, ctx, chromedp.Navigate(s.server.CustomerUI+run+"/user-metadata"))
	shows(t, ctx, "CMD-001", "1 of 3", "running cases")
	picture(t, ctx, "details")

	// The same page of the engineers' UI has the buttons, so that this test
	// can fail.
	do(t, ctx, chromedp.Navigate(s.server.UI+run))
	shows(t, ctx, "pair-open", "Running")
	found := eval[[]string](t, ctx, buttons)
	if !slices.ContainsFunc(found, func(b string) bool { return strings.Contains(b, "Request Cancellation") }) {
		picture(t, ctx, "engineers")
		t.Errorf("the first UI offers %q, and no way to end the run", found)
	}
	picture(t, ctx, "engineers")

	// A script on the customer's page is refused too.
	do(t, ctx, chromedp.Navigate(s.server.CustomerUI+run))
	code := eval[int](t, ctx, `(() => { const x = new XMLHttpRequest(); x.open("POST", "/api/v1/namespaces/default/workflows/pair-open/terminate", false); x.send("{}"); return x.status })()`)
	if code != 405 {
		t.Errorf("terminate from the page answers %d", code)
	}
}

// What a reader has arranged survives the next visit of the start page.
func TestStartPageKeepsWhatIsArranged(t *testing.T) {
	ctx := browser(t)
	s := newServed(t, t.TempDir(), fakes.New(), server.Options{NoUI: true, CustomerUI: "127.0.0.1:0"})
	do(t, ctx, chromedp.Navigate(s.server.CustomerUI+"/start"))
	shows(t, ctx, "Runs and nights", "CclPhase")
	eval[bool](t, ctx, `(() => {
		const columns = "namespace-workflow-table-columns", views = "saved-workflow-queries";
		const c = JSON.parse(localStorage.getItem(columns)), v = JSON.parse(localStorage.getItem(views));
		c.default = c.default.filter(c => c.label !== "CclPhase"); c.other = [{label: "Status"}];
		v.default = [{id: "1", name: "My own", query: "`+"`WorkflowId`=\\\"x\\\""+`", type: "user"}, ...v.default];
		localStorage.setItem(columns, JSON.stringify(c)); localStorage.setItem(views, JSON.stringify(v));
		return true;
	})()`)
	do(t, ctx, chromedp.Navigate(s.server.CustomerUI+"/start"))
	shows(t, ctx, "Runs and nights")
	eval[bool](t, ctx, `[...document.querySelectorAll("button")].find(b => b.innerText.includes("Saved Views")).click() || true`)
	shows(t, ctx, "My own", "Nights", "Cases that failed")
	columns := eval[string](t, ctx, `JSON.stringify(JSON.parse(localStorage.getItem("namespace-workflow-table-columns")))`)
	if strings.Contains(columns, "CclPhase") || !strings.Contains(columns, "CclVerdict") || !strings.Contains(columns, `"other":[{"label":"Status"}]`) {
		t.Errorf("columns %s", columns)
	}
	if n := eval[int](t, ctx, `JSON.parse(localStorage.getItem("saved-workflow-queries")).default.length`); n != 1+len(workflows.CustomerViews()) {
		t.Errorf("%d views", n)
	}
	picture(t, ctx, "start")
}
