package workflows_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans/notice"
	"github.com/ccl-lab/ccl/workflows"
)

// A chat is a webhook's receiver that answers as it is told and keeps what it
// took.
type chat struct {
	*httptest.Server
	mu      sync.Mutex
	answers []int // for the first posts; then 200
	took    []string
	asked   int
}

func newChat(t *testing.T, answers ...int) *chat {
	c := &chat{answers: answers}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var card struct {
			Text string `json:"text"`
		}
		if err == nil {
			err = json.Unmarshal(body, &card)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.asked++
		if c.asked <= len(c.answers) {
			w.WriteHeader(c.answers[c.asked-1])
			return
		}
		if err != nil || card.Text == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.took = append(c.took, card.Text)
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *chat) messages() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.took)
}

// A night's plan: two cases, of which the second fails unless r1 says "Junos".
const nightCases = `
  - id: CMD-001
    title: A command
    steps:
      - command: {node: r1, run: show version}
  - id: CFG-001
    title: The location is set
    steps:
      - check: {config: {node: r1, contains: ["set system host-name r1"]}}
`

// brokenNight is the same plan with a case that fails.
var brokenNight = strings.Replace(nightCases, "host-name r1", "host-name r7", 1)

// nights runs nightlies of a bench, one after another.
type nights struct {
	*bench
	in  workflows.NightlyInput
	now time.Time
	env *testsuite.TestWorkflowEnvironment // of the last night
}

func newNights(t *testing.T, to *chat) *nights {
	b := newBench(t)
	b.webhook = func(name string) (activities.Webhook, error) {
		if name != "lab-chat" {
			return activities.Webhook{}, errors.New("no webhook named " + name)
		}
		return activities.Webhook{URL: to.URL}, nil
	}
	in := b.input(nightCases)
	return &nights{bench: b, now: time.Date(2026, 11, 24, 22, 0, 0, 0, time.UTC), in: workflows.NightlyInput{
		Name: "nightly-pair", Plan: in.Plan, Backend: "fake", Lab: "pair", Out: filepath.Join(b.dir, "nights"),
		Within: workflows.NightWithin, Notify: []string{"lab-chat"},
	}}
}

// plan changes the plan's cases.
func (n *nights) plan(cases string) {
	n.input(cases)
}

// night runs one night and returns its result and whether its workflow ended
// in red.
func (n *nights) night() (*workflows.NightlyResult, bool) {
	n.t.Helper()
	n.env = n.bench.env()
	return n.execute()
}

func (n *nights) execute() (*workflows.NightlyResult, bool) {
	n.t.Helper()
	n.now = n.now.Add(24 * time.Hour)
	n.env.SetStartTime(n.now)
	n.env.ExecuteWorkflow(workflows.Nightly, n.in)
	if !n.env.IsWorkflowCompleted() {
		n.t.Fatal("the night did not end")
	}
	result := &workflows.NightlyResult{}
	err := n.env.GetWorkflowError()
	var app *temporal.ApplicationError
	var cancelled *temporal.CanceledError
	switch {
	case err == nil:
		err = n.env.GetWorkflowResult(result)
	case errors.As(err, &app) && app.Type() == workflows.TypeNightly:
		if err := app.Details(result); err != nil {
			n.t.Fatal(err)
		}
		return result, true
	case errors.As(err, &cancelled):
		err = cancelled.Details(result)
	}
	if err != nil {
		n.t.Fatal(err)
	}
	return result, false
}

func (n *nights) want(result *workflows.NightlyResult, o notice.Outcome, changes ...string) {
	n.t.Helper()
	var got []string
	for _, c := range result.Changes {
		got = append(got, string(c.Change)+" "+c.ID)
	}
	if result.Outcome != o || !slices.Equal(got, changes) {
		n.t.Errorf("%s with %q, want %s with %q; problem %q", result.Outcome, got, o, changes, result.Problem)
	}
	if n.world.Up() {
		n.t.Error("the lab is still up")
	}
}

// A story of nights: without a baseline, the first baseline, nothing new, a
// regression, its end.
func TestNights(t *testing.T) {
	to := newChat(t)
	n := newNights(t, to)

	first, red := n.night()
	n.want(first, notice.NoBaseline)
	if !red {
		t.Error("a night without a baseline is green")
	}
	n.in.BaselineFirst = true
	second, red := n.night()
	n.want(second, notice.FirstBaseline)
	third, redToo := n.night()
	n.want(third, notice.Unchanged)
	if red || redToo {
		t.Error("the baseline, or a night like it, is red")
	}
	if third.Baseline != second.Run || third.Run == second.Run {
		t.Errorf("run %s was compared with %s, not with %s", third.Run, third.Baseline, second.Run)
	}
	n.plan(brokenNight)
	fourth, red := n.night()
	n.want(fourth, notice.Changed, "new-fail CFG-001")
	if !red {
		t.Error("a regression is green")
	}
	if err := n.store.SetBaseline(t.Context(), fourth.Run); err != nil {
		t.Fatal(err)
	}
	n.plan(nightCases)
	fifth, red := n.night()
	n.want(fifth, notice.Changed, "fixed CFG-001")
	if red {
		t.Error("a night in which all is better is red")
	}

	got := to.messages()
	for i, want := range []string{"no baseline", "is the baseline from now on", "1 new-fail", "1 fixed"} {
		if i >= len(got) || !strings.Contains(got[i], want) {
			t.Fatalf("told %q, want the message %d to say %q", got, i+1, want)
		}
	}
	if len(got) != 4 {
		t.Errorf("told %d times, want 4: nothing of the quiet night", len(got))
	}
	text, err := os.ReadFile(filepath.Join(n.in.Out, fourth.Run, "comparison.txt"))
	if err != nil || !strings.Contains(string(text), "new-fail") {
		t.Errorf("comparison.txt: %v\n%s", err, text)
	}
	if deploys := n.world.Log("deploy"); len(deploys) != 5 {
		t.Errorf("%d labs for 5 nights", len(deploys))
	}
}

