package activities

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology/device"
)

// Faults that a router brings about itself when it is told to. Lab.Fault has
// those that the lab brings about.

const (
	aliveRPC  = "get-system-uptime-information" // every Junos device answers it
	rebootRPC = "<request-reboot/>"

	// DownTimeout is how long a router may take to go down after it has accepted
	// to reboot; Junos stops its processes first.
	DownTimeout = 5 * time.Minute
	aliveEvery  = 250 * time.Millisecond
)

// Restart reboots a router. The step ends when the router has gone down, so
// that what waits for it to come back cannot find it still up.
func (d *Device) Restart(ctx context.Context, in StepInput) (*results.Step, error) {
	return step(ctx, in, func(ctx context.Context, r *recorder) error {
		node := in.Step.Fault.Node
		at, err := d.reboot(ctx, in.Lab, node)
		if rejected := rejection(err); rejected != nil {
			return r.refused(node, "reboot", rejected)
		}
		if err != nil {
			return err
		}
		r.event(at, EventFault, node, "%s restarted", node)
		within, cancel := context.WithTimeout(ctx, DownTimeout)
		defer cancel()
		if err := d.await(within, in.Lab, node, false); err != nil {
			return fmt.Errorf("%s accepted to reboot, but did not go down: %w", node, err)
		}
		r.verdict(check.Pass, "%s has gone down to restart, after %v", node, time.Since(at).Round(time.Millisecond))
		return nil
	})
}

// reboot asks a router to reboot and returns the moment before. Once it was
// asked, a session that ends is no error.
func (d *Device) reboot(ctx context.Context, ref LabRef, node string) (at time.Time, err error) {
	err = d.with(ctx, ref, node, func(s device.Session) error {
		if _, err := s.Get(ctx, aliveRPC); err != nil {
			return err
		}
		at = time.Now()
		_, err := s.Get(ctx, rebootRPC)
		if err != nil && ctx.Err() == nil && !isRejection(err) {
			return nil
		}
		return err
	})
	return at, err
}

// ClearSessions makes a router drop sessions of a routing protocol.
func (d *Device) ClearSessions(ctx context.Context, in StepInput) (*results.Step, error) {
	return step(ctx, in, func(ctx context.Context, r *recorder) error {
		s := in.Step.Fault.Sessions
		command := s.Command()
		at := time.Now()
		output, err := d.run(ctx, in.Lab, s.Node, command)
		if rejected := rejection(err); rejected != nil {
			return r.refused(s.Node, command, rejected)
		}
		if err != nil {
			return err
		}
		r.event(at, EventFault, s.Node, "%s on %s", command, s.Node)
		r.judge(check.JudgeCleared(s.Node, command, output))
		return r.keep(s.Node+"-command", s.Node, command, "txt", output)
	})
}

// AwaitRoutersInput names routers.
type AwaitRoutersInput struct {
	Lab     LabRef   `json:"lab"`
	Routers []string `json:"routers"`
}

// AwaitRouters waits until every router can be asked again.
func (d *Device) AwaitRouters(ctx context.Context, in AwaitRoutersInput) error {
	defer heartbeat(ctx)()
	group, gctx := errgroup.WithContext(ctx)
	for _, name := range in.Routers {
		group.Go(func() error { return d.await(gctx, in.Lab, name, true) })
	}
	return asActivityError(ctx, group.Wait())
}

// await asks a router again and again until it answers or, if it is to be down,
// does not.
func (d *Device) await(ctx context.Context, ref LabRef, node string, up bool) error {
	for {
		asked := time.Now()
		err := d.with(ctx, ref, node, func(s device.Session) error {
			_, err := s.Get(ctx, aliveRPC)
			return err
		})
		answers := err == nil || isRejection(err)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case isFinal(err):
			return err
		case answers == up:
			return nil
		}
		if err := sleepUntil(ctx, asked.Add(aliveEvery)); err != nil {
			return err
		}
	}
}
