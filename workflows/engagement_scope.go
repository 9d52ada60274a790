package workflows

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/workflows/scope"
)

func (e *engagement) admitSubmit(workflow.Context, ScopeRequest) error {
	if err := e.alive(); err != nil {
		return err
	}
	if e.s.Scope != nil {
		return scope.Refuse("propose an amendment", "the scope was signed by %s on %s and is frozen", e.s.Scope.SignedBy, clock(e.s.Scope.SignedAt))
	}
	return nil
}

func (e *engagement) submit(ctx workflow.Context, r ScopeRequest) (string, error) {
	p, err := e.propose(ctx, r, e.in.Definition.Plans, func() error { return e.admitSubmit(ctx, r) })
	if err != nil {
		return "", err
	}
	if e.again(ctx, p) {
		return e.waitsAlready(), nil
	}
	e.s.Revision++
	p.Revision = e.s.Revision
	e.s.Proposal = p
	what := fmt.Sprintf("revision %d of the scope: %d of %d cases", p.Revision, len(p.Cases), scope.MaxCases)
	e.note(ctx, LedgerEntry{Kind: SubmitUpdate, What: what, Why: p.Reason, Hash: p.Hash})
	return fmt.Sprintf("%s, hash %.12s; it waits for the signature of a contact", what, p.Hash), nil
}

// again reports whether a proposal is the one that waits already: somebody whose
// command was cut off has repeated it.
func (e *engagement) again(ctx workflow.Context, p *Proposal) bool {
	waits := e.s.Proposal
	same := func(a, b activities.PlanScope) bool {
		a.Copy = b.Copy // comments and layout are not signed
		return a == b
	}
	if waits == nil || !slices.EqualFunc(waits.Plans, p.Plans, same) || waits.Reason != p.Reason ||
		workflow.GetVersion(ctx, "same-proposal", workflow.DefaultVersion, 1) != 1 {
		return false
	}
	waits.Plans = p.Plans
	return true
}

func (e *engagement) waitsAlready() string {
	p := e.s.Proposal
	return fmt.Sprintf("%s has these plans already, hash %.12s; it waits for the signature of a contact", p.name(), p.Hash)
}

func (e *engagement) admitAmend(ctx workflow.Context, r ScopeRequest) error {
	if err := e.alive(); err != nil {
		return err
	}
	if e.s.Scope == nil {
		return scope.Refuse("submit the plans as often as it takes", "the scope is not signed yet, so there is nothing to amend")
	}
	if e.s.Window != nil && !workflow.Now(ctx).Before(e.s.Window.Closes()) {
		return scope.Refuse("more needs a new engagement", "the test window closed on %s", clock(e.s.Window.Closes()))
	}
	if r.Reason == "" {
		return scope.Refuse("give a reason", "a signed scope is not changed without a reason")
	}
	return nil
}

func (e *engagement) amend(ctx workflow.Context, r ScopeRequest) (string, error) {
	var files []string
	for _, p := range e.s.Scope.Plans {
		files = append(files, p.File)
	}
	p, err := e.propose(ctx, r, files, func() error { return e.admitAmend(ctx, r) })
	if err != nil {
		return "", err
	}
	if p.Hash == e.s.Scope.Hash {
		return "", scope.Refuse("change the plans first", "the plans are those that were signed")
	}
	if e.again(ctx, p) {
		return e.waitsAlready(), nil
	}
	e.s.Amendments++
	p.Amendment = e.s.Amendments
	e.s.Proposal = p
	what := fmt.Sprintf("amendment %d: %s; %d of %d cases are used with it", p.Amendment, p.Diff, p.Slots.Used(), scope.MaxCases)
	diff := p.Diff
	e.note(ctx, LedgerEntry{Kind: AmendUpdate, What: what, Why: p.Reason, Diff: &diff, Hash: p.Hash})
	return fmt.Sprintf("%s; hash %.12s; it waits for the signature of a contact", what, p.Hash), nil
}

// propose reads plans and counts their cases. What was admitted must still be
// when the plans have been read.
func (e *engagement) propose(ctx workflow.Context, r ScopeRequest, otherwise []string, admit func() error) (*Proposal, error) {
	if err := e.mutex.Lock(ctx); err != nil {
		return nil, err
	}
	defer e.mutex.Unlock()
	files := r.Plans
	if len(files) == 0 {
		files = otherwise
	}
	var names []string
	for _, f := range files {
		names = append(names, path.Base(f))
	}
	in := activities.ProposeInput{Plans: files, Topology: e.in.Definition.Topology}
	if e.s.Scope != nil {
		in.Earlier = e.s.Scope.Cases
	}
	var world *activities.Engagement
	p := &Proposal{Reason: r.Reason, At: workflow.Now(ctx)}
	err := workflow.ExecuteActivity(record(ctx, "Read and expand "+strings.Join(names, ", ")), world.Propose, in).Get(ctx, &p.Proposed)
	if err != nil {
		return nil, err
	}
	if err := admit(); err != nil {
		return nil, err
	}
	p.Slots, err = e.s.Slots.Rescope(scope.Keys(p.Cases))
	return p, err
}

