package activities

import (
	"context"
	"errors"
	"fmt"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device"
)

// Command runs an operational command on a router, or a shell command on a
// host, and keeps its output.
func (d *Device) Command(ctx context.Context, in StepInput) (*results.Step, error) {
	return step(ctx, in, func(ctx context.Context, r *recorder) error {
		c := in.Step.Command
		output, err := d.run(ctx, in.Lab, c.Node, c.Run)
		if rejected := rejection(err); rejected != nil {
			return r.refused(c.Node, c.Run, rejected)
		}
		if err != nil {
			return err
		}
		r.judge(check.JudgeMatches(c.Node, c.Run, c.Matches, output))
		return r.keep(c.Node+"-command", c.Node, c.Run, "txt", output)
	})
}

// rejection is the device's refusal that an error is, or nil.
func rejection(err error) *device.RejectedError {
	var rejected *device.RejectedError
	errors.As(err, &rejected)
	return rejected
}

// refused is the verdict on a command that the device refused to run.
func (r *recorder) refused(node, command string, rejected *device.RejectedError) error {
	r.Findings = []check.Finding{{Verdict: check.Fail, Node: node, Subject: fmt.Sprintf("command %q", command), Expected: "output", Seen: rejected.Error()}}
	r.verdict(check.Fail, "%s", rejected.Error())
	return r.keep(node+"-command", node, command, "txt", refusalText(rejected))
}

// run executes a command line where the node understands it: in the CLI of a
// router, in the shell of a host.
func (d *Device) run(ctx context.Context, ref LabRef, name, command string) (string, error) {
	_, node, err := d.Labs.Node(ref, name)
	if err != nil {
		return "", err
	}
	if !topology.IsJunos(node.Kind) {
		return d.runOnHost(ctx, ref, name, "sh", "-c", command)
	}
	var output string
	err = d.with(ctx, ref, name, func(s device.Session) (err error) {
		output, err = s.Run(ctx, command)
		return err
	})
	return output, err
}

// runOnHost returns what a program prints. Its exit code is not asked for: ping
// fails when a packet is lost.
func (d *Device) runOnHost(ctx context.Context, ref LabRef, node string, argv ...string) (string, error) {
	result, err := d.exec(ctx, ref, node, argv...)
	if err != nil {
		return "", err
	}
	const notFound = 127 // of a shell, and of what runs programs for us
	if result.Code == notFound && result.Stdout == "" {
		return "", &topology.UnsupportedError{What: fmt.Sprintf("%q on %s", argv[0], node), Why: "the program is not there: " + result.Stderr}
	}
	return result.Stdout + result.Stderr, nil
}
