package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/testplans/report"
	"github.com/ccl-lab/ccl/testplans/report/browsertest"
)

var ringReports = report.EngagementOptions{Reports: map[string]string{
	"acme-ring/run-01": "run-01/report.html", "acme-ring/run-03": "run-03/report.html",
	"acme-ring/night-01": "night-01/report.html",
}}

func engagementHTML(t *testing.T, e *report.Engagement) []byte {
	t.Helper()
	return render(t, func(b *bytes.Buffer) error { return report.EngagementHTML(b, e, ringReports) })
}

// The golden file is the page without its style sheet, which changes for other
// reasons.
func TestEngagementGolden(t *testing.T) {
	page := engagementHTML(t, ringEngagement())
	_, body, ok := bytes.Cut(page, []byte("</style>\n"))
	if !ok {
		t.Fatal("the page has no style sheet")
	}
	golden(t, "acme-ring.engagement.html", body)
	if !bytes.Equal(page, engagementHTML(t, ringEngagement())) {
		t.Error("the same engagement gave different documents")
	}
}

func TestReadEngagement(t *testing.T) {
	want := ringEngagement()
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := report.ReadEngagement(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
	for text, wants := range map[string]string{
		"":                               "EOF",
		"{}":                             "no engagement",
		`{"state": {"phase": 3}}`:        "phase",
		`{"definition":{"engagement":1}`: "engagement",
	} {
		if _, err := report.ReadEngagement(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), wants) {
			t.Errorf("%q: %v, want an error with %q", text, err, wants)
		}
	}
}

// How an engagement stands is said once, and a decided failure is not hidden.
func TestEngagementHeadline(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*report.Engagement)
		want   []string
	}{
		{"accepted", func(*report.Engagement) {}, []string{"2 of 4 cases passed, 1 waived or accepted, 1 not run", "incomplete"}},
		{"complete", func(e *report.Engagement) { e.State.Cases = e.State.Cases[:3] }, []string{"2 of 3 cases passed, 1 waived or accepted", `chip pass">accepted`}},
		{"open failure", func(e *report.Engagement) { e.State.Cases[1].Decision = nil }, []string{"1 undecided", "failures open", "no contact has waived"}},
		{"cancelled", func(e *report.Engagement) { e.State.Cancelled = true }, []string{`chip error">cancelled`}},
		{"running", func(e *report.Engagement) { e.State.Phase, e.State.Ending = "testing", "" }, []string{`chip skip">testing`, "the engagement as it stands"}},
		{"unsigned", func(e *report.Engagement) { e.State.Cases, e.State.Scope = nil, nil }, []string{"No scope was signed"}},
		{"cut window", func(e *report.Engagement) {
			e.State.Window = &report.TestWindow{Days: days(day(15, 0), 16), Cut: true}
		}, []string{"the 16 days of the test window, which opened on day 15 and is cut at day 30"}},
		{"no window", func(e *report.Engagement) { e.State.Window = nil }, []string{"the test window has not opened"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := ringEngagement()
			c.change(e)
			page := string(engagementHTML(t, e))
			for _, want := range c.want {
				if !strings.Contains(page, want) {
					t.Errorf("the page does not say %q", want)
				}
			}
		})
	}
}

func TestReaderSeesTheEngagement(t *testing.T) {
	tab := browser(t)
	openPage(t, tab, engagementHTML(t, ringEngagement()))
	text := tab.Text()
	for _, want := range []string{
		"for ACME Networks, Junos 23.4R2", "24 of 30", "20 of 20", "waived by Ann Chef", "known defect <PR 1 & 2>",
		"amendment 1: 1 added (ring-rollout/BFD-001)", "Bob Ring <bob@acme.example>, 2026-11-10 14:30:00", "not signed",
		"60 of 100 were left on contract AS-1001", "JC-77120", "a2V5LWJvYg==", "no space left on device",
		"unchanged: 4 cases pass", "could not run", "ring-rollout: 1 new-fail, 1 not-comparable, 1 fixed",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the reader does not see %q", want)
		}
	}
	// What changed is folded away, but there.
	for selector, want := range map[string]string{
		"table.nights li":                      "new-fail OSPF-001\nr3 has 1 of 2 neighbors <full>",
		"table.revisions tbody table tbody tr": "added\tring-rollout/BFD-001",
	} {
		browsertest.Eval[any](tab, `document.querySelectorAll("details").forEach(d => d.open = true)`)
		if got := browsertest.Eval[string](tab, `document.querySelector("`+selector+`").innerText`); got != want {
			t.Errorf("%s: the reader sees %q, want %q", selector, got, want)
		}
		browsertest.Eval[any](tab, `document.querySelectorAll("details").forEach(d => d.open = false)`)
	}
	if rows := browsertest.Eval[[]string](tab, `textOf("table.ledger tbody tr")`); len(rows) != len(ringEngagement().State.Ledger) {
		t.Errorf("the ledger has %d rows", len(rows))
	}
	links := browsertest.Eval[[]string](tab, `[...document.querySelectorAll("table.cases a")].map(a => a.getAttribute("href"))`)
	if diff := cmp.Diff([]string{"run-03/report.html", "run-01/report.html", "run-03/report.html"}, links); diff != "" {
		t.Errorf("links to the runs (-want +got):\n%s", diff)
	}
	// The window is where its days are: from the middle of day 4 on.
	first := browsertest.Eval[float64](tab, `Number(document.querySelector("svg.days .block.window").getAttribute("x"))`)
	if want := 96 + (712-96)*(3+5.0/24)/30; first < want-1 || first > want+1 {
		t.Errorf("the window is drawn from %g, want %g", first, want)
	}
	if got := tab.Asked(); len(got) != 1 {
		t.Errorf("the browser asked for %v; a report has to be complete in itself", got)
	}
	tab.Size(1100, 4600)
	tab.Picture("engagement")
}