func (e *engagement) admitSign(_ workflow.Context, r SignedRequest) error {
	if err := e.alive(); err != nil {
		return err
	}
	p := e.s.Proposal
	switch {
	case p == nil && e.s.Scope == nil:
		return scope.Refuse("submit the plans first", "nothing waits for a signature")
	case p == nil:
		return scope.Refuse("propose an amendment first", "nothing waits for a signature; the scope was signed by %s", e.s.Scope.SignedBy)
	case r.Hash != p.Hash:
		return scope.Refuse(fmt.Sprintf("look at it and sign %.12s", p.Hash), "the hash %.12s is not that of %s, which waits for a signature", r.Hash, p.name())
	case p.Amendment > 0 && (e.running != "" && e.s.Phase == EngagementTesting || len(e.s.Queue) > 0):
		return scope.Refuse("sign when it has ended", "a run is going on, and the scope does not change under it")
	}
	if _, err := e.s.Slots.Rescope(scope.Keys(p.Cases)); err != nil {
		return err // cases have run since it was proposed
	}
	_, err := e.signer(SignUpdate, r, contactsOnly)
	return err
}

// name is what a proposal is called.
func (p *Proposal) name() string {
	if p.Amendment > 0 {
		return fmt.Sprintf("amendment %d", p.Amendment)
	}
	return fmt.Sprintf("revision %d of the scope", p.Revision)
}

// Outline is what is proposed, a line each: the plans of a submission, the cases
// that an amendment adds, removes and changes. What is too long for a page is
// cut, and says so.
func (p *Proposal) Outline() []string {
	var lines []string
	if p.Amendment == 0 {
		for _, plan := range p.Plans {
			lines = append(lines, fmt.Sprintf("%s: %s, %d cases", plan.Name, plan.Title, plan.Cases))
		}
		return lines
	}
	if p.Diff.Empty() {
		return []string{"no case differs"}
	}
	for _, part := range []struct {
		word  string
		cases []scope.CaseKey
	}{{"added", p.Diff.Added}, {"removed", p.Diff.Removed}, {"changed", p.Diff.Changed}} {
		const most = 25
		for i, c := range part.cases {
			if i == most {
				lines = append(lines, fmt.Sprintf("%s: %d more", part.word, len(part.cases)-most))
				break
			}
			lines = append(lines, part.word+": "+c.String())
		}
	}
	return lines
}

// sign freezes the proposal.
func (e *engagement) sign(ctx workflow.Context, r SignedRequest) (string, error) {
	if err := e.admitSign(ctx, r); err != nil {
		return "", err
	}
	holder, err := e.signer(SignUpdate, r, contactsOnly)
	if err != nil {
		return "", err
	}
	p := e.s.Proposal
	slots, err := e.s.Slots.Rescope(scope.Keys(p.Cases))
	if err != nil {
		return "", err
	}
	p.SignedBy, p.SignedAt, p.Slots = holder.Name, workflow.Now(ctx), nil
	e.s.Proposal, e.s.Scope, e.s.Slots, e.s.Edited = nil, p, slots, nil
	e.s.Signed = append(e.s.Signed, SignedScope{Amendment: p.Amendment, By: p.SignedBy, At: p.SignedAt, Hash: p.Hash, Plans: p.Plans})
	e.s.Cases = standings(e.s.Cases, p)
	if n := e.in.Definition.Nightly; n != nil && n.Plan != "" && e.s.NightPlan == "" {
		for i := range p.Plans {
			if p.Plans[i].File == n.Plan {
				e.s.NightPlan = p.Plans[i].Name
			}
		}
	}
	what := fmt.Sprintf("%s is signed: %d cases, %d of %d used", p.name(), len(p.Cases), slots.Used(), scope.MaxCases)
	e.signed(ctx, SignUpdate, r, holder, LedgerEntry{What: what, Why: p.Reason})
	return what, nil
}

// standings are the cases of a scope; those that it leaves as they were keep
// their verdicts.
func standings(earlier []CaseStanding, p *Proposal) []CaseStanding {
	kept := map[scope.CaseKey]CaseStanding{}
	for _, c := range earlier {
		kept[c.CaseKey] = c
	}
	for _, k := range p.Diff.Changed {
		delete(kept, k)
	}
	all := make([]CaseStanding, len(p.Cases))
	for i, c := range p.Cases {
		all[i] = kept[c.CaseKey]
		all[i].CaseKey, all[i].Title, all[i].Tags = c.CaseKey, c.Title, c.Tags
	}
	return all
}
