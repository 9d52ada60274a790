package workflows

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/notice"
)

// NightlyInput says what to run every night, and whom to tell.
type NightlyInput struct {
	Name       string   `json:"name"` // the schedule's ID, nightly-ring-rollout
	Plan       string   `json:"plan"` // absolute path
	Cases      []string `json:"cases,omitempty"`
	Tags       []string `json:"tags,omitempty"`
	Backend    string   `json:"backend"`
	Lab        string   `json:"lab"` // each night's lab is named so, with date and time
	Out        string   `json:"out"` // absolute path; each night has a directory below it
	Reattempts int      `json:"reattempts,omitempty"`
	// BaselineFirst makes the first night that judged every case the plan's
	// baseline, if there is none.
	BaselineFirst bool `json:"baselineFirst,omitempty"`
	// Within is how long a night may take; then it is cut, and its lab removed.
	Within time.Duration `json:"within"`
	// Notify are names of webhooks.
	Notify []string `json:"notify,omitempty"`
	// Of is set for a night of an engagement.
	Of *NightOf `json:"of,omitempty"`
}

// NightOf is what a night has to keep to that belongs to an engagement.
type NightOf struct {
	Engagement string `json:"engagement"`
	Customer   string `json:"customer"`
	Release    string `json:"release,omitempty"`

	Run      string    `json:"run"`                // ID of the run; Out is then its own folder, and Lab its lab's name
	PlanHash string    `json:"planHash"`           // the plan must be the one that was signed
	PlanCopy string    `json:"planCopy,omitempty"` // what it is kept under
	Until    time.Time `json:"until"`              // when the test window closes: no case starts then or later
	Baseline string    `json:"baseline"`           // the run to compare with; the night's own makes it the baseline
}

// A NightlyResult is what came of a night. It is also the detail of the error
// with which a night ends that gives no reason to be quiet.
type NightlyResult struct {
	notice.Night
	// Untold are the webhooks that could not be reached, and why.
	Untold []string `json:"untold,omitempty"`
	// Edited is the run's.
	Edited string `json:"edited,omitempty"`
}

// TypeNightly is a night in which something failed, was not judged, or of
// which nobody could be told; its detail is the NightlyResult.
const TypeNightly = "Nightly"

// Nightly runs a plan on a lab of this night's own, compares the run with the
// plan's baseline and tells those concerned if something changed, and always
// when it could not run. The run is a child PlanRun, which removes its lab
// whatever happens.
func Nightly(ctx workflow.Context, in NightlyInput) (*NightlyResult, error) {
	n := &nightly{in: in, started: workflow.Now(ctx)}
	n.run = in.Name + "-" + n.started.UTC().Format(runTime)
	if in.Of != nil {
		n.run = in.Of.Run
	}
	err := n.enter(ctx, nightRunning)
	if err != nil {
		return nil, err
	}
	n.runPlan(ctx)

	cancelled := ctx.Err() != nil
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	if err := n.enter(ctx, nightJudging); err != nil {
		return nil, err
	}
	n.judge(ctx)
	if err := n.enter(ctx, nightTelling); err != nil {
		return nil, err
	}
	n.tell(ctx)
	if err := n.conclude(ctx); err != nil {
		return nil, err
	}
	switch result := n.result(); {
	case cancelled:
		return nil, temporal.NewCanceledError(*result)
	case result.Failed || len(result.Untold) > 0:
		return nil, temporal.NewApplicationErrorWithOptions(n.complaint(), TypeNightly,
			temporal.ApplicationErrorOptions{NonRetryable: true, Details: []any{*result}})
	default:
		return result, nil
	}
}

// nightly is a night while it is going on.
type nightly struct {
	in      NightlyInput
	run     string // ID
	started time.Time
	ended   RunResult
	problem string
	waiting string        // for what the run waits
	night   *notice.Night // nil until judged
	untold  []string
}

// The phases of a night.
const (
	nightRunning Phase = "running the plan"
	nightJudging Phase = "comparing with the baseline"
	nightTelling Phase = "telling those concerned"
)

func (n *nightly) enter(ctx workflow.Context, p Phase) error {
	workflow.SetCurrentDetails(ctx, n.details(p, workflow.GetInfo(ctx).Namespace))
	return workflow.UpsertTypedSearchAttributes(ctx, PhaseAttribute.ValueSet(string(p)))
}

// dir is where the night's documents go.
func (n *nightly) dir() string {
	if n.in.Of != nil {
		return n.in.Out
	}
	return path.Join(n.in.Out, n.run)
}

// runPlan runs the plan to its end, or to the end of the night, and notes why
// it could not if it could not.
func (n *nightly) runPlan(ctx workflow.Context) {
	ctx, cut := workflow.WithCancel(ctx)
	defer cut()
	child := n.startRun(ctx)
	end := workflow.NewTimerWithOptions(ctx, n.in.Within, workflow.TimerOptions{
		Summary: fmt.Sprintf("The night ends %s after it began", n.in.Within),
	})
	done, late := false, false
	wait := workflow.NewSelector(ctx)
	wait.AddFuture(child, func(workflow.Future) { done = true })
	wait.AddFuture(end, func(f workflow.Future) {
		if f.Get(ctx, nil) == nil { // else it was cancelled with the night
			late = true
			cut()
		}
	})
	wait.AddReceive(workflow.GetSignalChannel(ctx, WaitingSignal), func(c workflow.ReceiveChannel, _ bool) {
		c.Receive(ctx, &n.waiting)
		n.showWaiting(ctx)
	})
	for !done {
		wait.Select(ctx)
	}
	n.waiting = ""
	n.ranWith(ctx, child.Get(ctx, &n.ended), late)
}

