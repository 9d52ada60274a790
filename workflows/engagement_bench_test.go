package workflows_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/scope"
)

// kickoff is a Monday.
var kickoff = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// A deal is an engagement in the test environment, with everybody's tokens.
type deal struct {
	*bench
	env    *testsuite.TestWorkflowEnvironment
	in     workflows.EngagementInput
	tokens map[string]string // by first name
	acts   int               // updates that have been answered
	due    int
}

const goodCase = `
  - id: CFG-001
    title: A statement comes with a commit
    tags: [smoke]
    steps:
      - configure: {node: r1, set: ["snmp location lab"]}
`

const badCase = `
  - id: CFG-002
    title: A statement that is not there
    steps:
      - check: {config: {node: r1, contains: ["snmp location lab"]}}
`

// newDeal is an engagement about a plan of these cases.
func newDeal(t *testing.T, cases string) *deal {
	t.Helper()
	d := &deal{bench: newBench(t), tokens: map[string]string{}}
	d.env = d.bench.env()
	d.env.SetStartTime(kickoff)
	// The test environment passes no signal from a child to its parent by itself.
	d.env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, workflows.UndeliveredSignal, mock.Anything).
		Return(func(_, _, _, name string, arg any) error {
			d.env.SignalWorkflow(name, arg)
			return nil
		}).Maybe()
	d.in = workflows.EngagementInput{
		Backend: "fake", Out: filepath.Join(d.dir, "out"),
		Definition: testplans.Engagement{
			ID: "acme", Title: "The pair", Customer: "ACME", Release: "23.4R2", Care: "JC-1",
			Contract:       testplans.Contract{Number: "AS-1", Activated: "2026-01-15", Credits: 100, Price: 40},
			ServiceManager: testplans.Person{Name: "Sam", Email: "sam@lab.example"},
			Contacts:       []testplans.Person{{Name: "Ann", Email: "ann@acme.example"}, {Name: "Bob", Email: "bob@acme.example"}},
			TimeZone:       "UTC", Calendar: testplans.CalendarDays,
			Topology: filepath.Join(d.dir, "pair.clab.yml"),
		},
	}
	for i, p := range []testplans.Person{d.in.Definition.ServiceManager, d.in.Definition.Contacts[0], d.in.Definition.Contacts[1]} {
		token, key, err := scope.NewToken()
		if err != nil {
			t.Fatal(err)
		}
		d.tokens[p.Name] = token
		d.in.Keys = append(d.in.Keys, workflows.KeyHolder{Person: p, Key: key, Manager: i == 0})
	}
	d.in.Definition.Plans = []string{d.plan("pair", cases)}
	return d
}

// plan writes a plan of these cases and returns its path.
func (d *deal) plan(name, cases string) string {
	d.t.Helper()
	file := filepath.Join(d.dir, name+".yaml")
	text := strings.Replace(planHead, "plan: pair", "plan: "+name, 1) + cases
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
	return file
}

// many are cases first to last.
func many(first, last int) string {
	var b strings.Builder
	for i := first; i <= last; i++ {
		fmt.Fprintf(&b, "  - {id: CASE-%03d, title: A case, steps: [{command: {node: r1, run: show version}}]}\n", i)
	}
	return b.String()
}

const oneDay = 24 * time.Hour

// days is a time after the kick-off.
func days(n float64) time.Duration { return time.Duration(n * float64(oneDay)) }

// at sends an update at a time after the kick-off. The request is made then.
// want is part of the answer; after "refused: ", of the contract's refusal;
// after "error: ", of another error.
func (d *deal) at(after time.Duration, update string, request func() any, want string) {
	d.due++
	id := fmt.Sprintf("update-%d", d.due)
	words, refuse := strings.CutPrefix(want, "refused: ")
	words, wrong := strings.CutPrefix(words, "error: ")
	answer := func(got string, err error) {
		d.acts++
		switch {
		case err != nil && !refuse && !wrong:
			d.t.Errorf("%s after %v: refused: %v", update, after, err)
		case err == nil && (refuse || wrong):
			d.t.Errorf("%s after %v: done (%s), want a refusal with %q", update, after, got, words)
		case refuse != isRefusal(err):
			d.t.Errorf("%s after %v: %v; refused by the contract: %v, want %v", update, after, err, !refuse, refuse)
		case err != nil && !strings.Contains(err.Error(), words), err == nil && !strings.Contains(got, words):
			d.t.Errorf("%s after %v: %q, %v; want %q", update, after, got, err, words)
		}
	}
	d.env.RegisterDelayedCallback(func() {
		d.env.UpdateWorkflow(update, id, &testsuite.TestUpdateCallback{
			OnReject: func(err error) { answer("", err) },
			OnAccept: func() {},
			OnComplete: func(result any, err error) {
				text, _ := result.(string)
				answer(text, err)
			},
		}, request())
	}, after)
}

