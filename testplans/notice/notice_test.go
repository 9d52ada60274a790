package notice_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/notice"
	"github.com/ccl-lab/ccl/testplans/results"
)

var update = flag.Bool("update", false, "write testdata/text.txtar anew")

// run makes a run of cases, "BGP-001 fail: the reason"; without a verdict the
// case did not run.
func run(id string, cases ...string) *results.Run {
	r := &results.Run{ID: id, Plan: "ring-rollout", PlanHash: "abc", Backend: "netns", Finished: time.Unix(1, 0)}
	for _, line := range cases {
		words, why, _ := strings.Cut(line, ": ")
		name, verdict, _ := strings.Cut(words, " ")
		c := results.Case{ID: name, Title: "The " + name + " holds"}
		if verdict != "" {
			c.Attempts = []results.Attempt{{Number: 1, Verdict: check.Verdict(verdict), Reason: why}}
		}
		r.Cases = append(r.Cases, c)
	}
	return r
}

// revised makes a run one of a later edition of the plan.
func revised(r *results.Run) *results.Run {
	r.PlanHash = "def"
	return r
}

var baseline = run("base", "A pass", "B pass", "C fail: broken since spring", "D skip: not emulated", "E pass")

// outcomes are nights of every kind.
var outcomes = []struct {
	name         string
	run          *results.Run
	baseline     *results.Run
	problem      string
	outcome      notice.Outcome
	tell, failed bool
	changes      int
}{
	{"unchanged", run("n1", "A pass", "B pass", "C fail: still", "D skip: not emulated", "E pass"), baseline, "", notice.Unchanged, false, false, 0},
	{"new failure", run("n1", "A pass", "B fail: r1 has no session with <10.0.0.1>,\n  not 1", "C fail: still", "D skip: not emulated", "E pass"), baseline, "", notice.Changed, true, true, 1},
	{"fixed", run("n1", "A pass", "B pass", "C pass", "D skip: not emulated", "E pass"), baseline, "", notice.Changed, true, false, 1},
	{"an error", run("n1", "A pass", "B error: the session broke", "C fail: still", "D skip: not emulated", "E pass"), baseline, "", notice.Changed, true, true, 1},
	{"skipped now", run("n1", "A pass", "B skip: the link is gone", "C fail: still", "D skip: not emulated", "E pass"), baseline, "", notice.Changed, true, true, 1},
	{"a case less and one more", revised(run("n1", "A pass", "B pass", "C fail: still", "D skip: not emulated", "F pass")), baseline, "", notice.Changed, true, false, 2},
	{"a new case fails", revised(run("n1", "A pass", "B pass", "C fail: still", "D skip: not emulated", "E pass", "F fail: no route")), baseline, "", notice.Changed, true, true, 1},
	{"an error that is not new", run("n1", "A error: again"), run("base", "A error: once"), "", notice.Changed, true, true, 1},
	{"could not run", run("n1", "A", "B", "C", "D", "E"), baseline, "deploying the lab: no space left", notice.CouldNotRun, true, true, 0},
	{"ended half way", run("n1", "A fail: no route", "B", "C", "D", "E"), baseline, "running cases: the host is gone", notice.CouldNotRun, true, true, 1},
	{"no baseline", run("n1", "A pass"), nil, "", notice.NoBaseline, true, true, 0},
	{"first baseline", baseline, baseline, "", notice.FirstBaseline, true, false, 0},
	{"another plan", revised(run("n1", "A pass", "B fail: no route", "C fail: still", "D skip: not emulated", "E pass")), baseline, "", notice.Changed, true, true, 1},
}

