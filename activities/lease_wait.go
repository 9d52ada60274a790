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
}

// String is a part of a sentence: lab ring, held by run first since ….
func (h Held) String() string {
	return fmt.Sprintf("lab %s, held by run %s since %s", h.Lab, h.Run, h.Since.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// heldError tells who has a lab, if that is why it could not be had.
func (l *Lab) heldError(err error) error {
	var held *topology.HeldError
	if !errors.As(err, &held) {
		return err
	}
	return temporal.NewApplicationErrorWithOptions(err.Error(), TypeHeld, temporal.ApplicationErrorOptions{
		NonRetryable: true, Cause: err,
		Details: []any{Held{Lab: held.Lab, Run: held.Lease.Run, Since: held.Lease.Since, Queue: l.Queue}},
	})
}

// AwaitInput says which lab is wanted.
type AwaitInput struct {
	LabRef
	Run string        `json:"run"` // that has it
	For time.Duration `json:"for"` // how long to wait
}

// Await waits until a run that has a lab has it no more, and for as long as it
// is told at most. It takes nothing: another run may be faster.
func (l *Lab) Await(ctx context.Context, in AwaitInput) error {
	defer heartbeat(ctx)()
	leaser := l.Labs.leaser(in.LabRef)
	if leaser == nil {
		return nil
	}
	end := time.NewTimer(in.For)
	defer end.Stop()
	look := time.NewTicker(askEvery)
	defer look.Stop()
	for {
		held, err := leaser.Holder(ctx, in.Name)
		if err != nil {
			return asActivityError(ctx, err)
		}
		if held == nil || held.Run != in.Run || !held.Holds(time.Now()) || l.Labs.closed(ctx, held.Run) {
			return nil
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
