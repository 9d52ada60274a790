package workflows

import (
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/workflows/scope"
)

// listen registers the query and the updates. Validators refuse before
// anything is on record; what can only be known by looking at the plans is
// refused by the handlers.
func (e *engagement) listen(ctx workflow.Context) error {
	err := workflow.SetQueryHandlerWithOptions(ctx, EngagementQuery, func() (*EngagementStatus, error) { return e.status(ctx), nil },
		workflow.QueryHandlerOptions{Description: "the phase, the days, the cases and the ledger"})
	return errors.Join(err,
		handle(ctx, SubmitUpdate, "submit plans for signature", e.admitSubmit, e.submit),
		handle(ctx, AmendUpdate, "propose an amendment of the signed scope", e.admitAmend, e.amend),
		handle(ctx, SignUpdate, "sign the proposed scope, as a contact", e.admitSign, e.sign),
		handle(ctx, RunUpdate, "run cases inside the window", e.admitRun, e.enqueue),
		handle(ctx, WaiveUpdate, "waive failed cases, as a contact", e.admitDecision(WaiveUpdate), e.decide(WaiveUpdate)),
		handle(ctx, AcceptUpdate, "accept failed cases, or the results, as a contact", e.admitDecision(AcceptUpdate), e.decide(AcceptUpdate)),
		handle(ctx, CancelUpdate, "cancel the engagement, as a contact or the service manager", e.admitCancel, e.cancel),
		handle(ctx, ReissueUpdate, "replace a person's token, as the service manager", e.admitReissue, e.reissue))
}

// handle registers an update. The validator runs again before the handler,
// which may have waited for its turn.
func handle[R any](ctx workflow.Context, name, description string, admit func(workflow.Context, R) error,
	do func(workflow.Context, R) (string, error)) error {
	return workflow.SetUpdateHandlerWithOptions(ctx, name,
		func(ctx workflow.Context, r R) (string, error) {
			answer, err := do(ctx, r)
			return answer, refused(err)
		},
		workflow.UpdateHandlerOptions{
			Description: description,
			Validator:   func(ctx workflow.Context, r R) error { return refused(admit(ctx, r)) },
		})
}

// alive refuses what comes too early or too late.
func (e *engagement) alive() error {
	switch {
	case e.s.Phase == EngagementIntake:
		return scope.Refuse("try again in a moment", "the engagement is being taken in")
	case e.s.Phase == EngagementClosed || e.s.Ending != "":
		return scope.Refuse("more needs a new engagement", "the engagement has ended: %s", e.s.Ending)
	}
	return nil
}

// Who may make a request.
const (
	contactsOnly = iota
	managerOnly
	contactsAndManager
)

// signer is who signed a request, or the refusal of the signature.
func (e *engagement) signer(action string, r SignedRequest, who int) (*KeyHolder, error) {
	var holder *KeyHolder
	for i := range e.s.Keys {
		if e.s.Keys[i].Key == r.Signature.Key {
			holder = &e.s.Keys[i]
		}
	}
	if holder == nil {
		return nil, scope.Refuse("the contacts are "+e.contacts()+"; the service manager can reissue a token",
			"the token belongs to nobody in this engagement, or was replaced")
	}
	if !r.Signature.Verify(r.statement(e.in.Definition.ID, action)) {
		return nil, scope.Refuse("sign the request as it is", "the signature of %s is not one of this request", holder.Name)
	}
	for i := range e.s.Ledger {
		if e.s.Ledger[i].Signature == r.Signature.Value {
			return nil, scope.Refuse("sign again", "the signature has been used before, in entry %d of the ledger", e.s.Ledger[i].Number)
		}
	}
	switch {
	case who == contactsOnly && holder.Manager:
		return nil, scope.Refuse("one of the contacts can: "+e.contacts(), "%s is the service manager and cannot %s for the customer", holder.Name, action)
	case who == managerOnly && !holder.Manager:
		return nil, scope.Refuse(e.in.Definition.ServiceManager.Name+" can", "%s is not the service manager and cannot %s", holder.Name, action)
	}
	return holder, nil
}

