package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology/device"
)

// Check looks up what a check asks for and judges it.
func (d *Device) Check(ctx context.Context, in StepInput) (*results.Step, error) {
	return step(ctx, in, func(ctx context.Context, r *recorder) error {
		evidence, err := d.gather(ctx, in.Lab, in.Step.Check.Queries(), false)
		if err != nil {
			return err
		}
		then, err := in.snapshot()
		if err != nil {
			return err
		}
		r.judge(check.Judge(in.Step.Check, slices.Concat(then, evidence)))
		return r.keepAll(evidence)
	})
}

// defaultInterval is how often a wait-until step looks, unless it says.
const defaultInterval = 250 * time.Millisecond

// WaitUntil repeats a check until it passes or the time is up. A node that
// cannot be asked for a while is no reason to give up early.
func (d *Device) WaitUntil(ctx context.Context, in StepInput) (*results.Step, error) {
	return step(ctx, in, func(ctx context.Context, r *recorder) error {
		r.pulse.watch(d.Streams.ofCase(in.Lab, in.At.owner()))
		w := in.Step.WaitUntil
		interval := time.Duration(w.Interval)
		if interval <= 0 {
			interval = defaultInterval
		}
		deadline := r.Started.Add(time.Duration(w.Within))
		then, err := in.snapshot()
		if err != nil {
			return err
		}
		for {
			asked := time.Now()
			evidence, err := d.gather(ctx, in.Lab, w.Check.Queries(), true)
			if err != nil {
				return err
			}
			outcome := check.Judge(&w.Check, slices.Concat(then, evidence))
			r.judge(outcome)
			took := time.Since(r.Started).Round(time.Millisecond)
			if outcome.Verdict == check.Pass {
				r.Reason = fmt.Sprintf("%s (after %v)", r.Reason, took)
				r.event(time.Now(), "condition", "", "%s", r.Title)
				return r.keepAll(evidence)
			}
			next := asked.Add(interval)
			if next.After(deadline) {
				r.Reason = fmt.Sprintf("%s (still so after %v)", r.Reason, took)
				return r.keepAll(evidence)
			}
			if err := sleepUntil(ctx, next); err != nil {
				return err
			}
		}
	})
}

func sleepUntil(ctx context.Context, t time.Time) error {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gather answers queries, one after the other on a node and all nodes at once.
// A refused query is evidence of a problem. So, if tolerant, is a node that
// cannot be reached; otherwise that is an error.
func (d *Device) gather(ctx context.Context, ref LabRef, queries []check.Query, tolerant bool) ([]check.Evidence, error) {
	evidence := make([]check.Evidence, len(queries))
	byNode := map[string][]int{}
	for i, q := range queries {
		byNode[q.Node] = append(byNode[q.Node], i)
	}
	group, gctx := errgroup.WithContext(ctx)
	for _, indexes := range byNode {
		group.Go(func() error {
			for _, i := range indexes {
				e, err := d.ask(gctx, ref, queries[i])
				if err != nil && (!tolerant || gctx.Err() != nil || isFinal(err)) {
					return err
				}
				if err != nil {
					e = check.Evidence{Query: queries[i], Problem: err.Error()}
				}
				evidence[i] = e
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	return evidence, nil
}

// ask answers one query.
func (d *Device) ask(ctx context.Context, ref LabRef, q check.Query) (check.Evidence, error) {
	e := check.Evidence{Query: q}
	err := d.with(ctx, ref, q.Node, func(s device.Session) error {
		if q.RPC == "" {
			text, err := s.Run(ctx, q.Command)
			e.Reply = text
			return err
		}
		reply, err := s.Get(ctx, q.RPC)
		e.Reply = string(reply)
		return err
	})
	var rejected *device.RejectedError
	if errors.As(err, &rejected) {
		e.Reply, e.Problem = "", rejected.Error()
		return e, nil
	}
	return e, err
}

// keepAll keeps the replies, and what was wrong where there is none.
func (r *recorder) keepAll(evidence []check.Evidence) error {
	for _, e := range evidence {
		ext, what, text := "xml", e.RPC, e.Reply
		if e.RPC == "" {
			ext, what = "txt", e.Command
		}
		if e.Problem != "" {
			ext, text = "txt", e.Problem+"\n"
		}
		if err := r.keep(e.ID, e.Node, what, ext, text); err != nil {
			return err
		}
	}
	return nil
}
