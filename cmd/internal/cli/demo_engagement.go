package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/topology/clabfile"
	"github.com/ccl-lab/ccl/workflows"
)

// demoDay is how long a day of the demonstration is: in the twenty of the
// window a machine that is half as fast as it should be runs every case.
const demoDay = 6 * time.Second

// demoFile lies beside the shipped labs and plans; {activated} is a date
// some months ago.
const demoFile = `engagement: {name}
title: Roll-out of OSPF and BGP on the ring
customer: ACME Networks
release: 23.4R2
contract: {number: AS-{name}, activated: {activated}, credits: 100, price: 40}
juniper-care: JC-77120
service-manager: {name: Sam Field, email: sam@lab.example}
contacts:
  - {name: Ann Chef, email: ann@acme.example}
  - {name: Bob Ring, email: bob@acme.example}
time-zone: UTC
topology: labs/ring/ring.clab.yml
plans: [testplans/plans/ring-rollout.yaml]
nightly: {at: "12:00", tags: [smoke]}
`

// demoEngagement plays a whole engagement: everybody's part, on the real lab.
func (a *App) demoEngagement(ctx context.Context) (err error) {
	input := filepath.Join(a.config.Out, "input")
	plan, err := unpackShipped(input, "ring-rollout.yaml")
	if err != nil {
		return err
	}
	now := time.Now()
	file := filepath.Join(input, "engagement.yaml")
	text := strings.NewReplacer("{name}", "acme-ring-"+now.UTC().Format("20060102-150405"),
		"{activated}", now.AddDate(0, -3, 0).Format(time.DateOnly)).Replace(demoFile)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return err
	}
	definition, err := testplans.LoadEngagement(file, clabfile.Load)
	if err != nil {
		return err
	}
	s, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if _, err := a.startEngagement(ctx, s.Cluster, definition, demoDay); err != nil {
		return err
	}
	d := &demoPlay{app: a, cluster: s.Cluster, tail: &ledgerTail{w: a.Stderr}, id: definition.ID, plan: plan,
		tokens: filepath.Join(a.config.Out, definition.ID, "tokens")}
	status, err := d.play(ctx)
	if ctx.Err() != nil && s.Own != nil {
		return d.abandon(ctx.Err())
	}
	if err != nil {
		return err
	}
	if err := a.printEngagement(status); err != nil {
		return err
	}
	if len(status.State.Runs) == 0 || status.State.Runs[0].Problem != "" {
		return fmt.Errorf("engagement %s: its first run has a problem", d.id)
	}
	return nil
}

// A demoPlay is the demonstration while it goes on.
type demoPlay struct {
	app      *App
	cluster  *wire.Cluster
	tail     *ledgerTail
	id, plan string
	tokens   string
}

// play is what the people of the engagement do, one after the other.
func (d *demoPlay) play(ctx context.Context) (*workflows.EngagementStatus, error) {
	d.tell("the lab tries to run a case before the scope is signed")
	d.refused(ctx, workflows.RunUpdate, workflows.RunRequest{By: "the lab"})
	d.tell("the lab submits the plan")
	if err := d.update(ctx, workflows.SubmitUpdate, workflows.ScopeRequest{}); err != nil {
		return nil, err
	}
	d.tell("Sam, the service manager, tries to sign for the customer")
	if err := d.sign(ctx, "sam@lab.example", true); err != nil {
		return nil, err
	}
	d.tell("Ann, a contact, signs; the lab is replicated and every case is run")
	if err := d.sign(ctx, "ann@acme.example", false); err != nil {
		return nil, err
	}
	open, err := d.idle(ctx, 1)
	if err != nil {
		return nil, err
	}
	if open {
		err = d.amendment(ctx)
	} else {
		d.tell("this machine is slow: the window closed while the first run went on, so nothing can be amended or run again")
	}
	if err != nil {
		return nil, err
	}
	d.tell("nobody asks for more: nights pass, the window closes, failures wait for a decision, day 30 ends it at the latest")
	return watchEngagement(ctx, d.tail, d.cluster, d.id, nil)
}