// contacts are the names of the customer's contacts.
func (e *engagement) contacts() string {
	var names []string
	for _, c := range e.in.Definition.Contacts {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

// signed puts an entry with a signature into the ledger.
func (e *engagement) signed(ctx workflow.Context, action string, r SignedRequest, holder *KeyHolder, entry LedgerEntry) {
	entry.Kind, entry.Who, entry.Why = action, holder.Person.String(), orElse(entry.Why, r.Reason)
	entry.Hash = r.statement(e.in.Definition.ID, action).Hash
	entry.Key, entry.Signature = r.Signature.Key, r.Signature.Value
	e.note(ctx, entry)
}

func (e *engagement) admitCancel(_ workflow.Context, r SignedRequest) error {
	if err := e.alive(); err != nil {
		return err
	}
	if r.Reason == "" {
		return scope.Refuse("give a reason", "an engagement is not cancelled without a reason")
	}
	_, err := e.signer(CancelUpdate, r, contactsAndManager)
	return err
}

func (e *engagement) cancel(ctx workflow.Context, r SignedRequest) (string, error) {
	holder, err := e.signer(CancelUpdate, r, contactsAndManager)
	if err != nil {
		return "", err
	}
	e.signed(ctx, CancelUpdate, r, holder, LedgerEntry{What: "the engagement is cancelled"})
	e.end("cancelled by "+holder.Name+": "+r.Reason, true)
	return "cancelled; what is running is stopped and its lab taken down", nil
}

func (e *engagement) admitReissue(_ workflow.Context, r SignedRequest) error {
	if err := e.alive(); err != nil {
		return err
	}
	if r.Holder == nil || r.Holder.Key == "" {
		return scope.Refuse("say whose token is replaced by which", "the request names no person or no key")
	}
	if e.holder(r.Holder.Email) == nil {
		return scope.Refuse("the contacts are "+e.contacts(), "nobody in this engagement has the address %s", r.Holder.Email)
	}
	_, err := e.signer(ReissueUpdate, r, managerOnly)
	return err
}

func (e *engagement) holder(email string) *KeyHolder {
	for i := range e.s.Keys {
		if strings.EqualFold(e.s.Keys[i].Email, email) {
			return &e.s.Keys[i]
		}
	}
	return nil
}

func (e *engagement) reissue(ctx workflow.Context, r SignedRequest) (string, error) {
	manager, err := e.signer(ReissueUpdate, r, managerOnly)
	if err != nil {
		return "", err
	}
	by, holder := *manager, e.holder(r.Holder.Email) // the manager may replace his own
	holder.Key = r.Holder.Key
	e.signed(ctx, ReissueUpdate, r, &by, LedgerEntry{What: "the token of " + holder.Person.String() + " is replaced"})
	return "the former token of " + holder.Name + " is worth nothing any more", nil
}

func (e *engagement) admitRun(ctx workflow.Context, r RunRequest) error {
	if err := e.alive(); err != nil {
		return err
	}
	if err := scope.AdmitRun(e.s.Window, e.s.Scope != nil, workflow.Now(ctx)); err != nil {
		return err
	}
	name, err := e.planNamed(r.Plan)
	if err != nil {
		return err
	}
	plan := testplans.Plan{Name: name}
	for i := range e.s.Cases {
		if c := &e.s.Cases[i]; c.Plan == name {
			plan.Cases = append(plan.Cases, testplans.Case{ID: c.Case, Tags: c.Tags})
		}
	}
	if _, err := plan.Select(r.Cases, r.Tags); err != nil {
		return scope.Refuse("only cases of the signed scope can run, others need an amendment", "%v", err)
	}
	return nil
}

// planNamed is the name of a plan in the scope; the only one may go unnamed.
func (e *engagement) planNamed(name string) (string, error) {
	var names []string
	for _, p := range e.s.Scope.Plans {
		names = append(names, p.Name)
	}
	switch {
	case name == "" && len(names) == 1:
		return names[0], nil
	case name == "":
		return "", scope.Refuse("name one of "+strings.Join(names, ", "), "the scope has %d plans", len(names))
	case e.s.Scope.plan(name) == nil:
		return "", scope.Refuse("it has "+strings.Join(names, ", "), "the scope has no plan %s", name)
	}
	return name, nil
}

func (e *engagement) enqueue(_ workflow.Context, r RunRequest) (string, error) {
	name, err := e.planNamed(r.Plan)
	if err != nil {
		return "", err
	}
	r.Plan = name
	run := e.newRun(r)
	waiting := len(e.s.Queue)
	e.s.Queue = append(e.s.Queue, run)
	e.wake()
	if e.running != "" || waiting > 0 {
		return fmt.Sprintf("%s runs when the lab is free; before it: %d", run.ID, waiting+1), nil
	}
	return run.ID + " begins", nil
}
