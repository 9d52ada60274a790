package server_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/testplans/report/browsertest"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
	"github.com/ccl-lab/ccl/workflows/server"
)

// browser starts a headless Chromium that ends with the test.
func browser(t *testing.T) *browsertest.Tab {
	t.Helper()
	return browsertest.Open(t, "what a customer sees in the Web UI")
}

// buttons lists what can be pressed on the page: enabled buttons and menu
// items that are on view, by their text or label.
const buttons = `[...document.querySelectorAll("button, [role=menuitem], [role=button]")]
	.filter(b => b.offsetParent !== null && !b.disabled && b.getAttribute("aria-disabled") !== "true")
	.map(b => (b.innerText + " " + (b.getAttribute("aria-label") || "")).trim())`

// acts are the words of buttons that change something.
var acts = []string{"terminate", "cancel", "reset", "signal", "update", "delete", "pause", "start workflow", "more actions"}

func mustNotAct(t *testing.T, tab *browsertest.Tab, where string) {
	t.Helper()
	for _, b := range browsertest.Eval[[]string](tab, buttons) {
		for _, act := range acts {
			if strings.Contains(strings.ToLower(b), act) {
				tab.Picture("acts")
				t.Errorf("%s: there is a button %q", where, b)
			}
		}
	}
}

// A customer opens the address they were given, finds the run with its
// verdicts, opens it, sees its cases, and finds no way to end it.
func TestCustomerInTheBrowser(t *testing.T) {
	tab := browser(t)
	world := fakes.New()
	reached := world.BlockOnce("run r1 show midway")
	s := newServed(t, t.TempDir(), world, server.Options{UI: "127.0.0.1:0", CustomerUI: "127.0.0.1:0"})
	s.start(t, "pair-done", oneCase)
	if _, err := workflows.Follow(t.Context(), s.client, "pair-done", nil); err != nil {
		t.Fatal(err)
	}
	s.start(t, "pair-open", threeCases)
	<-reached

	tab.Go(s.server.CustomerUI)
	tab.Shows("pair-done", "pair-open", "Completed", "Running", "pass", "CclVerdict", "CclPhase", "done", "Runs and nights")
	tab.Picture("list")
	if page := browsertest.Eval[string](tab, `document.body.innerText`); strings.Contains(page, "/CMD-001") {
		t.Error("the first view shows single cases")
	}
	mustNotAct(t, tab, "the list")

	tab.Go(s.server.CustomerUI + "/namespaces/default/workflows/pair-open")
	tab.Shows("pair-open", "Running")
	run := browsertest.Eval[string](tab, `location.pathname.split("/").slice(0, 6).join("/")`)
	mustNotAct(t, tab, "the run's page")
	tab.Picture("run")
	tab.Go(s.server.CustomerUI + run + "/user-metadata")
	tab.Shows("CMD-001", "1 of 3", "running cases")
	tab.Picture("details")

	// The same page of the engineers' UI has the buttons, so that this test
	// can fail.
	tab.Go(s.server.UI + run)
	tab.Shows("pair-open", "Running")
	found := browsertest.Eval[[]string](tab, buttons)
	if !slices.ContainsFunc(found, func(b string) bool { return strings.Contains(b, "Request Cancellation") }) {
		tab.Picture("engineers")
		t.Errorf("the first UI offers %q, and no way to end the run", found)
	}
	tab.Picture("engineers")

	// A script on the customer's page is refused too.
	tab.Go(s.server.CustomerUI + run)
	code := browsertest.Eval[int](tab, `(() => { const x = new XMLHttpRequest(); x.open("POST", "/api/v1/namespaces/default/workflows/pair-open/terminate", false); x.send("{}"); return x.status })()`)
	if code != 405 {
		t.Errorf("terminate from the page answers %d", code)
	}
}

// What a reader has arranged survives the next visit of the start page.
func TestStartPageKeepsWhatIsArranged(t *testing.T) {
	tab := browser(t)
	s := newServed(t, t.TempDir(), fakes.New(), server.Options{NoUI: true, CustomerUI: "127.0.0.1:0"})
	tab.Go(s.server.CustomerUI + "/start")
	tab.Shows("Runs and nights", "CclPhase")
	browsertest.Eval[bool](tab, `(() => {
		const columns = "namespace-workflow-table-columns", views = "saved-workflow-queries";
		const c = JSON.parse(localStorage.getItem(columns)), v = JSON.parse(localStorage.getItem(views));
		c.default = c.default.filter(c => c.label !== "CclPhase"); c.other = [{label: "Status"}];
		v.default = [{id: "1", name: "My own", query: "`+"`WorkflowId`=\\\"x\\\""+`", type: "user"}, ...v.default];
		localStorage.setItem(columns, JSON.stringify(c)); localStorage.setItem(views, JSON.stringify(v));
		return true;
	})()`)
	tab.Go(s.server.CustomerUI + "/start")
	tab.Shows("Runs and nights")
	browsertest.Eval[bool](tab, `[...document.querySelectorAll("button")].find(b => b.innerText.includes("Saved Views")).click() || true`)
	tab.Shows("My own", "Nights", "Cases that failed")
	columns := browsertest.Eval[string](tab, `JSON.stringify(JSON.parse(localStorage.getItem("namespace-workflow-table-columns")))`)
	if strings.Contains(columns, "CclPhase") || !strings.Contains(columns, "CclVerdict") || !strings.Contains(columns, `"other":[{"label":"Status"}]`) {
		t.Errorf("columns %s", columns)
	}
	if n := browsertest.Eval[int](tab, `JSON.parse(localStorage.getItem("saved-workflow-queries")).default.length`); n != 1+len(workflows.CustomerViews()) {
		t.Errorf("%d views", n)
	}
	tab.Picture("start")
}
