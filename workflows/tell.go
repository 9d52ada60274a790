package workflows

import (
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans/notice"
)

// TellInput is an event of an engagement and whom to tell.
type TellInput struct {
	Entry  int          `json:"entry"` // of the ledger, that the event is about
	Event  notice.Event `json:"event"`
	Notify []string     `json:"notify"` // names of webhooks
}

// Undelivered is the signal by which an engagement learns that a notice did
// not arrive.
type Undelivered struct {
	Entry  int      `json:"entry"`
	Untold []string `json:"untold"` // names of webhooks, each with the reason
}

// UndeliveredSignal is the name of that signal.
const UndeliveredSignal = "undelivered"

// TypeUntold is the error of a notice that did not arrive everywhere.
const TypeUntold = "Untold"

// Tell delivers a notice of an engagement. It is a workflow of its own so that
// a receiver that is down holds nothing up: it goes on when the engagement
// continues as new or ends. The engagement is told what could not be delivered.
func Tell(ctx workflow.Context, in TellInput) error {
	untold := post(ctx, in.Notify, activities.NoticeInput{Event: &in.Event})
	if len(untold) == 0 {
		return nil
	}
	if parent := workflow.GetInfo(ctx).ParentWorkflowExecution; parent != nil {
		// The engagement may have ended meanwhile; then this workflow's own end
		// is what remains.
		_ = workflow.SignalExternalWorkflow(ctx, parent.ID, "", UndeliveredSignal, Undelivered{in.Entry, untold}).Get(ctx, nil)
	}
	return temporal.NewNonRetryableApplicationError("not told: "+strings.Join(untold, "; "), TypeUntold, nil)
}

// post posts a notice to webhooks, at the same time, and returns those that it
// could not reach, with the reasons.
func post(ctx workflow.Context, webhooks []string, in activities.NoticeInput) (untold []string) {
	var notify *activities.Notify
	posts := make([]workflow.Future, len(webhooks))
	for i, name := range webhooks {
		in.Webhook = name
		posts[i] = workflow.ExecuteActivity(telling(ctx, name), notify.PostNotice, in)
	}
	for i, p := range posts {
		if err := p.Get(ctx, nil); err != nil {
			untold = append(untold, webhooks[i]+": "+reason(err))
		}
	}
	return untold
}

// telling is a context for posting to a webhook. A receiver that is down is
// tried again, less and less often, for a part of the day.
func telling(ctx workflow.Context, webhook string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    time.Minute,
		ScheduleToCloseTimeout: 4 * time.Hour,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 5 * time.Second, BackoffCoefficient: 2, MaximumInterval: 10 * time.Minute,
		},
		Summary: shorten("Tell " + webhook),
	})
}

// tell has the service manager told of an entry of the ledger, by a child that
// outlives this part of the engagement.
func (e *engagement) tell(entry LedgerEntry, night *notice.Night) {
	d := &e.in.Definition
	if len(d.Notify) == 0 {
		return
	}
	waiting, do := e.waitsForContact()
	in := TellInput{Entry: entry.Number, Notify: d.Notify, Event: notice.Event{
		Engagement: d.ID, Customer: d.Customer, For: d.ServiceManager.String(),
		Phase: string(e.s.Phase), Day: entry.Day, Days: e.s.Term.Len(),
		What: entry.What, Why: entry.Why, Waiting: waiting, Do: do, Night: night,
	}}
	switch {
	case entry.Kind != "phase":
	case entry.What == string(EngagementClosed):
		in.Event.What = "the engagement is closed"
	default:
		in.Event.What = "phase " + entry.What + " begins"
	}
	child := workflow.WithChildOptions(e.base, workflow.ChildWorkflowOptions{
		WorkflowID:        fmt.Sprintf("%s/notice-%03d", d.ID, entry.Number),
		ParentClosePolicy: enumspb.PARENT_CLOSE_POLICY_ABANDON,
		StaticSummary:     shorten("Tell " + strings.Join(d.Notify, ", ") + ": " + in.Event.What),

		TypedSearchAttributes: attributesOf(d),
	})
	future := workflow.ExecuteChildWorkflow(child, Tell, in)
	e.unsent++
	workflow.Go(e.base, func(ctx workflow.Context) {
		err := future.GetChildWorkflowExecution().Get(ctx, nil)
		e.unsent--
		if err != nil {
			e.undelivered(ctx, Undelivered{entry.Number, []string{reason(err)}})
		}
	})
}

// hear notes the notices that could not be delivered, and for what the run that
// is going on waits.
func (e *engagement) hear(ctx workflow.Context) {
	signals := workflow.GetSignalChannel(ctx, UndeliveredSignal)
	waits := workflow.GetSignalChannel(ctx, WaitingSignal)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			waits.Receive(ctx, &e.waits)
			e.wake()
		}
	})
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var u Undelivered
			signals.Receive(ctx, &u)
			e.undelivered(ctx, u)
		}
	})
}

func (e *engagement) undelivered(ctx workflow.Context, u Undelivered) {
	e.write(ctx, LedgerEntry{Kind: "untold", Why: strings.Join(u.Untold, "; "),
		What: fmt.Sprintf("the notice of entry %d could not be delivered", u.Entry)})
}

// settled reports whether every update is answered and every notice on its way,
// so that this part of the engagement can end.
func (e *engagement) settled(ctx workflow.Context) error {
	return workflow.Await(ctx, func() bool { return e.unsent == 0 && workflow.AllHandlersFinished(ctx) })
}
