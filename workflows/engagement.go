package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/workflows/scope"
)

// Engagement is the contract of the service: intake, scoping, replication,
// testing, reporting, closed, within 30 days. What people do to it are updates,
// which refuse what the contract does not allow; what it does itself, at what
// time, is in advance. It ends with its last state: cancelled if it was
// cancelled, with a TypeRefused error if it was never taken in.
func Engagement(ctx workflow.Context, in EngagementInput) (*EngagementState, error) {
	e := &engagement{in: in, mutex: workflow.NewMutex(ctx)}
	if in.State != nil {
		e.s = *in.State
		e.in.State = nil
		e.s.Parts++
	} else {
		e.s = EngagementState{Phase: EngagementIntake, PhaseSince: workflow.Now(ctx), Keys: in.Keys}
		e.in.Keys = nil
	}
	// What must still be done when the workflow is cancelled (labs taken down,
	// the report written) is the ordinary way to the end.
	inner, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	e.base = inner
	if err := e.listen(ctx); err != nil {
		return nil, err
	}
	e.hear(inner)
	workflow.Go(ctx, func(ctx workflow.Context) {
		ctx.Done().Receive(ctx, nil)
		e.end("it was cancelled by the operator of the lab", true)
	})
	if err := e.run(inner); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, temporal.NewCanceledError(e.s)
	}
	return &e.s, nil
}

// engagement is an engagement while it is going on.
type engagement struct {
	in    EngagementInput
	s     EngagementState
	mutex workflow.Mutex // updates that look at the world take turns

	base   workflow.Context // is not cancelled with the workflow
	unsent int              // notices whose workflows have not started

	woken   bool // something happened that advance must see
	running string
	waits   string              // for what that waits
	stop    workflow.CancelFunc // of what is running
	stopped bool
	shown   shown
}

// wake makes the main loop look at the state again.
func (e *engagement) wake() { e.woken = true }

func (e *engagement) run(ctx workflow.Context) error {
	if e.s.Phase == EngagementIntake {
		if err := e.intake(ctx); err != nil {
			return err
		}
	}
	for e.s.Phase != EngagementClosed {
		e.woken = false
		if err := e.advance(ctx); err != nil {
			return err
		}
		if err := e.show(ctx); err != nil {
			return err
		}
		if e.woken || e.s.Phase == EngagementClosed {
			continue
		}
		if e.mayContinue(ctx) {
			return e.continueAsNew(ctx)
		}
		if err := e.sleep(ctx); err != nil {
			return err
		}
	}
	return e.settled(ctx)
}

// intake checks the prerequisites, draws up the days, and debits the credits.
func (e *engagement) intake(ctx workflow.Context) error {
	var world *activities.Engagement
	d := &e.in.Definition
	if err := e.show(ctx); err != nil {
		return err
	}
	summary := fmt.Sprintf("Check the prerequisites and debit %d credits from contract %s", d.Contract.Price, d.Contract.Number)
	var taken activities.Intaken
	err := workflow.ExecuteActivity(record(ctx, summary), world.Intake, activities.IntakeInput{
		Definition: *d, At: workflow.Now(ctx), Day: e.in.Day,
	}).Get(ctx, &taken)
	if err != nil {
		return temporal.NewNonRetryableApplicationError("the engagement was not taken in: "+reason(err), orElse(applicationType(err), TypeIntake), nil)
	}
	e.s.Term, e.s.Balance = taken.Term, taken.Balance
	e.s.Ahead = scope.Warnings(taken.Term, "the engagement")
	e.write(ctx, LedgerEntry{Kind: "credits", Who: d.ServiceManager.String(),
		What: fmt.Sprintf("%d credits debited from contract %s, %d are left", d.Contract.Price, d.Contract.Number, taken.Balance)})
	if taken.Expires.Before(taken.Term.End()) {
		e.note(ctx, LedgerEntry{Kind: "notice", What: fmt.Sprintf(
			"the credits of contract %s expire on %s, before day %d; those of this engagement have been redeemed and it goes on",
			d.Contract.Number, clock(taken.Expires), scope.EngagementDays)})
	}
	e.enter(ctx, EngagementScoping)
	return nil
}

// TypeIntake is the error of an engagement that could not be taken in for
// another reason than a refusal.
const TypeIntake = "Intake"

// enter begins a phase.
func (e *engagement) enter(ctx workflow.Context, p EngagementPhase) {
	e.s.Phase, e.s.PhaseSince, e.s.Trouble = p, workflow.Now(ctx), ""
	e.note(ctx, LedgerEntry{Kind: "phase", What: string(p)})
}

// end makes the engagement end from whatever phase it is in.
func (e *engagement) end(why string, cancelled bool) {
	if e.s.Ending != "" || e.s.Phase == EngagementClosed {
		return
	}
	e.s.Ending, e.s.Cancelled = why, cancelled
	e.wake()
}

// note puts an entry into the ledger and has the service manager told of it.
func (e *engagement) note(ctx workflow.Context, entry LedgerEntry) {
	e.tell(e.write(ctx, entry), nil)
}

// write puts an entry into the ledger of which nobody has to be told.
func (e *engagement) write(ctx workflow.Context, entry LedgerEntry) LedgerEntry {
	entry.Number, entry.At = len(e.s.Ledger)+1, workflow.Now(ctx)
	if e.s.Term != nil {
		entry.Day = e.s.Term.Number(entry.At)
	}
	entry.Slots = e.s.Slots.Used()
	e.s.Ledger = append(e.s.Ledger, entry)
	e.wake()
	return entry
}

// clock is a moment as people read it.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// mayContinue reports whether the history is long enough to begin a new one,
// and nothing is under way that belongs to this one.
func (e *engagement) mayContinue(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetContinueAsNewSuggested() && e.running == "" && e.s.Ending == ""
}

// continueAsNew carries everything over, after the updates that are being
// handled.
func (e *engagement) continueAsNew(ctx workflow.Context) error {
	if err := e.settled(ctx); err != nil {
		return err
	}
	next := e.in
	next.State = &e.s
	return workflow.NewContinueAsNewError(ctx, Engagement, next)
}

// refused is the error of an update: of a refusal its sentence, of an activity
// its own words, of mistakes in plans all of them.
func refused(err error) error {
	if err == nil {
		return nil
	}
	var refusal *scope.Refusal
	if errors.As(err, &refusal) {
		return temporal.NewNonRetryableApplicationError(refusal.Error(), activities.TypeRefused, nil)
	}
	if mistakes := mistakesOf(err); mistakes != nil {
		return temporal.NewNonRetryableApplicationError(reason(err), applicationType(err), nil, mistakes)
	}
	return temporal.NewNonRetryableApplicationError(reason(err), applicationType(err), nil)
}
