package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology/device"
)

// Configure commits a change on one node. A refusal is the step's verdict:
// pass if the plan asks for it, fail if not.
func (d *Device) Configure(ctx context.Context, in StepInput) (*results.Step, error) {
	return step(ctx, in, func(ctx context.Context, r *recorder) error {
		c := in.Step.Configure
		change := changeOf(c)
		change.Log = in.At.tag()
		return d.commit(ctx, r, c.Node, c.Refused, func(s device.Session) (device.Commit, error) {
			return apply(ctx, s, change)
		})
	})
}

// Rollback returns a node to an earlier configuration.
func (d *Device) Rollback(ctx context.Context, in StepInput) (*results.Step, error) {
	return step(ctx, in, func(ctx context.Context, r *recorder) error {
		c := in.Step.Rollback
		return d.commit(ctx, r, c.Node, "", func(s device.Session) (device.Commit, error) {
			return rollback(ctx, s, c.To, in.At.tag())
		})
	})
}

// commit does a change and judges what the device made of it.
func (d *Device) commit(ctx context.Context, r *recorder, node, refused string, do func(device.Session) (device.Commit, error)) error {
	var commit device.Commit
	var at time.Time
	err := d.with(ctx, r.in.Lab, node, func(s device.Session) (err error) {
		at = time.Now()
		commit, err = do(s)
		return err
	})
	var rejected *device.RejectedError
	if err != nil && !errors.As(err, &rejected) {
		return err
	}
	r.judge(judgeCommit(node, commit, rejected, refused))
	if rejected != nil {
		r.event(at, "refusal", node, "%s", rejected.Error())
		return r.keep(node+"-refusal", node, "the device's refusal", "txt", refusalText(rejected))
	}
	if commit.Diff != "" {
		r.event(at, EventCommit, node, "commit on %s: %s", node, r.Title)
	}
	return r.keep(node+"-commit", node, "commit diff", "diff", commit.Diff)
}

// judgeCommit is the verdict on a change. refused is the text that a wanted
// refusal must contain; empty if the change is to be accepted.
func judgeCommit(node string, c device.Commit, rejected *device.RejectedError, refused string) check.Outcome {
	if refused != "" {
		return check.JudgeRefusal(node, refused, refusalMessage(rejected, refused))
	}
	f := check.Finding{Verdict: check.Pass, Node: node, Subject: "change", Expected: "accepted", Seen: "accepted"}
	reason := fmt.Sprintf("%s committed in %v", node, c.Took.Round(time.Millisecond))
	switch {
	case rejected != nil:
		f.Verdict, f.Seen, reason = check.Fail, rejected.Error(), rejected.Error()
	case c.Diff == "":
		reason = node + " had nothing to change"
	}
	idle := idleWarning(c.Warnings)
	switch {
	case rejected == nil && idle != "":
		f.Verdict, f.Seen = check.Skip, "accepted, but "+idle
		reason = fmt.Sprintf("not emulated on %s: %s", node, idle)
	case len(c.Warnings) > 0:
		reason += "; warning: " + strings.Join(c.Warnings, "; ")
	}
	return check.Outcome{Verdict: f.Verdict, Reason: reason, Findings: []check.Finding{f}}
}

// idleStatement is how the Junos emulator says that it keeps a statement
// without doing what it says.
const idleStatement = "statement is stored and not acted on"

// idleWarning is the first warning of a commit about an idle statement, or "":
// a case that needs it cannot be judged on this device. The emulator warns of
// what a commit changes, not of what was there before.
func idleWarning(warnings []string) string {
	i := slices.IndexFunc(warnings, func(w string) bool { return strings.Contains(w, ": "+idleStatement) })
	if i < 0 {
		return ""
	}
	return warnings[i]
}

// refusalMessage is the device's first message or, where only a later one has
// the wanted words, all of them. It is empty if the device did not refuse.
func refusalMessage(e *device.RejectedError, want string) string {
	if e == nil {
		return ""
	}
	if strings.Contains(strings.ToLower(e.Message), strings.ToLower(want)) {
		return e.Message
	}
	return strings.Join(append([]string{e.Error()}, e.Details...), "; ")
}

func refusalText(e *device.RejectedError) string {
	return strings.Join(append([]string{e.Error()}, e.Details...), "\n") + "\n"
}

// changeOf translates a step into what the device is to load.
func changeOf(c *testplans.Configure) device.Change {
	change := device.Change{Confirmed: time.Duration(c.Confirmed)}
	if len(c.Set) > 0 {
		change.Format = device.FormatSet
		for _, line := range c.Set {
			change.Text += setCommand(line) + "\n"
		}
		return change
	}
	change.Text, change.Format, change.Load = c.Text, device.FormatOf(c.Text), device.Load(c.Load)
	if change.Load == "" {
		change.Load = device.LoadMerge
	}
	return change
}

// setCommand adds the "set" that a plan may leave out.
func setCommand(line string) string {
	if device.IsCommand(line) {
		return line
	}
	return "set " + line
}
