package workflows

import (
	"fmt"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/workflows/scope"
)

// pasts are what cases are after a decision.
var pasts = map[string]string{WaiveUpdate: "waived", AcceptUpdate: "accepted"}

// admitDecision refuses a decision about cases that need none. An acceptance
// without cases is one of the results as they are, and ends the testing.
func (e *engagement) admitDecision(action string) func(workflow.Context, SignedRequest) error {
	return func(_ workflow.Context, r SignedRequest) error {
		if err := e.alive(); err != nil {
			return err
		}
		if e.s.Phase != EngagementTesting && e.s.Phase != EngagementReporting {
			return scope.Refuse("cases are run once the scope is signed and the window is open", "there are no results to %s yet", action)
		}
		if len(r.Cases) == 0 && action == AcceptUpdate {
			if err := e.admitAcceptance(); err != nil {
				return err
			}
		} else if err := e.admitCases(action, r); err != nil {
			return err
		}
		_, err := e.signer(action, r, contactsOnly)
		return err
	}
}

func (e *engagement) admitAcceptance() error {
	if e.running != "" || len(e.s.Queue) > 0 {
		return scope.Refuse("accept when it has ended", "a run is going on")
	}
	open, notRun := e.undecided()
	if len(open) > 0 {
		return scope.Refuse("waive or accept them one by one first", "%d cases did not pass (%s)", len(open), few(open))
	}
	if len(notRun) > 0 && e.s.Phase == EngagementTesting {
		return scope.Refuse("run them, or take them out by an amendment", "%d cases have not run (%s)", len(notRun), few(notRun))
	}
	return nil
}

func (e *engagement) admitCases(action string, r SignedRequest) error {
	if r.Reason == "" {
		return scope.Refuse("give a reason", "a failure is not %s without a reason", pasts[action])
	}
	cases, err := e.named(r.Cases)
	if err != nil {
		return err
	}
	if len(cases) == 0 {
		return scope.Refuse("name cases that did not pass", "the request names no case")
	}
	for _, c := range cases {
		switch {
		case c.Verdict == "":
			return scope.Refuse("run it first", "case %s has not run, so there is nothing to %s", c.CaseKey, action)
		case c.Decision != nil:
			return scope.Refuse("run it again if that is no longer right", "case %s was %s by %s already", c.CaseKey, c.Decision.Kind, c.Decision.By)
		case !c.Open():
			return scope.Refuse("only a failure or an error needs a decision", "case %s has the verdict %s", c.CaseKey, c.Verdict)
		}
	}
	return nil
}

// named are the cases of these names: an ID, or plan/ID where plans share it.
func (e *engagement) named(names []string) ([]*CaseStanding, error) {
	var found []*CaseStanding
	for _, name := range names {
		var matches []*CaseStanding
		for i := range e.s.Cases {
			if c := &e.s.Cases[i]; c.Case == name || c.CaseKey.String() == name {
				matches = append(matches, c)
			}
		}
		switch len(matches) {
		case 1:
			found = append(found, matches[0])
		case 0:
			return nil, scope.Refuse("ccl engagement status lists the cases", "the scope has no case %s", name)
		default:
			return nil, scope.Refuse("say "+matches[0].CaseKey.String()+" or "+matches[1].CaseKey.String(), "more than one plan has a case %s", name)
		}
	}
	return found, nil
}

// decide notes a decision about cases, or the acceptance of the whole.
func (e *engagement) decide(action string) func(workflow.Context, SignedRequest) (string, error) {
	return func(ctx workflow.Context, r SignedRequest) (string, error) {
		holder, err := e.signer(action, r, contactsOnly)
		if err != nil {
			return "", err
		}
		if len(r.Cases) == 0 {
			e.s.Accepted = true
			e.signed(ctx, action, r, holder, LedgerEntry{What: "the results are accepted"})
			e.end("the results were accepted by "+holder.Name, false)
			return "the results are accepted; the report is being written", nil
		}
		cases, err := e.named(r.Cases)
		if err != nil {
			return "", err
		}
		var names []string
		for _, c := range cases {
			c.Decision = &Decision{Kind: pasts[action], By: holder.Name, Reason: r.Reason, At: workflow.Now(ctx)}
			names = append(names, c.CaseKey.String())
		}
		what := fmt.Sprintf("%s: %s", pasts[action], few(names))
		e.signed(ctx, action, r, holder, LedgerEntry{What: what})
		return what, nil
	}
}

// few lists the first words of a long list.
func few(words []string) string {
	const most = 5
	if len(words) > most {
		return strings.Join(words[:most], ", ") + ", …"
	}
	return strings.Join(words, ", ")
}