func TestJudge(t *testing.T) {
	for _, c := range outcomes {
		n := notice.Judge("nightly-ring", c.run, c.baseline, c.problem)
		if n.Outcome != c.outcome || n.Tell != c.tell || n.Failed != c.failed || len(n.Changes) != c.changes {
			t.Errorf("%s: %s, tell %v, failed %v, changes %+v; want %s, %v, %v, %d", c.name,
				n.Outcome, n.Tell, n.Failed, n.Changes, c.outcome, c.tell, c.failed, c.changes)
		}
	}
	if n := notice.Unknown("nightly-ring", "n1", "ring-rollout", "plan.yaml is gone"); !n.Tell || !n.Failed {
		t.Errorf("nothing is known, and nobody is told: %+v", n)
	}
}

func TestFit(t *testing.T) {
	for want, r := range map[string]*results.Run{
		"":                                       run("x", "A pass", "B fail: f", "C skip: s"),
		"2 cases of 3 cases could not be judged": run("x", "A pass", "B error: e", "C"),
		"it has no case":                         run("x"),
	} {
		if got := notice.Fit(r, ""); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := notice.Fit(run("x", "A pass"), "the lab is still up"); got != "the lab is still up" {
		t.Errorf("a run with a problem: %q", got)
	}
}

// What people read, for every kind of night.
func TestText(t *testing.T) {
	got := &txtar.Archive{}
	for _, c := range outcomes {
		n := notice.Judge("nightly-ring", c.run, c.baseline, c.problem)
		n.Report = "/srv/ccl/out/n1/report.html"
		got.Files = append(got.Files, txtar.File{Name: c.name, Data: []byte(n.Headline() + "\n\n" + n.Text() + "\n")})
	}
	text := txtar.Format(got)
	if *update {
		if err := os.WriteFile("testdata/text.txtar", text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/text.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(text)); diff != "" {
		t.Error(diff)
	}
}

func TestLongListsAreCut(t *testing.T) {
	var cases []string
	for i := range 100 {
		cases = append(cases, "CASE-"+string(rune('A'+i%26))+string(rune('A'+i/26))+" fail: "+strings.Repeat("no route ", 100))
	}
	n := notice.Judge("nightly-ring", run("n1", cases...), run("base"), "")
	text := n.Text()
	if !strings.Contains(text, "- and 85 more\n") || len(text) > 6000 {
		t.Errorf("%d bytes: %.300s", len(text), text)
	}
}

// What a device said cannot call everyone in the channel.
func TestCardsAreHarmless(t *testing.T) {
	n := notice.Judge("nightly-ring", run("n1", "A fail: <!channel> & <http://evil|x>"), run("base", "A pass"), "")
	body, err := n.Notice().Card()
	if err != nil {
		t.Fatal(err)
	}
	var card map[string]any
	if err := json.Unmarshal(body, &card); err != nil {
		t.Fatal(err)
	}
	text := card["text"].(string)
	if strings.ContainsAny(text, "<>") || !strings.Contains(text, "&lt;!channel&gt; &amp;") {
		t.Errorf("text %q", text)
	}
	for key, want := range map[string]any{"@type": "MessageCard", "attachments": nil, "summary": "ring-rollout: 1 new-fail"} {
		if card[key] != want {
			t.Errorf("%s is %v, want %v", key, card[key], want)
		}
	}
}

func TestAdaptiveCard(t *testing.T) {
	n := notice.Judge("nightly-ring", run("n1", "A fail: no route"), run("base", "A pass"), "")
	body, err := n.Notice().AdaptiveCard()
	if err != nil {
		t.Fatal(err)
	}
	var message struct {
		Type        string
		Attachments []struct {
			ContentType string
			Content     struct {
				Type, Version string
				Body          []struct{ Type, Text string }
			}
		}
	}
	if err := json.Unmarshal(body, &message); err != nil {
		t.Fatal(err)
	}
	if message.Type != "message" || len(message.Attachments) != 1 {
		t.Fatalf("%s", body)
	}
	a := message.Attachments[0]
	if a.ContentType != "application/vnd.microsoft.card.adaptive" || a.Content.Type != "AdaptiveCard" ||
		len(a.Content.Body) != 2 || a.Content.Body[0].Text != n.Headline() || a.Content.Body[1].Text != n.Text() {
		t.Errorf("%s", body)
	}
}