// Whatever an engagement has or lacks, it fits and can be read.
func TestEngagementFitsEveryReader(t *testing.T) {
	tab := browser(t)
	young := &report.Engagement{Definition: ringEngagement().Definition, Now: kickoff, State: report.EngagementState{Phase: "intake"}}
	scoping := ringEngagement()
	scoping.Now, scoping.Day, scoping.TestDay = kickoff.Add(time.Minute), 1, 0
	scoping.State = report.EngagementState{Phase: "scoping", Term: scoping.State.Term, Balance: 60, Ledger: scoping.State.Ledger[:2]}
	for name, e := range map[string]*report.Engagement{"ended": ringEngagement(), "full": fullEngagement(), "young": young, "scoping": scoping} {
		openPage(t, tab, engagementHTML(t, e))
		tab.None(name+": links within the page that lead nowhere", `deadLinks()`)
		tab.None(name+": structure", `structure()`)
		tab.None(name+": empty", `[...document.querySelectorAll("section")].filter(s => s.innerText.trim() === s.querySelector("h2").innerText.trim()).map(name)`)
		for _, width := range []int64{400, 800, 1200} {
			tab.Size(width, 900)
			tab.None(fmt.Sprintf("%s: wider than the screen at %d pixels", name, width), `tooWide()`)
		}
		tab.None(name+": labels of drawings that cover each other", `overlaps()`)
		for _, scheme := range []string{"light", "dark"} {
			tab.Media("", scheme)
			tab.None(name+": too little contrast in "+scheme, `faint()`)
			for _, width := range []int64{400, 1280} {
				tab.Size(width, 4600)
				tab.Picture(fmt.Sprintf("engagement-%s-%s-%d", name, scheme, width))
			}
		}
		tab.Media("print", "dark")
		tab.Size(680, 960)
		tab.None(name+": wider than A4", `tooWide()`)
		tab.Media("", "light")
	}
}

// Every amendment shows what it changed: those of the ledger their own, those of
// a ledger that has none that of the scope.
func TestEveryAmendmentShowsItsDiff(t *testing.T) {
	tab := browser(t)
	openPage(t, tab, engagementHTML(t, fullEngagement()))
	browsertest.Eval[any](tab, `document.querySelectorAll("details").forEach(d => d.open = true)`)
	got := browsertest.Eval[[]string](tab, `[...document.querySelectorAll("table.revisions details tbody")].map(b => [...b.rows].map(r => r.innerText.replace("\t", " ")).join("; "))`)
	want := []string{
		"added ring-rollout/BFD-001; removed ring-rollout/ISIS-001; removed ring-rollout/ISIS-002; changed ring-rollout/POL-001[pref=50]",
		"removed ring-rollout/OSPF-009[family=inet6,peer=198.51.100.17]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("amendments (-want +got):\n%s", diff)
	}
}

// What has ended and left nothing open needs no attention, and no empty chapter.
func TestNothingNeedsAttention(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*report.Engagement)
		want   bool
	}{
		"waits":        {func(e *report.Engagement) { e.State.Ending, e.Waiting = "", "for the lab" }, true},
		"ended":        {func(e *report.Engagement) { e.State.Ending, e.Waiting = "the window closed", "for the lab" }, false},
		"open failure": {func(e *report.Engagement) { e.State.Ending, e.State.Cases[1].Decision = "the window closed", nil }, true},
	} {
		e := ringEngagement()
		e.State.Trouble = ""
		c.change(e)
		if got := bytes.Contains(engagementHTML(t, e), []byte(`id="attention"`)); got != c.want {
			t.Errorf("%s: a chapter of attention: %v, want %v", name, got, c.want)
		}
	}
}
