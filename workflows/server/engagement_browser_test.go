package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/ccl-lab/ccl/testplans/report/browsertest"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
	"github.com/ccl-lab/ccl/workflows/server"
)

// follow presses the link whose address has a part, once it is there.
func follow(tab *browsertest.Tab, part string) {
	find := fmt.Sprintf(`[...document.querySelectorAll("a[href]")].find(a => a.offsetParent !== null && a.getAttribute("href").split("?")[0].includes(%q))`, part)
	tab.Until("there is a link to "+part, find+` !== undefined`)
	browsertest.Eval[bool](tab, find+`.click() || true`)
}

// twoCustomers serves both UIs with an engagement of ACME's, which is being
// tested, and one of another customer's.
func twoCustomers(t *testing.T) *stack {
	t.Helper()
	s := newServed(t, t.TempDir(), fakes.New(), server.Options{UI: "127.0.0.1:0", CustomerUI: "127.0.0.1:0"})
	other, _ := s.engagementInput(t, "globex-core", 0)
	other.Definition.Customer = "Globex"
	if err := workflows.StartEngagement(t.Context(), s.client, other); err != nil {
		t.Fatal(err)
	}
	in, tokens := s.engagementInput(t, "acme-ring", 8*time.Second)
	if err := workflows.StartEngagement(t.Context(), s.client, in); err != nil {
		t.Fatal(err)
	}
	s.toTesting(t, "acme-ring", tokens)
	s.wantListed(t, "CclCustomer = 'ACME' AND CclPhase = 'testing' AND WorkflowType = 'Engagement'", "acme-ring")
	s.wantListed(t, "CclCustomer = 'Globex' AND CclPhase = 'scoping'", "globex-core")
	return s
}

var testDay = regexp.MustCompile(`(?i)test day (\d+) of 20`)

// testDayShown opens a page until it shows a test day that is not before one.
func testDayShown(t *testing.T, tab *browsertest.Tab, address string, least int) int {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		tab.Go(address)
		tab.Shows("Phase", "test day")
		if m := testDay.FindStringSubmatch(tab.Text()); m != nil {
			if day, err := strconv.Atoi(m[1]); err == nil && day >= least {
				return day
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the page never shows test day %d:\n%.1000s", least, tab.Text())
		}
	}
}

// A customer finds the engagement by their name, opens it, reads where it
// stands, and finds no way to change it.
func TestEngagementInTheBrowser(t *testing.T) {
	tab := browser(t)
	s := twoCustomers(t)
	list := s.server.CustomerUI + "/namespaces/default/workflows"

	tab.Go(s.server.CustomerUI)
	tab.Shows("acme-ring", "globex-core", "CclCustomer")
	tab.Go(list + "?query=" + url.QueryEscape("`CclCustomer`=\"ACME\" AND `WorkflowType`=\"Engagement\""))
	tab.Until("the list shows ACME's engagement only",
		`document.body.innerText.includes("acme-ring") && !document.body.innerText.includes("globex-core")`)
	mustNotAct(t, tab, "the list")
	if n := browsertest.Eval[int](tab, `document.querySelectorAll("table input[type=checkbox]").length`); n != 0 {
		t.Errorf("%d workflows can be selected for an action", n)
	}
	tab.Picture("engagement-list")

	follow(tab, "/workflows/acme-ring/")
	tab.Until("the engagement's page opens", `location.pathname.includes("/workflows/acme-ring/")`)
	tab.Shows("acme-ring", "Running")
	mustNotAct(t, tab, "the engagement's page")
	follow(tab, "/user-metadata")
	tab.Shows("ACME: The pair", "Phase: testing", "of 30", "CMD-001", "FAIL-001", "It passes", "It fails", "configuration on r1", "Waiting", "to waive or accept 1 cases")
	for _, want := range []string{"CMD-001|It passes|pass|", "FAIL-001|It fails|fail|configuration on r1"} {
		tab.Until("the table of cases has "+want, fmt.Sprintf(`[document, ...[...document.querySelectorAll("iframe")].map(f => f.contentDocument)]
			.flatMap(d => [...(d?.querySelectorAll("table tr") ?? [])]).some(r => [...r.children].map(c => c.innerText.trim()).join("|").includes(%q))`, want))
	}
	mustNotAct(t, tab, "the engagement's details")
	tab.Picture("engagement-details")

	page := browsertest.Eval[string](tab, `location.href`)
	first := testDayShown(t, tab, page, 1)
	testDayShown(t, tab, page, first+1)
	s.wantUntouchable(t, tab, "acme-ring")
}

// wantUntouchable asks for everything that could change a workflow, as the
// page's own script and from outside, and checks that nothing has come of it.
func (s *stack) wantUntouchable(t *testing.T, tab *browsertest.Tab, id string) {
	t.Helper()
	for _, act := range []string{"terminate", "cancel", "reset", "signal/stop", "update/cancel", "pause", "update-options"} {
		path := "/api/v1/namespaces/default/workflows/" + id + "/" + act
		script := fmt.Sprintf(`(() => { const x = new XMLHttpRequest(); x.open("POST", %q, false); x.send("{}"); return x.status })()`, path)
		if code := browsertest.Eval[int](tab, script); code != http.StatusMethodNotAllowed {
			t.Errorf("%s from the page answers %d", act, code)
		}
		if code, text := ask(t, http.MethodPost, s.server.CustomerUI, path, "{}"); code != http.StatusMethodNotAllowed {
			t.Errorf("%s from outside answers %d %s", act, code, text)
		}
	}
	if code, text := ask(t, http.MethodDelete, s.server.CustomerUI, "/api/v1/namespaces/default/workflows/"+id, ""); code != http.StatusMethodNotAllowed {
		t.Errorf("delete answers %d %s", code, text)
	}
	d, err := s.client.DescribeWorkflowExecution(t.Context(), id, "")
	if err != nil || d.WorkflowExecutionInfo.Status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		t.Errorf("the engagement: %v, %v", d, err)
	}
	for _, e := range s.history(t, id).Events {
		switch e.EventType {
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
			t.Errorf("%s reached the engagement", e.EventType)
		}
	}
	// The engineers' page takes the same request, so that this test can fail.
	tab.Go(s.server.UI + "/namespaces/default/workflows/" + id)
	tab.Shows(id, "Running")
	code := browsertest.Eval[int](tab, fmt.Sprintf(`(() => { const x = new XMLHttpRequest(); x.open("POST", %q, false); x.send("{}"); return x.status })()`,
		"/api/v1/namespaces/default/workflows/"+id+"/terminate"))
	if code != http.StatusOK {
		t.Errorf("terminate from the engineers' page answers %d", code)
	}
}
