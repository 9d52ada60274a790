package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/ccl-lab/ccl/topology"
)

// askEvery is how often a lab that another run has is looked at.
const askEvery = time.Second

// Held says who has a lab. It is the detail of a TypeHeld error of Lab.Deploy.
type Held struct {
	Lab   string    `json:"lab"`
	Run   string    `json:"run"` // that has it
	Since time.Time `json:"since"`
	Queue string    `json:"queue"` // task queue of the host that keeps the lease
	// Kept says that nobody has the lab but that it is to stay up, for a run or,
	// if that is empty, for whoever deployed it by hand.
	Kept bool `json:"kept,omitempty"`
}

// String is a part of a sentence: lab ring, held by run first since ….
func (h Held) String() string {
	if h.Kept {
		return fmt.Sprintf("lab %s, %s (ccl lab destroy %s removes it)", h.Lab, topology.Kept{By: h.Run, Since: h.Since}, h.Lab)
	}
	return fmt.Sprintf("lab %s, %s", h.Lab, topology.Lease{Run: h.Run, Since: h.Since})
}

// heldError tells who has a lab, if that is why it could not be had.
func (l *Lab) heldError(err error) error {
	var (
		held *topology.HeldError
		kept *topology.KeptError
		who  Held
	)
	switch {
	case errors.As(err, &held):
		who = Held{Lab: held.Lab, Run: held.Lease.Run, Since: held.Lease.Since, Queue: l.Queue}
	case errors.As(err, &kept):
		who = Held{Lab: kept.Lab, Run: kept.Kept.By, Since: kept.Kept.Since, Queue: l.Queue, Kept: true}
	default:
		return err
	}
	return temporal.NewApplicationErrorWithOptions(err.Error(), TypeHeld, temporal.ApplicationErrorOptions{
		NonRetryable: true, Cause: err, Details: []any{who},
	})
}

// AwaitInput says which lab is wanted.
type AwaitInput struct {
	LabRef
	Run string        `json:"run"` // that has it
	For time.Duration `json:"for"` // how long to wait
	// Kept says that the lab is waited for because it is to stay up.
	Kept bool `json:"kept,omitempty"`
}

// Await waits until a run that has a lab has it no more, or nobody wants it to
// stay up any more, and for as long as it is told at most. It takes nothing:
// another run may be faster.
func (l *Lab) Await(ctx context.Context, in AwaitInput) error {
	defer heartbeat(ctx)()
	end := time.NewTimer(in.For)
	defer end.Stop()
	look := time.NewTicker(askEvery)
	defer look.Stop()
	for {
		free, err := l.Labs.free(ctx, in)
		if err != nil || free {
			return asActivityError(ctx, err)
		}
		select {
		case <-ctx.Done():
			return asActivityError(ctx, ctx.Err())
		case <-end.C:
			return nil
		case <-look.C:
		}
	}
}

// free reports whether what a lab is waited for has come.
func (l *Labs) free(ctx context.Context, in AwaitInput) (bool, error) {
	if in.Kept {
		kept, err := l.kept(ctx, in.LabRef)
		return kept == nil, err
	}
	leaser := l.leaser(in.LabRef)
	if leaser == nil {
		return true, nil
	}
	held, err := leaser.Holder(ctx, in.Name)
	if err != nil {
		return false, err
	}
	return held == nil || held.Run != in.Run || !held.Holds(time.Now()) || l.closed(ctx, held.Run), nil
}