// startRun starts the run as a child.
func (n *nightly) startRun(ctx workflow.Context) workflow.ChildWorkflowFuture {
	in := PlanRunInput{
		Run: n.run, Plan: n.in.Plan, Cases: n.in.Cases, Tags: n.in.Tags, Backend: n.in.Backend,
		Lab: n.in.Lab + "-" + n.started.UTC().Format("20060102-1504"), Out: n.dir(), Reattempts: n.in.Reattempts,
		Wait: n.in.Within,
	}
	var attributes temporal.SearchAttributes
	if of := n.in.Of; of != nil {
		in.Lab, in.PlanHash, in.PlanCopy, in.Until = n.in.Lab, of.PlanHash, of.PlanCopy, of.Until
		attributes = attributesOf(&testplans.Engagement{ID: of.Engagement, Customer: of.Customer, Release: of.Release})
	}
	return workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:          n.run,
		WaitForCancellation: true,
		ParentClosePolicy:   enumspb.PARENT_CLOSE_POLICY_REQUEST_CANCEL,
		StaticSummary:       shorten("Run of " + path.Base(in.Plan) + " on " + in.Backend),
		Memo:                map[string]any{"plan": in.Plan, "backend": in.Backend, "out": in.Out, "nightly": n.in.Name},

		TypedSearchAttributes: attributes,
	}), PlanRun, in)
}

// ranWith notes why the run could not judge all its cases, if it could not. late
// says that it was cut.
func (n *nightly) ranWith(ctx workflow.Context, err error, late bool) {
	if err == nil {
		if of := n.in.Of; of != nil && n.ended.Counts.Skip > 0 && !workflow.Now(ctx).Before(of.Until) {
			n.problem = "the test window closed before every case had its turn"
		}
		return
	}
	n.problem = reason(err)
	if resultOf(err, &n.ended) {
		n.problem = n.ended.Problem
	}
	switch {
	case late && n.ended.Waiting != "":
		n.problem = fmt.Sprintf("it waited %s, and was cut after %s", n.ended.Waiting, n.in.Within)
	case late:
		n.problem = fmt.Sprintf("it did not end within %s and was cut", n.in.Within)
	}
}

// showWaiting shows for what the run waits, here and on the engagement's page.
func (n *nightly) showWaiting(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, n.details(nightRunning, workflow.GetInfo(ctx).Namespace))
	if n.in.Of != nil {
		tellParent(ctx, n.waiting)
	}
}

// judge compares the run with the baseline.
func (n *nightly) judge(ctx workflow.Context) {
	var nights *activities.Nights
	in := activities.NightInput{
		Nightly: n.in.Name, Run: n.run, Plan: n.in.Plan, Dir: n.dir(), Problem: n.problem, BaselineFirst: n.in.BaselineFirst,
	}
	if n.in.Of != nil {
		in.Baseline = n.in.Of.Baseline
	}
	if n.ended.Files != nil {
		in.Report = n.ended.Files.HTML
	}
	night := &notice.Night{}
	err := workflow.ExecuteActivity(record(ctx, "Compare "+n.run+" with the baseline"), nights.JudgeNight, in).Get(ctx, night)
	if err != nil {
		night = notice.Unknown(n.in.Name, n.run, activities.PlanName(n.in.Plan), "the comparison failed: "+reason(err))
	}
	n.night = night
}

// tell posts the notice wherever it is to go, and notes where it could not.
func (n *nightly) tell(ctx workflow.Context) {
	if !n.night.Tell {
		return
	}
	n.untold = post(ctx, n.in.Notify, activities.NoticeInput{Night: n.night})
}

// conclude shows what came of the night on its page and in the list.
func (n *nightly) conclude(ctx workflow.Context) error {
	if err := n.enter(ctx, PhaseDone); err != nil {
		return err
	}
	c := n.night.Counts
	return workflow.UpsertTypedSearchAttributes(ctx, PlanAttribute.ValueSet(n.night.Plan),
		VerdictAttribute.ValueSet(string(n.night.Verdict)), TotalAttribute.ValueSet(int64(c.Cases)),
		PassedAttribute.ValueSet(int64(c.Pass)), FailedAttribute.ValueSet(int64(c.Fail+c.Error)))
}

func (n *nightly) result() *NightlyResult {
	return &NightlyResult{Night: *n.night, Untold: n.untold, Edited: n.ended.Edited}
}

// complaint is why the night's workflow ends in red.
func (n *nightly) complaint() string {
	if len(n.untold) == 0 {
		return n.night.Headline()
	}
	return n.night.Headline() + "; not told: " + strings.Join(n.untold, "; ")
}

// nightlyResultOf takes a night's result from the error that it ended with.
func nightlyResultOf(err error, into *NightlyResult) bool {
	var app *temporal.ApplicationError
	if errors.As(err, &app) && app.Type() == TypeNightly {
		return app.Details(into) == nil
	}
	var cancelled *temporal.CanceledError
	return errors.As(err, &cancelled) && cancelled.HasDetails() && cancelled.Details(into) == nil
}