// amendment changes the scope and runs a part of it again.
func (d *demoPlay) amendment(ctx context.Context) error {
	d.tell("the plan loses a case; the lab proposes an amendment and Bob signs it")
	if err := d.withdrawCase(); err != nil {
		return err
	}
	if err := d.update(ctx, workflows.AmendUpdate, workflows.ScopeRequest{Reason: "the network has no IPv6 traffic yet"}); err != nil {
		return err
	}
	if err := d.sign(ctx, "bob@acme.example", false); err != nil {
		return err
	}
	d.tell("the lab runs the smoke tests again; from then on they are the nightly regression")
	if err := d.update(ctx, workflows.RunUpdate, workflows.RunRequest{Tags: []string{"smoke"}, By: "the lab"}); err != nil {
		return err
	}
	_, err := d.idle(ctx, 2)
	return err
}

// tell announces what somebody does.
func (d *demoPlay) tell(what string) { d.app.say("\n→ %s", what) }

func (d *demoPlay) update(ctx context.Context, update string, request any) error {
	answer, err := workflows.UpdateEngagement(ctx, d.cluster.Client, d.id, update, request)
	if err == nil {
		d.app.say("  %s", answer)
	}
	return err
}

// refused sends what the contract does not allow, and shows what it says.
func (d *demoPlay) refused(ctx context.Context, update string, request any) {
	answer, err := workflows.UpdateEngagement(ctx, d.cluster.Client, d.id, update, request)
	if err != nil {
		d.app.say("  refused: %v", err)
		return
	}
	d.app.say("  %s", answer)
}

// sign signs what waits, with somebody's token.
func (d *demoPlay) sign(ctx context.Context, email string, refuse bool) error {
	status, err := workflows.GetEngagement(ctx, d.cluster.Client, d.id)
	if err != nil {
		return err
	}
	if status.State.Proposal == nil {
		return fmt.Errorf("engagement %s: nothing waits for a signature", d.id)
	}
	s := signer{tokenFile: tokenFile(d.tokens, email)}
	token, err := s.token()
	if err != nil {
		return err
	}
	request, err := workflows.SignedRequest{Hash: status.State.Proposal.Hash}.Sign(token, d.id, workflows.SignUpdate)
	if err != nil {
		return err
	}
	if refuse {
		d.refused(ctx, workflows.SignUpdate, request)
		return nil
	}
	return d.update(ctx, workflows.SignUpdate, request)
}

// idle follows the ledger until as many runs have ended and nothing else runs,
// and reports whether the window is still open then.
func (d *demoPlay) idle(ctx context.Context, runs int) (open bool, err error) {
	status, err := watchEngagement(ctx, d.tail, d.cluster, d.id, func(s *workflows.EngagementStatus) bool {
		return len(s.State.Runs) >= runs && !s.State.Runs[runs-1].Finished.IsZero() && s.Running == ""
	})
	if err != nil {
		return false, err
	}
	w := status.State.Window
	if status.State.Phase == workflows.EngagementClosed && (w == nil || status.Now.Before(w.Closes())) {
		return false, fmt.Errorf("engagement %s ended early: %s", d.id, status.State.Ending)
	}
	return w != nil && status.Now.Before(w.Closes()), nil
}

// withdrawnCase is the case that the amendment takes out.
const withdrawnCase = "  - id: TRAF-002\n"

// withdrawCase takes a case out of the plan.
func (d *demoPlay) withdrawCase() error {
	text, err := os.ReadFile(d.plan)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), withdrawnCase)
	_, after, ok2 := strings.Cut(rest, "\n  - id: ")
	if !ok || !ok2 {
		return fmt.Errorf("%s: case TRAF-002 is not where it was", d.plan)
	}
	return os.WriteFile(d.plan, []byte(before+"  - id: "+after), 0o644)
}

// abandon cancels the engagement of an interrupted demonstration and waits
// until its lab is gone.
func (d *demoPlay) abandon(cause error) error {
	d.app.say("cancelling %s and removing its lab", d.id)
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTime)
	defer cancel()
	if err := d.cluster.Client.CancelWorkflow(ctx, d.id, ""); err != nil {
		return err
	}
	if _, err := watchEngagement(ctx, d.tail, d.cluster, d.id, nil); err != nil {
		return err
	}
	return cause
}