// isRefusal tells a refusal by the contract, for which the program has an exit
// code of its own.
func isRefusal(err error) bool {
	var app *temporal.ApplicationError
	return errors.As(err, &app) && app.Type() == activities.TypeRefused
}

// do calls f at a time after the kick-off.
func (d *deal) do(after time.Duration, f func()) { d.env.RegisterDelayedCallback(f, after) }

func (d *deal) submit(after time.Duration, want string, plans ...string) {
	d.at(after, workflows.SubmitUpdate, func() any { return workflows.ScopeRequest{Plans: plans} }, want)
}

func (d *deal) amend(after time.Duration, want string, plans ...string) {
	d.at(after, workflows.AmendUpdate, func() any { return workflows.ScopeRequest{Plans: plans, Reason: "the network changed"} }, want)
}

func (d *deal) run(after time.Duration, want string, cases ...string) {
	d.at(after, workflows.RunUpdate, func() any { return workflows.RunRequest{Cases: cases, By: "the lab"} }, want)
}

// signed sends a request with a person's signature.
func (d *deal) signed(after time.Duration, who, update string, r workflows.SignedRequest, want string) {
	d.at(after, update, func() any {
		if p := d.status().State.Proposal; update == workflows.SignUpdate && r.Hash == "" && p != nil {
			r.Hash = p.Hash
		}
		signed, err := r.Sign(d.tokens[who], "acme", update)
		if err != nil {
			d.t.Error(err)
		}
		return signed
	}, want)
}

func (d *deal) sign(after time.Duration, who, want string) {
	d.signed(after, who, workflows.SignUpdate, workflows.SignedRequest{}, want)
}

// agree has the plans submitted and signed, so that the window opens then.
func (d *deal) agree(after time.Duration) {
	d.submit(after-min(time.Minute, after/2), "revision 1")
	d.sign(after, "Ann", "is signed")
}

// agreeSoon has them submitted and signed as soon as they can be, where days are
// so short that a busy machine takes in nothing at a given time.
func (d *deal) agreeSoon() {
	const soon = 5 * time.Millisecond
	submitted := false
	var look func()
	look = func() {
		switch status, err := d.ask(); {
		case err != nil: // it has not begun
		case status.State.Phase == workflows.EngagementScoping && !submitted:
			submitted = true
			d.submit(0, "revision 1")
		case status.State.Proposal != nil:
			d.sign(0, "Ann", "is signed")
			return
		}
		d.do(soon, look)
	}
	d.do(soon, look)
}

func (d *deal) status() *workflows.EngagementStatus {
	d.t.Helper()
	status, err := d.ask()
	if err != nil {
		d.t.Error(err)
	}
	return status
}

// ask is status of an engagement that may not have begun.
func (d *deal) ask() (*workflows.EngagementStatus, error) {
	status := &workflows.EngagementStatus{}
	answer, err := d.env.QueryWorkflow(workflows.EngagementQuery)
	if err == nil {
		err = answer.Get(status)
	}
	return status, err
}

// play executes the engagement to its end and returns its last state.
func (d *deal) play() *workflows.EngagementState {
	d.t.Helper()
	d.env.ExecuteWorkflow(workflows.Engagement, d.in)
	if !d.env.IsWorkflowCompleted() {
		d.t.Fatal("the engagement did not end")
	}
	state := &workflows.EngagementState{}
	if err := d.env.GetWorkflowError(); err != nil {
		d.t.Fatal(err)
	}
	if err := d.env.GetWorkflowResult(state); err != nil {
		d.t.Fatal(err)
	}
	if d.acts != d.due {
		d.t.Errorf("%d of %d updates were answered", d.acts, d.due)
	}
	if d.world.Up() {
		d.t.Error("a lab was left up")
	}
	return state
}

// took is how long an engagement went on.
func took(s *workflows.EngagementState) time.Duration { return s.PhaseSince.Sub(kickoff) }

// about are the ledger's entries of a kind, a line each.
func about(s *workflows.EngagementState, kind string) string {
	var b strings.Builder
	for _, l := range s.Ledger {
		if l.Kind == kind {
			fmt.Fprintf(&b, "%s\n", l.What)
		}
	}
	return b.String()
}

// again decodes the input of a continuation as the next part receives it.
func again(t *testing.T, data []byte) workflows.EngagementInput {
	t.Helper()
	var in workflows.EngagementInput
	if err := json.Unmarshal(data, &in); err != nil {
		t.Fatal(err)
	}
	return in
}