// A case that errs was not judged: with a baseline it is a change, and without
// one the run is not fit to be the baseline.
func TestNightWithAnError(t *testing.T) {
	to := newChat(t)
	n := newNights(t, to)
	n.in.BaselineFirst = true
	n.world.Before = func(_ context.Context, op string) error {
		if op == "run r1 show version" {
			return errors.New("the session broke")
		}
		return nil
	}
	unfit, red := n.night()
	n.want(unfit, notice.NoBaseline)
	if !red || !strings.Contains(unfit.Problem, "1 case of 2 cases could not be judged") {
		t.Errorf("red %v, problem %q", red, unfit.Problem)
	}
	n.world.Before = nil
	n.night()
	n.world.Before = func(_ context.Context, op string) error {
		if op == "run r1 show version" {
			return errors.New("the session broke")
		}
		return nil
	}
	result, red := n.night()
	n.want(result, notice.Changed, "not-comparable CMD-001")
	if !red {
		t.Error("a night in which a case was not judged is green")
	}
	if n := len(to.messages()); n != 3 {
		t.Errorf("told %d times, want 3", n)
	}
}

// Whatever keeps the plan from running, somebody hears of it, and no lab stays.
func TestNightThatCouldNotRun(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*nights)
		want  string
	}{
		"the lab does not deploy": {func(n *nights) {
			n.world.Before = func(_ context.Context, op string) error {
				if op == "deploy" {
					return errors.New("no space left on device")
				}
				return nil
			}
		}, "no space left on device"},
		"the plan is gone":     {func(n *nights) { os.Remove(n.in.Plan) }, "pair.yaml"},
		"the plan has mistake": {func(n *nights) { n.plan(strings.Replace(nightCases, "r1", "r9", 1)) }, "r9"},
		"the store is gone":    {func(n *nights) { n.store.Close() }, "closed"},
	} {
		t.Run(name, func(t *testing.T) {
			to := newChat(t)
			n := newNights(t, to)
			c.spoil(n)
			result, red := n.night()
			n.want(result, notice.CouldNotRun)
			if !red || !strings.Contains(result.Problem, c.want) {
				t.Errorf("red %v, problem %q, want %q", red, result.Problem, c.want)
			}
			if got := to.messages(); len(got) != 1 || !strings.Contains(got[0], "could not run") || !strings.Contains(got[0], c.want) {
				t.Errorf("told %q", got)
			}
		})
	}
}

// A receiver that is down for a while hears of the night when it is back, and
// one that refuses makes the night's workflow red.
func TestWebhookDown(t *testing.T) {
	to := newChat(t, 503, 500, 429, 503)
	n := newNights(t, to)
	n.in.BaselineFirst = true
	result, red := n.night()
	n.want(result, notice.FirstBaseline)
	if red || len(to.messages()) != 1 || to.asked != 5 {
		t.Errorf("red %v, told %q in %d posts; want one message with the fifth", red, to.messages(), to.asked)
	}
}

func TestWebhookRefuses(t *testing.T) {
	to := newChat(t, 404)
	n := newNights(t, to)
	n.in.BaselineFirst = true
	n.in.Notify = []string{"lab-chat", "nobody"}
	result, red := n.night()
	n.want(result, notice.FirstBaseline)
	if !red || len(result.Untold) != 2 || to.asked != 1 {
		t.Fatalf("red %v, untold %q after %d posts", red, result.Untold, to.asked)
	}
	for i, want := range []string{"404 Not Found", "no webhook named nobody"} {
		if !strings.Contains(result.Untold[i], want) {
			t.Errorf("untold %q, want %q", result.Untold[i], want)
		}
	}
}

func TestNightCancelled(t *testing.T) {
	to := newChat(t)
	n := newNights(t, to)
	n.env = n.bench.env()
	reached := n.world.BlockOnce("run r1 show version")
	go func() {
		<-reached
		n.env.CancelWorkflow()
	}()
	result, _ := n.execute()
	n.want(result, notice.CouldNotRun)
	if got := to.messages(); len(got) != 1 || !strings.Contains(got[0], "the run was cancelled") {
		t.Errorf("told %q", got)
	}
}

// The URL of a webhook is in nothing that Temporal keeps.
func TestWebhookURLStaysSecret(t *testing.T) {
	to := newChat(t, 404)
	n := newNights(t, to)
	n.env = n.bench.env()
	var kept []string
	n.env.SetOnActivityStartedListener(func(_ *activity.Info, _ context.Context, args converter.EncodedValues) {
		var in any
		if args.HasValues() && args.Get(&in) == nil {
			text, _ := json.Marshal(in)
			kept = append(kept, string(text))
		}
	})
	n.env.SetOnActivityCompletedListener(func(_ *activity.Info, _ converter.EncodedValue, err error) {
		if err != nil {
			kept = append(kept, err.Error())
		}
	})
	to.Close() // the HTTP client's own errors name the URL
	result, _ := n.execute()
	text, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, string(text))
	if len(result.Untold) != 1 || len(kept) < 5 {
		t.Fatalf("untold %q, kept %d texts", result.Untold, len(kept))
	}
	address := strings.TrimPrefix(to.URL, "http://")
	for _, text := range kept {
		if strings.Contains(text, to.URL) {
			t.Errorf("the URL (%s) is in %s", address, text)
		}
	}
}
