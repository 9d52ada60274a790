package activities

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device"
	"github.com/ccl-lab/ccl/workflows/scope"
)

// The types of ApplicationErrors, as workflows see them. None is retried but
// TypeWorkerStopped.
const (
	// TypeRejected is a device's refusal where the plan expected none.
	TypeRejected = "Rejected"
	// TypeUnsupported is what this backend or host cannot do.
	TypeUnsupported = "Unsupported"
	// TypePlan is a mistake in the plan or its topology.
	TypePlan = "PlanMistake"
	// TypeInterrupted means that something the case had running (a stream) is
	// gone, because the worker was restarted: the attempt is worth nothing and
	// starts again.
	TypeInterrupted = "Interrupted"
	// TypeNoLab means that the lab is gone.
	TypeNoLab = "NoLab"
	// TypeConflict is a record that contradicts one already kept.
	TypeConflict = "Conflict"
	// TypeNotAtBaseline means that devices could not be returned to their
	// baseline.
	TypeNotAtBaseline = "NotAtBaseline"
	// TypeWebhook means that a webhook is not known, or that its receiver
	// refuses the notice.
	TypeWebhook = "Webhook"
	// TypeRefused is what the contract of an engagement does not allow; the
	// message says what it does.
	TypeRefused = "Refused"
	// TypeHeld means that another run has the lab, or wants it to stay up.
	TypeHeld = "Held"
	// TypeWorkerStopped means that the worker is shutting down; another, or the
	// same one later, does the work.
	TypeWorkerStopped = "WorkerStopped"
)

// asActivityError gives an error its type. Errors it does not know are about
// transport, files or the database, and are retried.
func asActivityError(ctx context.Context, err error) error {
	var (
		app         *temporal.ApplicationError
		rejected    *device.RejectedError
		unsupported *topology.UnsupportedError
		conflict    *results.AttemptConflictError
		credit      *results.CreditError
		refusal     *scope.Refusal
		held        *topology.HeldError
		kept        *topology.KeptError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &app):
		// Of several, of as many routers, one: joined they would have no type.
		return app
	case errors.As(err, &rejected):
		return final(TypeRejected, err)
	case errors.As(err, &unsupported):
		return final(TypeUnsupported, err)
	case errors.As(err, &conflict):
		return final(TypeConflict, err)
	case errors.As(err, &credit), errors.As(err, &refusal):
		return final(TypeRefused, err)
	case errors.As(err, &held), errors.As(err, &kept):
		return final(TypeHeld, err)
	case errors.Is(err, topology.ErrNoLab):
		return final(TypeNoLab, err)
	case ctx.Err() != nil && workerStopping(ctx):
		return temporal.NewApplicationErrorWithCause("the worker is shutting down", TypeWorkerStopped, err)
	}
	return err
}

// final is an error that a retry would only repeat.
func final(kind string, err error) error {
	return temporal.NewNonRetryableApplicationError(err.Error(), kind, err)
}

// interrupted says what was lost with the worker. It is the ordinary way in
// which an attempt learns that it must begin again, hence benign.
func interrupted(format string, args ...any) error {
	return temporal.NewApplicationErrorWithOptions(fmt.Sprintf(format, args...), TypeInterrupted,
		temporal.ApplicationErrorOptions{NonRetryable: true, Category: temporal.ApplicationErrorCategoryBenign})
}

// workerStopping reports whether the worker that runs this activity is being
// shut down.
func workerStopping(ctx context.Context) bool {
	if !activity.IsActivity(ctx) {
		return false
	}
	select {
	case <-activity.GetWorkerStopChannel(ctx):
		return true
	default:
		return false
	}
}

// isFinal reports whether an error has been given a type that forbids retries.
func isFinal(err error) bool {
	var app *temporal.ApplicationError
	var unsupported *topology.UnsupportedError
	return errors.As(err, &app) && app.NonRetryable() || errors.As(err, &unsupported) || errors.Is(err, topology.ErrNoLab)
}
